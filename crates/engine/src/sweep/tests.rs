//! One server's passes, then several: what is due, who does it, and what goes wrong.

mod several;

use super::{Sweep, SweepOptions, Swept};
use crate::Clock;
use crate::admitted::By;
use crate::error::Error;
use crate::hold::{CaptureHold, PlaceHold};
use crate::scenario::{Programme, World, done, tusdt};
use domain::account::AccountKind::Settlement;
use domain::event::{Event, EventKind};
use domain::hold::{Completion, HoldState};
use domain::id::{HoldId, ProgramId};
use domain::lease::Lease;
use std::sync::Arc;
use std::time::Duration;
use store::model::Fault;
use tokio::sync::oneshot;
use tokio::time::timeout;

const MINUTE: Duration = Duration::from_secs(60);
const TINY: Duration = Duration::from_micros(1);
/// Longer than any test takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn sweep(world: &World) -> Sweep {
    Sweep::new(Arc::clone(&world.engine), SweepOptions::default())
}

fn paged(world: &World, page: u32) -> Sweep {
    Sweep::new(Arc::clone(&world.engine), SweepOptions { page, ..SweepOptions::default() })
}

async fn funded(world: &World, name: &str) -> Programme {
    let programme = world.programme(name).await;
    programme.fund(programme.reserve(), 1_000_000).await;
    programme
}

/// A hold of 10 by this server.
async fn place(world: &World, programme: &Programme, life: Duration) -> HoldId {
    let command = PlaceHold {
        debit: programme.reserve().id(),
        credit: programme.own(Settlement, "TUSDT").id(),
        amount: tusdt(10),
        life: Some(life),
        remark: String::new(),
        reference: None,
    };
    let placed = world.engine.place_hold(programme.id, By::Operator, command).await;
    done(placed).hold.expect("the receipt names the hold")
}

fn captured(hold: HoldId) -> CaptureHold {
    let (amount, completion) = (tusdt(10), Completion::Final);
    CaptureHold { hold, amount, completion, remark: String::new(), reference: None }
}

async fn state(world: &World, programme: &Programme, hold: HoldId) -> HoldState {
    world.engine.find_hold(programme.id, hold).await.unwrap().expect("the hold is there").state
}

async fn seq(world: &World) -> u64 {
    let counter = world.engine.store.counter(ProgramId::INSTALLATION).await.unwrap();
    counter.map_or(0, |counter| counter.seq)
}

const fn expired(expired: u64) -> Swept {
    Swept { expired, lost: 0, left: 0, elsewhere: None }
}

#[tokio::test]
async fn where_nothing_is_due_nothing_is_written() {
    let world = World::new().await;
    let programme = funded(&world, "one").await;
    let hold = place(&world, &programme, MINUTE).await;
    world.clock.forward(MINUTE - TINY);
    world.gate.forget_batches();
    let mut sweep = sweep(&world);
    assert_eq!(sweep.pass().await.unwrap(), Swept::default());
    assert_eq!(world.gate.batches(), Vec::<Vec<ProgramId>>::new());
    assert_eq!(state(&world, &programme, hold).await, HoldState::Open);
}

#[tokio::test]
async fn a_hold_expires_at_its_end_with_its_event_and_gives_its_money_back() {
    let world = World::new().await;
    let programme = funded(&world, "one").await;
    let hold = place(&world, &programme, MINUTE).await;
    assert_eq!(programme.available(programme.reserve()).await, 999_990);
    world.clock.forward(MINUTE);
    let mut sweep = sweep(&world);
    assert_eq!(sweep.pass().await.unwrap(), expired(1));
    assert_eq!(state(&world, &programme, hold).await, HoldState::Expired);
    assert_eq!(programme.available(programme.reserve()).await, 1_000_000);
    let copied = world.copied().await;
    let event = copied.one(|row: &Event| row.kind == EventKind::HoldExpired);
    assert_eq!((event.program, event.subject), (programme.id, *hold.bytes()));
    assert_eq!(sweep.pass().await.unwrap(), Swept::default());
    world.verified().await;
}

#[tokio::test]
async fn pages_follow_each_other_and_share_commits() {
    let world = World::new().await;
    let programmes = [funded(&world, "one").await, funded(&world, "two").await];
    for programme in &programmes {
        for _ in 0..10 {
            place(&world, programme, MINUTE).await;
        }
    }
    world.clock.forward(MINUTE);
    world.gate.forget_batches();
    assert_eq!(paged(&world, 7).pass().await.unwrap(), expired(20));
    let batches = world.gate.batches();
    let of_holds = batches.iter().filter(|batch| !batch.contains(&ProgramId::INSTALLATION));
    let sizes: Vec<_> = of_holds.map(Vec::len).collect();
    assert_eq!(sizes, [7, 7, 6], "a commit for each page");
    world.verified().await;
}

#[tokio::test]
async fn what_can_not_be_expired_keeps_nothing_else() {
    let world = World::new().await;
    let (bad, good) = (funded(&world, "bad").await, funded(&world, "good").await);
    // Due before all others, and more than a page.
    for _ in 0..5 {
        place(&world, &bad, MINUTE).await;
    }
    let mut kept = place(&world, &good, MINUTE * 2).await;
    world.clock.forward(MINUTE * 2);
    for fault in [Fault::Corrupt, Fault::Unavailable] {
        world.faults.poison(bad.id, fault);
        let mut sweep = paged(&world, 2);
        let swept = sweep.pass().await.unwrap();
        assert_eq!(swept, Swept { left: 5, ..expired(1) }, "{fault:?}");
        assert_eq!(state(&world, &good, kept).await, HoldState::Expired);
        world.faults.heal();
        // Let go, or the next one's is another server's.
        sweep.lease.release().await.unwrap();
        kept = place(&world, &good, TINY).await;
        world.clock.forward(TINY);
    }
    assert_eq!(sweep(&world).pass().await.unwrap(), expired(6));
    world.verified().await;
}

#[tokio::test]
async fn an_unknown_outcome_is_settled_by_the_next_look() {
    let world = World::new().await;
    let programme = funded(&world, "one").await;
    place(&world, &programme, MINUTE).await;
    world.clock.forward(MINUTE);
    world.faults.poison(programme.id, Fault::UnknownWritten);
    let mut sweep = sweep(&world);
    let swept = sweep.pass().await.unwrap();
    assert_eq!((swept.expired, swept.left), (0, 1));
    world.faults.heal();
    assert_eq!(sweep.pass().await.unwrap(), Swept::default(), "it was written");
    world.verified().await;
}

#[tokio::test]
async fn while_the_store_is_away_a_pass_is_an_error_and_then_goes_on() {
    let world = World::new().await;
    let programme = funded(&world, "one").await;
    place(&world, &programme, MINUTE).await;
    world.clock.forward(MINUTE);
    let mut sweep = sweep(&world);
    for away in [ProgramId::INSTALLATION, programme.id] {
        world.faults.poison(away, Fault::Unavailable);
        for _ in 0..3 {
            assert!(matches!(sweep.pass().await, Err(Error::Unavailable)));
        }
        world.faults.heal();
    }
    assert_eq!(sweep.pass().await.unwrap(), expired(1));
    world.verified().await;
}

#[tokio::test]
async fn a_clock_that_goes_back_leaves_the_hold_for_later() {
    let world = World::new().await;
    let programme = funded(&world, "one").await;
    let hold = place(&world, &programme, MINUTE).await;
    let early = crate::Clock::now(world.clock.as_ref());
    world.clock.forward(MINUTE);
    world.gate.close();
    let mut sweep = sweep(&world);
    let pass = async {
        let swept = sweep.pass().await.unwrap();
        assert_eq!((swept.expired, swept.left), (0, 1));
    };
    // While the pass waits for its lease the clock is set right.
    let set_right = async {
        world.gate.entered().await;
        world.clock.set(early);
        world.gate.open();
    };
    tokio::join!(pass, set_right);
    assert_eq!(state(&world, &programme, hold).await, HoldState::Open);
    world.clock.forward(MINUTE);
    assert_eq!(sweep.pass().await.unwrap(), expired(1));
    world.verified().await;
}

/// The capture is asked for after more and more steps of the pass, until it is too late.
#[tokio::test]
async fn a_capture_at_the_very_end_wins_or_is_told_that_it_lost() {
    let mut seen = [0u32; 2];
    for steps in 0..64 {
        for capture_first in [true, false] {
            let world = World::new().await;
            let programme = funded(&world, "one").await;
            let hold = place(&world, &programme, MINUTE).await;
            world.clock.forward(MINUTE);
            let mut sweep = sweep(&world);
            let capture = async {
                for _ in 0..steps {
                    tokio::task::yield_now().await;
                }
                world.engine.capture_hold(programme.id, programme.by(), captured(hold)).await
            };
            let (answer, swept) = if capture_first {
                tokio::join!(capture, sweep.pass())
            } else {
                let (swept, answer) = tokio::join!(sweep.pass(), capture);
                (answer, swept)
            };
            let (swept, state) = (swept.unwrap(), state(&world, &programme, hold).await);
            let available = programme.available(programme.reserve()).await;
            match answer {
                Ok(_) => {
                    assert_eq!((swept.expired, state), (0, HoldState::Captured));
                    assert_eq!(available, 999_990);
                    seen[0] += 1;
                }
                Err(Error::Refused(refusal)) => {
                    assert_eq!(refusal.word(), "hold_already_expired");
                    assert_eq!((swept, state), (expired(1), HoldState::Expired));
                    assert_eq!(available, 1_000_000);
                    seen[1] += 1;
                }
                other => panic!("{other:?}"),
            }
            world.verified().await;
        }
    }
    assert!(seen.iter().all(|seen| *seen > 0), "captured and expired: {seen:?}");
}

#[tokio::test]
async fn it_goes_on_by_itself_until_it_is_told_to_stop() {
    let world = World::new().await;
    let programme = funded(&world, "one").await;
    let (stop, told) = oneshot::channel::<()>();
    let run = sweep(&world).run(Duration::from_millis(1), async { drop(told.await) });
    let run = tokio::spawn(run);
    for _ in 0..3 {
        let hold = place(&world, &programme, MINUTE).await;
        world.clock.forward(MINUTE);
        let expires = async {
            while state(&world, &programme, hold).await == HoldState::Open {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, expires).await.expect("it expires by itself");
    }
    stop.send(()).unwrap();
    run.await.unwrap();
    let lease = world.copied().await.one(|_: &Lease| true);
    assert!(lease.until <= world.clock.now(), "another server need not wait for it");
    let seq_before = seq(&world).await;
    place(&world, &programme, MINUTE).await;
    assert_eq!(seq(&world).await, seq_before);
    world.verified().await;
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_pass_loses_nothing() {
    let world = World::new().await;
    let programme = funded(&world, "one").await;
    let hold = place(&world, &programme, MINUTE).await;
    world.clock.forward(MINUTE);
    world.gate.close();
    world.gate.forget_entered();
    let (stop, told) = oneshot::channel::<()>();
    let run = sweep(&world).run(PATIENCE, async { drop(told.await) });
    let run = tokio::spawn(run);
    world.gate.entered().await;
    world.gate.pass();
    // Now the lease is taken, and the hold's unit is on its way.
    world.gate.entered().await;
    stop.send(()).unwrap();
    world.gate.open();
    timeout(PATIENCE, run).await.expect("it stops").unwrap();
    assert_eq!(state(&world, &programme, hold).await, HoldState::Expired);
    assert_eq!(sweep(&world).pass().await.unwrap(), Swept::default());
    world.verified().await;
}
