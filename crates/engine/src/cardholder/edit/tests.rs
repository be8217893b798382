use super::*;
use crate::cardholder::RegisterCardholder;
use crate::scenario::{Programme, World, asset, person, refused};
use domain::cardholder::{CardholderStatus, PERSON_TEXT_LEN_MAX};
use domain::secret::Secret;

const TAKEN: Refusal = Refusal::Cardholder(CardholderRefusal::AlreadyExists);

async fn register(
    programme: &Programme,
    unique: Option<&str>,
    person: Person,
) -> Result<Cardholder, Error> {
    let command = RegisterCardholder {
        unique_number: unique.map(str::to_owned),
        person,
        status: CardholderStatus::Approved,
        assets: vec![asset("USD")],
    };
    programme.engine.register_cardholder(programme.by(), programme.id, command).await
}

async fn shown(programme: &Programme, unique: &str) -> [String; 3] {
    let found = programme.engine.find_cardholder_by_unique_number(programme.id, unique).await;
    let person = programme.engine.person_of(&found.unwrap().unwrap()).await.unwrap().unwrap();
    let text = |secret: &Secret<String>| secret.expose().clone();
    [text(&person.phone_number), text(&person.document_number), text(&person.date_of_birth)]
}

#[tokio::test]
async fn what_is_said_comes_back_and_is_stored_sealed() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let made = register(&programme, Some("u-1"), person("5551234", "X0000001")).await.unwrap();
    assert_eq!(shown(&programme, "u-1").await, ["5551234", "X0000001", "1990-02-28"]);
    let identity = made.identity.clone().unwrap();
    for clear in ["5551234", "X0000001", "1990-02-28", "Ada", "HKG"] {
        let found = identity.sealed.windows(clear.len()).any(|part| part == clear.as_bytes());
        assert!(!found, "{clear} is there in clear");
    }
    assert!(!format!("{:?}", person("5551234", "X0000001")).contains("5551234"));
    let wallets = world.engine.wallets(&made).await.unwrap();
    assert_eq!(wallets.iter().map(|row| row.asset).collect::<Vec<_>>(), [asset("USD")]);
    // Nobody can read another's: what was sealed for one row does not open in another.
    let other = register(&programme, Some("u-2"), person("5550000", "X0000002")).await.unwrap();
    let swapped = Cardholder { identity: Some(identity), ..other };
    assert!(matches!(world.engine.person_of(&swapped).await, Err(Error::Internal(_))));
    let unnamed = register(&programme, None, person("5550001", "X0000003")).await.unwrap();
    assert_eq!(unnamed.unique_number.unwrap().len(), 36);
    world.verified().await;
}

#[tokio::test]
async fn phone_document_and_number_are_one_persons() {
    let world = World::new().await;
    let (programme, other) = (world.programme("one").await, world.programme("two").await);
    register(&programme, Some("u-1"), person("1", "X1")).await.unwrap();
    let seq = programme.seq().await;
    for (unique, phone, document) in [("u-1", "2", "X2"), ("u-2", "1", "X2"), ("u-2", "2", "X1")] {
        let answer = register(&programme, Some(unique), person(phone, document)).await;
        assert_eq!(refused(answer), TAKEN, "{unique} {phone} {document}");
    }
    assert_eq!(programme.seq().await, seq);
    // The same digits under another code, or as another document, are others.
    let code = Person { calling_code: Secret::new("1".to_owned()), ..person("1", "X2") };
    register(&programme, Some("u-2"), code).await.unwrap();
    let kind = domain::cardholder::DocumentKind::IdCard;
    let card = Person { document_kind: kind, ..person("3", "X1") };
    register(&programme, Some("u-3"), card).await.unwrap();
    register(&other, Some("u-1"), person("1", "X1")).await.unwrap();
    world.verified().await;
}

#[tokio::test]
async fn an_edit_gives_up_what_it_replaces() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let (engine, caller) = (&world.engine, programme.caller());
    register(&programme, Some("u-1"), person("1", "X1")).await.unwrap();
    register(&programme, Some("u-2"), person("2", "X2")).await.unwrap();
    for taken in [person("2", "X1"), person("1", "X2")] {
        assert_eq!(refused(engine.set_identity(caller, "u-1", &taken).await), TAKEN);
    }
    let edited = engine.set_identity(caller, "u-1", &person("3", "X1")).await.unwrap();
    assert_eq!(edited.version, 2);
    assert_eq!(shown(&programme, "u-1").await, ["3", "X1", "1990-02-28"]);
    // The same again, and what was given up is free.
    engine.set_identity(caller, "u-1", &person("3", "X1")).await.unwrap();
    engine.set_identity(caller, "u-2", &person("1", "X2")).await.unwrap();
    engine.set_identity(caller, "u-1", &person("2", "X9")).await.unwrap();
    register(&programme, Some("u-3"), person("3", "X1")).await.unwrap();
    let missing = engine.set_identity(caller, "u-9", &person("4", "X4")).await;
    assert_eq!(refused(missing), CardholderRefusal::Missing.into());
    let long = Person {
        first_name: Secret::new("x".repeat(PERSON_TEXT_LEN_MAX + 1)),
        ..person("4", "X4")
    };
    assert!(matches!(engine.set_identity(caller, "u-1", &long).await, Err(Error::Refused(_))));
    world.verified().await;
}

/// One who was known by number only may be made known.
#[tokio::test]
async fn a_cardholder_without_identity_gets_one() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let command = crate::cardholder::CreateCardholder {
        number: Some("U1".to_owned()),
        unique_number: Some("u-1".to_owned()),
        status: CardholderStatus::Approved,
        assets: Vec::new(),
    };
    let plain = world.engine.create_cardholder(programme.id, command).await.unwrap();
    assert!(world.engine.person_of(&plain).await.unwrap().is_none());
    let caller = programme.caller();
    world.engine.set_identity(caller, "u-1", &person("1", "X1")).await.unwrap();
    assert_eq!(shown(&programme, "u-1").await[1], "X1");
    assert_eq!(refused(register(&programme, None, person("1", "X2")).await), TAKEN);
}

/// Two that change one cardholder: the second starts from what the first has left.
#[tokio::test]
async fn edits_at_once_leave_one_of_them_whole() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let beside = world.beside(9).await;
    register(&programme, Some("u-1"), person("0", "X0")).await.unwrap();
    let people: Vec<_> = (1..9).map(|n| person(&n.to_string(), &format!("X{n}"))).collect();
    let edits = people.iter().enumerate().map(|(at, person)| {
        let engine = if at % 2 == 0 { &world.engine } else { &beside.engine };
        engine.set_identity(programme.caller(), "u-1", person)
    });
    let done = futures_util::future::join_all(edits).await;
    // Who meets too many changes in a row is told to ask again.
    assert!(done.iter().all(|it| matches!(it, Ok(_) | Err(Error::Busy))));
    assert!(done.iter().any(Result::is_ok));
    let [phone, document, _] = shown(&programme, "u-1").await;
    assert_eq!(document, format!("X{phone}"));
    // All the others are free again.
    let mut free = 0;
    for n in (0..9).filter(|n| n.to_string() != phone) {
        register(&programme, None, person(&n.to_string(), &format!("X{n}"))).await.unwrap();
        free += 1;
    }
    assert_eq!(free, 8);
    world.verified().await;
}
