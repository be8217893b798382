//! Wrapped keys.

use crate::statement::list;
use domain::id::ProgramId;
use domain::key::WrappedKey;
use rusqlite::{Connection, params};
use store::StoreError;

pub const OF_PROGRAM: &str = "select * from wrapped_key where program = ?1 order by id";

pub fn keys(connection: &Connection, program: ProgramId) -> Result<Vec<WrappedKey>, StoreError> {
    list(connection, OF_PROGRAM, params![program.bytes()])
}
