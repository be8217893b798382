//! Deliveries: samples, what is due in the order of subjects, and lists newest first.

use super::endpoint::{delivery, endpoint, second};
use super::harness::{Harness, program};
use super::schema::{Changed, P, Sampled, count, id, time};
use super::transfer::place;
use crate::query::{Answer, DeliveryFilter, Store};
use domain::delivery::{AttemptFault, Delivery, DeliveryState, DeliveryStatus, Outcome};
use domain::endpoint::Endpoint;
use domain::event::EventKind;
use domain::id::{DeliveryId, EndpointId, EventId};
use domain::transfer::Place;

impl Sampled for Delivery {
    fn samples() -> Vec<Self> {
        let sample = |index: usize| Self {
            id: DeliveryId::from_bytes(id(0x27, index)),
            program: P,
            endpoint: EndpointId::from_bytes(id(0x28, index)),
            event: EventId::from_bytes(id(0x29, index)),
            place: place(index),
            kind: EventKind::ALL[index % EventKind::ALL.len()],
            subject: id(0x2a, index),
            event_at: time(index),
            state: match index % 3 {
                0 => DeliveryState::Pending { next_attempt_at: time(index + 1) },
                1 => DeliveryState::Delivered,
                _ => DeliveryState::GivenUp,
            },
            attempts: count(index),
            replays: count(index + 2),
            last_outcome: match index % 4 {
                0 => None,
                1 => Some(Outcome::Answered(u16::MAX)),
                2 => Some(Outcome::Answered(0)),
                _ => Some(Outcome::Failed(AttemptFault::ALL[index / 4 % AttemptFault::ALL.len()])),
            },
            last_ms: index.is_multiple_of(2).then(|| count(index)),
            first_attempt_at: index.is_multiple_of(3).then(|| time(index)),
            last_attempt_at: index.is_multiple_of(5).then(|| time(index)),
            version: count(index + 1),
        };
        (0..40).map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.delivery(row.program, row.id)
    }
}

impl Changed for Delivery {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }
}

async fn insert(h: &mut Harness, rows: &[Delivery]) {
    let batch = rows.iter().map(|row| h.work(row.program).insert(row.clone())).collect();
    h.commit(batch).await;
}

async fn due(h: &Harness, of: &Endpoint, now_s: i64, limit: u32) -> Vec<u64> {
    let found = h.store().due_deliveries(of.program, of.id, second(now_s), limit).await;
    found.expect("a read").iter().map(|row| row.place.seq).collect()
}

pub(super) async fn due_by_time_and_in_order_of_subjects(h: &mut Harness) {
    let (one, two) = (endpoint(P, 1), endpoint(P, 2));
    let foreign = endpoint(program(2), 1);
    let rows = [
        delivery(&one, 1, 7, 50),
        delivery(&one, 2, 8, 20),
        delivery(&one, 3, 7, 10),
        delivery(&one, 4, 9, 10),
        delivery(&one, 5, 8, 20),
        delivery(&two, 1, 7, 10),
        delivery(&foreign, 1, 7, 10),
    ];
    insert(h, &rows).await;
    // The third waits for the first of its subject, the fifth for the second.
    for (now, expected) in
        [(9, &[][..]), (10, &[4]), (20, &[4, 2]), (49, &[4, 2]), (50, &[4, 2, 1])]
    {
        assert_eq!(due(h, &one, now, 10).await, expected, "at {now}");
    }
    assert_eq!(due(h, &one, 50, 2).await, [4, 2]);
    assert_eq!(due(h, &one, 50, 0).await, [0u64; 0]);
    assert_eq!(due(h, &two, 50, 10).await, [1]);
    assert_eq!(due(h, &foreign, 50, 10).await, [1]);
    // However the earlier one ends, the later is free; and it waits again for one that is replayed.
    let ended = Delivery { state: DeliveryState::GivenUp, ..rows[0].clone() };
    let work = h.work(P).put(ended.clone());
    h.done(work).await;
    assert_eq!(due(h, &one, 50, 10).await, [3, 4, 2]);
    let ended = Delivery { state: DeliveryState::Delivered, ..rows[1].clone() };
    let work = h.work(P).put(ended);
    h.done(work).await;
    assert_eq!(due(h, &one, 50, 10).await, [3, 4, 5]);
    h.reopen().await;
    let work = h.work(P).put(rows[0].replayed(second(50)));
    h.done(work).await;
    assert_eq!(due(h, &one, 50, 10).await, [4, 5, 1]);
}

type Key = (u64, u8);

async fn listed(h: &Harness, filter: DeliveryFilter) -> Vec<Key> {
    let found = h.store().deliveries(P, filter).await.expect("a read");
    found.iter().map(|row| (row.place.seq, row.endpoint.bytes()[0])).collect()
}

pub(super) async fn lists_newest_first(h: &mut Harness) {
    let (one, two) = (endpoint(P, 1), endpoint(P, 2));
    let given_up = |row: Delivery| Delivery { state: DeliveryState::GivenUp, ..row };
    let delivered = |row: Delivery| Delivery { state: DeliveryState::Delivered, ..row };
    let rows = [
        delivered(delivery(&one, 1, 1, 1)),
        delivered(delivery(&two, 1, 1, 1)),
        given_up(delivery(&two, 2, 1, 1)),
        delivery(&one, 3, 1, 1),
        given_up(delivery(&one, 4, 1, 1)),
        delivery(&two, 4, 1, 1),
        delivery(&endpoint(program(2), 1), 3, 1, 1),
    ];
    insert(h, &rows).await;
    let base = DeliveryFilter { limit: 10, ..DeliveryFilter::default() };
    let all = [(4, 2), (4, 1), (3, 1), (2, 2), (1, 2), (1, 1)];
    assert_eq!(listed(h, base.clone()).await, all);
    let of_one = DeliveryFilter { endpoint: Some(one.id), ..base.clone() };
    assert_eq!(listed(h, of_one.clone()).await, [(4, 1), (3, 1), (1, 1)]);
    let statuses = vec![DeliveryStatus::Pending, DeliveryStatus::GivenUp];
    let missed = DeliveryFilter { statuses: statuses.clone(), ..base.clone() };
    assert_eq!(listed(h, missed).await, [(4, 2), (4, 1), (3, 1), (2, 2)]);
    let missed = DeliveryFilter { statuses, ..of_one.clone() };
    assert_eq!(listed(h, missed).await, [(4, 1), (3, 1)]);
    // A range of time has its start and not its end.
    let (from, until) = (Some(second(2)), Some(second(4)));
    let between = DeliveryFilter { from, until, ..base.clone() };
    assert_eq!(listed(h, between).await, [(3, 1), (2, 2)]);
    for (filter, all) in [(base, &all[..]), (of_one, &[(4, 1), (3, 1), (1, 1)])] {
        for (at, (seq, number)) in all.iter().enumerate() {
            let place = Place { seq: *seq, ordinal: 0 };
            let before = Some((place, EndpointId::from_bytes([*number; 16])));
            let page = listed(h, DeliveryFilter { before, limit: 2, ..filter.clone() }).await;
            let rest: Vec<Key> = all.iter().skip(at + 1).take(2).copied().collect();
            assert_eq!(page, rest);
        }
    }
}
