//! Accounts: their rows are as old as the last run of entries. What is newer stands in the tail.

use super::tail::Tail;
use super::{Item, Key};
use crate::error::fault;
use crate::statement::find;
use domain::account::Account;
use domain::transfer::Entry;
use rusqlite::{Connection, params};
use std::sync::Arc;
use store::{Noun, StoreError};

/// Brings an account's row to one of its entries, unless it is further.
pub const WRITE: &str = "update account set \
     (version, posted_debits, posted_credits, held_debits, held_credits, head) = \
     (select version, posted_debits, posted_credits, held_debits, held_credits, hash \
         from entry where row = ?1 and program = ?2 and account = ?3) \
     where program = ?2 and id = ?3 and version < ?4";

/// Writes the account of an entry, its newest one in a tail.
pub fn write(connection: &Connection, (key, row): &Item) -> Result<(), StoreError> {
    let fault = |error| fault(Account::TABLE.name, error);
    let mut statement = connection.prepare_cached(WRITE).map_err(fault)?;
    let (program, id) = key.parts();
    statement.execute(params![row, program, id, key.version()]).map(drop).map_err(fault)
}

/// Writes the accounts of all entries in the tails, oldest tail first; for an orderly stop, so that
/// the rows say themselves what they are.
pub fn write_all(connection: &Connection, tails: &[Arc<Tail>]) -> Result<(), StoreError> {
    for tail in tails {
        let mut held: Option<Item> = None;
        for item in tail.in_order().iter() {
            if let Some(held) = held.replace(*item)
                && !held.0.is_beside(&item.0)
            {
                write(connection, &held)?;
            }
        }
        if let Some(held) = held {
            write(connection, &held)?;
        }
    }
    Ok(())
}

/// What every key of an account lies between.
pub fn bounds(account: &Account) -> (Key, Key) {
    let key = Key::of(account.program.bytes(), account.id.bytes());
    (key.with_version(i64::MIN), key.with_version(i64::MAX))
}

/// Puts the newest entry's sums in, where the row is older.
pub fn bring_up(
    connection: &Connection,
    account: &mut Account,
    newest: Option<Item>,
) -> Result<(), StoreError> {
    let Some((key, row)) = newest else { return Ok(()) };
    if u64::try_from(key.version()).is_ok_and(|version| version <= account.version) {
        return Ok(());
    }
    let entry: Option<Entry> = find(connection, params![row, account.id.bytes()])?;
    if let Some(entry) = entry
        && entry.program == account.program
        && entry.account == account.id
        && entry.version > account.version
    {
        account.version = entry.version;
        account.sums = entry.after;
        account.head = entry.hash;
    }
    Ok(())
}
