//! Sub-accounts.

use crate::statement::{find, list};
use domain::id::{ProgramId, SubAccountId};
use domain::sub_account::SubAccount;
use rusqlite::{Connection, params};
use store::StoreError;

pub const PAGE: &str =
    "select * from sub_account where program = ?1 and id > ?2 order by id limit ?3";

pub fn sub_account(
    connection: &Connection,
    program: ProgramId,
    id: SubAccountId,
) -> Result<Option<SubAccount>, StoreError> {
    find(connection, params![program.bytes(), id.bytes()])
}

pub fn sub_accounts(
    connection: &Connection,
    program: ProgramId,
    after: Option<SubAccountId>,
    limit: u32,
) -> Result<Vec<SubAccount>, StoreError> {
    let after = after.as_ref().map_or(&[][..], |id| id.bytes());
    list(connection, PAGE, params![program.bytes(), after, limit])
}
