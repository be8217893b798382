//! Events: the outbox in order, by place and never by time or id.

use super::harness::{Harness, program};
use super::schema::{P, Sampled, id, time};
use super::transfer::place;
use crate::query::{Answer, Store};
use domain::event::{Event, EventKind};
use domain::id::EventId;

impl Sampled for Event {
    fn samples() -> Vec<Self> {
        let sample = |index: usize| Self {
            id: EventId::from_bytes(id(0x18, index)),
            program: P,
            place: place(index),
            kind: EventKind::ALL[index % EventKind::ALL.len()],
            subject: id(0x19, index),
            at: time(index),
        };
        (0..EventKind::ALL.len() + 1).map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        Box::pin(async move {
            let events = store.events(row.program, None, u32::MAX).await?;
            Ok(events.into_iter().find(|event| event.place == row.place))
        })
    }
}

pub(super) async fn in_order_after_a_place(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let batch =
        vec![h.work(P).event().event().event(), h.work(P).post(book.reserve, book.alice, 1)];
    h.commit(batch).await;
    let all = h.store().events(P, None, 100).await.expect("a read");
    assert!(all.is_sorted_by(|one, next| one.place < next.place));
    assert_eq!(all.len(), 5 + 1 + 3 + 1);
    for (at, event) in all.iter().enumerate() {
        let rest = h.store().events(P, Some(event.place), 2).await;
        let rest = rest.expect("a read");
        let expected: Vec<Event> = all.iter().skip(at + 1).take(2).copied().collect();
        assert_eq!(rest, expected);
    }
}

pub(super) async fn pages_while_rows_arrive(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let (mut after, mut seen) = (None, Vec::new());
    for round in 0..20u32 {
        if round < 10 {
            let batch =
                vec![h.work(P).post(book.reserve, book.alice, 1), h.work(P).event().event()];
            h.commit(batch).await;
        }
        let page = h.store().events(P, after, 3).await.expect("a read");
        after = page.last().map(|event| event.place).or(after);
        seen.extend(page);
    }
    let all = h.store().events(P, None, 1_000).await.expect("a read");
    assert_eq!(seen, all);
}

pub(super) async fn other_programmes_are_not_listed(h: &mut Harness) {
    let before = h.work(program(1)).event();
    let between = h.work(program(2)).event();
    let after = h.work(program(3)).event();
    h.commit(vec![before, between, after]).await;
    for of in [1, 2, 3].map(program) {
        let events = h.store().events(of, None, 100).await.expect("a read");
        let programmes: Vec<_> = events.iter().map(|event| event.program).collect();
        assert_eq!(programmes, [of]);
    }
    let none = h.store().events(program(4), None, 100).await;
    assert_eq!(none.expect("a read"), []);
}
