//! Moves an endpoint's cursor on, and adds a delivery for each event passed that it takes.
//!
//! Phases: read the events behind the cursor, which never change any more, in whole units of work;
//! then one unit compares the cursor, adds the deliveries and moves it. Locks: the endpoint and the
//! deliveries exclusive. If it stops in between, nothing happened. If two servers do it at once,
//! the second finds the cursor moved and writes nothing.
//!
//! Deliveries are units of work themselves, and their events stand behind the cursor too. Nobody is
//! told of those, and they alone move no cursor; otherwise each move would give a reason for the
//! next. What was looked at in vain is remembered by the worker, and written down only once it is
//! so much that another server should not have to look at it again.

use crate::deliver::Render;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::delivery::Delivery;
use domain::endpoint::{Endpoint, EndpointStatus};
use domain::event::{Event, EventKind};
use domain::id::{DeliveryId, EndpointId};
use domain::stamp::Stamp;
use domain::transfer::Place;
use store::{Lock, Scope, Wants};

/// Events that are looked at together.
const PAGE: u32 = 256;
/// Units that may be looked at in vain before the cursor is moved past them.
pub(crate) const IN_VAIN_MAX: u64 = 4_096;

/// How far it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Advanced {
    /// Every event up to this `seq` was looked at.
    pub(crate) until: u64,
    /// Whether the cursor was moved, which is where deliveries are added.
    pub(crate) moved: bool,
    /// Whether there may be more events behind.
    pub(crate) more: bool,
}

struct Advance {
    endpoint: EndpointId,
    /// The cursor and the version that `events` were picked by.
    from: u64,
    version: u64,
    until: u64,
    events: Vec<Event>,
}

impl Advance {
    fn delivery(&self, event: &Event) -> DeliveryId {
        DeliveryId::of(self.endpoint, event.id)
    }
}

impl Verb for Advance {
    /// Whether the cursor was moved here.
    type Answer = bool;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Endpoint>(self.endpoint, Lock::Exclusive);
        for event in &self.events {
            wants.want::<Delivery>(self.delivery(event), Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<bool, Stop> {
        let picked_by = |row: &&Endpoint| {
            let same = row.cursor == self.from && row.version == self.version;
            same && row.status == EndpointStatus::Enabled
        };
        let Some(found) = scope.get::<Endpoint>(self.endpoint).filter(picked_by) else {
            return Ok(false);
        };
        let moved = Endpoint { cursor: self.until, ..found.clone() };
        for event in &self.events {
            if scope.get::<Delivery>(self.delivery(event)).is_none() {
                // By the clock of who attempts: recorded time may be far ahead of it.
                scope.add(Delivery::new(self.endpoint, event, stamp.clock()));
            }
        }
        scope.put(moved);
        event(scope, stamp, EventKind::EndpointAdvanced, *self.endpoint.bytes());
        Ok(true)
    }
}

impl Engine {
    /// Looks at the next events after `looked`, which is the cursor or beyond it.
    pub(crate) async fn advance_endpoint(
        &self,
        endpoint: &Endpoint,
        renderer: &dyn Render,
        looked: u64,
    ) -> Result<Advanced, Error> {
        let (page, more) = self.whole_units(endpoint, looked).await?;
        let until = page.last().map_or(looked, |event| event.place.seq);
        let mut events = Vec::new();
        for event in page {
            if endpoint.kinds.takes(event.kind) && renderer.tells(self, &event).await? {
                events.push(event);
            }
        }
        if events.is_empty() && until.saturating_sub(endpoint.cursor) < IN_VAIN_MAX {
            return Ok(Advanced { until, moved: false, more });
        }
        let (from, version) = (endpoint.cursor, endpoint.version);
        let verb = Advance { endpoint: endpoint.id, from, version, until, events };
        let moved = self.run(endpoint.program, verb).await?;
        // Where another server was first, the row must be read again.
        let until = if moved { until } else { looked };
        Ok(Advanced { until, moved, more: more && moved })
    }

    /// A page of events, without those of a unit whose last ones are not on it.
    async fn whole_units(
        &self,
        endpoint: &Endpoint,
        looked: u64,
    ) -> Result<(Vec<Event>, bool), Error> {
        let mut events: Vec<Event> = Vec::new();
        let mut after = Place { seq: looked, ordinal: u32::MAX };
        loop {
            let page = self.store.events(endpoint.program, Some(after), PAGE).await?;
            let full = u32::try_from(page.len()).unwrap_or(u32::MAX) >= PAGE;
            events.extend(page);
            let (Some(first), Some(last)) = (events.first(), events.last()) else {
                return Ok((events, false));
            };
            if !full {
                return Ok((events, false));
            }
            let (first, last) = (first.place.seq, last.place);
            if first < last.seq {
                events.retain(|event| event.place.seq < last.seq);
                return Ok((events, true));
            }
            after = last;
        }
    }
}
