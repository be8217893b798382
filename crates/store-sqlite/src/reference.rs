//! References.

use crate::runs::view::View;
use crate::runs::{Key, Kind};
use crate::statement::find;
use domain::id::{ProgramId, ReferenceKey};
use domain::reference::Reference;
use rusqlite::{Connection, params};
use store::StoreError;

/// The reference with this number. The tail of a posting's answer is in its other columns.
pub const AT_ROW: &str = "select program, key, seq, ordinal, scope, text, fingerprint, \
         instruction, answer, at \
     from reference_row where row = ?1 \
     union all \
     select n.program, p.key, p.seq, 3, s.scope, p.text, p.fingerprint, p.id, \
         case p.tail when 1 then cast(p.answer || p.id || unhex(printf('%016x%016x%016x', \
             i.before_minor, i.after_minor, p.at)) as blob) else p.answer end, \
         p.at \
     from posting p \
     join program_number n on n.no = p.program \
     join scope_number s on s.no = p.scope \
     join posted_instruction i on i.row = p.row \
     where p.row = ?1 and p.key is not null";

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
