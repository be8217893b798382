//! Endpoints: samples, those of a programme, and those that may have something to do.

use super::harness::{Harness, program};
use super::schema::{Changed, P, Sampled, blobs, count, id, texts, time};
use crate::query::{Answer, AtWork, Store};
use domain::delivery::{Delivery, DeliveryState};
use domain::endpoint::{Endpoint, EndpointStatus, Kinds};
use domain::event::{Event, EventKind};
use domain::id::{EndpointId, EventId, ProgramId};
use domain::time::Time;
use domain::transfer::Place;

impl Sampled for Endpoint {
    fn samples() -> Vec<Self> {
        let told = EventKind::ALL.iter().filter(|kind| !kind.is_bookkeeping());
        let kinds: Vec<EventKind> = told.copied().collect();
        let blobs = blobs();
        let sample = |(index, url): (usize, String)| Self {
            id: EndpointId::from_bytes(id(0x26, index)),
            program: P,
            url,
            sealed_secret: blobs[index % blobs.len()].clone(),
            renderer: if index.is_multiple_of(2) { "operator" } else { "é" }.to_owned(),
            kinds: match index % (kinds.len() + 1) {
                0 => Kinds::All,
                several => {
                    Kinds::only(kinds[..several].iter().copied().collect()).expect("some kinds")
                }
            },
            status: EndpointStatus::ALL[index % EndpointStatus::ALL.len()],
            cursor: count(index + 1),
            version: count(index),
            created_at: time(index),
        };
        texts(2_000).into_iter().enumerate().map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.endpoint(row.program, row.id)
    }
}

impl Changed for Endpoint {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }
}

pub(super) fn endpoint(program: ProgramId, number: u8) -> Endpoint {
    Endpoint {
        id: EndpointId::from_bytes([number; 16]),
        program,
        url: "https://example.com/".to_owned(),
        sealed_secret: vec![number],
        renderer: "operator".to_owned(),
        kinds: Kinds::All,
        status: EndpointStatus::Enabled,
        cursor: 0,
        version: 1,
        created_at: Time::ZERO,
    }
}

/// A delivery of the n-th event of a programme, to be attempted at a second.
pub(super) fn delivery(of: &Endpoint, seq: u8, subject: u8, due_s: i64) -> Delivery {
    let event = Event {
        id: EventId::from_bytes([seq; 16]),
        program: of.program,
        place: Place { seq: seq.into(), ordinal: 0 },
        kind: EventKind::HoldExpired,
        subject: [subject; 16],
        at: second(i64::from(seq)),
    };
    Delivery::new(of.id, &event, second(due_s))
}

pub(super) fn second(second: i64) -> Time {
    Time::from_unix_us(second * 1_000_000)
}

pub(super) async fn all_of_a_programme(h: &mut Harness) {
    let rows = [endpoint(P, 3), endpoint(P, 1), endpoint(program(2), 2), endpoint(P, 2)];
    let batch = rows.iter().map(|row| h.work(row.program).insert(row.clone())).collect();
    h.commit(batch).await;
    let [third, first, foreign, second] = rows;
    assert_eq!(h.store().endpoints(P).await.expect("a read"), [first, second, third]);
    assert_eq!(h.store().endpoints(program(2)).await.expect("a read"), [foreign]);
    assert_eq!(h.store().endpoints(program(3)).await.expect("a read"), []);
}

async fn at_work(h: &Harness, now_s: i64) -> Vec<(EndpointId, u64, bool)> {
    let found = h.store().endpoints_at_work(second(now_s), None, 10).await.expect("a read");
    found.into_iter().map(|at| (at.endpoint.id, at.seq, at.due)).collect()
}

pub(super) async fn at_work_with_what_is_known_of_them(h: &mut Harness) {
    let (one, two, three) = (endpoint(P, 1), endpoint(P, 2), endpoint(program(2), 3));
    let off = Endpoint { status: EndpointStatus::Disabled, ..endpoint(P, 4) };
    let batch = [&one, &two, &three, &off]
        .into_iter()
        .map(|row| h.work(row.program).insert(row.clone()))
        .collect();
    h.commit(batch).await;
    assert_eq!(
        at_work(h, 100).await,
        [(one.id, 3, false), (two.id, 3, false), (three.id, 1, false)]
    );
    // Due by its own second, and not once it is over.
    let row = delivery(&two, 1, 1, 10);
    let work = h.work(P).insert(row.clone()).insert(delivery(&off, 1, 1, 10));
    h.done(work).await;
    assert_eq!(at_work(h, 9).await[1], (two.id, 4, false));
    assert_eq!(at_work(h, 10).await[0], (one.id, 4, false));
    assert_eq!(at_work(h, 10).await[1], (two.id, 4, true));
    let over = Delivery { state: DeliveryState::Delivered, ..row };
    let work = h.work(P).put(over);
    h.done(work).await;
    assert_eq!(at_work(h, 100).await[1], (two.id, 5, false));
    // Pages by programme and id, with the rows as they are.
    let whole = h.store().endpoints_at_work(Time::MAX, None, 10).await.expect("a read");
    assert_eq!(whole.iter().map(|at| &at.endpoint).collect::<Vec<_>>(), [&one, &two, &three]);
    for (at, known) in whole.iter().enumerate() {
        let after = Some((known.endpoint.program, known.endpoint.id));
        let page = h.store().endpoints_at_work(Time::MAX, after, 1).await.expect("a read");
        let rest: Vec<&AtWork> = whole.iter().skip(at + 1).take(1).collect();
        assert_eq!(page.iter().collect::<Vec<_>>(), rest);
    }
}
