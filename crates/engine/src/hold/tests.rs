use super::{CaptureHold, PlaceHold, VoidHold};
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::once::{Idempotent, Repeats};
use crate::scenario::{Programme, World, amount, code, done, name, refused, tusdt};
use domain::account::AccountKind::Settlement;
use domain::hold::{Completion, Hold, HoldRefusal, HoldState, LIFE_DEFAULT, LIFE_MAX};
use domain::id::HoldId;
use domain::refusal::Refusal;
use domain::transfer::Refusal as Movement;
use std::time::Duration;

const TINY: Duration = Duration::from_micros(1);

fn placing(programme: &Programme, minor: i64) -> PlaceHold {
    PlaceHold {
        debit: programme.reserve().id(),
        credit: programme.own(Settlement, "TUSDT").id(),
        amount: tusdt(minor),
        life: None,
        remark: String::new(),
        reference: None,
    }
}

fn capturing(hold: HoldId, minor: i64, completion: Completion) -> CaptureHold {
    CaptureHold { hold, amount: tusdt(minor), completion, remark: String::new(), reference: None }
}

const fn voiding(hold: HoldId) -> VoidHold {
    VoidHold { hold, remark: String::new(), reference: None }
}

/// A programme with 1,000 and a hold of 100 on it.
async fn held(world: &World, programme_name: &str) -> (Programme, HoldId) {
    let programme = world.programme(programme_name).await;
    programme.fund(programme.reserve(), 1_000).await;
    let command = placing(&programme, 100);
    let receipt = done(world.engine.place_hold(programme.id, programme.by(), command).await);
    assert_eq!((receipt.before_minor, receipt.after_minor), (1_000, 900));
    (programme, receipt.hold.expect("the receipt names the hold"))
}

async fn row(world: &World, programme: &Programme, hold: HoldId) -> Hold {
    world.engine.find_hold(programme.id, hold).await.unwrap().expect("the hold is there")
}

#[tokio::test]
async fn parts_are_captured_until_the_end() {
    let world = World::new().await;
    let (programme, hold) = held(&world, "one").await;
    let (engine, by) = (&world.engine, programme.by());
    let steps = [
        (30, Completion::Partial, 70, HoldState::Open, 900),
        (20, Completion::Partial, 50, HoldState::Open, 900),
        // The last releases what it does not take.
        (10, Completion::Final, 0, HoldState::Captured, 940),
    ];
    for (minor, completion, remaining, state, available) in steps {
        let command = capturing(hold, minor, completion);
        let receipt = done(engine.capture_hold(programme.id, by, command).await);
        assert_eq!(receipt.hold, Some(hold));
        assert_eq!(receipt.after_minor, available);
        let hold = row(&world, &programme, hold).await;
        assert_eq!((hold.remaining, hold.state), (remaining, state));
    }
    assert_eq!(row(&world, &programme, hold).await.captured, 60);
    assert_eq!(programme.available(programme.own(Settlement, "TUSDT")).await, 60);
    world.verified().await;
}

#[tokio::test]
async fn a_capture_of_all_that_remains_is_the_end() {
    let world = World::new().await;
    let (programme, hold) = held(&world, "one").await;
    let command = capturing(hold, 100, Completion::Partial);
    done(world.engine.capture_hold(programme.id, programme.by(), command).await);
    let hold = row(&world, &programme, hold).await;
    assert_eq!((hold.remaining, hold.captured, hold.state), (0, 100, HoldState::Captured));
    world.verified().await;
}

/// The ways to end a hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    Whole,
    Part,
    Void,
    Expire,
}

impl Ending {
    const ALL: [Self; 4] = [Self::Whole, Self::Part, Self::Void, Self::Expire];

    /// What the loser is told when this one has won.
    const fn loser(self) -> HoldRefusal {
        match self {
            Self::Whole | Self::Part => HoldRefusal::AlreadyCaptured,
            Self::Void => HoldRefusal::AlreadyVoided,
            Self::Expire => HoldRefusal::AlreadyExpired,
        }
    }

    const fn state(self) -> HoldState {
        match self {
            Self::Whole | Self::Part => HoldState::Captured,
            Self::Void => HoldState::Voided,
            Self::Expire => HoldState::Expired,
        }
    }

    async fn run(self, programme: &Programme, hold: HoldId) -> Result<(), Error> {
        let (engine, id, by) = (&programme.engine, programme.id, programme.by());
        let receipt: Result<Idempotent<Receipt>, Error> = match self {
            Self::Whole => {
                engine.capture_hold(id, by, capturing(hold, 100, Completion::Partial)).await
            }
            Self::Part => engine.capture_hold(id, by, capturing(hold, 1, Completion::Final)).await,
            Self::Void => engine.void_hold(id, by, voiding(hold)).await,
            Self::Expire => return engine.expire_hold(id, hold).await.map(drop),
        };
        receipt.map(drop)
    }
}

#[tokio::test]
async fn of_two_endings_that_race_the_first_wins_and_the_other_is_told_how() {
    for first in Ending::ALL {
        for second in Ending::ALL {
            let world = World::new().await;
            let (programme, hold) = held(&world, "one").await;
            world.clock.forward(LIFE_DEFAULT);
            world.gate.forget_batches();
            let (won, lost) =
                tokio::join!(first.run(&programme, hold), second.run(&programme, hold));
            assert_eq!(world.gate.batches(), [vec![programme.id; 2]]);
            won.unwrap_or_else(|error| panic!("{first:?} before {second:?}: {error}"));
            assert_eq!(refused(lost), first.loser().into(), "{first:?} before {second:?}");
            assert_eq!(row(&world, &programme, hold).await.state, first.state());
            // And for ever.
            assert_eq!(refused(second.run(&programme, hold).await), first.loser().into());
            world.verified().await;
        }
    }
}

#[tokio::test]
async fn captures_that_do_not_fit_leave_the_hold_open() {
    let world = World::new().await;
    let (programme, hold) = held(&world, "one").await;
    let other = world.programme("two").await;
    let (engine, by) = (&world.engine, programme.by());
    let nobody = HoldId::from_bytes([1; 16]);
    let table = [
        (capturing(nobody, 1, Completion::Final), HoldRefusal::Missing),
        (capturing(hold, 101, Completion::Final), HoldRefusal::ExceedsRemaining),
        (
            CaptureHold { amount: amount("USD", 1), ..capturing(hold, 1, Completion::Partial) },
            HoldRefusal::AssetMismatch,
        ),
    ];
    for (command, refusal) in table {
        let answer = engine.capture_hold(programme.id, by, command).await;
        assert_eq!(refused(answer), refusal.into());
    }
    // Another programme's hold is none.
    let theirs = engine.void_hold(other.id, By::Operator, voiding(hold)).await;
    assert_eq!(refused(theirs), HoldRefusal::Missing.into());
    assert_eq!(refused(engine.expire_hold(other.id, hold).await), HoldRefusal::Missing.into());
    assert_eq!(
        refused(engine.expire_hold(programme.id, nobody).await),
        HoldRefusal::Missing.into()
    );
    assert_eq!(row(&world, &programme, hold).await.version, 1);
    world.verified().await;
}

#[tokio::test]
async fn caller_and_reference_come_before_a_missing_hold() {
    let world = World::new().await;
    let (programme, hold) = held(&world, "one").await;
    let other = world.programme("two").await;
    let engine = &world.engine;
    let reference = Some((name("v"), Repeats::Replay));
    let command = VoidHold { reference, ..voiding(hold) };
    done(engine.void_hold(programme.id, programme.by(), command.clone()).await);
    let nobody = HoldId::from_bytes([1; 16]);
    let command = VoidHold { hold: nobody, ..command };
    let taken = engine.void_hold(programme.id, programme.by(), command).await;
    assert_eq!(code(taken), "the reference was used before");
    let stranger = engine.void_hold(programme.id, other.by(), voiding(nobody)).await;
    assert_eq!(code(stranger), "denied: credential_missing");
}

#[tokio::test]
async fn a_hold_lives_from_a_microsecond_to_31_days() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    programme.fund(programme.reserve(), 100).await;
    let bad = Refusal::from(HoldRefusal::BadExpiry);
    let table = [
        (Some(Duration::ZERO), Some(bad)),
        (Some(TINY), None),
        (None, None),
        (Some(LIFE_MAX), None),
        (Some(LIFE_MAX + TINY), Some(bad)),
        (Some(Duration::MAX), Some(bad)),
    ];
    for (life, refusal) in table {
        let command = PlaceHold { life, ..placing(&programme, 1) };
        let answer = world.engine.place_hold(programme.id, programme.by(), command).await;
        match refusal {
            Some(refusal) => assert_eq!(refused(answer), refusal, "{life:?}"),
            None => {
                let receipt = done(answer);
                let hold = row(&world, &programme, receipt.hold.unwrap()).await;
                assert_eq!(hold.expires_at, receipt.at.plus(life.unwrap_or(LIFE_DEFAULT)));
            }
        }
    }
    // The bad end is told before the lack of money.
    let command = PlaceHold { life: Some(Duration::ZERO), ..placing(&programme, 1_000) };
    let answer = world.engine.place_hold(programme.id, programme.by(), command).await;
    assert_eq!(refused(answer), bad);
    let answer =
        world.engine.place_hold(programme.id, programme.by(), placing(&programme, 98)).await;
    assert_eq!(refused(answer), Movement::InsufficientFunds.into());
    world.verified().await;
}

#[tokio::test]
async fn a_hold_expires_exactly_at_its_end_by_the_recorded_time() {
    let world = World::new().await;
    let (programme, hold) = held(&world, "one").await;
    let (_, second) = held(&world, "two").await;
    let end = row(&world, &programme, hold).await.expires_at;
    let early = refused(world.engine.expire_hold(programme.id, hold).await);
    assert_eq!(early, HoldRefusal::NotYetExpired.into());
    world.clock.forward(LIFE_DEFAULT - TINY);
    let early = refused(world.engine.expire_hold(programme.id, hold).await);
    assert_eq!(early, HoldRefusal::NotYetExpired.into());
    // A unit at the very end, then a clock that goes back: recorded time does not.
    world.clock.forward(TINY);
    programme.fund(programme.reserve(), 1).await;
    world.clock.set(domain::time::Time::from_unix_us(end.unix_us() - 3_600_000_000));
    let expired = world.engine.expire_hold(programme.id, hold).await.unwrap();
    assert_eq!((expired.state, expired.remaining), (HoldState::Expired, 0));
    assert_eq!(programme.available(programme.reserve()).await, 1_001);
    // Another programme has a time of its own.
    let other = world.engine.find_program("two").await.unwrap().unwrap().0.id;
    let early = refused(world.engine.expire_hold(other, second).await);
    assert_eq!(early, HoldRefusal::NotYetExpired.into());
    world.verified().await;
}

#[tokio::test]
async fn what_is_held_is_not_there_to_be_spent_and_held_credits_never_count() {
    let world = World::new().await;
    let (programme, _) = held(&world, "one").await;
    let engine = &world.engine;
    let answer = engine.place_hold(programme.id, programme.by(), placing(&programme, 901)).await;
    assert_eq!(refused(answer), Movement::InsufficientFunds.into());
    assert_eq!(programme.available(programme.own(Settlement, "TUSDT")).await, 0);
    let back = PlaceHold {
        debit: programme.own(domain::account::AccountKind::Fees, "TUSDT").id(),
        credit: programme.reserve().id(),
        ..placing(&programme, 1)
    };
    let answer = engine.place_hold(programme.id, programme.by(), back).await;
    assert_eq!(refused(answer), Movement::InsufficientFunds.into());
    world.verified().await;
}
