//! Transfers and their entries.

use crate::statement::{at_most, list};
use domain::id::{AccountId, ProgramId};
use domain::transfer::{Entry, Transfer};
use rusqlite::{Connection, params};
use store::StoreError;

pub const OF_UNIT: &str = "select * from transfer \
     where program = ?1 and seq = ?2 order by ordinal";

pub const ENTRIES: &str = "select * from entry \
     where program = ?1 and account = ?2 and version <= ?3 order by version desc limit ?4";

pub fn transfers(
    connection: &Connection,
    program: ProgramId,
    seq: u64,
) -> Result<Vec<Transfer>, StoreError> {
    match i64::try_from(seq) {
        Ok(seq) => list(connection, OF_UNIT, params![program.bytes(), seq]),
        Err(_) => Ok(Vec::new()),
    }
}

pub fn entries(
    connection: &Connection,
    program: ProgramId,
    account: AccountId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let Some(newest) = before.unwrap_or(u64::MAX).checked_sub(1) else {
        return Ok(Vec::new());
    };
    let page = params![program.bytes(), account.bytes(), at_most(newest), limit];
    list(connection, ENTRIES, page)
}
