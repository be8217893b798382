//! Cardholders.

use crate::statement::{find, list};
use domain::cardholder::Cardholder;
use domain::id::{CardholderId, ProgramId};
use rusqlite::{Connection, params};
use store::StoreError;

pub const PAGE: &str =
    "select * from cardholder where program = ?1 and id > ?2 order by id limit ?3";

pub fn cardholder(
    connection: &Connection,
    program: ProgramId,
    id: CardholderId,
) -> Result<Option<Cardholder>, StoreError> {
    find(connection, params![program.bytes(), id.bytes()])
}

pub fn cardholders(
    connection: &Connection,
    program: ProgramId,
    after: Option<CardholderId>,
    limit: u32,
) -> Result<Vec<Cardholder>, StoreError> {
    let after = after.as_ref().map_or(&[][..], |id| id.bytes());
    list(connection, PAGE, params![program.bytes(), after, limit])
}
