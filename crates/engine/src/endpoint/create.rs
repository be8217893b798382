//! Makes an endpoint, which is told of what happens from then on.
//!
//! Locks: none; the endpoint is new. What if it is asked twice: there are two
//! endpoints, and each is told; an operator disables one. Endpoints are counted before the unit, so
//! two that are made at once may pass the bound by one, which bounds as well.

use super::NewSecret;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::endpoint::{
    ENDPOINTS_MAX, Endpoint, EndpointRefusal, EndpointStatus, Kinds, check_url,
};
use domain::event::{Event, EventKind};
use domain::id::{EndpointId, ProgramId};
use domain::program::{ProgramRefusal, Settings};
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::stamp::Stamp;
use store::{Scope, Wants};

/// An endpoint to be made.
#[derive(Clone, Debug)]
pub struct CreateEndpoint {
    pub url: String,
    /// Whose shape and signature.
    pub renderer: String,
    pub kinds: Kinds,
    pub secret: NewSecret,
}

/// An endpoint and its secret, which nobody is shown again.
#[derive(Debug)]
pub struct NewEndpoint {
    pub endpoint: Endpoint,
    pub secret: Secret<Vec<u8>>,
}

struct Create {
    endpoint: Endpoint,
}

impl Verb for Create {
    type Answer = Endpoint;

    fn reads(&self, _: &mut Wants<'_>) {}

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Endpoint, Stop> {
        let settings = scope.get::<Settings>(()).ok_or(ProgramRefusal::Missing)?;
        self.endpoint.check_environment(settings.environment)?;
        event(scope, stamp, EventKind::EndpointCreated, *self.endpoint.id.bytes());
        let cursor = scope.appended::<Event>().last().map_or(0, |event| event.place.seq);
        let endpoint = Endpoint { cursor, created_at: scope.at(), ..self.endpoint.clone() };
        scope.add(endpoint.clone());
        Ok(endpoint)
    }
}

impl Engine {
    /// Makes an endpoint. Operator only.
    pub async fn create_endpoint(
        &self,
        program: ProgramId,
        command: CreateEndpoint,
    ) -> Result<NewEndpoint, Error> {
        let CreateEndpoint { url, renderer, kinds, secret } = command;
        check_url(&url).map_err(Refusal::from)?;
        if self.store.endpoints(program).await?.len() >= ENDPOINTS_MAX {
            return Err(Refusal::from(EndpointRefusal::TooMany).into());
        }
        let id = EndpointId::from_bytes(self.stamp()?.id());
        let (secret, sealed_secret) = self.seal_endpoint_secret(program, id, secret).await?;
        let endpoint = Endpoint {
            id,
            program,
            url,
            sealed_secret,
            renderer,
            kinds,
            status: EndpointStatus::Enabled,
            cursor: 0,
            version: 1,
            created_at: self.clock.now(),
        };
        let endpoint = self.run_by(program, By::Operator, Create { endpoint }).await?;
        Ok(NewEndpoint { endpoint, secret })
    }
}
