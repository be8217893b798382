use super::{LEGS_MAX, Leg, LinkedTransfers};
use crate::scenario::{Programme, World, done, refused, tusdt};
use domain::account::AccountKey;
use domain::account::AccountKind::{Fees, Settlement};
use domain::instruction::InstructionRefusal;
use domain::transfer::Refusal as Movement;

fn leg(debit: AccountKey, credit: AccountKey, minor: i64) -> Leg {
    Leg { debit: debit.id(), credit: credit.id(), amount: tusdt(minor) }
}

fn group(legs: Vec<Leg>) -> LinkedTransfers {
    LinkedTransfers { legs, remark: String::new(), reference: None }
}

fn three(programme: &Programme) -> [AccountKey; 3] {
    [programme.reserve(), programme.own(Fees, "TUSDT"), programme.own(Settlement, "TUSDT")]
}

#[tokio::test]
async fn all_legs_are_one_instruction_linked_with_the_first() {
    let world = World::new().await;
    let (engine, programme) = (&world.engine, world.programme("one").await);
    let [reserve, fees, settlement] = three(&programme);
    programme.fund(reserve, 100).await;
    // The second leg spends what the first brought.
    let legs = vec![leg(reserve, fees, 90), leg(fees, settlement, 80), leg(reserve, fees, 10)];
    let receipt = done(engine.create_linked(programme.id, programme.by(), group(legs)).await);
    assert_eq!((receipt.before_minor, receipt.after_minor), (100, 0));
    let listed = engine.find_instruction(programme.id, receipt.instruction).await.unwrap();
    let transfers = engine.transfers_of(&listed.unwrap().instruction).await.unwrap();
    let links: Vec<_> = transfers.iter().map(|transfer| transfer.link).collect();
    assert_eq!(links, [None, Some(transfers[0].id), Some(transfers[0].id)]);
    assert_eq!(programme.available(fees).await, 20);
    world.verified().await;
}

#[tokio::test]
async fn one_bad_leg_undoes_all() {
    let world = World::new().await;
    let (engine, programme) = (&world.engine, world.programme("one").await);
    let [reserve, fees, settlement] = three(&programme);
    programme.fund(reserve, 100).await;
    let seq = programme.seq().await;
    let many = vec![leg(reserve, fees, 1); LEGS_MAX + 1];
    let table = [
        (vec![], InstructionRefusal::BadLegCount.into()),
        (many, InstructionRefusal::BadLegCount.into()),
        // Floors are checked after each entry, not at the end: the third leg comes too late.
        (
            vec![leg(reserve, fees, 100), leg(reserve, fees, 1), leg(fees, reserve, 100)],
            Movement::InsufficientFunds.into(),
        ),
        (vec![leg(reserve, fees, 1), leg(settlement, settlement, 1)], Movement::SameAccount.into()),
    ];
    for (legs, refusal) in table {
        let answer = engine.create_linked(programme.id, programme.by(), group(legs)).await;
        assert_eq!(refused(answer), refusal);
    }
    assert_eq!(programme.seq().await, seq);
    assert_eq!(programme.available(reserve).await, 100);
    let most = vec![leg(reserve, fees, 1); LEGS_MAX];
    done(engine.create_linked(programme.id, programme.by(), group(most)).await);
    assert_eq!(programme.available(fees).await, i64::try_from(LEGS_MAX).unwrap());
    world.verified().await;
}
