use super::{CreateCardholder, day};
use crate::scenario::{World, asset, refused};
use domain::cardholder::{CardholderRefusal, CardholderStatus};
use domain::program::ProgramRefusal;
use domain::time::Time;

fn numbered(number: &str) -> CreateCardholder {
    CreateCardholder {
        number: Some(number.to_owned()),
        unique_number: None,
        status: CardholderStatus::Pending,
        assets: vec![asset("USD"), asset("TUSDT"), asset("USD")],
    }
}

fn unique(number: &str, unique: &str) -> CreateCardholder {
    CreateCardholder { unique_number: Some(unique.to_owned()), ..numbered(number) }
}

#[test]
fn days() {
    for (ms, text) in [
        (0, "19700101"),
        (1_716_307_200_000, "20240521"),
        (951_782_400_000, "20000229"),
        (4_102_444_799_999, "20991231"),
        (-1, "19691231"),
    ] {
        assert_eq!(day(Time::from_unix_ms(ms).expect("in range")), text);
    }
}

#[tokio::test]
async fn a_cardholder_comes_with_its_wallets() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let made = world.engine.create_cardholder(programme.id, unique("U1", "m-1")).await.unwrap();
    let found = world.engine.find_cardholder(programme.id, "U1").await.unwrap();
    assert_eq!(found, Some(made.clone()));
    let wallets = world.engine.wallets(&made).await.unwrap();
    let assets: Vec<_> = wallets.iter().map(|wallet| wallet.asset.code()).collect();
    assert_eq!(assets, ["TUSDT", "USD"]);
    // Numbers are exact: case and blanks make another.
    assert_eq!(world.engine.find_cardholder(programme.id, "u1").await.unwrap(), None);
    let drawn = CreateCardholder { number: None, ..numbered("") };
    let drawn = world.engine.create_cardholder(programme.id, drawn).await.unwrap();
    assert!(drawn.number.starts_with("U20240521") && drawn.number.len() == 19, "{}", drawn.number);
    world.verified().await;
}

#[tokio::test]
async fn numbers_are_unique_inside_their_programme() {
    let world = World::new().await;
    let (one, two) = (world.programme("one").await, world.programme("two").await);
    let engine = &world.engine;
    engine.create_cardholder(one.id, unique("U1", "m-1")).await.unwrap();
    let seq = one.seq().await;
    let long = "x".repeat(65);
    let taken = CardholderRefusal::AlreadyExists;
    let bad = CardholderRefusal::BadNumber;
    let table = [
        (numbered("U1"), taken),
        (unique("U2", "m-1"), taken),
        (numbered(""), bad),
        (numbered("a b"), bad),
        (numbered("é"), bad),
        (numbered(&long), bad),
        (unique("U2", ""), bad),
        (unique("U2", "a\0b"), bad),
        (unique("U2", &long), bad),
    ];
    for (command, refusal) in table {
        let answer = engine.create_cardholder(one.id, command.clone()).await;
        assert_eq!(refused(answer), refusal.into(), "{command:?}");
    }
    assert_eq!(one.seq().await, seq);
    engine.create_cardholder(two.id, unique("U1", "m-1")).await.unwrap();
    engine.create_cardholder(one.id, unique("U2", "M-1 é")).await.unwrap();
    let nowhere = domain::id::ProgramId::from_bytes([7; 16]);
    let answer = engine.create_cardholder(nowhere, numbered("U1")).await;
    assert_eq!(refused(answer), ProgramRefusal::Missing.into());
    world.verified().await;
}

#[tokio::test]
async fn of_two_at_once_one_has_the_number() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let (one, other, third) = tokio::join!(
        world.engine.create_cardholder(programme.id, unique("U1", "m-1")),
        world.engine.create_cardholder(programme.id, unique("U1", "m-2")),
        world.engine.create_cardholder(programme.id, unique("U3", "m-1")),
    );
    one.unwrap();
    for late in [other, third] {
        assert_eq!(refused(late), CardholderRefusal::AlreadyExists.into());
    }
    world.verified().await;
}
