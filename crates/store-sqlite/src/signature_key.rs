//! Signature keys.

use crate::statement::list;
use domain::id::{CredentialId, ProgramId};
use domain::signature_key::SignatureKey;
use rusqlite::{Connection, params};
use store::StoreError;

pub const OF_CREDENTIAL: &str =
    "select * from signature_key where program = ?1 and credential = ?2 order by id";

pub fn signature_keys(
    connection: &Connection,
    program: ProgramId,
    credential: CredentialId,
) -> Result<Vec<SignatureKey>, StoreError> {
    list(connection, OF_CREDENTIAL, params![program.bytes(), credential.bytes()])
}
