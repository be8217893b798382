use super::*;
use domain::event::EventKind;
use domain::id::{EventId, ProgramId};
use domain::time::Time;
use domain::transfer::Place;

/// The vector that Standard Webhooks' own libraries are tested with.
#[test]
fn the_published_vector() {
    let secret = BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    let signed = signature(&secret, id, "1614265330", br#"{"test": 2432232314}"#);
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/// Signed by Python's `hmac` over the same bytes; docs/operator.md has it too.
#[test]
fn a_whole_message() {
    let event = Event {
        id: EventId::from_bytes([1; 16]),
        program: ProgramId::from_bytes([2; 16]),
        place: Place { seq: 42, ordinal: 3 },
        kind: EventKind::InstructionCompleted,
        subject: [3; 16],
        at: Time::from_unix_us(1_779_438_600_000_000),
    };
    let secret = Secret::new(b"0123456789ABCDEFGHIJKLMNOPQRSTUV".to_vec());
    let text = StandardWebhooks.secret_text(&secret);
    assert_eq!(text.expose(), "whsec_MDEyMzQ1Njc4OUFCQ0RFRkdISUpLTE1OT1BRUlNUVVY=");
    assert_eq!(StandardWebhooks.read_secret(&text).unwrap().expose(), secret.expose());
    let message = message(&event, secret.expose(), 1_779_438_600);
    let body = concat!(
        r#"{"id":"01010101-0101-0101-0101-010101010101","type":"instruction.completed","#,
        r#""created_at":"2026-05-22T08:30:00.000000Z","#,
        r#""program":"02020202-0202-0202-0202-020202020202","#,
        r#""subject":"03030303-0303-0303-0303-030303030303","seq":42}"#,
    );
    assert_eq!(String::from_utf8(message.body).unwrap(), body);
    let expected = [
        ("content-type", "application/json"),
        ("webhook-id", "01010101-0101-0101-0101-010101010101"),
        ("webhook-timestamp", "1779438600"),
        ("webhook-signature", "v1,MQgtl/V7l5kxsWFAtEx52uWrvx1O53rbma7rIduyepQ="),
    ];
    assert_eq!(message.headers, expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn secrets_that_are_none() {
    let key = |length: usize| format!("whsec_{}", BASE64.encode(&vec![7; length]));
    let read = |text: &str| StandardWebhooks.read_secret(&Secret::new(text.to_owned()));
    for length in [24, 64] {
        assert_eq!(read(&key(length)).unwrap().expose().len(), length);
    }
    for bad in ["", "whsec_", "whsec_%", &key(23), &key(65), &key(32)[6..]] {
        assert!(read(bad).is_none(), "{bad}");
    }
}
