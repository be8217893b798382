//! Transfers and their entries.

use crate::cell::{at_most, id, int, params};
use crate::pool::Readers;
use domain::id::{AccountId, ProgramId};
use domain::transfer::{Entry, Transfer};
use store::StoreError;

pub const OF_UNIT: &str =
    "select * from transfer where program = $1::uuid and seq = $2 order by ordinal";
pub const ENTRIES: &str = "select * from entry \
     where program = $1::uuid and account = $2::uuid and version <= $3 \
     order by version desc limit $4";

pub async fn transfers(
    readers: &Readers,
    program: ProgramId,
    seq: u64,
) -> Result<Vec<Transfer>, StoreError> {
    readers.list(OF_UNIT, &params(&[id(program.bytes()), at_most(seq)])).await
}

pub async fn entries(
    readers: &Readers,
    program: ProgramId,
    account: AccountId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let Some(newest) = before.unwrap_or(u64::MAX).checked_sub(1) else {
        return Ok(Vec::new());
    };
    let (program, account) = (id(program.bytes()), id(account.bytes()));
    let cells = [program, account, at_most(newest), int(i64::from(limit))];
    readers.list(ENTRIES, &params(&cells)).await
}
