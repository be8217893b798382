//! Holds: drawn on in parts until their one end, which only one of two racing endings is.

use super::harness::{Book, Harness, START, hold, program, stamp};
use super::schema::{Changed, P, Sampled, count, id, int, time};
use super::steps::Reserve;
use super::work::{Told, Work};
use crate::query::{Answer, Store};
use core::time::Duration;
use domain::asset::Asset;
use domain::hold::{Completion, Hold, HoldRefusal, HoldState, LIFE_DEFAULT, LIFE_MAX};
use domain::id::{AccountId, HoldId, ProgramId};
use domain::money::{Amount, Money};
use domain::time::Time;
use domain::transfer::Refusal;

impl Sampled for Hold {
    fn samples() -> Vec<Self> {
        let assets: Vec<Asset> = Asset::all().collect();
        let sample = |index: usize| {
            let minor = int(index).checked_abs().unwrap_or(i64::MAX).max(1);
            Self {
                id: HoldId::from_bytes(id(0x12, index)),
                program: P,
                debit: AccountId::from_bytes(id(0x13, index)),
                credit: AccountId::from_bytes(id(0x14, index)),
                amount: Amount::new(Money::new(minor, assets[index])).expect("an amount"),
                captured: int(index + 1),
                remaining: int(index + 4),
                state: HoldState::ALL[index % HoldState::ALL.len()],
                expires_at: time(index + 2),
                version: count(index),
            }
        };
        (0..28).map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.hold(row.program, row.id)
    }
}

impl Changed for Hold {
    fn keyed_as(self, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }
}

fn wish(book: &Book, number: u8, minor: i64) -> Reserve {
    Reserve {
        id: hold(number),
        debit: book.alice,
        credit: book.settlement,
        minor,
        expires_at: START.plus(LIFE_DEFAULT),
    }
}

fn refused(refusal: HoldRefusal) -> Told {
    Told::Refused(refusal.into())
}

/// A book where alice has 1000.
async fn funded(h: &mut Harness) -> Book {
    let book = h.book(P, 1_000).await;
    let work = h.work(P).post(book.reserve, book.alice, 1_000);
    h.done(work).await;
    book
}

async fn state(h: &Harness, program: ProgramId, number: u8) -> (HoldState, i64, i64, u64) {
    let row = h.store().hold(program, hold(number)).await.expect("a read");
    let row = row.expect("the hold is there");
    (row.state, row.captured, row.remaining, row.version)
}

pub(super) async fn captured_in_parts(h: &mut Harness) {
    let book = funded(h).await;
    let of = wish(&book, 1, 100);
    let work = h.work(P).hold(of);
    h.done(work).await;
    assert_eq!(h.available(P, book.alice).await, 900);
    // Held credits never count.
    assert_eq!(h.available(P, book.settlement).await, 0);
    let parts = vec![
        h.work(P).capture(&of, 30, Completion::Partial),
        h.work(P).capture(&of, 71, Completion::Partial),
        h.work(P).capture(&of, 69, Completion::Partial),
    ];
    let over = refused(HoldRefusal::ExceedsRemaining);
    assert_eq!(h.commit(parts).await, [Told::Done, over, Told::Done]);
    assert_eq!(state(h, P, 1).await, (HoldState::Open, 99, 1, 3));
    // All that remains is the end, asked for or not.
    let last = h.work(P).capture(&of, 1, Completion::Partial);
    h.done(last).await;
    assert_eq!(state(h, P, 1).await, (HoldState::Captured, 100, 0, 4));
    assert_eq!(h.available(P, book.alice).await, 900);
    assert_eq!(h.available(P, book.settlement).await, 100);
}

pub(super) async fn final_capture_releases_the_rest(h: &mut Harness) {
    let book = funded(h).await;
    let of = wish(&book, 1, 100);
    let work = h.work(P).hold(of);
    h.done(work).await;
    let work = h.work(P).capture(&of, 40, Completion::Final);
    h.done(work).await;
    assert_eq!(state(h, P, 1).await, (HoldState::Captured, 40, 0, 2));
    assert_eq!(h.available(P, book.alice).await, 960);
    let row = h.store().account(P, book.alice).await.expect("a read");
    assert_eq!(row.map(|row| row.sums.held_debits), Some(0));
}

/// Each way to end a hold, with what the loser of a race against it is told.
fn endings(h: &mut Harness, of: &Reserve) -> Vec<(HoldRefusal, Work)> {
    let late = Work::new(P, domain::stamp::Stamp::new(of.expires_at, 77));
    vec![
        (HoldRefusal::AlreadyCaptured, h.work(P).capture(of, 10, Completion::Final)),
        (HoldRefusal::AlreadyVoided, h.work(P).void(of)),
        (HoldRefusal::AlreadyExpired, late.expire(of)),
    ]
}

/// Three holds of 10; a loser is refused and so does not move the programme's time.
async fn three(h: &mut Harness) -> [Reserve; 3] {
    let book = funded(h).await;
    let wishes = [1, 2, 3].map(|number| wish(&book, number, 10));
    let work = wishes.iter().fold(h.work(P), |work, of| work.hold(*of));
    h.done(work).await;
    wishes
}

pub(super) async fn first_ending_wins_in_one_batch(h: &mut Harness) {
    for (first, of) in three(h).await.into_iter().enumerate() {
        let mut all = endings(h, &of);
        let (told, winner) = all.remove(first);
        let mut batch = vec![winner];
        batch.extend(all.into_iter().map(|(_, loser)| loser));
        let lost = refused(told);
        assert_eq!(h.commit(batch).await, [Told::Done, lost, lost]);
    }
}

pub(super) async fn first_ending_wins_across_batches(h: &mut Harness) {
    for (first, of) in three(h).await.into_iter().enumerate() {
        let mut all = endings(h, &of);
        let (told, winner) = all.remove(first);
        h.done(winner).await;
        h.reopen().await;
        for (_, loser) in all {
            assert_eq!(h.one(loser).await, refused(told));
        }
    }
}

pub(super) async fn expires_at_its_end_and_not_before(h: &mut Harness) {
    let book = funded(h).await;
    let of = wish(&book, 1, 100);
    let short = Reserve { expires_at: START.plus(LIFE_MAX), ..wish(&book, 2, 100) };
    let work = h.work(P).hold(of).hold(short);
    h.done(work).await;
    let at = |time: Time| Work::new(P, domain::stamp::Stamp::new(time, 5)).expire(&of);
    let before = Time::from_unix_us(of.expires_at.unix_us() - 1);
    assert_eq!(h.one(at(before)).await, refused(HoldRefusal::NotYetExpired));
    assert_eq!(h.available(P, book.alice).await, 800);
    h.done(at(of.expires_at)).await;
    assert_eq!(state(h, P, 1).await, (HoldState::Expired, 0, 0, 2));
    assert_eq!(state(h, P, 2).await, (HoldState::Open, 0, 100, 1));
    assert_eq!(h.available(P, book.alice).await, 900);
}

pub(super) async fn placed_and_drawn_on_in_one_batch(h: &mut Harness) {
    let book = funded(h).await;
    let of = wish(&book, 1, 100);
    let batch = vec![
        h.work(P).capture(&of, 10, Completion::Partial),
        h.work(P).hold(of),
        h.work(P).capture(&of, 10, Completion::Partial),
        h.work(P).void(&of),
        h.work(P).void(&of),
    ];
    let missing = refused(HoldRefusal::Missing);
    let voided = refused(HoldRefusal::AlreadyVoided);
    let told = h.commit(batch).await;
    assert_eq!(told, [missing, Told::Done, Told::Done, Told::Done, voided]);
    assert_eq!(state(h, P, 1).await, (HoldState::Voided, 10, 0, 3));
    // In one unit, too.
    let of = wish(&book, 2, 100);
    let work = h.work(P).hold(of).capture(&of, 60, Completion::Final);
    h.done(work).await;
    assert_eq!(state(h, P, 2).await, (HoldState::Captured, 60, 0, 2));
}

pub(super) async fn refused_hold_leaves_no_row(h: &mut Harness) {
    let book = funded(h).await;
    let dear = wish(&book, 1, 1_001);
    let never = Reserve { expires_at: START, ..wish(&book, 2, 10) };
    let long = Reserve { expires_at: stamp(1_000).clock().plus(LIFE_MAX), ..wish(&book, 3, 10) };
    let batch = vec![
        h.work(P).hold(dear),
        h.work(P).hold(never),
        h.work(P).hold(long),
        h.work(P).hold(wish(&book, 4, 1_000)).refuse(),
        h.work(P).void(&wish(&book, 4, 1_000)),
        h.work(P).hold(wish(&book, 5, 1_000)),
    ];
    let poor = Told::Refused(Refusal::InsufficientFunds.into());
    let (bad, missing) = (refused(HoldRefusal::BadExpiry), refused(HoldRefusal::Missing));
    let told = h.commit(batch).await;
    assert_eq!(told, [poor, bad, bad, poor, missing, Told::Done]);
    for number in 1..=4 {
        let row = h.store().hold(P, hold(number)).await.expect("a read");
        assert_eq!(row, None);
    }
}

pub(super) async fn same_id_in_two_programmes(h: &mut Harness) {
    let other = program(2);
    let ours = funded(h).await;
    let theirs = h.book(other, 1_000).await;
    let work = h.work(other).post(theirs.reserve, theirs.alice, 500);
    h.done(work).await;
    let batch = vec![
        h.work(P).hold(wish(&ours, 1, 10)),
        h.work(other).hold(wish(&theirs, 1, 20)),
        h.work(P).void(&wish(&ours, 1, 10)),
    ];
    assert_eq!(h.commit(batch).await, [Told::Done; 3]);
    assert_eq!(state(h, P, 1).await, (HoldState::Voided, 0, 0, 2));
    assert_eq!(state(h, other, 1).await, (HoldState::Open, 0, 20, 1));
}

/// A hold of every programme is due at exactly the moment at which [`Hold::expire`] lets it go.
pub(super) async fn due_from_their_end_on(h: &mut Harness) {
    let programs = [program(2), P, program(3)];
    // Two that end at once in one programme, and one earlier in the last.
    let ends = [(0, 1, 60), (0, 2, 60), (1, 1, 60), (1, 2, 90), (2, 1, 30)];
    for of in programs {
        h.book(of, 1_000).await;
    }
    for (of, number, life_s) in ends {
        let book = Book::of(programs[of], "USD");
        let expires_at = START.plus(Duration::from_secs(life_s));
        let wish = Reserve { debit: book.reserve, expires_at, ..wish(&book, number, 1) };
        let work = h.work(programs[of]).hold(wish);
        h.done(work).await;
    }
    let (first, second, third) = ((program(3), hold(1)), (P, hold(1)), (program(2), hold(1)));
    let (fourth, last) = ((program(2), hold(2)), (P, hold(2)));
    let all = [first, second, third, fourth, last];
    let after = |life_s| START.plus(Duration::from_secs(life_s)).unix_us();
    for (now, count) in [
        (i64::MIN, 0),
        (after(30) - 1, 0),
        (after(30), 1),
        (after(60) - 1, 1),
        (after(60), 4),
        (after(90) - 1, 4),
        (after(90), 5),
        (i64::MAX, 5),
    ] {
        let due = h.store().due_holds(Time::from_unix_us(now), 100).await.expect("a read");
        assert_eq!(due, all[..count], "at {now}");
    }
    for limit in 0..7u8 {
        let due = h.store().due_holds(Time::MAX, limit.into()).await.expect("a read");
        assert_eq!(due, all[..all.len().min(limit.into())], "{limit} at most");
    }
}

/// However they end, and not while they are only drawn on.
pub(super) async fn due_until_they_have_ended(h: &mut Harness) {
    let three = three(h).await;
    let drawn = wish(&Book::of(P, "USD"), 4, 10);
    let work = h.work(P).hold(drawn).capture(&drawn, 1, Completion::Partial);
    h.done(work).await;
    for (ending, of) in three.into_iter().enumerate() {
        assert!(is_due(h, &of).await);
        let (_, refused) = endings(h, &of).swap_remove(ending);
        let told = h.one(refused.refuse()).await;
        assert!(matches!(told, Told::Refused(_)), "{told:?}");
        assert!(is_due(h, &of).await);
        let (_, winner) = endings(h, &of).swap_remove(ending);
        h.done(winner).await;
        assert!(!is_due(h, &of).await);
        h.reopen().await;
        assert!(!is_due(h, &of).await);
        assert!(is_due(h, &drawn).await);
    }
}

async fn is_due(h: &Harness, of: &Reserve) -> bool {
    let due = h.store().due_holds(of.expires_at, 10).await.expect("a read");
    due.contains(&(P, of.id))
}
