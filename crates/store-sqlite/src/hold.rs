//! Holds.

use crate::statement::find;
use domain::hold::Hold;
use domain::id::{HoldId, ProgramId};
use rusqlite::{Connection, params};
use store::StoreError;

pub fn hold(
    connection: &Connection,
    program: ProgramId,
    id: HoldId,
) -> Result<Option<Hold>, StoreError> {
    find(connection, params![program.bytes(), id.bytes()])
}
