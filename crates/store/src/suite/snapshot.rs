//! Snapshots: everything at one moment, table by table.

use super::dump;
use super::harness::{Harness, hold, program};
use super::schema::P;
use super::steps::Reserve;
use crate::schema::{ColumnKind, TABLES, Value};
use domain::hold::LIFE_DEFAULT;
use std::borrow::Cow;

/// A bit of everything that verbs write.
pub(super) async fn filled(h: &mut Harness) {
    for number in [1, 2, 3] {
        let of = program(number);
        let book = h.book(of, 1_000).await;
        for round in 0..5u8 {
            let clock = h.work(of).clock();
            let wish = Reserve {
                id: hold(round),
                debit: book.reserve,
                credit: book.settlement,
                minor: 7,
                expires_at: clock.plus(LIFE_DEFAULT),
            };
            let text = format!("round {round}");
            let batch = vec![
                h.work(of).post(book.reserve, book.alice, 1).once(&text, 1),
                h.work(of).hold(wish),
                h.work(of).declined(book.bob, 5),
            ];
            h.commit(batch).await;
        }
    }
}

pub(super) async fn later_commits_are_invisible(h: &mut Harness) {
    let mut empty = h.snapshot().await;
    filled(h).await;
    let before = h.dump().await;
    let mut early = h.snapshot().await;
    let book = super::harness::Book::of(P, "USD");
    for _ in 0..5 {
        let work = h.work(P).post(book.reserve, book.alice, 1);
        h.done(work).await;
    }
    let late = h.dump().await;
    assert_ne!(before, late);
    assert_eq!(dump::dump(early.as_mut()).await.expect("a dump"), before);
    assert_eq!(dump::dump(empty.as_mut()).await.expect("a dump"), "");
    let faults = super::sums::faults(early.as_mut()).await;
    assert_eq!(faults.expect("a scan"), Vec::<String>::new());
    drop((early, empty));
    assert_eq!(h.dump().await, late);
}

pub(super) async fn pages_of_any_size_are_the_same(h: &mut Harness) {
    filled(h).await;
    let mut snapshot = h.snapshot().await;
    for table in TABLES {
        let all = dump::pages(snapshot.as_mut(), table, 100_000).await;
        let all = all.expect("a scan");
        for limit in [1, 2, 7] {
            let pages = dump::pages(snapshot.as_mut(), table, limit).await;
            assert_eq!(pages.expect("a scan"), all, "{} by {limit}", table.name);
        }
        let none = snapshot.scan(table, None, 0).await.expect("a scan");
        assert!(none.is_empty(), "{} gives rows where none are asked for", table.name);
    }
}

pub(super) async fn finds_by_exact_key(h: &mut Harness) {
    filled(h).await;
    let mut snapshot = h.snapshot().await;
    for table in TABLES {
        let rows = dump::rows(snapshot.as_mut(), table).await.expect("a scan");
        for row in &rows {
            let key = row[..table.key].to_vec();
            let found = snapshot.find(table, key).await.expect("a read");
            assert_eq!(found.as_ref(), Some(row), "{}", table.name);
        }
        let highest = table.key_columns().iter().map(|column| match column.kind {
            ColumnKind::Int => Value::Int(i64::MAX),
            _ => Value::Bytes(Cow::Owned(vec![0xff; 16])),
        });
        let highest: Vec<_> = highest.collect();
        let found = snapshot.find(table, highest.clone()).await;
        assert_eq!(found.expect("a read"), None, "{}", table.name);
        let after = snapshot.scan(table, Some(highest), 10).await;
        assert!(after.expect("a scan").is_empty(), "{}", table.name);
    }
}

pub(super) async fn reopening_keeps_everything(h: &mut Harness) {
    filled(h).await;
    let before = h.dump().await;
    for _ in 0..3 {
        h.reopen().await;
        assert_eq!(h.dump().await, before);
    }
    let book = super::harness::Book::of(P, "USD");
    let work = h.work(P).post(book.reserve, book.alice, 1);
    h.done(work).await;
    assert_eq!(h.available(P, book.alice).await, 6);
}
