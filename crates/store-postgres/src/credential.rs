//! Credentials, and the directory.

use crate::cell::{after, id, int, params};
use crate::pool::Readers;
use domain::credential::{Credential, DirectoryEntry};
use domain::id::{CredentialId, DirectoryKey, ProgramId};
use store::StoreError;

pub const PAGE: &str = "select * from credential \
     where program = $1::uuid and ($2::uuid is null or id > $2) order by id limit $3";

pub async fn directory(
    readers: &Readers,
    key: DirectoryKey,
) -> Result<Option<DirectoryEntry>, StoreError> {
    readers.find(&[id(key.bytes())]).await
}

pub async fn credential(
    readers: &Readers,
    program: ProgramId,
    of: CredentialId,
) -> Result<Option<Credential>, StoreError> {
    readers.find(&[id(program.bytes()), id(of.bytes())]).await
}

pub async fn credentials(
    readers: &Readers,
    program: ProgramId,
    last: Option<CredentialId>,
    limit: u32,
) -> Result<Vec<Credential>, StoreError> {
    let last = after(last.as_ref().map(CredentialId::bytes));
    readers.list(PAGE, &params(&[id(program.bytes()), last, int(i64::from(limit))])).await
}
