//! Endpoints: made and changed by an operator, moved on by the worker in [`crate::deliver`].

pub(crate) mod advance;
pub mod create;
pub mod update;

pub use create::{CreateEndpoint, NewEndpoint};
pub use update::{Rotation, UpdateEndpoint, UpdatedEndpoint};

use crate::error::Error;
use crate::start::Engine;
use domain::endpoint::Endpoint;
use domain::id::{EndpointId, ProgramId};
use domain::secret::Secret;
use vault::data::SealContext;

fn secret_context(program: ProgramId, id: &EndpointId) -> SealContext<'_> {
    SealContext { program, noun: "endpoint", id: id.bytes(), field: "secret" }
}

impl Engine {
    /// All endpoints of a programme, disabled ones too.
    pub async fn endpoints(&self, program: ProgramId) -> Result<Vec<Endpoint>, Error> {
        Ok(self.store.endpoints(program).await?)
    }

    pub async fn find_endpoint(
        &self,
        program: ProgramId,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, Error> {
        Ok(self.store.endpoint(program, id).await?)
    }

    /// What an endpoint's bodies are signed with: the bytes of a key of 32 letters and digits.
    pub async fn endpoint_secret(&self, endpoint: &Endpoint) -> Result<Secret<Vec<u8>>, Error> {
        let keys = self.program_keys(endpoint.program).await?;
        let context = secret_context(endpoint.program, &endpoint.id);
        let opened = keys.data.open(&context, &endpoint.sealed_secret);
        opened.map_err(|_| Error::Internal("an endpoint's secret could not be opened"))
    }

    /// A new secret, and as the endpoint's row keeps it.
    async fn new_endpoint_secret(
        &self,
        program: ProgramId,
        id: EndpointId,
    ) -> Result<(Secret<String>, Vec<u8>), Error> {
        let random = self.random.as_ref();
        let secret = vault::api::generate_secret(random);
        let secret = secret.map_err(|_| Error::Internal("no random bytes"))?;
        let keys = self.program_keys(program).await?;
        let context = secret_context(program, &id);
        let sealed = keys.data.seal(random, &context, secret.expose().as_bytes());
        let sealed = sealed.map_err(|_| Error::Internal("a secret could not be sealed"))?;
        Ok((secret, sealed))
    }
}

#[cfg(test)]
mod tests;
