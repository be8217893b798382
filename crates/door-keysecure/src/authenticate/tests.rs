use super::*;
use crate::DoorOptions;
use crate::tests::{Call, EXAMPLE, Fixture, HOLDER, LIST, Merchant, NOW_MS, TRANSFER};
use domain::credential::CredentialStatus;
use domain::program::ProgramStatus;
use engine::credential::UpdateCredential;
use engine::program::UpdateProgram;

/// One thing that is wrong with a request, in the order of precedence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Wrong {
    NoKey,
    UnknownKey,
    Disabled,
    Expired,
    Suspended,
    Address,
    Timestamp,
    NoToken,
    BadToken,
    Mode,
    Body,
}

use Wrong::*;

const ALL: [(Wrong, u64); 11] = [
    (NoKey, 1002),
    (UnknownKey, 1008),
    (Disabled, 1010),
    (Expired, 1011),
    (Suspended, 1022),
    (Address, 1003),
    (Timestamp, 1005),
    (NoToken, 1006),
    (BadToken, 1007),
    (Mode, 1012),
    (Body, 1004),
];

impl Wrong {
    async fn apply(self, fixture: &Fixture, call: Call) -> Call {
        let credential = UpdateCredential::default();
        let program = UpdateProgram::default();
        match self {
            NoKey => return call.without("Api-Key"),
            UnknownKey => return call.with("Api-Key", "0123456789abcdef0123456789abcdef"),
            Disabled => fixture.set_status(CredentialStatus::Disabled).await,
            Expired => {
                let expires_at = Some(Time::from_unix_ms(NOW_MS));
                let command = UpdateCredential { expires_at, ..credential };
                fixture.update_credential(command).await;
            }
            Suspended => {
                let status = Some(ProgramStatus::Suspended);
                fixture.update_program(UpdateProgram { status, ..program }).await;
            }
            Address => fixture.allow("198.51.100.0/24").await,
            Timestamp => return call.with("Timestamp", (NOW_MS - 60_001).to_string()),
            NoToken => return call.without("Access-Token"),
            BadToken => return call.with("Access-Token", "x"),
            Mode => {
                let mode = Some(domain::program::Mode::Authorization);
                fixture.update_program(UpdateProgram { mode, ..program }).await;
            }
            Body => return call.body("{"),
        }
        call
    }
}

#[tokio::test]
async fn of_two_faults_the_earlier_answers() {
    for (first, code) in ALL {
        for (second, _) in ALL.into_iter().filter(|(second, _)| *second >= first) {
            // One header has one fault.
            if [(NoKey, UnknownKey), (NoToken, BadToken)].contains(&(first, second)) {
                continue;
            }
            let fixture = Fixture::new().await;
            let call = fixture.signed(Call::post(TRANSFER, EXAMPLE));
            let call = second.apply(&fixture, call).await;
            let call = first.apply(&fixture, call).await;
            let answer = fixture.ask(call).await;
            assert_eq!(answer.code(), code, "{first:?} before {second:?}");
            assert_eq!(answer.status, 200);
        }
    }
}

#[tokio::test]
async fn texts_of_the_headers() {
    let fixture = Fixture::new().await;
    let call = fixture.signed(Call::post(TRANSFER, EXAMPLE));
    for (call, code, msg) in [
        (call.clone().without("Api-Key"), 1002, "Api-Key is required"),
        (call.clone().with("Api-Key", ""), 1002, "Api-Key is required"),
        (call.clone().with("Api-Key", "x"), 1008, "Api-Key does not exist"),
        (call.clone().with("Api-Key", b"\xff\xfe"), 1008, "Api-Key does not exist"),
        (call.clone().without("Timestamp"), 1005, "Timestamp invalid or expired"),
        (call.clone().without("Access-Token"), 1006, "Access-Token is required"),
        (call.clone().with("Access-Token", ""), 1006, "Access-Token is required"),
        (call.with("Access-Token", b"\xff"), 1007, "Access-Token invalid or expired"),
    ] {
        fixture.ask(call).await.is(code, msg);
    }
    assert_eq!(fixture.transfers().await, 0);
}

#[tokio::test]
async fn a_header_sent_twice_is_as_good_as_none() {
    let fixture = Fixture::new().await;
    let call = fixture.signed(Call::post(TRANSFER, EXAMPLE));
    let now = NOW_MS.to_string();
    let (key, token) = (&fixture.merchant.api_key, &fixture.merchant.token);
    for (name, value, code) in
        [("Api-Key", key, 1002), ("Timestamp", &now, 1005), ("Access-Token", token, 1006)]
    {
        let answer = fixture.ask(call.clone().also(name, value)).await;
        assert_eq!(answer.code(), code, "{name}");
    }
}

/// The code of a call at a clock in microseconds.
async fn at(fixture: &Fixture, clock_us: i64, timestamp: &str) -> u64 {
    let call = fixture.signed(Call::get("/merchant/token"));
    fixture.clock.set_us(clock_us);
    fixture.ask(call.with("Timestamp", timestamp)).await.code()
}

#[tokio::test]
async fn sixty_seconds_and_no_future() {
    let fixture = Fixture::new().await;
    let now = NOW_MS * 1_000;
    for (clock_us, sent_ms, code) in [
        (now, NOW_MS, 0),
        (now, NOW_MS - 1, 0),
        (now, NOW_MS - 60_000, 0),
        (now, NOW_MS - 60_001, 1005),
        (now, NOW_MS + 1, 1005),
        (now, NOW_MS + 60_000, 1005),
        // Inside the clock's millisecond.
        (now + 500, NOW_MS, 0),
        (now + 999, NOW_MS + 1, 1005),
        (now + 1_000, NOW_MS + 1, 0),
        (now + 1, NOW_MS - 60_000, 1005),
        (now + 500, NOW_MS - 59_999, 0),
    ] {
        let seen = at(&fixture, clock_us, &sent_ms.to_string()).await;
        assert_eq!(seen, code, "{clock_us} {sent_ms}");
    }
}

#[tokio::test]
async fn exactly_thirteen_digits() {
    let fixture = Fixture::new().await;
    for text in [
        "1716307200",
        "171630720000",
        "17163072000000",
        "1716307200000000",
        "01716307200000",
        "171630720000.",
        "+171630720000",
        "-171630720000",
        " 716307200000",
        "1716307200ooo",
        "0x18f9c4d5e00",
        "١٧١٦٣٠٧",
        "0000000000000",
        "9999999999999",
        "",
    ] {
        assert_eq!(at(&fixture, NOW_MS * 1_000, text).await, 1005, "{text}");
    }
}

#[tokio::test]
async fn a_tolerance_forgives_the_future_only() {
    let fixture = Fixture::with(|options| options.timestamp_future_tolerance_ms = 2_000).await;
    let now = NOW_MS * 1_000;
    for (sent_ms, code) in
        [(NOW_MS + 2_000, 0), (NOW_MS + 2_001, 1005), (NOW_MS - 60_000, 0), (NOW_MS - 60_001, 1005)]
    {
        assert_eq!(at(&fixture, now, &sent_ms.to_string()).await, code, "{sent_ms}");
    }
    let endless = |options: &mut DoorOptions| {
        options.timestamp_future_tolerance_ms = u64::MAX;
        options.timestamp_window_ms = u64::MAX;
    };
    let fixture = Fixture::with(endless).await;
    for text in ["0000000000000", "9999999999999"] {
        assert_eq!(at(&fixture, now, text).await, 0, "{text}");
    }
}

/// The code of a list that is good but for its body.
async fn code_with(fixture: &Fixture, merchant: &Merchant, token: &str) -> u64 {
    let call = fixture.sign(merchant, Call::post(LIST, "{}"));
    fixture.ask(call.with("Access-Token", token)).await.code()
}

#[tokio::test]
async fn tokens_are_of_one_credential() {
    let fixture = Fixture::new().await;
    let first = &fixture.merchant;
    let second = fixture.another("second", domain::program::Mode::Credit).await;
    assert_eq!(code_with(&fixture, first, &first.token).await, 1004);
    assert_eq!(code_with(&fixture, &second, &second.token).await, 1004);
    assert_eq!(code_with(&fixture, first, &second.token).await, 1007);
    assert_eq!(code_with(&fixture, &second, &first.token).await, 1007);
    let other = engine::credential::CreateCredential {
        door: DOOR.to_owned(),
        form: engine::credential::CredentialForm::KeyAndSecret,
        label: "other".to_owned(),
        allow: domain::address::AllowList::Any,
        expires_at: None,
    };
    let other = fixture.engine.create_credential(first.program, other).await.unwrap();
    let other = Merchant {
        program: first.program,
        credential: other.credential.id,
        api_key: other.api_key.expose().clone(),
        token: String::new(),
    };
    let token = fixture.token_of(&other).await;
    assert_eq!(code_with(&fixture, &other, &token).await, 1004);
    assert_eq!(code_with(&fixture, first, &token).await, 1007);
    // Each character counts.
    let mut changed = first.token.clone().into_bytes();
    changed[20] = if changed[20] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    assert_eq!(code_with(&fixture, first, &changed).await, 1007);
}

#[tokio::test]
async fn a_key_of_another_door_is_unknown() {
    let fixture = Fixture::new().await;
    let other = engine::credential::CreateCredential {
        door: "elsewhere".to_owned(),
        form: engine::credential::CredentialForm::KeyAndSecret,
        label: String::new(),
        allow: domain::address::AllowList::Any,
        expires_at: None,
    };
    let program = fixture.merchant.program;
    let other = fixture.engine.create_credential(program, other).await.unwrap();
    let call = fixture.signed(Call::get("/merchant/token"));
    let call = call.with("Api-Key", other.api_key.expose());
    fixture.ask(call).await.is(1008, "Api-Key does not exist");
}

#[tokio::test]
async fn tokens_last_a_day() {
    let fixture = Fixture::new().await;
    let merchant = &fixture.merchant;
    fixture.clock.advance_ms(24 * 3_600_000 - 1);
    assert_eq!(code_with(&fixture, merchant, &merchant.token).await, 1004);
    fixture.clock.advance_ms(1);
    assert_eq!(code_with(&fixture, merchant, &merchant.token).await, 1007);
}

#[tokio::test]
async fn a_change_of_status_ends_the_tokens() {
    let fixture = Fixture::new().await;
    let merchant = &fixture.merchant;
    fixture.set_status(CredentialStatus::Disabled).await;
    assert_eq!(code_with(&fixture, merchant, &merchant.token).await, 1010);
    fixture.set_status(CredentialStatus::Enabled).await;
    assert_eq!(code_with(&fixture, merchant, &merchant.token).await, 1007);
    let token = fixture.token_of(merchant).await;
    assert_eq!(code_with(&fixture, merchant, &token).await, 1004);
    fixture.set_status(CredentialStatus::Revoked).await;
    assert_eq!(code_with(&fixture, merchant, &token).await, 1010);
}

#[tokio::test]
async fn a_suspended_merchant_is_not_served_and_keeps_its_tokens() {
    let fixture = Fixture::new().await;
    let set = |status| UpdateProgram { status: Some(status), ..UpdateProgram::default() };
    fixture.update_program(set(ProgramStatus::Suspended)).await;
    for path in ["/merchant/token", &format!("/account/{HOLDER}/info")] {
        let msg = "Merchant status is abnormal, please contact administrator";
        fixture.get(path).await.is(1022, msg);
    }
    assert_eq!(fixture.post(TRANSFER, EXAMPLE).await.code(), 1022);
    fixture.update_program(set(ProgramStatus::Active)).await;
    assert_eq!(fixture.transfers().await, 0);
}

#[tokio::test]
async fn addresses() {
    let fixture = Fixture::new().await;
    for (list, peer, good) in [
        ("192.0.2.7", "192.0.2.7:1", true),
        ("192.0.2.7", "192.0.2.8:1", false),
        ("192.0.2.0/24", "[::ffff:192.0.2.99]:1", true),
        ("192.0.2.0/24", "[::ffff:192.0.3.99]:1", false),
        ("10.0.0.0/8,2001:db8::/32", "[2001:db8::5]:1", true),
        ("10.0.0.0/8,2001:db8::/32", "[2001:db9::5]:1", false),
        ("", "192.0.2.7:1", false),
        ("*", "[2001:db9::5]:1", true),
    ] {
        fixture.allow(list).await;
        let call = fixture.signed(Call::get("/merchant/token"));
        // Written by a stranger: nobody's word.
        let call = call.with("X-Forwarded-For", "192.0.2.7").from(peer);
        let code = fixture.ask(call).await.code();
        assert_eq!(code, if good { 0 } else { 1003 }, "{list} {peer}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_tells_the_address_or_nobody_does() {
    let proxies = |options: &mut DoorOptions| {
        options.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    };
    let fixture = Fixture::with(proxies).await;
    fixture.allow("0.0.0.0/0,::/0").await;
    for (list, forwarded, code) in [
        ("203.0.113.0/24", Some("203.0.113.9"), 0),
        ("203.0.113.0/24", Some("198.51.100.1, 203.0.113.9, 10.1.1.1"), 0),
        ("203.0.113.0/24", Some("203.0.113.9, 198.51.100.1"), 1003),
        ("*", Some("nonsense"), 1003),
        ("*", None, 1003),
        ("0.0.0.0/0", None, 1003),
    ] {
        fixture.allow(list).await;
        let mut call = fixture.signed(Call::get("/merchant/token")).from("10.0.0.1:1");
        if let Some(forwarded) = forwarded {
            call = call.with("X-Forwarded-For", forwarded);
        }
        let seen = fixture.ask(call).await.code();
        assert_eq!(seen, code, "{list} {forwarded:?}");
    }
    // An address that nobody told comes in its place: after the key.
    let call = fixture.signed(Call::get("/merchant/token")).from("10.0.0.1:1");
    assert_eq!(fixture.ask(call.with("Api-Key", "x")).await.code(), 1008);
}

#[tokio::test]
async fn account_endpoints_are_of_credit_mode() {
    let fixture = Fixture::new().await;
    let other = fixture.another("second", domain::program::Mode::Authorization).await;
    for call in [
        Call::post(TRANSFER, EXAMPLE),
        Call::get(&format!("/account/{HOLDER}/info")),
        Call::post(LIST, "not JSON"),
    ] {
        let answer = fixture.ask(fixture.sign(&other, call)).await;
        answer.is(1012, "Merchant integration mode not supported");
    }
}

#[test]
fn settings_beyond_the_clock() {
    assert_eq!(microseconds(60_000), 60_000_000);
    assert_eq!(microseconds(u64::MAX), i64::MAX);
    assert_eq!(microseconds(i64::MAX.unsigned_abs()), i64::MAX);
}
