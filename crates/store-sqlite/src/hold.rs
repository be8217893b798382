//! Holds.

use crate::error::fault;
use crate::statement::find;
use domain::hold::{Hold, HoldState};
use domain::id::{HoldId, ProgramId};
use domain::time::Time;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use store::schema::BadColumn;
use store::{Noun, StoreError};

/// The index alone answers it: the key's columns follow those that it names.
pub const DUE: &str = "select program, id from hold indexed by hold_due \
     where state = ?1 and expires_at <= ?2 order by expires_at, program, id limit ?3";

pub fn hold(
    connection: &Connection,
    program: ProgramId,
    id: HoldId,
) -> Result<Option<Hold>, StoreError> {
    find(connection, params![program.bytes(), id.bytes()])
}

pub fn due(
    connection: &Connection,
    now: Time,
    limit: u32,
) -> Result<Vec<(ProgramId, HoldId)>, StoreError> {
    let fault = |error| fault(Hold::TABLE.name, error);
    let mut statement = connection.prepare_cached(DUE).map_err(fault)?;
    let bound = params![HoldState::Open.code(), now.unix_us(), limit];
    let mut rows = statement.query(bound).map_err(fault)?;
    let mut due = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        let (program, id) = (id_at(row, 0)?, id_at(row, 1)?);
        due.push((ProgramId::from_bytes(program), HoldId::from_bytes(id)));
    }
    Ok(due)
}

/// The 16 bytes of one of the key's columns.
fn id_at(row: &Row<'_>, at: usize) -> Result<[u8; 16], StoreError> {
    let bad = BadColumn(Hold::TABLE.columns[at].name);
    match row.get_ref(at).map_err(|error| fault(Hold::TABLE.name, error))? {
        ValueRef::Blob(bytes) => {
            bytes.try_into().map_err(|_| StoreError::corrupt(Hold::TABLE, &[], bad))
        }
        _ => Err(StoreError::corrupt(Hold::TABLE, &[], bad)),
    }
}
