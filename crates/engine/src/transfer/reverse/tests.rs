use super::Reverse;
use crate::admitted::By;
use crate::hold::{CaptureHold, PlaceHold};
use crate::once::{Idempotent, Repeats};
use crate::scenario::{Programme, World, amount, asset, code, done, name, refused, tusdt};
use crate::transfer::{Convert, CreateTransfer, Direction, Leg, LinkedTransfers, OnInsufficient};
use domain::account::AccountKind::{Fees, Reserve, Settlement};
use domain::hold::Completion;
use domain::id::InstructionId;
use domain::instruction::{InstructionKind, InstructionRefusal};
use domain::rate::{Rate, Rounding};
use domain::transfer::Refusal as Movement;

fn undo(instruction: InstructionId) -> Reverse {
    Reverse { instruction, remark: "a mistake".to_owned(), reference: None }
}

async fn loaded(world: &World) -> (Programme, InstructionId) {
    let programme = world.programme("one").await;
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 1_000).await;
    let load = done(programme.load(Direction::In, "U1", tusdt(600), "in").await);
    (programme, load.instruction)
}

#[tokio::test]
async fn once_and_by_new_rows_that_name_the_old() {
    let world = World::new().await;
    let (programme, load) = loaded(&world).await;
    let (engine, by) = (&world.engine, programme.by());
    let receipt = done(engine.reverse(programme.id, by, undo(load)).await);
    assert_eq!((receipt.before_minor, receipt.after_minor), (600, 0));
    assert_eq!(programme.available(programme.reserve()).await, 1_000);
    let listed = engine.find_instruction(programme.id, receipt.instruction).await.unwrap();
    let reversal = listed.unwrap().instruction;
    assert_eq!((reversal.kind, reversal.undoes), (InstructionKind::Reverse, Some(load)));
    for reference in [None, Some((name("again"), Repeats::Replay))] {
        let again = engine.reverse(programme.id, by, Reverse { reference, ..undo(load) }).await;
        assert_eq!(refused(again), InstructionRefusal::AlreadyReversed.into());
    }
    let back = engine.reverse(programme.id, by, undo(receipt.instruction)).await;
    assert_eq!(refused(back), InstructionRefusal::NotReversible.into());
    world.verified().await;
}

#[tokio::test]
async fn of_two_that_race_one_wins() {
    let world = World::new().await;
    let (programme, load) = loaded(&world).await;
    let (engine, by) = (&world.engine, programme.by());
    let own = Reverse { reference: Some((name("mine"), Repeats::Replay)), ..undo(load) };
    world.gate.forget_batches();
    let (one, other, repeat) = tokio::join!(
        engine.reverse(programme.id, by, own.clone()),
        engine.reverse(programme.id, by, undo(load)),
        engine.reverse(programme.id, by, own),
    );
    assert_eq!(world.gate.batches().len(), 1, "all three are in one batch");
    let one = done(one);
    assert_eq!(refused(other), InstructionRefusal::AlreadyReversed.into());
    assert_eq!(repeat.unwrap(), Idempotent::AlreadyDone(one));
    assert_eq!(programme.available(programme.reserve()).await, 1_000);
    world.verified().await;
}

#[tokio::test]
async fn what_was_spent_cannot_be_paid_back() {
    let world = World::new().await;
    let (programme, load) = loaded(&world).await;
    let (engine, by) = (&world.engine, programme.by());
    done(programme.load(Direction::Out, "U1", tusdt(1), "out").await);
    let answer = engine.reverse(programme.id, by, undo(load)).await;
    assert_eq!(refused(answer), Movement::InsufficientFunds.into());
    // Nothing was burnt by it.
    programme.fund(programme.wallet("U1", "TUSDT"), 1).await;
    done(engine.reverse(programme.id, by, undo(load)).await);
    world.verified().await;
}

#[tokio::test]
async fn groups_and_conversions_go_back_whole() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let (engine, by) = (&world.engine, programme.by());
    let usd = programme.own(Reserve, "USD");
    programme.fund(programme.reserve(), 100).await;
    programme.fund(usd, 1_000).await;
    let rate = Rate::parse("150").unwrap();
    engine.set_rate(programme.id, asset("USD"), asset("JPY"), rate).await.unwrap();
    let fees = programme.own(Fees, "TUSDT").id();
    let out = Leg { debit: programme.reserve().id(), credit: fees, amount: tusdt(100) };
    let on = Leg { debit: fees, credit: programme.own(Settlement, "TUSDT").id(), ..out };
    let legs = vec![out, on];
    let group = LinkedTransfers { legs, remark: String::new(), reference: None };
    let group = done(engine.create_linked(programme.id, by, group).await);
    let convert = Convert {
        debit: usd.id(),
        credit: programme.own(Reserve, "JPY").id(),
        amount: amount("USD", 1_000),
        to: asset("JPY"),
        rounding: Rounding::Down,
        remark: String::new(),
        reference: None,
    };
    let convert = done(engine.convert(programme.id, by, convert).await);
    for instruction in [group.instruction, convert.instruction] {
        done(engine.reverse(programme.id, by, undo(instruction)).await);
    }
    assert_eq!(programme.available(programme.reserve()).await, 100);
    assert_eq!(programme.available(usd).await, 1_000);
    assert_eq!(programme.available(programme.own(Reserve, "JPY")).await, 0);
    world.verified().await;
}

#[tokio::test]
async fn what_is_no_completed_post_cannot_be_undone() {
    let world = World::new().await;
    let (programme, _) = loaded(&world).await;
    let (engine, by) = (&world.engine, programme.by());
    let place = PlaceHold {
        debit: programme.reserve().id(),
        credit: programme.own(Settlement, "TUSDT").id(),
        amount: tusdt(10),
        life: None,
        remark: String::new(),
        reference: None,
    };
    let held = done(engine.place_hold(programme.id, by, place.clone()).await);
    let capture = CaptureHold {
        hold: held.hold.unwrap(),
        amount: tusdt(10),
        completion: Completion::Final,
        remark: String::new(),
        reference: None,
    };
    let captured = done(engine.capture_hold(programme.id, by, capture).await);
    let poor = CreateTransfer {
        debit: place.debit,
        credit: place.credit,
        amount: tusdt(9_999),
        on_insufficient: OnInsufficient::Decline,
        remark: String::new(),
        reference: None,
    };
    let declined = done(engine.create_transfer(programme.id, by, poor).await);
    for instruction in [held.instruction, captured.instruction, declined.instruction] {
        let answer = engine.reverse(programme.id, by, undo(instruction)).await;
        assert_eq!(refused(answer), InstructionRefusal::NotReversible.into());
    }
    world.verified().await;
}

#[tokio::test]
async fn an_unknown_instruction_comes_after_caller_and_reference() {
    let world = World::new().await;
    let (programme, load) = loaded(&world).await;
    let other = world.programme("two").await;
    let engine = &world.engine;
    let unknown = InstructionId::from_bytes([1; 16]);
    let missing = InstructionRefusal::Missing.into();
    assert_eq!(refused(engine.reverse(programme.id, By::Operator, undo(unknown)).await), missing);
    // Another programme's instruction is none.
    assert_eq!(refused(engine.reverse(other.id, By::Operator, undo(load)).await), missing);
    let stranger = engine.reverse(programme.id, other.by(), undo(unknown)).await;
    assert_eq!(code(stranger), "denied: credential_missing");
    let used = Some((name("in"), Repeats::Replay));
    let command = Reverse { reference: used, ..undo(unknown) };
    let taken = engine.reverse(programme.id, programme.by(), command).await;
    assert_eq!(code(taken), "the reference was used before");
    world.verified().await;
}
