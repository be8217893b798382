use super::*;
use crate::account::{AccountKey, AccountKind};
use crate::asset::Asset;
use crate::id::{InstructionId, TransferId};
use crate::money::Money;
use crate::transfer::{Cause, Draft, Place};
use proptest::prelude::*;

const PLACED: Time = Time::from_unix_us(5_000_000);

fn amount(minor: i64) -> Amount {
    let usd = Asset::find("USD").expect("an asset");
    Amount::new(Money::new(minor, usd)).expect("an amount")
}

fn place(minor: i64, expires_at: Time) -> Result<Hold, HoldRefusal> {
    let key = |kind| AccountKey::own(ProgramId::from_bytes([1; 16]), kind, amount(1).asset());
    let account = |kind| Account::open(key(kind), None, PLACED);
    let (debit, credit) = (account(AccountKind::External), account(AccountKind::Settlement));
    let draft = Draft {
        id: TransferId::from_bytes([2; 16]),
        place: Place { seq: 1, ordinal: 0 },
        link: None,
        cause: Cause::Instruction(InstructionId::from_bytes([3; 16])),
        conversion: None,
        expires_at: Some(expires_at),
        at: PLACED,
    };
    let moved = crate::transfer::hold(draft, &debit, &credit, amount(minor)).expect("it is held");
    Hold::place(&moved.transfer, &debit, &credit, amount(minor))
}

fn open(minor: i64) -> Hold {
    place(minor, PLACED.plus(LIFE_DEFAULT)).expect("a hold")
}

#[test]
fn a_hold_lives_for_a_while_and_at_most_31_days() {
    let us = |us: i64| Time::from_unix_us(PLACED.unix_us() + us);
    let latest = PLACED.plus(LIFE_MAX);
    let beyond = Time::from_unix_us(latest.unix_us() + 1);
    for (expires_at, good) in [
        (Time::from_unix_us(i64::MIN), false),
        (us(-1), false),
        (us(0), false),
        (us(1), true),
        (PLACED.plus(LIFE_DEFAULT), true),
        (latest, true),
        (beyond, false),
        (Time::MAX, false),
    ] {
        let placed = place(10, expires_at);
        assert_eq!(placed.is_ok(), good, "{expires_at:?}");
        assert!(good || placed == Err(HoldRefusal::BadExpiry));
    }
    let hold = open(10);
    assert_eq!(hold.id, HoldId::of(TransferId::from_bytes([2; 16])));
    assert_eq!((hold.captured, hold.remaining, hold.version), (0, 10, 1));
    assert_eq!(hold.state, HoldState::Open);
}

#[test]
fn captures() {
    use Completion::{Final, Partial};
    for (part, completion, posted, released, state) in [
        (1, Partial, 1, 1, HoldState::Open),
        (99, Partial, 99, 99, HoldState::Open),
        (100, Partial, 100, 100, HoldState::Captured),
        (100, Final, 100, 100, HoldState::Captured),
        (1, Final, 1, 100, HoldState::Captured),
    ] {
        let (after, draw) = open(100).capture(amount(part), completion).expect("it fits");
        assert_eq!(draw, Draw { posted, released });
        assert_eq!((after.captured, after.remaining), (posted, 100 - released));
        assert_eq!((after.state, after.version), (state, 2));
    }
    let over = open(100).capture(amount(101), Final);
    assert_eq!(over, Err(HoldRefusal::ExceedsRemaining));
    let yen = Amount::new(Money::new(101, Asset::find("JPY").expect("an asset")));
    let other = open(100).capture(yen.expect("an amount"), Partial);
    assert_eq!(other, Err(HoldRefusal::AssetMismatch));
}

type Ending = fn(Hold) -> Result<(Hold, Draw), HoldRefusal>;

/// Each ending, the state that it leaves, and what every later one is told.
const ENDINGS: [(Ending, HoldState, HoldRefusal); 5] = [
    (
        |hold| hold.capture(amount(1), Completion::Final),
        HoldState::Captured,
        HoldRefusal::AlreadyCaptured,
    ),
    (
        |hold| hold.capture(amount(100), Completion::Partial),
        HoldState::Captured,
        HoldRefusal::AlreadyCaptured,
    ),
    (Hold::void, HoldState::Voided, HoldRefusal::AlreadyVoided),
    (|hold| hold.expire(hold.expires_at), HoldState::Expired, HoldRefusal::AlreadyExpired),
    (|hold| hold.expire(Time::MAX), HoldState::Expired, HoldRefusal::AlreadyExpired),
];

#[test]
fn of_two_racing_endings_the_first_wins() {
    for (first, state, told) in ENDINGS {
        let (ended, draw) = first(open(100)).expect("an open hold ends");
        assert_eq!((ended.state, ended.remaining), (state, 0));
        assert_eq!(draw.released, 100);
        for (second, ..) in ENDINGS {
            assert_eq!(second(ended), Err(told));
        }
        // What would be refused for other reasons too is told of the end.
        let much = ended.capture(amount(1_000), Completion::Partial);
        assert_eq!(much, Err(told));
        assert_eq!(ended.expire(Time::ZERO), Err(told));
    }
}

#[test]
fn it_expires_at_its_end() {
    let hold = open(100);
    let before = Time::from_unix_us(hold.expires_at.unix_us() - 1);
    assert_eq!(hold.expire(before), Err(HoldRefusal::NotYetExpired));
    let (ended, draw) = hold.expire(hold.expires_at).expect("it is due");
    assert_eq!(draw, Draw { posted: 0, released: 100 });
    assert_eq!((ended.captured, ended.version), (0, 2));
}

/// A retry may help where time passes, and nowhere else.
#[test]
fn retries() {
    for refusal in HoldRefusal::ALL {
        assert_eq!(refusal.may_pass_later(), *refusal == HoldRefusal::NotYetExpired);
    }
}

proptest! {
    #[test]
    fn captured_and_released_are_the_amount(
        whole in 1..=i64::MAX,
        parts in proptest::collection::vec((1..=i64::MAX, any::<bool>()), 0..10),
        voided: bool,
    ) {
        let (mut hold, mut posted, mut released) = (open(whole), 0i128, 0i128);
        for (part, last) in parts {
            let how = if last { Completion::Final } else { Completion::Partial };
            let part = part % (whole / 3 + 2);
            let Ok((after, draw)) = hold.capture(amount(part.max(1)), how) else {
                continue;
            };
            posted += i128::from(draw.posted);
            released += i128::from(draw.released);
            prop_assert_eq!(after.version, hold.version + 1);
            prop_assert!(draw.released >= draw.posted);
            hold = after;
        }
        if voided && let Ok((after, draw)) = hold.void() {
            prop_assert_eq!(draw.posted, 0);
            released += i128::from(draw.released);
            hold = after;
        }
        prop_assert_eq!(posted, i128::from(hold.captured));
        prop_assert_eq!(released + i128::from(hold.remaining), i128::from(whole));
        prop_assert_eq!(hold.remaining == 0, hold.state != HoldState::Open);
    }
}
