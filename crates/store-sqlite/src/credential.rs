//! Credentials, and the directory.

use crate::statement::{find, list};
use domain::credential::{Credential, DirectoryEntry};
use domain::id::{CredentialId, DirectoryKey, ProgramId};
use rusqlite::{Connection, params};
use store::StoreError;

pub const PAGE: &str =
    "select * from credential where program = ?1 and id > ?2 order by id limit ?3";

pub fn directory(
    connection: &Connection,
    key: DirectoryKey,
) -> Result<Option<DirectoryEntry>, StoreError> {
    find(connection, params![key.bytes()])
}

pub fn credential(
    connection: &Connection,
    program: ProgramId,
    id: CredentialId,
) -> Result<Option<Credential>, StoreError> {
    find(connection, params![program.bytes(), id.bytes()])
}

pub fn credentials(
    connection: &Connection,
    program: ProgramId,
    after: Option<CredentialId>,
    limit: u32,
) -> Result<Vec<Credential>, StoreError> {
    let after = after.as_ref().map_or(&[][..], |id| id.bytes());
    list(connection, PAGE, params![program.bytes(), after, limit])
}
