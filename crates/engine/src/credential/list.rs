//! Finds credentials.

use crate::error::Error;
use crate::start::Engine;
use domain::credential::Credential;
use domain::id::{CredentialId, ProgramId};

impl Engine {
    pub async fn find_credential(
        &self,
        program: ProgramId,
        id: CredentialId,
    ) -> Result<Option<Credential>, Error> {
        Ok(self.store.credential(program, id).await?)
    }

    /// In the order of their ids, after one of them.
    pub async fn credentials(
        &self,
        program: ProgramId,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Result<Vec<Credential>, Error> {
        Ok(self.store.credentials(program, after, limit).await?)
    }
}
