use super::Fund;
use crate::once::Idempotent;
use crate::scenario::{World, amount, code, done, name, refused, tusdt};
use domain::account::AccountKind::{External, Fees, Reserve, Settlement};
use domain::cardholder::CardholderRefusal;
use domain::id::ProgramId;
use domain::instruction::InstructionRefusal;
use domain::refusal::Refusal;
use domain::transfer::Refusal as Movement;

fn fund(account: domain::account::AccountKey, minor: i64) -> Fund {
    let amount = amount(account.asset.code(), minor);
    Fund { account, amount, remark: String::new(), reference: None }
}

#[tokio::test]
async fn money_enters_and_leaves_through_external() {
    let world = World::new().await;
    let (engine, programme) = (&world.engine, world.programme("one").await);
    programme.approved("U1").await;
    let accounts = [Reserve, Fees, Settlement].map(|kind| programme.own(kind, "USD")).into_iter();
    for account in accounts.chain([programme.wallet("U1", "USD")]) {
        let receipt = done(engine.fund(programme.id, fund(account, 700)).await);
        assert_eq!((receipt.before_minor, receipt.after_minor), (0, 700));
        let receipt = done(engine.pay_out(programme.id, fund(account, 300)).await);
        assert_eq!((receipt.before_minor, receipt.after_minor), (700, 400));
    }
    assert_eq!(programme.available(programme.own(External, "USD")).await, -1_600);
    world.verified().await;
}

#[tokio::test]
async fn refusals_leave_nothing() {
    let world = World::new().await;
    let (engine, programme) = (&world.engine, world.programme("one").await);
    let other = world.programme("two").await;
    let reserve = programme.reserve();
    programme.fund(reserve, 100).await;
    let long = Fund { remark: "x".repeat(1_021), ..fund(reserve, 1) };
    let control = Fund { remark: "a\nb".to_owned(), ..fund(reserve, 1) };
    let mismatched = Fund { amount: amount("USD", 1), ..fund(reserve, 1) };
    let table: [(Fund, Refusal, Refusal); 7] = [
        (
            fund(programme.own(Reserve, "SGD"), 1),
            Movement::DebitAccountMissing.into(),
            Movement::DebitAccountMissing.into(),
        ),
        (
            fund(other.reserve(), 1),
            Movement::CreditAccountMissing.into(),
            Movement::DebitAccountMissing.into(),
        ),
        (
            fund(programme.wallet("nobody", "TUSDT"), 1),
            CardholderRefusal::Missing.into(),
            CardholderRefusal::Missing.into(),
        ),
        (
            fund(programme.own(External, "TUSDT"), 1),
            Movement::SameAccount.into(),
            Movement::SameAccount.into(),
        ),
        (mismatched, Movement::AssetMismatch.into(), Movement::AssetMismatch.into()),
        (long, InstructionRefusal::RemarkTooLong.into(), InstructionRefusal::RemarkTooLong.into()),
        (
            control,
            InstructionRefusal::RemarkTooLong.into(),
            InstructionRefusal::RemarkTooLong.into(),
        ),
    ];
    let seq = programme.seq().await;
    for (command, funding, payout) in table {
        assert_eq!(refused(engine.fund(programme.id, command.clone()).await), funding);
        assert_eq!(refused(engine.pay_out(programme.id, command).await), payout);
    }
    let poor = refused(engine.pay_out(programme.id, fund(reserve, 101)).await);
    assert_eq!(poor, Movement::InsufficientFunds.into());
    assert_eq!(programme.seq().await, seq);
    world.verified().await;
}

#[tokio::test]
async fn sums_stay_inside_64_bits() {
    let world = World::new().await;
    let (engine, programme) = (&world.engine, world.programme("one").await);
    done(engine.fund(programme.id, fund(programme.reserve(), i64::MAX)).await);
    let more = refused(engine.fund(programme.id, fund(programme.reserve(), 1)).await);
    assert_eq!(more, Movement::Overflow.into());
    let receipt = done(engine.pay_out(programme.id, fund(programme.reserve(), i64::MAX)).await);
    assert_eq!((receipt.before_minor, receipt.after_minor), (i64::MAX, 0));
    world.verified().await;
}

#[tokio::test]
async fn a_reference_repeats_whatever_the_programme_says_of_duplicates() {
    let world = World::new().await;
    let (engine, programme) = (&world.engine, world.programme("one").await);
    let command = Fund { reference: Some(name("f")), ..fund(programme.reserve(), 5) };
    let first = done(engine.fund(programme.id, command.clone()).await);
    let again = engine.fund(programme.id, command.clone()).await.unwrap();
    assert_eq!(again, Idempotent::AlreadyDone(first));
    // The same name for the other direction is other content.
    assert_eq!(code(engine.pay_out(programme.id, command).await), "the reference was used before");
    assert_eq!(programme.available(programme.reserve()).await, 5);
}

#[tokio::test]
async fn a_programme_that_is_not_there_is_not_funded() {
    let world = World::new().await;
    let nowhere = ProgramId::from_bytes([7; 16]);
    let account = domain::account::AccountKey::own(nowhere, Reserve, tusdt(1).asset());
    let plain = world.engine.fund(nowhere, fund(account, 1)).await;
    assert_eq!(refused(plain), domain::program::ProgramRefusal::Missing.into());
    let command = Fund { reference: Some(name("f")), ..fund(account, 1) };
    assert_eq!(code(world.engine.fund(nowhere, command).await), "not found");
}
