//! References.

use crate::runs::view::View;
use crate::runs::{Key, Kind};
use crate::statement::find;
use domain::id::{ProgramId, ReferenceKey};
use domain::reference::Reference;
use rusqlite::{Connection, params};
use store::StoreError;

pub fn reference(
    connection: &Connection,
    view: &View,
    program: ProgramId,
    key: ReferenceKey,
) -> Result<Option<Reference>, StoreError> {
    let sought = Key::of(program.bytes(), key.bytes());
    match view.find(connection, Kind::Reference, &sought)? {
        Some(row) => at_row(connection, program, key, row),
        None => Ok(None),
    }
}

/// The reference in this row, if it is still the one that its run or tail says.
pub fn at_row(
    connection: &Connection,
    program: ProgramId,
    key: ReferenceKey,
    row: i64,
) -> Result<Option<Reference>, StoreError> {
    let found: Option<Reference> = find(connection, params![row])?;
    Ok(found.filter(|found| found.program == program && found.key == key))
}
