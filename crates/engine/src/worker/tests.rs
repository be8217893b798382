use super::CONTENTION_RUNS_MAX;
use crate::error::Error;
use crate::instruction::{Receipt, event};
use crate::once::Idempotent;
use crate::scenario::{Copied, Programme, World, code, done, tusdt};
use crate::transfer::Direction::In;
use crate::verb::{Stop, Verb};
use domain::event::EventKind;
use domain::stamp::Stamp;
use std::sync::Arc;
use store::model::Fault;
use store::{Constraint, Noun, Scope, Wants};

type Answer = Result<Idempotent<Receipt>, Error>;

/// A programme with 1,000 in reserve and an approved holder.
async fn ready(world: &World, name: &str) -> Programme {
    let programme = world.programme(name).await;
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 1_000).await;
    world.gate.forget_batches();
    programme
}

async fn load(programme: &Programme, reference: &str) -> Answer {
    programme.load(In, "U1", tusdt(10), reference).await
}

/// Loads under these references, pushed at once and so in one batch.
async fn loads(programme: &Arc<Programme>, references: &[&'static str]) -> Vec<Answer> {
    let mut running = Vec::new();
    for reference in references {
        let (programme, reference) = (Arc::clone(programme), *reference);
        running.push(tokio::spawn(async move { load(&programme, reference).await }));
    }
    let mut answers = Vec::new();
    for call in running {
        answers.push(call.await.unwrap());
    }
    answers
}

fn sizes(world: &World) -> Vec<usize> {
    world.gate.batches().iter().map(Vec::len).collect()
}

#[tokio::test]
async fn contention_is_run_again_within_bounds_and_is_never_a_refusal() {
    let clash = Fault::Conflict(Constraint::Natural(domain::reference::Reference::TABLE));
    for fault in [Fault::Contention, clash] {
        let bound = usize::try_from(CONTENTION_RUNS_MAX).unwrap();
        for (times, good) in [(1, true), (bound - 1, true), (bound, false)] {
            let world = World::new().await;
            let programme = ready(&world, "one").await;
            let before = world.copied().await;
            world.faults.repeat(fault, times);
            let answer = load(&programme, "a").await;
            assert_eq!(sizes(&world).len(), bound.min(times + 1));
            if good {
                done(answer);
            } else {
                assert_eq!(code(answer), "busy");
                assert!(before == world.copied().await);
            }
            assert!(load(&programme, "a").await.is_ok());
            world.verified().await;
        }
    }
}

async fn after(fault: Option<Fault>) -> (Receipt, Copied) {
    let world = World::new().await;
    let programme = ready(&world, "one").await;
    if let Some(fault) = fault {
        world.faults.repeat(fault, 3);
    }
    let receipt = done(load(&programme, "a").await);
    (receipt, world.copied().await)
}

#[tokio::test]
async fn a_run_again_makes_the_same_ids_and_rows() {
    let plain = after(None).await;
    let again = after(Some(Fault::Contention)).await;
    assert_eq!(plain.0, again.0);
    assert!(plain.1 == again.1);
}

#[tokio::test]
async fn a_guilty_unit_fails_alone() {
    let generated = Constraint::Generated(domain::instruction::Instruction::TABLE);
    let table = [
        (Fault::Corrupt, "internal fault: a unit of work failed"),
        (Fault::Conflict(generated), "internal fault: a unit of work failed"),
        (Fault::Unavailable, "the store is not available"),
    ];
    for (fault, told) in table {
        for position in 0..8 {
            let world = World::new().await;
            let (good, bad) = (ready(&world, "good").await, ready(&world, "bad").await);
            let (good, bad) = (Arc::new(good), Arc::new(bad));
            let before = bad.seq().await;
            world.faults.poison(bad.id, fault);
            world.gate.forget_batches();
            let names = ["a", "b", "c", "d", "e", "f", "g"];
            let (first, second) = names.split_at(position.min(names.len()));
            let (first, guilty, second) =
                tokio::join!(loads(&good, first), loads(&bad, &["x"]), loads(&good, second));
            assert_eq!(sizes(&world)[0], 8);
            for answer in first.into_iter().chain(second) {
                done(answer);
            }
            assert!(guilty.into_iter().all(|answer| code(answer) == told));
            assert_eq!(bad.seq().await, before);
            world.faults.heal();
            done(load(&bad, "x").await);
            world.verified().await;
        }
    }
}

#[tokio::test]
async fn a_store_that_stays_away_is_not_asked_for_each_part() {
    let world = World::new().await;
    let programme = Arc::new(ready(&world, "one").await);
    let before = world.copied().await;
    world.faults.poison(programme.id, Fault::Unavailable);
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];
    for answer in loads(&programme, &names).await {
        assert_eq!(code(answer), "the store is not available");
    }
    assert!(sizes(&world).len() <= 6, "{:?}", sizes(&world));
    // A later batch is asked for once, until one succeeds.
    world.gate.forget_batches();
    for answer in loads(&programme, &names).await {
        assert_eq!(code(answer), "the store is not available");
    }
    assert_eq!(sizes(&world), [16]);
    assert!(before == world.copied().await);
    world.faults.heal();
    for answer in loads(&programme, &names).await {
        done(answer);
    }
    world.verified().await;
}

#[tokio::test]
async fn a_failed_commit_changes_nothing_here_either() {
    let world = World::new().await;
    let programme = Arc::new(ready(&world, "one").await);
    let before = world.copied().await;
    world.faults.next(Fault::Unavailable);
    assert_eq!(code(load(&programme, "a").await), "the store is not available");
    assert!(before == world.copied().await);
    let receipt = done(load(&programme, "a").await);
    assert_eq!((receipt.before_minor, receipt.after_minor), (0, 10));
    world.verified().await;
}

#[tokio::test]
async fn an_unknown_outcome_is_never_run_again_and_asking_settles_it() {
    for (fault, written) in [(Fault::UnknownWritten, true), (Fault::UnknownLost, false)] {
        let world = World::new().await;
        let programme = Arc::new(ready(&world, "one").await);
        world.faults.next(fault);
        for answer in loads(&programme, &["a", "b", "c"]).await {
            assert!(matches!(answer, Err(Error::Unknown)));
        }
        assert_eq!(sizes(&world), [3]);
        let mut balance = 0;
        for reference in ["a", "b", "c"] {
            balance += 10;
            let receipt = match (written, load(&programme, reference).await) {
                (true, Ok(Idempotent::AlreadyDone(receipt)))
                | (false, Ok(Idempotent::Done(receipt))) => receipt,
                (_, other) => panic!("{reference}: {other:?}"),
            };
            assert_eq!(receipt.after_minor, balance);
        }
        assert_eq!(programme.available(programme.wallet("U1", "TUSDT")).await, 30);
        world.verified().await;
    }
}

/// Writes an event, and then may panic.
struct Startling(bool);

impl Verb for Startling {
    type Answer = ();

    fn reads(&self, _: &mut Wants<'_>) {}

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<(), Stop> {
        let subject = *scope.program().bytes();
        event(scope, stamp, EventKind::ProgramUpdated, subject);
        assert!(!self.0, "a bug of a verb");
        Ok(())
    }
}

#[tokio::test]
async fn a_panic_in_a_decision_is_its_callers_alone() {
    let world = World::new().await;
    let programme = Arc::new(ready(&world, "one").await);
    let seq = programme.seq().await;
    let (one, panicked, other, calm) = tokio::join!(
        loads(&programme, &["a"]),
        world.engine.run(programme.id, Startling(true)),
        loads(&programme, &["b"]),
        world.engine.run(programme.id, Startling(false)),
    );
    assert_eq!(code(panicked), "internal fault: a unit of work failed");
    for answer in one.into_iter().chain(other) {
        done(answer);
    }
    calm.unwrap();
    assert_eq!(programme.seq().await, seq + 3);
    world.verified().await;
}

#[tokio::test]
async fn a_panic_below_the_port_leaves_the_worker_and_an_unknown_outcome() {
    let world = World::new().await;
    let programme = ready(&world, "one").await;
    world.gate.panic_after_commit(1);
    assert!(matches!(load(&programme, "a").await, Err(Error::Unknown)));
    let again = load(&programme, "a").await.unwrap();
    assert!(matches!(again, Idempotent::AlreadyDone(_)));
    done(load(&programme, "b").await);
    world.verified().await;
}

#[tokio::test]
async fn a_writer_is_kept_until_a_commit_fails() {
    let world = World::new().await;
    let programme = ready(&world, "one").await;
    let writers = world.gate.writers();
    done(load(&programme, "a").await);
    assert_eq!(world.gate.writers(), writers);
    world.faults.next(Fault::UnknownLost);
    load(&programme, "b").await.unwrap_err();
    assert_eq!(world.gate.writers(), writers);
    done(load(&programme, "b").await);
    assert_eq!(world.gate.writers(), writers + 1);
    // One that can't be made is a store that is away.
    world.faults.next(Fault::Unavailable);
    load(&programme, "c").await.unwrap_err();
    world.gate.break_writers(1);
    assert_eq!(code(load(&programme, "c").await), "the store is not available");
    done(load(&programme, "c").await);
    world.verified().await;
}

#[tokio::test]
async fn what_waits_shares_a_commit() {
    let world = World::new().await;
    let (one, two) = (ready(&world, "one").await, ready(&world, "two").await);
    let (one, two) = (Arc::new(one), Arc::new(two));
    world.gate.forget_batches();
    let (first, second) = tokio::join!(loads(&one, &["a", "b"]), loads(&two, &["a", "b", "c"]));
    for answer in first.into_iter().chain(second) {
        done(answer);
    }
    assert_eq!(sizes(&world), [5]);
    world.verified().await;
}
