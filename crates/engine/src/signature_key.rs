//! Signature keys: what a credential's requests are verified with, and what we sign with.
//!
//! An operator adds keys and retires them; nothing here makes one.

pub mod add;
pub mod retire;

pub use add::AddSignatureKey;

use crate::error::Error;
use crate::start::Engine;
use domain::id::{CredentialId, ProgramId};
use domain::signature_key::SignatureKey;

impl Engine {
    /// All keys of a credential, retired ones too.
    pub async fn signature_keys(
        &self,
        program: ProgramId,
        credential: CredentialId,
    ) -> Result<Vec<SignatureKey>, Error> {
        Ok(self.store.signature_keys(program, credential).await?)
    }
}

#[cfg(test)]
mod tests;
