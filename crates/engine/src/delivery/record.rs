//! Records what came of an attempt: arrived, to be tried again, or given up.
//!
//! Locks: the delivery exclusive. If the unit is lost, the delivery is due again once its claim is
//! over. If an attempt that took too long comes to its end beside a later one, a success counts and
//! a failure does not.

use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::delivery::{Attempt, Delivery, DeliveryState, Outcome};
use domain::event::EventKind;
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

struct Record {
    claimed: Delivery,
    outcome: Outcome,
    ms: u64,
}

impl Verb for Record {
    type Answer = Option<Delivery>;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Delivery>(self.claimed.id, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Option<Delivery>, Stop> {
        let attempt = Attempt { outcome: self.outcome, ms: self.ms, seed: stamp.seed() };
        let found = scope.get::<Delivery>(self.claimed.id);
        let recorded =
            found.and_then(|row| row.recorded(self.claimed.version, &attempt, stamp.clock()));
        if let Some(recorded) = &recorded {
            scope.put(recorded.clone());
            let kind = match recorded.state {
                DeliveryState::GivenUp => EventKind::DeliveryGivenUp,
                DeliveryState::Pending { .. } | DeliveryState::Delivered => {
                    EventKind::DeliveryRecorded
                }
            };
            event(scope, stamp, kind, *recorded.id.bytes());
        }
        Ok(recorded)
    }
}

impl Engine {
    /// The delivery after an attempt, or `None` where that changed nothing.
    pub(crate) async fn record_attempt(
        &self,
        claimed: Delivery,
        outcome: Outcome,
        ms: u64,
    ) -> Result<Option<Delivery>, Error> {
        self.run(claimed.program, Record { claimed, outcome, ms }).await
    }
}
