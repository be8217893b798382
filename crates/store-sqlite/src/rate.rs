//! Rates.

use crate::statement::{find, list};
use domain::id::{ProgramId, RateId};
use domain::rate::ProgramRate;
use rusqlite::{Connection, params};
use store::StoreError;

pub const OF_PROGRAM: &str = "select * from rate where program = ?1 order by id";

pub fn rate(
    connection: &Connection,
    program: ProgramId,
    id: RateId,
) -> Result<Option<ProgramRate>, StoreError> {
    find(connection, params![program.bytes(), id.bytes()])
}

pub fn rates(connection: &Connection, program: ProgramId) -> Result<Vec<ProgramRate>, StoreError> {
    list(connection, OF_PROGRAM, params![program.bytes()])
}
