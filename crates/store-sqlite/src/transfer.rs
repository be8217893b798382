//! Transfers and their entries.

use crate::runs::view::View;
use crate::runs::{Key, Kind};
use crate::statement::{at_most, find, list};
use domain::id::{AccountId, ProgramId};
use domain::transfer::{Entry, Transfer};
use rusqlite::{Connection, params};
use store::StoreError;

pub const OF_UNIT: &str = "select * from transfer \
     where program = ?1 and seq = ?2 order by ordinal";

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

/// Newest first.
pub fn entries(
    connection: &Connection,
    view: &View,
    program: ProgramId,
    account: AccountId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let Some(newest) = before.unwrap_or(u64::MAX).checked_sub(1) else {
        return Ok(Vec::new());
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let key = Key::of(program.bytes(), account.bytes());
    let (low, mut high) = (key.with_version(i64::MIN), key.with_version(at_most(newest)));
    let mut found = Vec::new();
    while found.len() < limit {
        let left = limit - found.len();
        let items = view.newest(connection, Kind::Entry, (&low, &high), left)?;
        for (key, row) in &items {
            found.extend(entry_at(connection, key, *row)?);
        }
        // Where a row is not what its run says, the next one takes its place.
        match items.last().and_then(|(key, _)| key.version().checked_sub(1)) {
            Some(version) if items.len() == left => high = high.with_version(version),
            _ => break,
        }
    }
    Ok(found)
}

/// The entry in this row, if it is still the one that its run or tail says.
pub fn entry_at(connection: &Connection, key: &Key, row: i64) -> Result<Option<Entry>, StoreError> {
    let (_, account) = key.parts();
    let found: Option<Entry> = find(connection, params![row, account])?;
    Ok(found.filter(|found| {
        let own = Key::of(found.program.bytes(), found.account.bytes());
        own.with_version(at_most(found.version)) == *key
    }))
}
