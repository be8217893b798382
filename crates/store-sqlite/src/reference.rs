//! References.

use crate::statement::find;
use domain::id::{ProgramId, ReferenceKey};
use domain::reference::Reference;
use rusqlite::{Connection, params};
use store::StoreError;

pub fn reference(
    connection: &Connection,
    program: ProgramId,
    key: ReferenceKey,
) -> Result<Option<Reference>, StoreError> {
    find(connection, params![program.bytes(), key.bytes()])
}
