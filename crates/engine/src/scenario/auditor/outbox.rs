//! The rules of endpoints and deliveries: every row is predicted, but for what the worker chose to
//! do, which is judged by the rows before and after it.

use crate::scenario::webhook::{Again, Change, UNTOLD, Webhook};
use domain::delivery::{Delivery, DeliveryRefusal, DeliveryState, Outcome};
use domain::endpoint::{Endpoint, EndpointRefusal, EndpointStatus, Kinds};
use domain::event::{Event, EventKind};
use domain::id::{DeliveryId, EndpointId};
use domain::refusal::Refusal;
use domain::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a claim keeps others from an attempt.
const CLAIM: Duration = Duration::from_secs(60);
/// The waits after failed attempts, in seconds, each up to a fifth longer; then it is given up.
const WAITS_S: [u64; 8] = [10, 60, 300, 1_800, 7_200, 21_600, 86_400, 86_400];
pub(in crate::scenario) const ATTEMPTS_MAX: u64 = 9;

/// An endpoint as it must be.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Sheet {
    pub url: String,
    pub kinds: Kinds,
    pub status: EndpointStatus,
    pub cursor: u64,
    version: u64,
    created_at: Time,
    /// The kinds that it had each time that it was worked on, and how far events went then. Which
    /// of them an event behind the cursor was judged by is known to the worker alone.
    looks: Vec<(u64, Kinds)>,
    /// What it was from the beginning, and after each change.
    statuses: Vec<EndpointStatus>,
}

impl Sheet {
    fn is(&self, row: &Endpoint) -> bool {
        let told = (&row.url, &row.kinds, row.status, row.cursor, row.version, row.created_at);
        let Self { url, kinds, status, cursor, version, created_at, .. } = self;
        told == (url, kinds, *status, *cursor, *version, *created_at)
    }

    /// Whether every look at an event took it, and whether any did.
    fn takes(&self, event: &Event) -> (bool, bool) {
        let mut looks = self.looks.iter().filter(|(head, _)| *head >= event.place.seq);
        let taken = |(_, kinds): &(u64, Kinds)| takes(kinds, event);
        (looks.clone().all(taken), looks.any(taken))
    }
}

/// What a programme's rows say.
pub(in crate::scenario) struct Seen {
    pub events: Vec<Event>,
    pub endpoints: Vec<Endpoint>,
    pub deliveries: Vec<Delivery>,
}

impl Seen {
    fn head(&self) -> u64 {
        self.events.last().map_or(0, |event| event.place.seq)
    }
}

/// What the worker was let do.
pub(in crate::scenario) struct Work {
    pub now: Time,
    /// A server died or commits were lost, so that not everything had to be done.
    pub disturbed: bool,
    /// What each address answers.
    pub answers: BTreeMap<String, Outcome>,
    /// Endpoints that were enabled at some time of it.
    pub enabled: BTreeSet<EndpointId>,
    /// How often each was posted.
    pub posts: BTreeMap<DeliveryId, u32>,
}

/// One programme's endpoints and deliveries.
#[derive(Default)]
pub(in crate::scenario) struct Outbox {
    pub endpoints: BTreeMap<EndpointId, Sheet>,
    /// Made, though nobody was told under which id.
    unseen: Vec<Sheet>,
    pub deliveries: BTreeMap<DeliveryId, Delivery>,
}

impl Outbox {
    /// Whether it changes anything.
    pub(super) fn judge(
        &mut self,
        asked: &Webhook,
        at: Time,
        clock: Time,
    ) -> Result<bool, Refusal> {
        match asked {
            Webhook::Create { url, kinds } => {
                check_url(url)?;
                self.unseen.push(Sheet {
                    url: url.clone(),
                    kinds: kinds.clone(),
                    status: EndpointStatus::Enabled,
                    cursor: 0,
                    version: 1,
                    created_at: at,
                    looks: Vec::new(),
                    statuses: vec![EndpointStatus::Enabled],
                });
                Ok(true)
            }
            Webhook::Change { endpoint, change } => {
                change.url.as_deref().map_or(Ok(()), check_url)?;
                let sheet = self.endpoints.get_mut(endpoint).ok_or(EndpointRefusal::Missing)?;
                Ok(sheet.change(change))
            }
            Webhook::Replay { delivery } => {
                let row = self.deliveries.get_mut(delivery).ok_or(DeliveryRefusal::Missing)?;
                begin_anew(row, clock);
                Ok(true)
            }
        }
    }

    /// Which endpoint was made by the call that was judged last.
    pub(super) fn learn(&mut self, made: &Endpoint) {
        let sheet = self.unseen.pop().expect("it was judged before");
        self.insert(made.id, Sheet { cursor: made.cursor, ..sheet });
        assert!(self.endpoints[&made.id].is(made), "{made:?}");
    }

    fn insert(&mut self, id: EndpointId, sheet: Sheet) {
        assert!(self.endpoints.insert(id, sheet).is_none(), "two endpoints have one id");
    }

    /// How many are begun anew, or told for the first time.
    pub(in crate::scenario) fn again(
        &mut self,
        id: EndpointId,
        which: Again,
        seen: &Seen,
        now: Time,
    ) -> u64 {
        let before = self.deliveries.len();
        if let Again::Between(from, until) = which {
            let sheet = &self.endpoints[&id];
            let old = |event: &&Event| event.place.seq <= sheet.cursor;
            let old = seen.events.iter().filter(old).filter(|event| takes(&sheet.kinds, event));
            for event in old.filter(|event| (from..until).contains(&event.at)) {
                let row = fresh(id, event, now);
                // Of what is there already nothing is added; it is begun anew below.
                self.deliveries.entry(row.id).or_insert(Delivery { version: 0, ..row });
            }
        }
        let mut count = self.deliveries.len() - before;
        for row in self.deliveries.values_mut().filter(|row| row.endpoint == id) {
            let meant = match which {
                _ if row.version == 0 => {
                    row.version = 1;
                    continue;
                }
                Again::Missed => row.state != DeliveryState::Delivered,
                Again::Between(from, until) => (from..until).contains(&row.event_at),
            };
            if meant {
                begin_anew(row, now);
                count += 1;
            }
        }
        u64::try_from(count).expect("they are few")
    }

    /// The rows while no worker is at work: as they were predicted, every one and no more.
    pub(in crate::scenario) fn compare(&mut self, seen: &Seen) {
        for row in &seen.endpoints {
            if !self.endpoints.contains_key(&row.id) {
                let same = |sheet: &Sheet| Sheet { cursor: row.cursor, ..sheet.clone() }.is(row);
                let at = self.unseen.iter().position(same);
                let at = at.unwrap_or_else(|| panic!("nobody has made {row:?}"));
                let sheet = self.unseen.remove(at);
                self.insert(row.id, Sheet { cursor: row.cursor, ..sheet });
            }
            let sheet = &self.endpoints[&row.id];
            assert!(sheet.is(row), "{row:?}\n should be {sheet:?}");
        }
        assert!(self.unseen.is_empty(), "not made: {:?}", self.unseen);
        assert_eq!(seen.endpoints.len(), self.endpoints.len());
        for row in &seen.deliveries {
            assert_eq!(Some(row), self.deliveries.get(&row.id));
        }
        assert_eq!(seen.deliveries.len(), self.deliveries.len());
    }

    /// The rows after the worker was at work: each change is one that it may make, and nothing is
    /// left undone that it had to do. Says how often each was made.
    pub(in crate::scenario) fn worked(
        &mut self,
        seen: &Seen,
        work: &Work,
    ) -> BTreeMap<&'static str, u64> {
        let mut made = BTreeMap::new();
        let rows: BTreeMap<_, _> = seen.deliveries.iter().map(|row| (row.id, row)).collect();
        let events: BTreeMap<_, _> = seen.events.iter().map(|event| (event.id, event)).collect();
        assert_eq!(seen.endpoints.len(), self.endpoints.len());
        for row in &seen.endpoints {
            self.advanced(row, seen, &rows, work);
        }
        for id in self.deliveries.keys() {
            assert!(rows.contains_key(id), "{id} is lost");
        }
        for (id, row) in &rows {
            let fresh = || {
                let event = events[&row.event];
                assert_eq!(*id, DeliveryId::of(row.endpoint, event.id));
                fresh(row.endpoint, event, work.now)
            };
            let before = self.deliveries.get(id).cloned().unwrap_or_else(fresh);
            let sheet = &self.endpoints[&row.endpoint];
            *made.entry(check_attempt(&before, row, sheet, work)).or_default() += 1;
        }
        self.deliveries = rows.into_iter().map(|(id, row)| (id, row.clone())).collect();
        for (id, sheet) in &self.endpoints {
            if work.enabled.contains(id) && !work.disturbed {
                self.check_done(*id, &work.answers[&sheet.url], work);
            }
        }
        made
    }

    /// The cursor's way, and that each event on it has its delivery, and nothing else has one.
    fn advanced(
        &mut self,
        row: &Endpoint,
        seen: &Seen,
        rows: &BTreeMap<DeliveryId, &Delivery>,
        work: &Work,
    ) {
        let sheet = self.endpoints.get_mut(&row.id).expect("the worker makes none");
        let (from, until) = (sheet.cursor, row.cursor);
        assert!(from <= until && until <= seen.head(), "{row:?} was at {from}");
        sheet.check_history(row.id, &seen.events);
        let enabled = work.enabled.contains(&row.id);
        assert!(enabled || from == until, "it is disabled: {row:?}");
        if enabled {
            sheet.looks.push((seen.head(), sheet.kinds.clone()));
        }
        for event in seen.events.iter().filter(|event| event.place.seq > from) {
            let id = DeliveryId::of(row.id, event.id);
            let (must, may) = sheet.takes(event);
            let (passed, there) = (event.place.seq <= until, rows.contains_key(&id));
            assert!(passed || !there, "{event:?} is behind the cursor of {row:?}");
            assert!(!there || may, "{event:?} is none that it takes: {row:?}");
            assert!(there || !passed || !must, "{event:?} is not told to {row:?}");
            let left = enabled && must && !passed && !work.disturbed;
            assert!(!left, "{event:?} was not looked at for {row:?}");
        }
        sheet.cursor = until;
        sheet.looks.retain(|(head, _)| *head > until);
        assert!(sheet.is(row), "{row:?}\n should be {sheet:?}");
    }

    /// What is due and waits for nothing else of its subject.
    fn due(&self, id: EndpointId, now: Time) -> Option<&Delivery> {
        let mut pending: Vec<_> = self.deliveries.values().collect();
        pending.retain(|row| row.endpoint == id && row.state.next_attempt_at().is_some());
        pending.sort_unstable_by_key(|row| row.place);
        let mut waited_for = BTreeSet::new();
        pending.into_iter().find(|row| waited_for.insert(row.subject) && row.is_due(now))
    }

    /// Where the receiver is well nothing is left, and where it is not something was tried.
    fn check_done(&self, id: EndpointId, answer: &Outcome, work: &Work) {
        let Some(row) = self.due(id, work.now) else { return };
        assert!(!answer.is_success(), "it was due: {row:?}");
        // Another programme's are here too.
        let posted = work.posts.keys().filter_map(|delivery| self.deliveries.get(delivery));
        assert!(posted.map(|row| row.endpoint).any(|of| of == id), "nothing was tried: {row:?}");
    }

    /// Those that are enabled now.
    pub(in crate::scenario) fn enabled(&self) -> impl Iterator<Item = EndpointId> {
        let enabled = |(_, sheet): &(_, &Sheet)| sheet.status == EndpointStatus::Enabled;
        self.endpoints.iter().filter(enabled).map(|(id, _)| *id)
    }

    /// Fails unless everything that was to be told has arrived, or was given up.
    pub(in crate::scenario) fn assert_settled(&self, arrived: &BTreeSet<DeliveryId>) {
        for (id, row) in &self.deliveries {
            match row.state {
                DeliveryState::Delivered => assert!(arrived.contains(id), "never told: {row:?}"),
                DeliveryState::GivenUp => assert_eq!(row.attempts, ATTEMPTS_MAX, "{row:?}"),
                DeliveryState::Pending { .. } => panic!("still pending: {row:?}"),
            }
        }
    }
}

impl Sheet {
    fn change(&mut self, change: &Change) -> bool {
        let before = (self.url.clone(), self.kinds.clone(), self.status);
        let Change { url, kinds, status } = change.clone();
        self.url = url.unwrap_or_else(|| before.0.clone());
        self.kinds = kinds.unwrap_or_else(|| before.1.clone());
        self.status = status.unwrap_or(before.2);
        let changes = before != (self.url.clone(), self.kinds.clone(), self.status);
        if changes {
            self.version += 1;
            self.statuses.push(self.status);
        }
        changes
    }

    /// In the order of the units, no worker begins anything while it is disabled.
    fn check_history(&self, id: EndpointId, events: &[Event]) {
        let mut statuses = self.statuses.iter();
        let mut status = None;
        for event in events.iter().filter(|event| event.subject == *id.bytes()) {
            match event.kind {
                EventKind::EndpointCreated | EventKind::EndpointUpdated => status = statuses.next(),
                _ => assert_eq!(status, Some(&EndpointStatus::Enabled), "{event:?}"),
            }
        }
        assert_eq!(statuses.next(), None, "a change of {id} is no event");
    }
}

fn takes(kinds: &Kinds, event: &Event) -> bool {
    kinds.takes(event.kind) && event.kind != UNTOLD
}

fn check_url(url: &str) -> Result<(), EndpointRefusal> {
    if url.starts_with("https://") { Ok(()) } else { Err(EndpointRefusal::BadUrl) }
}

fn begin_anew(row: &mut Delivery, now: Time) {
    row.state = DeliveryState::Pending { next_attempt_at: now };
    (row.attempts, row.replays, row.version) = (0, row.replays + 1, row.version + 1);
}

/// As it is added.
fn fresh(endpoint: EndpointId, event: &Event, now: Time) -> Delivery {
    Delivery {
        id: DeliveryId::of(endpoint, event.id),
        program: event.program,
        endpoint,
        event: event.id,
        place: event.place,
        kind: event.kind,
        subject: event.subject,
        event_at: event.at,
        state: DeliveryState::Pending { next_attempt_at: now },
        attempts: 0,
        replays: 0,
        last_outcome: None,
        last_ms: None,
        first_attempt_at: None,
        last_attempt_at: None,
        version: 1,
    }
}

/// What one look of the worker may do to a delivery: nothing, claim it, or attempt it once.
fn check_attempt(before: &Delivery, after: &Delivery, sheet: &Sheet, work: &Work) -> &'static str {
    let posts = work.posts.get(&after.id).copied().unwrap_or(0);
    if before == after {
        assert_eq!(posts, 0, "posted without a claim: {after:?}");
        return "waiting";
    }
    assert!(work.enabled.contains(&after.endpoint), "its endpoint is disabled: {after:?}");
    assert!(before.is_due(work.now), "it is not due: {before:?}");
    let claimed = Delivery {
        state: DeliveryState::Pending { next_attempt_at: work.now.plus(CLAIM) },
        first_attempt_at: before.first_attempt_at.or(Some(work.now)),
        last_attempt_at: Some(work.now),
        version: before.version + 1,
        ..before.clone()
    };
    if *after == claimed {
        assert!(work.disturbed && posts <= 1, "nothing came of {after:?}");
        return "claimed";
    }
    let outcome = work.answers[&sheet.url];
    let attempts = before.attempts + 1;
    assert!(attempts <= ATTEMPTS_MAX, "tried once too often: {after:?}");
    let recorded = Delivery {
        state: after.state,
        attempts,
        last_outcome: Some(outcome),
        // The longest attempt may be cut off by its deadline, and no clock moves meanwhile.
        last_ms: Some(0),
        version: claimed.version + 1,
        ..claimed
    };
    assert_eq!((after, posts), (&recorded, 1), "{before:?}");
    let wait = usize::try_from(before.attempts).ok().and_then(|at| WAITS_S.get(at));
    match (after.state, wait) {
        (DeliveryState::Delivered, _) if outcome.is_success() => "delivered",
        (DeliveryState::GivenUp, None) if !outcome.is_success() => "given_up",
        (DeliveryState::Pending { next_attempt_at }, Some(wait)) if !outcome.is_success() => {
            let wait = Duration::from_secs(*wait);
            let bounds = work.now.plus(wait)..=work.now.plus(wait + wait / 5);
            assert!(bounds.contains(&next_attempt_at), "{after:?}");
            "failed"
        }
        _ => panic!("{after:?} after {before:?}"),
    }
}
