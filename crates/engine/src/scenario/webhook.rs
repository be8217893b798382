//! What operators ask about endpoints and deliveries, as data, and the road to the engine.

use super::Programme;
use super::receivers::renderers;
use crate::Engine;
use crate::delivery::TimeRange;
use crate::endpoint::{CreateEndpoint, NewSecret, UpdateEndpoint};
use crate::error::Error;
use domain::endpoint::{Endpoint, EndpointStatus, Kinds};
use domain::event::EventKind;
use domain::id::{DeliveryId, EndpointId, ProgramId};
use domain::time::Time;

/// In whose shape endpoints are written to.
pub(super) const RENDERER: &str = "named";
/// What that has no words for.
pub(super) const UNTOLD: EventKind = EventKind::CardholderUpdated;

/// What is to be changed; `None` stays.
#[derive(Clone, Default, Debug)]
pub(super) struct Change {
    pub url: Option<String>,
    pub kinds: Option<Kinds>,
    pub status: Option<EndpointStatus>,
}

/// One unit each.
#[derive(Clone, Debug)]
pub(super) enum Webhook {
    Create { url: String, kinds: Kinds },
    Change { endpoint: EndpointId, change: Change },
    Replay { delivery: DeliveryId },
}

impl Webhook {
    /// The endpoint that was made, if it was that.
    pub(super) async fn run(self, programme: &Programme) -> Result<Option<Endpoint>, Error> {
        let (engine, program) = (&programme.engine, programme.id);
        match self {
            Self::Create { url, kinds } => {
                let (renderer, secret) = (RENDERER.to_owned(), NewSecret::Generated);
                let command = CreateEndpoint { url, renderer, kinds, secret };
                Ok(Some(engine.create_endpoint(program, command).await?.endpoint))
            }
            Self::Change { endpoint, change } => {
                let Change { url, kinds, status } = change;
                let update = UpdateEndpoint { url, kinds, status, ..UpdateEndpoint::default() };
                engine.update_endpoint(program, endpoint, update).await?;
                Ok(None)
            }
            Self::Replay { delivery } => {
                engine.replay_delivery(program, delivery).await?;
                Ok(None)
            }
        }
    }
}

/// What an endpoint is told of once more, in as many units as it takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Again {
    Missed,
    /// Events recorded from a time on and before another, told before or not.
    Between(Time, Time),
}

impl Again {
    /// How many.
    pub(super) async fn run(
        self,
        engine: &Engine,
        program: ProgramId,
        endpoint: EndpointId,
    ) -> Result<u64, Error> {
        let Self::Between(from, until) = self else {
            return engine.replay_missed(program, endpoint).await;
        };
        let mut range = TimeRange { from: Some(from), until: Some(until) };
        let mut count = 0;
        loop {
            let done = engine.replay_range(program, endpoint, range, &renderers()).await?;
            count += done.count;
            match done.next {
                next @ Some(_) => range.from = next,
                None => return Ok(count),
            }
        }
    }
}
