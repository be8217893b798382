use super::Convert;
use crate::once::{Idempotent, Repeats};
use crate::scenario::{Programme, World, amount, asset, done, name, refused};
use domain::account::AccountKind::{Exchange, Reserve};
use domain::id::AccountId;
use domain::rate::{Rate, Rounding};
use domain::transfer::Refusal as Movement;

fn usd_to_jpy(programme: &Programme, minor: i64, rounding: Rounding) -> Convert {
    Convert {
        debit: programme.own(Reserve, "USD").id(),
        credit: programme.own(Reserve, "JPY").id(),
        amount: amount("USD", minor),
        to: asset("JPY"),
        rounding,
        remark: String::new(),
        reference: None,
    }
}

async fn rated(world: &World, rate: &str) -> Programme {
    let programme = world.programme("one").await;
    programme.fund(programme.own(Reserve, "USD"), 100_000).await;
    let rate = Rate::parse(rate).unwrap();
    world.engine.set_rate(programme.id, asset("USD"), asset("JPY"), rate).await.unwrap();
    programme
}

#[tokio::test]
async fn the_product_is_rounded_once_and_recorded() {
    // 1.01 USD at 149.505 is 151.00005 JPY.
    let table =
        [(101, Rounding::Down, 151), (101, Rounding::Up, 152), (100, Rounding::HalfEven, 150)];
    for (minor, rounding, received) in table {
        let world = World::new().await;
        let programme = rated(&world, "149.505").await;
        let command = usd_to_jpy(&programme, minor, rounding);
        let receipt = done(world.engine.convert(programme.id, programme.by(), command).await);
        assert_eq!((receipt.before_minor, receipt.after_minor), (100_000, 100_000 - minor));
        assert_eq!(programme.available(programme.own(Reserve, "JPY")).await, received);
        // Each asset sums to zero by itself: what one Exchange took, the other gave.
        assert_eq!(programme.available(programme.own(Exchange, "USD")).await, minor);
        assert_eq!(programme.available(programme.own(Exchange, "JPY")).await, -received);
        let listed = world.engine.find_instruction(programme.id, receipt.instruction).await;
        let instruction = listed.unwrap().unwrap().instruction;
        let transfers = world.engine.transfers_of(&instruction).await.unwrap();
        assert_eq!(transfers[0].conversion, None);
        let kept = transfers[1].conversion.expect("the rate is kept");
        assert_eq!((kept.rate.to_string(), kept.rounding), ("149.505".to_owned(), rounding));
        // In JPY, whose minor unit is the whole one: cents times the rate, two places more.
        assert_eq!(kept.product_numerator, i128::from(minor) * 149_505);
        assert_eq!(kept.product_scale, 5);
        world.verified().await;
    }
}

#[tokio::test]
async fn refusals_by_precedence_and_neither_half() {
    let world = World::new().await;
    let programme = rated(&world, "0.001").await;
    let by = programme.by();
    let good = usd_to_jpy(&programme, 100_000, Rounding::Up);
    let nobody = AccountId::from_bytes([1; 16]);
    let tusdt = programme.own(Reserve, "TUSDT").id();
    let sgd = asset("SGD");
    let table = [
        (Convert { credit: good.debit, ..good.clone() }, Movement::SameAccount),
        (Convert { debit: nobody, to: sgd, ..good.clone() }, Movement::DebitAccountMissing),
        (Convert { credit: nobody, to: sgd, ..good.clone() }, Movement::CreditAccountMissing),
        (Convert { debit: tusdt, ..good.clone() }, Movement::AssetMismatch),
        (Convert { credit: tusdt, ..good.clone() }, Movement::AssetMismatch),
        (Convert { credit: tusdt, to: asset("TUSDT"), ..good.clone() }, Movement::RateMissing),
        (
            Convert { amount: amount("USD", 99), rounding: Rounding::Down, ..good.clone() },
            Movement::TooSmallToConvert,
        ),
        (Convert { amount: amount("USD", 100_001), ..good.clone() }, Movement::InsufficientFunds),
    ];
    let seq = programme.seq().await;
    for (command, refusal) in table {
        let answer = world.engine.convert(programme.id, by, command.clone()).await;
        assert_eq!(refused(answer), refusal.into(), "{command:?}");
    }
    assert_eq!(programme.seq().await, seq);
    done(world.engine.convert(programme.id, by, good).await);
    world.verified().await;
}

#[tokio::test]
async fn a_repeat_keeps_the_rate_of_its_first_time() {
    let world = World::new().await;
    let programme = rated(&world, "150").await;
    let reference = Some((name("c"), Repeats::Replay));
    let command = Convert { reference, ..usd_to_jpy(&programme, 100, Rounding::Down) };
    let first = done(world.engine.convert(programme.id, programme.by(), command.clone()).await);
    let dearer = Rate::parse("151").unwrap();
    world.engine.set_rate(programme.id, asset("USD"), asset("JPY"), dearer).await.unwrap();
    let again = world.engine.convert(programme.id, programme.by(), command).await.unwrap();
    assert_eq!(again, Idempotent::AlreadyDone(first));
    assert_eq!(programme.available(programme.own(Reserve, "JPY")).await, 150);
    world.verified().await;
}
