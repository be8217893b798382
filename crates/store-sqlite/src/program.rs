//! Programmes: the control row, settings, the counter.

use crate::statement::{find, list};
use domain::id::ProgramId;
use domain::program::{Counter, Program, Settings};
use rusqlite::{Connection, params};
use store::StoreError;

pub const PAGE: &str = "select * from program where id > ?1 order by id limit ?2";

pub fn program(connection: &Connection, id: ProgramId) -> Result<Option<Program>, StoreError> {
    find(connection, params![id.bytes()])
}

pub fn programs(
    connection: &Connection,
    after: Option<ProgramId>,
    limit: u32,
) -> Result<Vec<Program>, StoreError> {
    // The empty key comes before every other.
    let after = after.as_ref().map_or(&[][..], |id| id.bytes());
    list(connection, PAGE, params![after, limit])
}

pub fn settings(
    connection: &Connection,
    program: ProgramId,
) -> Result<Option<Settings>, StoreError> {
    find(connection, params![program.bytes()])
}

pub fn counter(connection: &Connection, program: ProgramId) -> Result<Option<Counter>, StoreError> {
    find(connection, params![program.bytes()])
}
