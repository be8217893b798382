use super::Direction::{self, In, Out};
use crate::once::Idempotent;
use crate::scenario::{World, amount, done, refused, tusdt};
use domain::cardholder::{CardholderRefusal, CardholderStatus};
use domain::instruction::Outcome;
use domain::refusal::Refusal;
use domain::transfer::Refusal as Movement;

#[tokio::test]
async fn money_goes_in_and_out_and_the_receipt_tells_the_wallets_balances() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 50_000).await;
    for (direction, minor, reference, before, after) in
        [(In, 10_000, "a", 0, 10_000), (In, 1, "b", 10_000, 10_001), (Out, 10_001, "c", 10_001, 0)]
    {
        let receipt = done(programme.load(direction, "U1", tusdt(minor), reference).await);
        assert_eq!((receipt.before_minor, receipt.after_minor), (before, after), "{reference}");
        assert_eq!((receipt.outcome, receipt.hold), (Outcome::Completed, None));
    }
    assert_eq!(programme.available(programme.reserve()).await, 50_000);
    assert_eq!(world.verified().await.transfers, 4);
}

#[tokio::test]
async fn refusals_leave_nothing_and_the_reference_free() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let other = world.programme("two").await;
    programme.approved("U1").await;
    programme.holder("P1", CardholderStatus::Pending).await;
    programme.holder("R1", CardholderStatus::Rejected).await;
    other.approved("U2").await;
    programme.fund(programme.reserve(), 100).await;
    let missing = Refusal::from(CardholderRefusal::Missing);
    let unapproved = Refusal::from(CardholderRefusal::NotApproved);
    let poor = Refusal::from(Movement::InsufficientFunds);
    let (usd, jpy, sgd) = (amount("USD", 1), amount("JPY", 1), amount("SGD", 1));
    let table: [(Direction, &str, _, Refusal); 12] = [
        (In, "nobody", tusdt(1), missing),
        (Out, "nobody", tusdt(1), missing),
        // Another programme's cardholder is no cardholder.
        (In, "U2", tusdt(1), missing),
        (In, "P1", tusdt(1), unapproved),
        (In, "R1", tusdt(1), unapproved),
        // Who may not be loaded may still give back, and has nothing.
        (Out, "P1", tusdt(1), poor),
        (In, "U1", tusdt(101), poor),
        (Out, "U1", tusdt(1), poor),
        (In, "U1", usd, poor),
        (In, "U1", jpy, Movement::CreditAccountMissing.into()),
        (Out, "U1", jpy, Movement::DebitAccountMissing.into()),
        (In, "U1", sgd, Movement::DebitAccountMissing.into()),
    ];
    let seq = programme.seq().await;
    for (direction, number, amount, refusal) in table {
        let answer = programme.load(direction, number, amount, "same").await;
        assert_eq!(refused(answer), refusal, "{direction:?} {number} {amount:?}");
    }
    assert_eq!(programme.seq().await, seq);
    // None of them has burnt the reference.
    done(programme.load(In, "U1", tusdt(100), "same").await);
    world.verified().await;
}

#[tokio::test]
async fn a_holder_that_lost_its_approval_can_still_give_back() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 100).await;
    done(programme.load(In, "U1", tusdt(100), "in").await);
    let status = CardholderStatus::Rejected;
    world.engine.set_cardholder_status(programme.id, "U1", status).await.unwrap();
    let refusal = refused(programme.load(In, "U1", tusdt(1), "more").await);
    assert_eq!(refusal, CardholderRefusal::NotApproved.into());
    done(programme.load(Out, "U1", tusdt(100), "out").await);
    // A replay passes the caller's checks again and none of the rules.
    let again = programme.load(In, "U1", tusdt(100), "in").await.unwrap();
    assert!(matches!(again, Idempotent::AlreadyDone(receipt) if receipt.after_minor == 100));
    world.verified().await;
}
