use crate::tests::{Answer, Call, ECHO, Fixture, Key, Merchant, NOW_US, TRANSFER};
use crate::{DOOR, DoorOptions};
use axum::body::Body;
use bytes::Bytes;
use domain::address::AllowList;
use domain::credential::CredentialStatus;
use domain::program::ProgramStatus;
use domain::time::Time;
use engine::credential::{CreateCredential, CredentialForm, UpdateCredential};
use engine::program::UpdateProgram;
use http_body_util::{BodyExt, Full, Limited};
use serde_json::json;
use std::time::Duration;

const MISSING: &str = "Missing Credential, Nonce Or Signature.";
const BAD_CREDENTIAL: &str = "Invalid Credential Format.";
const BAD_SIGNATURE: &str = "Invalid Signature.";
const MESSAGE: &str = r#"{"message":"hi"}"#;
const LABEL: &str = "Wonder-RSA-SHA256";

/// A good call without an effect.
fn echo(fixture: &Fixture) -> Call {
    fixture.signed(Call::post(ECHO, MESSAGE))
}

/// `"200"` or the code.
async fn code(fixture: &Fixture, call: Call) -> String {
    fixture.ask(call).await.code().to_string().replace('"', "")
}

/// One thing after the other is put right.
#[tokio::test]
async fn the_first_fault_answers() {
    let fixture = Fixture::new().await;
    let app_id = &fixture.merchant.app_id;
    let only = |list: &str| UpdateCredential {
        allow: Some(list.parse().unwrap()),
        ..UpdateCredential::default()
    };
    fixture.update_credential(only("203.0.113.0/24")).await;
    let disabled = UpdateCredential {
        status: Some(CredentialStatus::Disabled),
        ..UpdateCredential::default()
    };
    fixture.update_credential(disabled).await;
    let late = fixture.time(-1_801);
    let long = "x".repeat(100_000);
    let call = Call::post(ECHO, &long);
    fixture.ask(call.clone()).await.is(401, "E000001", MISSING);
    let call = call.with("Nonce", "n").with("Signature", "?").with("Credential", "x");
    fixture.ask(call.clone()).await.is(401, "E000002", BAD_CREDENTIAL);
    let call = call.with("Credential", format!("x/{late}/Wonder-HMAC-SHA256"));
    fixture.ask(call.clone()).await.is(401, "E000003", "Unsupported Algorithm.");
    let call = call.with("Credential", format!("x/{late}/{LABEL}"));
    fixture.ask(call.clone()).await.is(401, "E000004", "AppID Not Found.");
    let call = call.with("Credential", format!("{app_id}/{late}/{LABEL}"));
    fixture.ask(call.clone()).await.is(401, "E000005", "AppID Is Not Active.");
    let enabled =
        UpdateCredential { status: Some(CredentialStatus::Enabled), ..UpdateCredential::default() };
    fixture.update_credential(enabled).await;
    fixture.ask(call.clone()).await.is(403, "E000006", "IP Address Not Allowed.");
    fixture.update_credential(only("192.0.2.0/24")).await;
    fixture.ask(call.clone()).await.is(401, "E000007", "Request Time Expired.");
    let (time, nonce) = (fixture.time(0), fixture.nonce());
    let call = call.with("Credential", format!("{app_id}/{time}/{LABEL}"));
    // What is no signature at all needs no body to be seen.
    fixture.ask(call.clone()).await.is(403, "E000008", BAD_SIGNATURE);
    let call = call.with("Signature", Key::App.sign(b"something else"));
    fixture.ask(call.clone()).await.is(413, "E000012", "Body Too Large.");
    let call = call.body(MESSAGE);
    fixture.ask(call.clone()).await.is(403, "E000008", BAD_SIGNATURE);
    let call = call.signed(Key::App, app_id, &time, &nonce);
    assert_eq!(fixture.ask(call).await.data()["message"], "hi");
    let other = Call::post(ECHO, "{}").signed(Key::App, app_id, &time, &nonce);
    fixture.ask(other.clone()).await.is(403, "E000009", "Nonce Already Used.");
    let other = other.signed(Key::App, app_id, &time, &fixture.nonce());
    fixture.ask(other).await.is_bad("message");
}

#[tokio::test]
async fn three_headers_once_each() {
    let fixture = Fixture::new().await;
    let good = echo(&fixture);
    fixture.ask(good.clone()).await.data();
    for name in ["Credential", "Nonce", "Signature"] {
        let value = good.header(name).to_vec();
        for call in [
            good.clone().without(name),
            good.clone().with(name, ""),
            good.clone().also(name, &value),
            good.clone().also(name, "x"),
        ] {
            fixture.ask(call).await.is(401, "E000001", MISSING);
        }
        // Case does not matter.
        let call = good.clone().without(name).with(&name.to_ascii_uppercase(), &value);
        fixture.ask(call).await.data();
    }
    for other in ["Content-Type", "X-Request-ID", "x-i18n-lang"] {
        fixture.ask(good.clone().also(other, "x").also(other, "y")).await.data();
    }
}

#[tokio::test]
async fn headers_that_are_no_text() {
    let fixture = Fixture::new().await;
    let good = echo(&fixture);
    let call = good.clone().with("Credential", b"\xff/20250606031230/Wonder-RSA-SHA256");
    fixture.ask(call).await.is(401, "E000002", BAD_CREDENTIAL);
    let long = "n".repeat(65);
    for nonce in ["nonce 1".as_bytes(), b"\xc3\xa9", b"\xff", long.as_bytes()] {
        let answer = fixture.ask(good.clone().with("Nonce", nonce)).await;
        answer.is(403, "E000008", BAD_SIGNATURE);
    }
    let (app_id, time) = (&fixture.merchant.app_id, fixture.time(0));
    for nonce in ["n", &"n".repeat(64), "~!@#$%^&*()"] {
        let call = Call::post(ECHO, MESSAGE).signed(Key::App, app_id, &time, nonce);
        fixture.ask(call).await.data();
    }
}

/// Half an hour and its whole second, both ways, wherever our clock stands in its own.
#[tokio::test]
async fn half_an_hour_to_the_second() {
    let fixture = Fixture::new().await;
    let app_id = &fixture.merchant.app_id;
    for fraction_us in [0, 270_067, 999_999] {
        fixture.clock.set_us(NOW_US - 270_067 + fraction_us);
        for (after_s, expected) in [
            (0, "200"),
            (-29 * 60, "200"),
            (29 * 60, "200"),
            (-1_800, "200"),
            (1_800, "200"),
            (-1_801, "E000007"),
            (1_801, "E000007"),
            (-31 * 60, "E000007"),
            (31 * 60, "E000007"),
            (-400 * 86_400, "E000007"),
            (400 * 86_400, "E000007"),
        ] {
            let (time, nonce) = (fixture.time(after_s), fixture.nonce());
            let call = Call::post(ECHO, MESSAGE).signed(Key::App, app_id, &time, &nonce);
            assert_eq!(code(&fixture, call).await, expected, "{after_s} {fraction_us}");
        }
    }
    let call = echo(&fixture).with("Credential", format!("{app_id}/19000101000000/{LABEL}"));
    assert_eq!(code(&fixture, call).await, "E000007");
}

#[tokio::test]
async fn another_window_is_the_operators_to_set() {
    let narrow = |options: &mut DoorOptions| options.request_time_window = Duration::from_secs(60);
    let fixture = Fixture::with(narrow).await;
    let app_id = &fixture.merchant.app_id;
    for (after_s, expected) in [(-60, "200"), (60, "200"), (-61, "E000007"), (61, "E000007")] {
        let (time, nonce) = (fixture.time(after_s), fixture.nonce());
        let call = Call::post(ECHO, MESSAGE).signed(Key::App, app_id, &time, &nonce);
        assert_eq!(code(&fixture, call).await, expected, "{after_s}");
    }
}

#[tokio::test]
async fn what_was_signed_is_what_was_sent() {
    let fixture = Fixture::new().await;
    let good = echo(&fixture);
    let time = fixture.time(1);
    let credential = format!("{}/{time}/{LABEL}", fixture.merchant.app_id);
    for call in [
        good.clone().body(r#"{"message":"ho"}"#),
        good.clone().body(r#"{"message": "hi"}"#),
        good.clone().body(format!("{MESSAGE}\n")),
        good.clone().body(""),
        good.clone().target("/svc/payment/api/v1/echo"),
        good.clone().target(&format!("{ECHO}?")),
        good.clone().target(&format!("{ECHO}?a=1")),
        good.clone().with("Nonce", "another"),
        good.clone().with("Credential", credential),
    ] {
        fixture.ask(call).await.is(403, "E000008", BAD_SIGNATURE);
    }
    fixture.ask(good).await.data();
}

#[tokio::test]
async fn signatures_that_are_none() {
    let fixture = Fixture::new().await;
    let good = echo(&fixture);
    let text = String::from_utf8(good.header("Signature").to_vec()).unwrap();
    assert_eq!(text.len(), 344);
    let unpadded = text.trim_end_matches('=').to_owned();
    let (cut, long) = (text[..340].to_owned(), "A".repeat(688));
    let zero = "A".repeat(342) + "==";
    for signature in ["x", "=", "====", &unpadded, &cut, &format!("AAAA{text}"), &long, &zero] {
        let answer = fixture.ask(good.clone().with("Signature", signature)).await;
        answer.is(403, "E000008", BAD_SIGNATURE);
    }
    let call = good.clone().with("Signature", b"\xff");
    fixture.ask(call).await.is(403, "E000008", BAD_SIGNATURE);
    // No header takes the place of a signature.
    let call = good.with("Signature", zero).with("X-Skip-Signature", "True");
    fixture.ask(call).await.is(403, "E000008", BAD_SIGNATURE);
    let call = Call::post(ECHO, MESSAGE).with("X-Skip-Signature", "True");
    fixture.ask(call).await.is(401, "E000001", MISSING);
}

#[tokio::test]
async fn a_plus_may_come_as_a_blank() {
    let fixture = Fixture::new().await;
    let mut seen = 0;
    while seen < 3 {
        let call = echo(&fixture);
        let text = String::from_utf8(call.header("Signature").to_vec()).unwrap();
        if text.contains('+') {
            fixture.ask(call.with("Signature", text.replace('+', " "))).await.data();
            seen += 1;
        }
    }
}

#[tokio::test]
async fn the_other_algorithm_is_for_other_paths() {
    let fixture = Fixture::new().await;
    let good = echo(&fixture);
    let (app_id, time) = (&fixture.merchant.app_id, fixture.time(0));
    for label in ["Wonder-HMAC-SHA256", "wonder-rsa-sha256", "none"] {
        let call = good.clone().with("Credential", format!("{app_id}/{time}/{label}"));
        fixture.ask(call).await.is(401, "E000003", "Unsupported Algorithm.");
    }
}

#[tokio::test]
async fn headers_that_say_nothing_here() {
    let fixture = Fixture::new().await;
    for (name, value) in [
        ("x-p-business-id", "00000000-0000-0000-0000-000000000000"),
        ("X-Original-Business-Id", "1"),
        ("authorization", "Bearer x"),
        ("X-Skip-Signature", "True"),
        ("X-Request-ID", "the same each time"),
        ("Content-Type", "text/plain"),
    ] {
        let first = fixture.ask(echo(&fixture).with(name, value)).await;
        let second = fixture.ask(echo(&fixture).with(name, value)).await;
        assert_eq!(first.text, second.text, "{name}");
        first.data();
    }
}

#[tokio::test]
async fn a_nonce_is_good_for_one_request() {
    let fixture = Fixture::new().await;
    let (app_id, time) = (fixture.merchant.app_id.clone(), fixture.time(0));
    let first = Call::post(ECHO, MESSAGE).signed(Key::App, &app_id, &time, "once");
    for _ in 0..3 {
        fixture.ask(first.clone()).await.data();
        let other = Call::post(ECHO, r#"{"message":"ho"}"#);
        let other = other.signed(Key::App, &app_id, &time, "once");
        fixture.ask(other).await.is(403, "E000009", "Nonce Already Used.");
    }
    // A second later, or of another app, it is another.
    let next = Call::post(ECHO, r#"{"message":"ho"}"#);
    let next = next.signed(Key::App, &app_id, &fixture.time(1), "once");
    fixture.ask(next).await.data();
    let second = fixture.another("second").await;
    let theirs = Call::post(ECHO, "{}").signed(Key::App, &second.app_id, &time, "once");
    fixture.ask(theirs).await.is_bad("message");
}

/// Nobody can use up another's nonces: only what was verified is remembered.
#[tokio::test]
async fn a_request_that_is_refused_uses_up_no_nonce() {
    let fixture = Fixture::new().await;
    let (app_id, time) = (&fixture.merchant.app_id, fixture.time(0));
    let good = Call::post(ECHO, MESSAGE).signed(Key::App, app_id, &time, "once");
    let forged = good.clone().with("Signature", Key::Other.sign(b"x"));
    fixture.ask(forged).await.is(403, "E000008", BAD_SIGNATURE);
    fixture.ask(good.clone()).await.data();
    fixture.ask(good).await.data();
}

/// The same request moves money once, since what it asks for has a name of its own.
#[tokio::test]
async fn the_same_request_to_the_byte_may_come_again() {
    let fixture = Fixture::new().await;
    let call = fixture.signed(Call::post(TRANSFER, fixture.transfer().to_string()));
    let first = fixture.ask(call.clone()).await;
    first.data();
    fixture.clock.advance_s(1_799);
    assert_eq!(fixture.ask(call.clone()).await.text, first.text);
    assert_eq!(fixture.transfers().await, 1);
    fixture.clock.advance_s(2);
    fixture.ask(call).await.is(401, "E000007", "Request Time Expired.");
}

async fn state(fixture: &Fixture) -> String {
    code(fixture, echo(fixture)).await
}

#[tokio::test]
async fn an_app_that_is_not_active() {
    let fixture = Fixture::new().await;
    let status = |status| UpdateCredential { status: Some(status), ..<_>::default() };
    fixture.update_credential(status(CredentialStatus::Disabled)).await;
    fixture.ask(echo(&fixture)).await.is(401, "E000005", "AppID Is Not Active.");
    fixture.update_credential(status(CredentialStatus::Enabled)).await;
    assert_eq!(state(&fixture).await, "200");
    let end = Time::from_unix_us(NOW_US + 60_000_000);
    let ends = UpdateCredential { expires_at: Some(Some(end)), ..<_>::default() };
    fixture.update_credential(ends).await;
    assert_eq!(state(&fixture).await, "200");
    fixture.clock.advance_s(60);
    assert_eq!(state(&fixture).await, "E000005");
    let endless = UpdateCredential { expires_at: Some(None), ..<_>::default() };
    fixture.update_credential(endless).await;
    let set = |status| UpdateProgram { status: Some(status), ..UpdateProgram::default() };
    fixture.update_program(set(ProgramStatus::Suspended)).await;
    assert_eq!(state(&fixture).await, "E000005");
    for call in [Call::post(TRANSFER, fixture.transfer().to_string()), Call::get(TRANSFER)] {
        assert_eq!(code(&fixture, fixture.signed(call)).await, "E000005");
    }
    fixture.update_program(set(ProgramStatus::Active)).await;
    assert_eq!(fixture.transfers().await, 0);
    fixture.update_credential(status(CredentialStatus::Revoked)).await;
    assert_eq!(state(&fixture).await, "E000005");
}

#[tokio::test]
async fn apps_are_of_one_door_and_one_business() {
    let fixture = Fixture::new().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let upper = fixture.merchant.app_id.to_ascii_uppercase();
    let create = |door: &str, form| CreateCredential {
        door: door.to_owned(),
        form,
        label: String::new(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let program = fixture.merchant.program;
    let elsewhere = create("elsewhere", CredentialForm::PublicId);
    let elsewhere = fixture.engine.create_credential(program, elsewhere).await.unwrap();
    let theirs = Merchant {
        program,
        credential: elsewhere.credential.id,
        app_id: elsewhere.api_key.expose().clone(),
    };
    fixture.add_key(&theirs, Key::App).await;
    for app_id in [nobody, &upper, &theirs.app_id] {
        let (time, nonce) = (fixture.time(0), fixture.nonce());
        let call = Call::post(ECHO, MESSAGE).signed(Key::App, app_id, &time, &nonce);
        fixture.ask(call).await.is(401, "E000004", "AppID Not Found.");
    }
    // One without a key is known, and nothing proves it.
    let bare = create(DOOR, CredentialForm::PublicId);
    let bare = fixture.engine.create_credential(program, bare).await.unwrap();
    let (time, nonce) = (fixture.time(0), fixture.nonce());
    let call = Call::post(ECHO, MESSAGE).signed(Key::App, bare.api_key.expose(), &time, &nonce);
    fixture.ask(call).await.is(403, "E000008", BAD_SIGNATURE);
}

#[tokio::test]
async fn addresses() {
    let fixture = Fixture::new().await;
    for (list, peer, good) in [
        ("192.0.2.7", "192.0.2.7:1", true),
        ("192.0.2.7", "192.0.2.8:1", false),
        ("192.0.2.0/24", "[::ffff:192.0.2.99]:1", true),
        ("192.0.2.0/24", "[::ffff:192.0.3.99]:1", false),
        ("", "192.0.2.7:1", false),
        ("*", "[2001:db9::5]:1", true),
    ] {
        let allow = Some(list.parse().unwrap());
        fixture.update_credential(UpdateCredential { allow, ..<_>::default() }).await;
        // Written by a stranger: nobody's word.
        let call = echo(&fixture).with("X-Forwarded-For", "192.0.2.7").from(peer);
        let expected = if good { "200" } else { "E000006" };
        assert_eq!(code(&fixture, call).await, expected, "{list} {peer}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_tells_the_address_or_nobody_does() {
    let proxies = |options: &mut DoorOptions| {
        options.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    };
    let fixture = Fixture::with(proxies).await;
    for (list, forwarded, expected) in [
        ("203.0.113.0/24", Some("203.0.113.9"), "200"),
        ("203.0.113.0/24", Some("203.0.113.9, 198.51.100.1"), "E000006"),
        ("*", Some("nonsense"), "E000006"),
        ("*", None, "E000006"),
    ] {
        let allow = Some(list.parse().unwrap());
        fixture.update_credential(UpdateCredential { allow, ..<_>::default() }).await;
        let mut call = echo(&fixture).from("10.0.0.1:1");
        if let Some(forwarded) = forwarded {
            call = call.with("X-Forwarded-For", forwarded);
        }
        assert_eq!(code(&fixture, call).await, expected, "{list} {forwarded:?}");
    }
    // An address that nobody told comes in its place: after the app.
    let (time, nonce) = (fixture.time(0), fixture.nonce());
    let call = Call::post(ECHO, MESSAGE).signed(Key::App, "x", &time, &nonce).from("10.0.0.1:1");
    assert_eq!(code(&fixture, call).await, "E000004");
}

async fn with_key(fixture: &Fixture, key: Key) -> Answer {
    let (time, nonce) = (fixture.time(0), fixture.nonce());
    let call = Call::get(TRANSFER).signed(key, &fixture.merchant.app_id, &time, &nonce);
    fixture.ask(call).await
}

#[tokio::test]
async fn keys_change_without_a_pause() {
    let fixture = Fixture::new().await;
    let merchant = &fixture.merchant;
    with_key(&fixture, Key::App).await.data();
    with_key(&fixture, Key::Other).await.is(403, "E000008", BAD_SIGNATURE);
    fixture.add_key(merchant, Key::Other).await;
    with_key(&fixture, Key::Other).await.data();
    with_key(&fixture, Key::App).await.data();
    let old = fixture.add_key(merchant, Key::App).await;
    let (program, credential) = (merchant.program, merchant.credential);
    fixture.engine.retire_signature_key(program, credential, old.id).await.unwrap();
    with_key(&fixture, Key::App).await.is(403, "E000008", BAD_SIGNATURE);
    with_key(&fixture, Key::Other).await.data();
}

#[tokio::test]
async fn a_key_of_4096_bits() {
    let fixture = Fixture::new().await;
    with_key(&fixture, Key::Large).await.is(403, "E000008", BAD_SIGNATURE);
    fixture.add_key(&fixture.merchant, Key::Large).await;
    with_key(&fixture, Key::Large).await.data();
    assert_eq!(Key::Large.sign(b"").len(), super::SIGNATURE_LEN_MAX);
}

#[tokio::test]
async fn a_query_is_signed_in_the_form_in_which_it_was_sent() {
    let fixture = Fixture::new().await;
    fixture.post(TRANSFER, &fixture.transfer()).await.data();
    let plain = "filter[ref_id][_eq]=21ae8272-4f67-4cce-8445-2e0acfe7947c&limit=5";
    let encoded = plain.replace('[', "%5B").replace(']', "%5D");
    for query in [plain, &encoded, &encoded.to_ascii_lowercase().replace('_', "%5f")] {
        let call = fixture.signed(Call::get(&format!("{TRANSFER}?{query}")));
        let answer = fixture.ask(call).await;
        let rows = answer.data()["platform_transfers"].as_array().unwrap();
        assert_eq!(rows.len(), 1, "{query}");
    }
    // The same to whoever reads it, and not the same bytes.
    let (plain, encoded) = (format!("{TRANSFER}?{plain}"), format!("{TRANSFER}?{encoded}"));
    for (signed, sent) in [(&plain, &encoded), (&encoded, &plain), (&plain, &TRANSFER.to_owned())] {
        let call = fixture.signed(Call::get(signed)).target(sent);
        fixture.ask(call).await.is(403, "E000008", BAD_SIGNATURE);
    }
}

/// Some clients sign blanks, others take them for no body.
#[tokio::test]
async fn a_body_of_blanks_is_signed_either_way() {
    let fixture = Fixture::new().await;
    fixture.ask(fixture.signed(Call::post(ECHO, " \n"))).await.is_bad("body");
    fixture.ask(fixture.signed(Call::post(ECHO, "")).body(" \n")).await.is_bad("body");
    let other = fixture.signed(Call::post(ECHO, " ")).body(" \n");
    fixture.ask(other).await.is(403, "E000008", BAD_SIGNATURE);
    // Where none is needed it does not matter.
    fixture.ask(fixture.signed(Call::get(TRANSFER)).body("  ")).await.data();
    fixture.ask(fixture.signed(Call::new(http::Method::GET, TRANSFER, b"{}"))).await.data();
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let limit = |options: &mut DoorOptions| options.body.body_bytes = 1_000;
    let fixture = Fixture::with(limit).await;
    let of = |bytes: usize| {
        let blank = json!({ "message": "" }).to_string().len();
        json!({ "message": "x".repeat(bytes - blank) }).to_string()
    };
    fixture.ask(fixture.signed(Call::post(ECHO, of(1_000)))).await.data();
    let large = fixture.signed(Call::post(ECHO, of(1_001)));
    fixture.ask(large.clone()).await.is(413, "E000012", "Body Too Large.");
    let chinese = large.with("x-i18n-lang", "zh-HK");
    fixture.ask(chinese.clone()).await.is(413, "E000012", "請求體過大");
    // Whether the signature is good is not known before.
    let forged = chinese.with("Signature", Key::Other.sign(b"x"));
    assert_eq!(code(&fixture, forged).await, "E000012");
}

#[tokio::test]
async fn a_body_that_does_not_come() {
    let hasty = |options: &mut DoorOptions| options.body.body_deadline = Duration::ZERO;
    let fixture = Fixture::with(hasty).await;
    let whole = || Full::new(Bytes::from_static(MESSAGE.as_bytes()));
    fixture.send(echo(&fixture), Body::new(whole())).await.data();
    let endless = Body::new(whole().with_trailers(std::future::pending()));
    let answer = fixture.send(echo(&fixture), endless).await;
    answer.is(408, "E000013", "Body Timeout.");
    let broken = Body::new(Limited::new(whole(), 3));
    let answer = fixture.send(echo(&fixture), broken).await;
    answer.is(400, "E000014", "Body Broken.");
}

#[tokio::test]
async fn faults_are_told_in_the_callers_language() {
    let fixture = Fixture::new().await;
    for (language, message) in
        [("zh-CN", "签名无效"), ("zh-HK", "簽名無效"), ("en", BAD_SIGNATURE), ("fr", BAD_SIGNATURE)]
    {
        let call = echo(&fixture).with("Nonce", "other").with("x-i18n-lang", language);
        fixture.ask(call).await.is(403, "E000008", message);
    }
    let call = fixture.signed(Call::post(ECHO, "{}")).with("x-i18n-lang", "zh-CN");
    fixture.ask(call).await.is(400, 300_001, "请求参数无效: message");
    // What is answered well is so in one word.
    let answer = fixture.ask(echo(&fixture).with("x-i18n-lang", "zh-CN")).await;
    assert_eq!(answer.message(), "succeed");
}
