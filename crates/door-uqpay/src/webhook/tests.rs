use super::*;
use crate::tests::{Fixture, NOW, NOW_S, TRANSFERS};
use domain::endpoint::{Endpoint, INBOX_URL, Kinds};
use engine::endpoint::{CreateEndpoint, NewSecret};
use engine::transfer::Place;
use serde_json::{Value, json};
use store::Store;

/// As published, and checked with two other implementations.
const SECRET: &str = "whsec_test_secret";
const SIGNATURE: &str = concat!(
    "5c5987bc4653bc8652ffa1c40d10e8b7c5d5e61a4ad806cd9c42e174aed6c944",
    "ac8bff42ce12ac9166a72b5a7745dd0ea3e612ba4bc3e511f846746c76ec7b24"
);

#[test]
fn the_documented_signature() {
    let made = message(br#"{"a":1}"#.to_vec(), SECRET.as_bytes(), "1711077773000".to_owned());
    let expected = [
        ("content-type", "application/json".to_owned()),
        ("x-wk-timestamp", "1711077773000".to_owned()),
        ("x-wk-signature", SIGNATURE.to_owned()),
    ];
    assert_eq!(made.headers, expected);
    assert_eq!(made.body, br#"{"a":1}"#);
    // Over every byte of both.
    for (body, timestamp) in
        [(&br#"{"a":2}"#[..], "1711077773000"), (br#"{"a":1}"#, "1711077773001")]
    {
        let other = message(body.to_vec(), SECRET.as_bytes(), timestamp.to_owned());
        assert_ne!(other.headers[2].1, SIGNATURE);
    }
}

#[test]
fn units_of_the_timestamp() {
    let at = Time::from_unix_us(1_711_077_773_999_999);
    assert_eq!(TimestampUnit::Milliseconds.text(at), "1711077773999");
    assert_eq!(TimestampUnit::Seconds.text(at), "1711077773");
    assert_eq!(TimestampUnit::default(), TimestampUnit::Milliseconds);
}

#[test]
fn secrets_are_their_own_text() {
    let webhooks = Webhooks::default();
    let read = |text: &str| webhooks.read_secret(&Secret::new(text.to_owned()));
    for good in [SECRET, &"x".repeat(16), &"~".repeat(128)] {
        let key = read(good).unwrap();
        assert_eq!(key.expose(), good.as_bytes());
        assert_eq!(webhooks.secret_text(&key).expose(), good);
    }
    let (short, long) = ("x".repeat(15), "x".repeat(129));
    for bad in
        ["", &short, &long, "sixteen letters !", "sixteen-letters-\u{e9}", "a\nsixteen-letters"]
    {
        assert!(read(bad).is_none(), "{bad:?}");
    }
}

async fn endpoint(fixture: &Fixture) -> Endpoint {
    let command = CreateEndpoint {
        url: INBOX_URL.to_owned(),
        renderer: crate::DOOR.to_owned(),
        kinds: Kinds::All,
        secret: NewSecret::Generated,
    };
    let made = fixture.engine.create_endpoint(fixture.family.program, command).await;
    made.unwrap().endpoint
}

async fn events(fixture: &Fixture) -> Vec<Event> {
    fixture.model.events(fixture.family.program, None, u32::MAX).await.unwrap()
}

async fn written(fixture: &Fixture, event: &Event, at: Time) -> Message {
    let endpoint = endpoint(fixture).await;
    let secret = Secret::new(SECRET.as_bytes().to_vec());
    let telling = Telling { event, endpoint: &endpoint, secret: &secret, at };
    Webhooks::default().render(&fixture.engine, &telling).await.unwrap()
}

#[tokio::test]
async fn a_transfer_is_told_as_documented() {
    let fixture = Fixture::new().await;
    let before = events(&fixture).await.len();
    let answer = fixture.post(TRANSFERS, &fixture.transfer()).await;
    let made = answer.ok();
    let after = events(&fixture).await;
    let [event] = &after[before..] else { panic!("{:?}", &after[before..]) };
    let first = written(&fixture, event, Time::from_unix_us(NOW_S * 1_000_000 + 5_000)).await;
    let told: Value = serde_json::from_slice(&first.body).unwrap();
    let asked = fixture.transfer();
    let expected = json!({
        "version": "V1.6.0",
        "event_name": "ISSUING",
        "event_type": "issuing.transfer.status_changed",
        "event_id": event.id.to_string(),
        "source_id": made["transfer_id"],
        "data": {
            "transfer_id": made["transfer_id"],
            "short_reference_id": made["short_transaction_id"],
            "source_account_id": asked["source_account_id"],
            "destination_account_id": asked["destination_account_id"],
            "amount": "1000.00",
            "currency": "SGD",
            "transfer_status": "succeeded",
            "create_time": NOW,
            "complete_time": NOW,
        },
    });
    assert_eq!(told, expected);
    assert_eq!(first.headers[1], ("x-wk-timestamp", format!("{NOW_S}005")));
    // Another attempt: the same body, a signature of its own time.
    let again = written(&fixture, event, Time::from_unix_us(NOW_S * 1_000_000 + 9_000_000)).await;
    assert_eq!(again.body, first.body);
    assert_ne!(again.headers[1..], first.headers[1..]);
}

#[tokio::test]
async fn only_what_the_vendor_has_is_told() {
    let fixture = Fixture::new().await;
    let (master, acme) =
        (Place::Issuing(fixture.family.master.id), Place::Issuing(fixture.acme.id));
    let banking = Place::Banking(fixture.family.master.id);
    // From outside, to the bank and from there: facts, and none of the vendor's events.
    fixture.fund(&fixture.family, banking, "10", "SGD").await;
    fixture.move_money(&fixture.family, banking, master, "10", "SGD").await;
    let webhooks = Webhooks::default();
    for event in events(&fixture).await {
        assert!(!webhooks.tells(&fixture.engine, &event).await.unwrap(), "{event:?}");
    }
    let (endpoint, event) = (endpoint(&fixture).await, events(&fixture).await[0]);
    let secret = Secret::new(SECRET.as_bytes().to_vec());
    let telling = Telling { event: &event, endpoint: &endpoint, secret: &secret, at: event.at };
    assert!(webhooks.render(&fixture.engine, &telling).await.is_err());
    // An operator's transfer between members is told like a caller's.
    fixture.move_money(&fixture.family, master, acme, "10", "SGD").await;
    let mut told = 0;
    for event in events(&fixture).await {
        told += u32::from(webhooks.tells(&fixture.engine, &event).await.unwrap());
    }
    assert_eq!(told, 1);
    // A programme without a master has none of them.
    for event in fixture.model.events(domain::id::ProgramId::INSTALLATION, None, 9).await.unwrap() {
        assert!(!webhooks.tells(&fixture.engine, &event).await.unwrap());
    }
}
