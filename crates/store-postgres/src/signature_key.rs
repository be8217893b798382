//! Signature keys.

use crate::cell::id;
use crate::pool::Readers;
use domain::id::{CredentialId, ProgramId};
use domain::signature_key::SignatureKey;
use store::StoreError;

pub const OF_CREDENTIAL: &str = "select * from signature_key \
     where program = $1::uuid and credential = $2::uuid order by id";

pub async fn signature_keys(
    readers: &Readers,
    program: ProgramId,
    credential: CredentialId,
) -> Result<Vec<SignatureKey>, StoreError> {
    readers.list(OF_CREDENTIAL, &[&id(program.bytes()), &id(credential.bytes())]).await
}
