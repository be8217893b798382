use super::{CreateTransfer, OnInsufficient};
use crate::admitted::By;
use crate::instruction::list::ListInstructions;
use crate::once::{Idempotent, Repeats};
use crate::scenario::{Programme, World, code, done, name, refused, tusdt};
use domain::account::AccountKind::Fees;
use domain::id::AccountId;
use domain::instruction::{Decline, InstructionKind, Outcome};
use domain::transfer::Refusal as Movement;

fn command(programme: &Programme, minor: i64, on_insufficient: OnInsufficient) -> CreateTransfer {
    CreateTransfer {
        debit: programme.reserve().id(),
        credit: programme.own(Fees, "TUSDT").id(),
        amount: tusdt(minor),
        on_insufficient,
        remark: "for the road".to_owned(),
        reference: None,
    }
}

#[tokio::test]
async fn a_decline_is_a_fact_and_a_refusal_beside_it_is_none() {
    let world = World::new().await;
    let (engine, programme) = (&world.engine, world.programme("one").await);
    programme.fund(programme.reserve(), 100).await;
    let by = programme.by();
    let poor = command(&programme, 101, OnInsufficient::Decline);
    let named = CreateTransfer { reference: Some((name("d"), Repeats::Replay)), ..poor.clone() };
    let refusal = command(&programme, 101, OnInsufficient::Refuse);
    let good = command(&programme, 60, OnInsufficient::Refuse);
    world.gate.forget_batches();
    let seq = programme.seq().await;
    let (declined, refused_, done_, poorer) = tokio::join!(
        engine.create_transfer(programme.id, by, named.clone()),
        engine.create_transfer(programme.id, by, refusal),
        engine.create_transfer(programme.id, by, good),
        // It sees what the units before it in the batch have left.
        engine.create_transfer(programme.id, by, command(&programme, 41, OnInsufficient::Decline)),
    );
    assert_eq!(world.gate.batches(), [vec![programme.id; 4]]);
    assert_eq!(programme.seq().await, seq + 3);
    let declined = done(declined);
    assert_eq!(declined.outcome, Outcome::Declined(Decline::InsufficientFunds));
    assert_eq!((declined.before_minor, declined.after_minor), (100, 100));
    assert_eq!(refused(refused_), Movement::InsufficientFunds.into());
    assert_eq!(done(done_).after_minor, 40);
    let poorer = done(poorer);
    assert_eq!((poorer.before_minor, poorer.after_minor), (40, 40));
    assert_eq!(poorer.outcome, Outcome::Declined(Decline::InsufficientFunds));

    let listed = engine.find_instruction(programme.id, declined.instruction).await.unwrap();
    let listed = listed.expect("a decline is recorded");
    assert_eq!(
        (listed.instruction.transfers, listed.instruction.kind),
        (0, InstructionKind::Transfer)
    );
    assert_eq!(listed.reference.expect("it was named").text, "d");
    assert!(engine.transfers_of(&listed.instruction).await.unwrap().is_empty());
    // The reference is burnt by it: money that comes later changes nothing.
    programme.fund(programme.reserve(), 1_000).await;
    let again = engine.create_transfer(programme.id, by, named).await.unwrap();
    assert_eq!(again, Idempotent::AlreadyDone(declined));
    world.verified().await;
}

#[tokio::test]
async fn refusals_by_precedence() {
    let world = World::new().await;
    let (engine, programme) = (&world.engine, world.programme("one").await);
    let other = world.programme("two").await;
    programme.fund(programme.reserve(), 100).await;
    let good = command(&programme, 1, OnInsufficient::Decline);
    let nobody = AccountId::from_bytes([1; 16]);
    let foreign = other.reserve().id();
    let table = [
        (CreateTransfer { credit: good.debit, ..good.clone() }, Movement::SameAccount),
        (CreateTransfer { debit: nobody, credit: nobody, ..good.clone() }, Movement::SameAccount),
        (
            CreateTransfer { debit: nobody, credit: foreign, ..good.clone() },
            Movement::DebitAccountMissing,
        ),
        (CreateTransfer { debit: foreign, ..good.clone() }, Movement::DebitAccountMissing),
        (CreateTransfer { credit: foreign, ..good.clone() }, Movement::CreditAccountMissing),
        (
            CreateTransfer { amount: crate::scenario::amount("USD", 1), ..good.clone() },
            Movement::AssetMismatch,
        ),
    ];
    for (command, refusal) in table {
        let answer = engine.create_transfer(programme.id, By::Operator, command.clone()).await;
        assert_eq!(refused(answer), refusal.into(), "{command:?}");
    }
    // One programme's credential does not serve in another.
    let stranger = engine.create_transfer(programme.id, other.by(), good.clone()).await;
    assert_eq!(code(stranger), "denied: credential_missing");
    let list = ListInstructions { limit: 10, ..ListInstructions::default() };
    assert_eq!(engine.instructions(programme.id, list).await.unwrap().len(), 1);
    world.verified().await;
}
