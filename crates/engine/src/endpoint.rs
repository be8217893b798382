//! Endpoints: made and changed by an operator, moved on by the worker in [`crate::deliver`].

pub(crate) mod advance;
pub mod create;
pub mod update;

pub use create::{CreateEndpoint, NewEndpoint};
pub use update::{UpdateEndpoint, UpdatedEndpoint};

use crate::error::Error;
use crate::start::Engine;
use domain::endpoint::Endpoint;
use domain::id::{EndpointId, ProgramId};
use domain::secret::Secret;
use vault::data::SealContext;

/// Where a secret comes from.
#[derive(Clone, Default, Debug)]
pub enum NewSecret {
    #[default]
    Generated,
    /// The receiver has it already.
    Given(Secret<Vec<u8>>),
}

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

    /// What an endpoint's bodies are signed with. A key that was made here is 32 letters and
    /// digits.
    pub async fn endpoint_secret(&self, endpoint: &Endpoint) -> Result<Secret<Vec<u8>>, Error> {
        let keys = self.program_keys(endpoint.program).await?;
        let context = secret_context(endpoint.program, &endpoint.id);
        let opened = keys.data.open(&context, &endpoint.sealed_secret);
        opened.map_err(|_| Error::Internal("an endpoint's secret could not be opened"))
    }

    /// The secret that is given, or a new one where it is to be made; and as a row keeps it.
    async fn seal_endpoint_secret(
        &self,
        program: ProgramId,
        id: EndpointId,
        secret: NewSecret,
    ) -> Result<(Secret<Vec<u8>>, Vec<u8>), Error> {
        let random = self.random.as_ref();
        let key = match secret {
            NewSecret::Given(key) => key,
            NewSecret::Generated => {
                let letters = vault::api::generate_secret(random);
                let letters = letters.map_err(|_| Error::Internal("no random bytes"))?;
                Secret::new(letters.expose().clone().into_bytes())
            }
        };
        let keys = self.program_keys(program).await?;
        let context = secret_context(program, &id);
        let sealed = keys.data.seal(random, &context, key.expose());
        let sealed = sealed.map_err(|_| Error::Internal("a secret could not be sealed"))?;
        Ok((key, sealed))
    }
}

#[cfg(test)]
mod tests;
