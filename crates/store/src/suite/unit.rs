//! Units in batches: what is undone, what is counted, in which order they see each other.

use super::harness::{Harness, START, cardholder, program};
use super::work::{Told, Work};
use crate::unit::Lock;
use domain::account::{Account, AccountKey};
use domain::id::ProgramId;
use domain::stamp::Stamp;
use domain::time::Time;
use domain::transfer::Refusal;

const P: ProgramId = program(1);
const Q: ProgramId = program(2);

fn poor() -> Told {
    Told::Refused(Refusal::InsufficientFunds.into())
}

pub(super) async fn refused_unit_leaves_nothing(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let batch = vec![
        h.work(P).post(book.reserve, book.alice, 100),
        // Its first movement succeeds, in memory; its second does not.
        h.work(P).post(book.reserve, book.bob, 200).post(book.alice, book.bob, 101),
        h.work(P).post(book.alice, book.bob, 100),
    ];
    assert_eq!(h.commit(batch).await, [Told::Done, poor(), Told::Done]);
    assert_eq!(h.available(P, book.reserve).await, 900);
    assert_eq!(h.available(P, book.bob).await, 100);
    let before = h.dump().await;
    let alone = h.work(P).post(book.bob, book.alice, 50).refuse();
    assert_eq!(h.one(alone).await, poor());
    assert_eq!(h.dump().await, before);
}

pub(super) async fn later_units_see_earlier_effects(h: &mut Harness) {
    let book = h.book(P, 100).await;
    let chain = vec![
        h.work(P).post(book.reserve, book.alice, 100),
        h.work(P).post(book.alice, book.bob, 100),
        h.work(P).post(book.alice, book.bob, 1),
        h.work(P).post(book.bob, book.settlement, 100),
    ];
    let told = h.commit(chain).await;
    assert_eq!(told, [Told::Done, Told::Done, poor(), Told::Done]);
    assert_eq!(h.available(P, book.settlement).await, 100);
}

pub(super) async fn account_is_opened_and_used_in_one_batch(h: &mut Harness) {
    let book = h.book(P, 100).await;
    let key = AccountKey::wallet(P, cardholder(9), book.asset);
    let batch = vec![
        h.work(P).post(book.reserve, key.id(), 5),
        h.work(P).open(key, Some(0)).refuse(),
        h.work(P).post(book.reserve, key.id(), 6),
        h.work(P).open(key, Some(0)),
        h.work(P).post(book.reserve, key.id(), 7),
    ];
    let missing = Told::Refused(Refusal::CreditAccountMissing.into());
    let told = h.commit(batch).await;
    assert_eq!(told, [missing, poor(), missing, Told::Done, Told::Done]);
    assert_eq!(h.available(P, key.id()).await, 7);
}

pub(super) async fn stale_unit_leaves_nothing(h: &mut Harness) {
    let book = h.book(P, 100).await;
    let before = h.dump().await;
    let stale = h.work(P).post(book.reserve, book.alice, 10).stale();
    assert_eq!(h.one(stale).await, Told::Stale);
    assert_eq!(h.dump().await, before);
}

async fn seq(h: &Harness, of: ProgramId) -> u64 {
    let counter = h.store().counter(of).await.expect("a read");
    counter.map_or(0, |counter| counter.seq)
}

pub(super) async fn applied_units_are_counted_without_gaps(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let start = seq(h, P).await;
    let batch = vec![
        h.work(P).post(book.reserve, book.alice, 10).once("a", 1),
        h.work(P).post(book.bob, book.alice, 10),
        h.work(P).post(book.reserve, book.alice, 10).once("a", 1),
        h.work(P).post(book.reserve, book.alice, 10).panics(),
        h.work(P).post(book.reserve, book.alice, 10).stale(),
        // These two are applied, and change nothing.
        h.work(P),
        h.work(P).reads::<Account>(book.alice, Lock::Exclusive),
        h.work(P).post(book.reserve, book.alice, 10),
    ];
    let expected = [
        Told::Done,
        poor(),
        Told::Again,
        Told::Panicked,
        Told::Stale,
        Told::Done,
        Told::Done,
        Told::Done,
    ];
    assert_eq!(h.commit(batch).await, expected);
    assert_eq!(seq(h, P).await, start + 2);
    let refused = h.work(P).refuse();
    h.commit(vec![refused]).await;
    assert_eq!(seq(h, P).await, start + 2);
}

pub(super) async fn programmes_of_one_batch_count_apart(h: &mut Harness) {
    let ours = h.book(P, 1_000).await;
    let theirs = h.book(Q, 1_000).await;
    let batch = vec![
        h.work(P).post(ours.reserve, ours.alice, 10),
        h.work(Q).post(theirs.reserve, theirs.alice, 20),
        h.work(P).post(ours.bob, ours.alice, 10),
        h.work(Q).post(theirs.reserve, theirs.alice, 20),
        h.work(program(3)).event(),
    ];
    h.commit(batch).await;
    assert_eq!((seq(h, P).await, seq(h, Q).await), (3, 4));
    assert_eq!(seq(h, program(3)).await, 1);
    assert_eq!(h.available(P, ours.alice).await, 10);
    assert_eq!(h.available(Q, theirs.alice).await, 40);
}

pub(super) async fn recorded_time_never_goes_back(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let late = Time::from_unix_us(START.unix_us() + 9_000_000_000);
    let early = Time::from_unix_us(START.unix_us() - 9_000_000_000);
    let at = |clock, seed| Work::new(P, Stamp::new(clock, seed));
    let batch = vec![
        at(late, 1).post(book.reserve, book.alice, 1),
        at(early, 2).post(book.reserve, book.alice, 1),
    ];
    h.commit(batch).await;
    h.done(at(early, 3).post(book.reserve, book.alice, 1)).await;
    let counter = h.store().counter(P).await.expect("a read");
    assert_eq!(counter.map(|counter| counter.last), Some(late));
    let events = h.store().events(P, None, 100).await.expect("a read");
    assert_eq!(events.iter().filter(|event| event.at == late).count(), 3);
}

/// Enough rows for a backend's longest statement to be too long.
pub(super) async fn large_batch(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let mut batch = Vec::new();
    for round in 0..1_000u32 {
        let work = h.work(P).post(book.reserve, book.alice, 1);
        batch.push(work.once(&format!("round {round}"), 1));
    }
    assert!(h.commit(batch).await.iter().all(|told| *told == Told::Done));
    assert_eq!(h.available(P, book.alice).await, 1_000);
}

pub(super) async fn large_unit(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let mut work = h.work(P);
    for _ in 0..1_000 {
        work = work.post(book.reserve, book.alice, 1);
    }
    h.done(work).await;
    let transfers = h.store().transfers(P, seq(h, P).await).await;
    assert_eq!(transfers.expect("a read").len(), 1_000);
}

pub(super) async fn batch_without_units(h: &mut Harness) {
    h.book(P, 1_000).await;
    let before = h.dump().await;
    assert_eq!(h.commit(Vec::new()).await, []);
    assert_eq!(h.dump().await, before);
}

/// One unit reads the account that another of the batch changes.
pub(super) async fn stronger_lock_wins(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let batch = vec![
        h.work(P).reads::<Account>(book.alice, Lock::Fixed),
        h.work(P).post(book.reserve, book.alice, 7),
        h.work(P).reads::<Account>(book.alice, Lock::Shared).step(move |scope, _| {
            let alice = scope.get::<Account>(book.alice);
            let seen = alice.map(|account| account.available().minor);
            assert_eq!(seen, Some(7));
            Ok(())
        }),
    ];
    assert_eq!(h.commit(batch).await, [Told::Done; 3]);
}

pub(super) async fn writers_come_and_go(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    for _ in 0..5 {
        h.drop_writer();
        let work = h.work(P).post(book.reserve, book.alice, 7);
        h.done(work).await;
    }
    assert_eq!(h.available(P, book.alice).await, 35);
}
