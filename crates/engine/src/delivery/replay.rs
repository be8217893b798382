//! Begins deliveries anew: one, those of a range of time, or all that did not arrive.
//!
//! Phases: pages of deliveries, newest first; for each page one unit. Locks: the deliveries of the
//! page, exclusive. If it stops in between, some are begun anew and the others are not, and it may
//! be asked again: beginning anew what is under way only makes it due now. What is due leaves in
//! the order of events inside of each subject, whatever order it was replayed in.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::delivery::{Delivery, DeliveryRefusal, DeliveryStatus};
use domain::endpoint::EndpointRefusal;
use domain::event::EventKind;
use domain::id::{DeliveryId, EndpointId, ProgramId};
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::time::Time;
use store::{DeliveryFilter, Lock, Scope, Wants};

/// Deliveries of one unit.
const PAGE: u32 = 256;

/// Which of an endpoint's deliveries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplayWhich {
    /// Of events recorded from a time on and before another, arrived or not.
    Between { from: Option<Time>, until: Option<Time> },
    /// Given up or still pending.
    Missed,
}

impl ReplayWhich {
    fn admits(self, status: DeliveryStatus) -> bool {
        self != Self::Missed || status != DeliveryStatus::Delivered
    }

    fn filter(self, endpoint: EndpointId) -> DeliveryFilter {
        let statuses = match self {
            Self::Between { .. } => Vec::new(),
            Self::Missed => vec![DeliveryStatus::Pending, DeliveryStatus::GivenUp],
        };
        let (from, until) = match self {
            Self::Between { from, until } => (from, until),
            Self::Missed => (None, None),
        };
        let endpoint = Some(endpoint);
        DeliveryFilter { endpoint, statuses, from, until, before: None, limit: PAGE }
    }
}

struct Replay {
    deliveries: Vec<DeliveryId>,
    which: ReplayWhich,
}

impl Verb for Replay {
    type Answer = Vec<Delivery>;

    fn reads(&self, wants: &mut Wants<'_>) {
        for id in &self.deliveries {
            wants.want::<Delivery>(*id, Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Vec<Delivery>, Stop> {
        let mut replayed = Vec::new();
        for id in &self.deliveries {
            let found = scope.get::<Delivery>(*id).ok_or(DeliveryRefusal::Missing)?;
            if self.which.admits(found.state.status()) {
                replayed.push(found.replayed(stamp.clock()));
            }
        }
        for row in &replayed {
            scope.put(row.clone());
            event(scope, stamp, EventKind::DeliveryReplayed, *row.id.bytes());
        }
        Ok(replayed)
    }
}

impl Engine {
    /// Begins one delivery anew, whatever became of it. Operator only.
    pub async fn replay_delivery(
        &self,
        program: ProgramId,
        id: DeliveryId,
    ) -> Result<Delivery, Error> {
        let which = ReplayWhich::Between { from: None, until: None };
        let verb = Replay { deliveries: vec![id], which };
        let mut replayed = self.run_by(program, By::Operator, verb).await?;
        replayed.pop().ok_or(Error::NotFound)
    }

    /// Begins an endpoint's deliveries anew, and says how many. Operator only.
    pub async fn replay_endpoint(
        &self,
        program: ProgramId,
        endpoint: EndpointId,
        which: ReplayWhich,
    ) -> Result<u64, Error> {
        if self.store.endpoint(program, endpoint).await?.is_none() {
            return Err(Refusal::from(EndpointRefusal::Missing).into());
        }
        let mut filter = which.filter(endpoint);
        let mut count = 0;
        loop {
            let page = self.store.deliveries(program, filter.clone()).await?;
            let Some(last) = page.last() else { return Ok(count) };
            filter.before = Some((last.place, endpoint));
            let deliveries = page.iter().map(|row| row.id).collect();
            let replayed = self.run_by(program, By::Operator, Replay { deliveries, which }).await?;
            count += u64::try_from(replayed.len()).unwrap_or(u64::MAX);
        }
    }
}
