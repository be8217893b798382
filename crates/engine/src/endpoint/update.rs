//! Changes an endpoint. What was added for it before is delivered as it is from then on: to the new
//! address, under the new secret. Events behind the cursor are judged by the kinds that are set
//! when they are looked at.
//!
//! Locks: the endpoint exclusive. What if it is asked twice: the second changes nothing any more,
//! but for the secret, which is another one each time.

use super::NewSecret;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::endpoint::{Endpoint, EndpointRefusal, EndpointStatus, Kinds, check_url};
use domain::event::EventKind;
use domain::id::{EndpointId, ProgramId};
use domain::program::{ProgramRefusal, Settings};
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

/// What is to be changed; `None` stays.
#[derive(Clone, Default, Debug)]
pub struct UpdateEndpoint {
    pub url: Option<String>,
    pub kinds: Option<Kinds>,
    pub status: Option<EndpointStatus>,
    pub secret: Option<NewSecret>,
}

/// An endpoint as it is now, and its secret where that is new.
#[derive(Debug)]
pub struct UpdatedEndpoint {
    pub endpoint: Endpoint,
    pub secret: Option<Secret<Vec<u8>>>,
}

struct Update {
    id: EndpointId,
    command: UpdateEndpoint,
    sealed_secret: Option<Vec<u8>>,
}

impl Verb for Update {
    type Answer = Endpoint;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Endpoint>(self.id, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Endpoint, Stop> {
        let found = scope.get::<Endpoint>(self.id).ok_or(EndpointRefusal::Missing)?.clone();
        let UpdateEndpoint { url, kinds, status, secret: _ } = self.command.clone();
        let changed = Endpoint {
            url: url.unwrap_or_else(|| found.url.clone()),
            kinds: kinds.unwrap_or_else(|| found.kinds.clone()),
            status: status.unwrap_or(found.status),
            sealed_secret: self.sealed_secret.clone().unwrap_or(found.sealed_secret.clone()),
            ..found.clone()
        };
        if changed == found {
            return Ok(found);
        }
        let settings = scope.get::<Settings>(()).ok_or(ProgramRefusal::Missing)?;
        changed.check_environment(settings.environment)?;
        let changed = Endpoint { version: found.version + 1, ..changed };
        scope.put(changed.clone());
        event(scope, stamp, EventKind::EndpointUpdated, *self.id.bytes());
        Ok(changed)
    }
}

impl Engine {
    /// Changes an endpoint. Operator only.
    pub async fn update_endpoint(
        &self,
        program: ProgramId,
        id: EndpointId,
        mut command: UpdateEndpoint,
    ) -> Result<UpdatedEndpoint, Error> {
        if let Some(url) = &command.url {
            check_url(url).map_err(Refusal::from)?;
        }
        let (secret, sealed_secret) = match command.secret.take() {
            None => (None, None),
            Some(secret) => {
                let (secret, sealed) = self.seal_endpoint_secret(program, id, secret).await?;
                (Some(secret), Some(sealed))
            }
        };
        let verb = Update { id, command, sealed_secret };
        let endpoint = self.run_by(program, By::Operator, verb).await?;
        Ok(UpdatedEndpoint { endpoint, secret })
    }
}
