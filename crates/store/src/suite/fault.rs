//! What goes wrong: bugs of a verb, commits that fail, keys that were made twice.

use super::harness::{Harness, START, cardholder, hold, program, stamp};
use super::steps::Reserve;
use super::work::{Told, Work, key_of};
use crate::error::{Constraint, Failed, StoreError};
use crate::unit::Lock;
use domain::account::Account;
use domain::cardholder::{Cardholder, CardholderStatus};
use domain::hold::LIFE_DEFAULT;
use domain::id::{AccountId, ProgramId};
use domain::program::Program;
use domain::reference::Reference;
use domain::time::Time;
use domain::transfer::{Place, Refusal};

const P: ProgramId = program(1);
const Q: ProgramId = program(2);

fn stranger(program: ProgramId) -> Cardholder {
    Cardholder {
        id: cardholder(7),
        program,
        number: "7".to_owned(),
        unique_number: None,
        status: CardholderStatus::Pending,
        identity: None,
        version: 1,
        created_at: START,
    }
}

pub(super) async fn panic_after_puts_leaves_nothing(h: &mut Harness) {
    let book = h.book(P, 100).await;
    let batch = vec![
        h.work(P).post(book.reserve, book.alice, 10),
        h.work(P).post(book.reserve, book.alice, 20).once("burnt?", 1).panics(),
        h.work(P).post(book.reserve, book.bob, 30).once("burnt?", 2),
    ];
    let told = h.commit(batch).await;
    assert_eq!(told, [Told::Done, Told::Panicked, Told::Done]);
    assert_eq!(h.available(P, book.alice).await, 10);
    assert_eq!(h.available(P, book.bob).await, 30);
}

/// Puts the account as it is, which is a change all the same.
fn touch(work: Work, account: AccountId) -> Work {
    work.step(move |scope, _| {
        let row = *scope.get::<Account>(account).expect("it is there");
        scope.put(row);
        Ok(())
    })
}

/// Each bug that a verb can have; `old` and `known` are rows that are there and that no other unit
/// of the batch declares.
fn bugs(h: &mut Harness, old: AccountId, known: Reference) -> Vec<(&'static str, Work)> {
    let undeclared = h.work(P).step(move |scope, _| {
        assert!(scope.get::<Account>(old).is_none());
        Ok(())
    });
    let shared = h.work(P).reads::<Account>(old, Lock::Shared).event();
    let silent = h.work(P).reads::<Account>(old, Lock::Exclusive);
    let backwards = h.work(P).event().step(|scope, _| {
        scope.record_at(Time::ZERO);
        Ok(())
    });
    let endless = h.work(P).step(|_, stamp| {
        while stamp.id() != [0; 16] {}
        Ok(())
    });
    vec![
        ("undeclared read", undeclared),
        ("undeclared add", h.work(P).insert_fresh(stranger(P))),
        ("put without its lock", touch(shared, old)),
        ("put of an absent row", h.work(P).put(stranger(P))),
        ("added twice", h.work(P).insert(stranger(P)).insert(stranger(P))),
        ("change of a fact", h.work(P).put(known)),
        ("row of another programme", h.work(P).insert(stranger(Q))),
        ("change without an event", touch(silent, old)),
        ("time that goes back", backwards),
        ("ids without end", endless),
    ]
}

pub(super) async fn bugs_are_caught_one_by_one(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let named = h.work(P).post(book.reserve, book.bob, 1).once("known", 1);
    h.done(named).await;
    let known = h.store().reference(P, key_of("known")).await;
    let known = known.expect("a read").expect("it was just written");
    for (bug, work) in bugs(h, book.bob, known) {
        let before = h.available(P, book.alice).await;
        let batch = vec![
            h.work(P).post(book.reserve, book.alice, 1),
            work,
            h.work(P).post(book.reserve, book.alice, 1),
        ];
        let told = h.commit(batch).await;
        assert_eq!(told, [Told::Done, Told::Panicked, Told::Done], "{bug}");
        assert_eq!(h.available(P, book.alice).await, before + 2, "{bug}");
    }
}

pub(super) async fn failed_commit_changes_nothing(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let before = h.dump().await;
    let batch = || {
        // The same stamps: what is run again after a failure makes the same ids.
        let work = |unit| Work::new(P, stamp(unit));
        vec![
            work(900).post(book.reserve, book.alice, 10).once("x", 1),
            work(901).post(book.alice, book.bob, 4),
            work(902).post(book.alice, book.bob, 7),
        ]
    };
    for _ in 0..2 {
        h.fail_next_commit();
        let (result, told) = h.try_commit(batch()).await;
        assert!(result.is_err(), "a planted failure is an error");
        let failed = |told: &Told| matches!(told, Told::Failed(_));
        assert!(told.iter().all(failed), "{told:?}");
        assert_eq!(h.dump().await, before);
        assert_eq!(h.available(P, book.alice).await, 0);
    }
    let poor = Told::Refused(Refusal::InsufficientFunds.into());
    assert_eq!(h.commit(batch()).await, [Told::Done, Told::Done, poor]);
    assert_eq!(h.available(P, book.alice).await, 6);
}

pub(super) async fn failed_first_commit_leaves_an_empty_store(h: &mut Harness) {
    h.fail_next_commit();
    let work = h.work(P).insert(stranger(P));
    let (result, told) = h.try_commit(vec![work]).await;
    assert!(result.is_err(), "a planted failure is an error");
    assert!(matches!(told[..], [Told::Failed(_)]), "{told:?}");
    assert_eq!(h.dump().await, "");
    h.reopen().await;
    assert_eq!(h.dump().await, "");
    h.book(P, 1).await;
}

/// Works that each make a key again which a row of the store has.
async fn clashes(h: &mut Harness, account: AccountId) -> Vec<(&'static str, Work)> {
    let latest = h.store().entries(P, account, None, 1).await;
    let entry = latest.expect("a read")[0];
    let place = entry.place;
    let transfer = h.store().transfers(P, place.seq).await.expect("a read")[0];
    let filter = crate::query::InstructionFilter { limit: 1, ..Default::default() };
    let asked = h.store().instructions(P, filter).await.expect("a read");
    let mut moved = asked[0].clone();
    moved.place = Place { seq: 1_000_000, ordinal: 0 };
    let event = h.store().events(P, None, 1).await.expect("a read")[0];
    let held = h.store().hold(P, hold(1)).await.expect("a read");
    let name = "again".to_owned();
    vec![
        ("program", h.work(P).insert_fresh(Program { id: P, name })),
        ("hold", h.work(P).insert_fresh(held.expect("it was placed"))),
        ("instruction", h.work(P).append(asked[0].clone())),
        // The key is another, and the id is the same.
        ("instruction", h.work(P).append(moved)),
        ("transfer", h.work(P).append(transfer)),
        ("entry", h.work(P).append(entry)),
        ("event", h.work(P).append(event)),
    ]
}

pub(super) async fn generated_key_made_twice_is_corruption(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let name = "once".to_owned();
    let made = h.work(P).insert_fresh(Program { id: P, name }).hold(Reserve {
        id: hold(1),
        debit: book.reserve,
        credit: book.settlement,
        minor: 10,
        expires_at: START.plus(LIFE_DEFAULT),
    });
    h.done(made).await;
    let before = h.dump().await;
    for (table, work) in clashes(h, book.reserve).await {
        let bystander = h.work(P).post(book.reserve, book.alice, 1);
        let (result, told) = h.try_commit(vec![bystander, work]).await;
        match result {
            Err(StoreError::Conflict(Constraint::Generated(taken))) => {
                assert_eq!(taken.name, table);
            }
            other => panic!("{table}: {other:?}"),
        }
        assert_eq!(told, [Told::Failed(Failed::Internal); 2], "{table}");
        assert_eq!(h.dump().await, before, "{table}");
    }
}
