//! Accounts.

use crate::runs::heads;
use crate::runs::view::View;
use crate::statement::{find, list};
use domain::account::{Account, Owner};
use domain::id::{AccountId, ProgramId};
use rusqlite::{Connection, params};
use store::StoreError;

/// Columns of an index that stay as they are: an account's id is derived from them.
pub const FIXED: &[&str] = &["owner_kind", "owner"];

pub const PAGE: &str = "select * from account where program = ?1 and id > ?2 order by id limit ?3";

pub const PAGE_OF_OWNER: &str = "select * from account indexed by account_owner \
     where program = ?1 and owner_kind = ?2 and owner = ?3 and id > ?4 order by id limit ?5";

pub fn account(
    connection: &Connection,
    view: &View,
    program: ProgramId,
    id: AccountId,
) -> Result<Option<Account>, StoreError> {
    let mut found = find(connection, params![program.bytes(), id.bytes()])?;
    if let Some(account) = &mut found {
        bring_up(connection, view, account)?;
    }
    Ok(found)
}

/// An account's row may be older than its newest entry.
pub fn bring_up(
    connection: &Connection,
    view: &View,
    account: &mut Account,
) -> Result<(), StoreError> {
    let (low, high) = heads::bounds(account);
    heads::bring_up(connection, account, view.head(connection, (&low, &high))?)
}

pub fn accounts(
    connection: &Connection,
    view: &View,
    program: ProgramId,
    owner: Option<Owner>,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Account>, StoreError> {
    let program = program.bytes();
    let after = after.as_ref().map_or(&[][..], |id| id.bytes());
    let mut found = match owner {
        None => list(connection, PAGE, params![program, after, limit])?,
        Some(owner) => {
            let of_owner = params![program, owner.code(), owner.id_bytes(), after, limit];
            list(connection, PAGE_OF_OWNER, of_owner)?
        }
    };
    for account in &mut found {
        bring_up(connection, view, account)?;
    }
    Ok(found)
}
