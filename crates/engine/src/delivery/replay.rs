//! Begins deliveries anew: one, all that did not arrive, or those of a range of time. A range also
//! takes in the events that have no delivery: from before the endpoint was made, or of a kind that
//! it did not take then and takes now.
//!
//! Phases: pages of deliveries, newest first, or of events in order; for each page one unit. Locks:
//! the endpoint shared, the deliveries of the page exclusive. If it stops in between, some are
//! begun anew and the others are not, and it may be asked again: beginning anew what is under way
//! only makes it due now. Events behind the cursor are left to [`crate::deliver`], so none is added
//! twice. What is due leaves in the order of events inside of each subject, whatever order it was
//! replayed in.

use crate::admitted::By;
use crate::deliver::{Render, Renderers};
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::delivery::{Delivery, DeliveryRefusal, DeliveryStatus};
use domain::endpoint::{Endpoint, EndpointRefusal};
use domain::event::{Event, EventKind};
use domain::id::{DeliveryId, EndpointId, ProgramId};
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::time::Time;
use domain::transfer::Place;
use store::{DeliveryFilter, Lock, Scope, Wants};

/// Deliveries or events of one unit.
const PAGE: u32 = 256;
/// Events that one call looks at, or a few more.
const EVENTS_MAX: usize = if cfg!(test) { 1_000 } else { 65_536 };

/// Events recorded from a time on and before another.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TimeRange {
    pub from: Option<Time>,
    pub until: Option<Time>,
}

impl TimeRange {
    fn is_before_end(self, at: Time) -> bool {
        self.until.is_none_or(|until| at < until)
    }
}

/// What was begun anew.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Replayed {
    pub count: u64,
    /// Where to go on, when the range was too long for one call.
    pub next: Option<Time>,
}

fn begin(scope: &mut Scope<'_>, stamp: &mut Stamp, row: Delivery) {
    event(scope, stamp, EventKind::DeliveryReplayed, *row.id.bytes());
    scope.put(row);
}

/// Of rows that are there.
struct Replay {
    deliveries: Vec<DeliveryId>,
    /// Not those that have arrived meanwhile.
    missed: bool,
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
            if !self.missed || found.state.status() != DeliveryStatus::Delivered {
                replayed.push(found.replayed(stamp.clock()));
            }
        }
        for row in &replayed {
            begin(scope, stamp, row.clone());
        }
        Ok(replayed)
    }
}

/// Of events, whether or not they have rows.
struct Retell {
    endpoint: EndpointId,
    /// And whether the endpoint takes each.
    events: Vec<(Event, bool)>,
}

impl Verb for Retell {
    /// How many.
    type Answer = u64;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Endpoint>(self.endpoint, Lock::Shared);
        for (event, _) in &self.events {
            wants.want::<Delivery>(DeliveryId::of(self.endpoint, event.id), Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<u64, Stop> {
        let endpoint = scope.get::<Endpoint>(self.endpoint).ok_or(EndpointRefusal::Missing)?;
        let cursor = endpoint.cursor;
        let mut count = 0;
        for (told, taken) in &self.events {
            assert!(told.place.seq <= cursor, "a cursor only grows");
            let id = DeliveryId::of(self.endpoint, told.id);
            match scope.get::<Delivery>(id).map(|found| found.replayed(stamp.clock())) {
                Some(row) => begin(scope, stamp, row),
                None if *taken => {
                    scope.add(Delivery::new(self.endpoint, told, stamp.clock()));
                    event(scope, stamp, EventKind::DeliveryReplayed, *id.bytes());
                }
                None => continue,
            }
            count += 1;
        }
        Ok(count)
    }
}

impl Engine {
    /// Begins one delivery anew, whatever became of it. Operator only.
    pub async fn replay_delivery(
        &self,
        program: ProgramId,
        id: DeliveryId,
    ) -> Result<Delivery, Error> {
        let verb = Replay { deliveries: vec![id], missed: false };
        let mut replayed = self.run_by(program, By::Operator, verb).await?;
        replayed.pop().ok_or(Error::NotFound)
    }

    async fn replayed_endpoint(
        &self,
        program: ProgramId,
        endpoint: EndpointId,
    ) -> Result<Endpoint, Error> {
        let found = self.store.endpoint(program, endpoint).await?;
        found.ok_or_else(|| Refusal::from(EndpointRefusal::Missing).into())
    }

    /// Begins anew what of an endpoint's deliveries is pending or was given up, and says how many.
    /// Operator only.
    pub async fn replay_missed(
        &self,
        program: ProgramId,
        endpoint: EndpointId,
    ) -> Result<u64, Error> {
        self.replayed_endpoint(program, endpoint).await?;
        let mut filter = DeliveryFilter {
            endpoint: Some(endpoint),
            statuses: vec![DeliveryStatus::Pending, DeliveryStatus::GivenUp],
            limit: PAGE,
            ..DeliveryFilter::default()
        };
        let mut count = 0;
        loop {
            let page = self.store.deliveries(program, filter.clone()).await?;
            let Some(last) = page.last() else { return Ok(count) };
            filter.before = Some((last.place, endpoint));
            let deliveries = page.iter().map(|row| row.id).collect();
            let verb = Replay { deliveries, missed: true };
            let replayed = self.run_by(program, By::Operator, verb).await?;
            count += u64::try_from(replayed.len()).unwrap_or(u64::MAX);
        }
    }

    /// Tells an endpoint of a range's events once more, or for the first time. Operator only.
    pub async fn replay_range(
        &self,
        program: ProgramId,
        endpoint: EndpointId,
        range: TimeRange,
        renderers: &Renderers,
    ) -> Result<Replayed, Error> {
        let endpoint = self.replayed_endpoint(program, endpoint).await?;
        let renderer = renderers.get(endpoint.renderer.as_str());
        let renderer = renderer.ok_or(Error::Internal("nobody here writes in this format"))?;
        let first = match range.from {
            Some(from) => self.first_seq_at(program, from, endpoint.cursor).await?,
            None => 1,
        };
        let mut after = Place { seq: first.saturating_sub(1), ordinal: u32::MAX };
        let mut replayed = Replayed::default();
        let mut looked = 0;
        let mut newest = None;
        loop {
            let page = self.store.events(program, Some(after), PAGE).await?;
            let Some(last) = page.last() else { return Ok(replayed) };
            after = last.place;
            let full = u32::try_from(page.len()).unwrap_or(u32::MAX) >= PAGE;
            let inside = |event: &&Event| {
                event.place.seq <= endpoint.cursor && range.is_before_end(event.at)
            };
            let mut events: Vec<Event> = page.iter().take_while(inside).copied().collect();
            let ended = events.len() < page.len() || !full;
            if looked >= EVENTS_MAX {
                // Not inside of one moment: the next call begins with a time.
                let next = events.iter().position(|event| Some(event.at) > newest);
                if let Some(index) = next {
                    replayed.next = events.get(index).map(|event| event.at);
                    events.truncate(index);
                }
            }
            looked += events.len();
            newest = events.last().map(|event| event.at).or(newest);
            replayed.count += self.retell(&endpoint, renderer.as_ref(), events).await?;
            if ended || replayed.next.is_some() {
                return Ok(replayed);
            }
        }
    }

    async fn retell(
        &self,
        endpoint: &Endpoint,
        renderer: &dyn Render,
        page: Vec<Event>,
    ) -> Result<u64, Error> {
        let mut events = Vec::new();
        for event in page.into_iter().filter(|event| !event.kind.is_bookkeeping()) {
            let takes = endpoint.kinds.takes(event.kind);
            events.push((event, takes && renderer.tells(self, &event).await?));
        }
        if events.is_empty() {
            return Ok(0);
        }
        let verb = Retell { endpoint: endpoint.id, events };
        self.run_by(endpoint.program, By::Operator, verb).await
    }

    /// The first unit of a programme that was recorded at a time or later, or the one after `last`:
    /// units follow each other without a gap, and their times never go back.
    async fn first_seq_at(&self, program: ProgramId, from: Time, last: u64) -> Result<u64, Error> {
        let (mut low, mut high) = (1, last.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            let before = Place { seq: middle - 1, ordinal: u32::MAX };
            let found = self.store.events(program, Some(before), 1).await?;
            match found.first() {
                Some(event) if event.at < from => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}
