//! Claims deliveries before they are attempted, so that of several servers one does.
//!
//! Locks: the endpoint shared, the deliveries exclusive. The unit takes what is still due; who
//! comes second finds the next attempt moved and takes nothing. If the server stops after it, the
//! deliveries are due again once the claim is over.
//!
//! That nothing of the same subject is pending before a delivery was read without a lock. It can
//! only become true and stays so, since an endpoint's deliveries are added in the order of events;
//! but for a replay, which asks for an earlier one out of its order, or adds it.

use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::delivery::Delivery;
use domain::endpoint::{Endpoint, EndpointStatus};
use domain::event::EventKind;
use domain::id::{DeliveryId, EndpointId};
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

/// The endpoint as it is now, and what of it is to be attempted.
pub(crate) struct Claimed {
    pub(crate) endpoint: Endpoint,
    pub(crate) deliveries: Vec<Delivery>,
}

struct Claim {
    endpoint: EndpointId,
    deliveries: Vec<DeliveryId>,
}

impl Verb for Claim {
    type Answer = Option<Claimed>;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Endpoint>(self.endpoint, Lock::Shared);
        for id in &self.deliveries {
            wants.want::<Delivery>(*id, Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Option<Claimed>, Stop> {
        let found = scope.get::<Endpoint>(self.endpoint);
        let enabled = found.filter(|row| row.status == EndpointStatus::Enabled);
        let Some(endpoint) = enabled.cloned() else { return Ok(None) };
        // By the clock that will tell when they are due again.
        let now = stamp.clock();
        let claim = |id: &DeliveryId| scope.get::<Delivery>(*id)?.claimed(now);
        let deliveries: Vec<Delivery> = self.deliveries.iter().filter_map(claim).collect();
        if deliveries.is_empty() {
            return Ok(None);
        }
        for claimed in &deliveries {
            scope.put(claimed.clone());
        }
        event(scope, stamp, EventKind::EndpointClaimed, *self.endpoint.bytes());
        Ok(Some(Claimed { endpoint, deliveries }))
    }
}

impl Engine {
    /// Claims what of an endpoint's deliveries is still due.
    pub(crate) async fn claim_deliveries(
        &self,
        endpoint: &Endpoint,
        due: &[Delivery],
    ) -> Result<Option<Claimed>, Error> {
        let deliveries = due.iter().map(|row| row.id).collect();
        self.run(endpoint.program, Claim { endpoint: endpoint.id, deliveries }).await
    }
}
