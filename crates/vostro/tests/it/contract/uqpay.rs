//! The UQPAY door's transcripts, that none is missing, and that each value is of its JSON type.

use super::coverage::{assert_codes, exchanges, is_of};
use super::transcript::Exchange;
use super::{Vendor, transcripts};
use crate::http::Connection;
use crate::server::Sandbox;
use door_uqpay::PREFIXES;
use door_uqpay::error::Code;
use door_uqpay::route::ROUTES;
use door_uqpay::unsupported::ENDPOINTS;
use serde_json::Value;
use std::collections::BTreeSet;

/// `{{client_id}}`, `{{api_key}}` and the `{{auth_token}}` that they get; `{{master}}` and
/// `{{sub}}` are the ids of the sandbox's two members. Nothing is signed.
struct Uqpay;

impl Vendor for Uqpay {
    const DOOR: &'static str = "door-uqpay";

    fn variables(sandbox: &Sandbox, _now_ms: i64) -> Vec<(String, String)> {
        let text = |name: &str| sandbox.text(&format!("/uqpay/{name}"));
        let (client_id, api_key) = (text("client_id"), text("api_key"));
        let fields = [("x-client-id", &*client_id), ("x-api-key", &*api_key)];
        let path = format!("{}/v1/connect/token", PREFIXES[0]);
        let answer = Connection::to(&sandbox.public()).request("POST", &path, &fields, b"");
        let issued = answer.expect("an answer").json();
        let token = issued["auth_token"].as_str().expect("a token").to_owned();
        let named = [
            ("client_id", client_id),
            ("api_key", api_key),
            ("auth_token", token),
            ("master", text("account_id")),
            ("sub", text("sub_account_id")),
        ];
        named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

transcripts! {
    Uqpay:
    accounts,
    address,
    balances,
    banking,
    busy,
    deposit,
    fee,
    keys,
    ledger,
    limits,
    on_behalf,
    program,
    rfis,
    token,
    transfers,
    transport,
    unsupported,
}

/// Routes that can't succeed today, with what they answer. Remove an entry with its reason.
const WITHOUT_SUCCESS: &[(&str, Code, &str)] = &[
    ("/v1/rfis/{id}", Code::RfiMissing, "there are no requests for information"),
    ("/v1/rfis/answer", Code::RfiMissing, "there are none that could be answered"),
];

/// Codes that no transcript can show today. Remove an entry with its reason.
const UNREACHABLE: &[(Code, &str)] =
    &[(Code::BodyTimeout, "a body has ten seconds, which no setting shortens")];

/// What is answered, where it is JSON.
fn answered(exchange: &Exchange) -> Option<Value> {
    serde_json::from_str(&exchange.answered_body()).ok()
}

fn succeeds(exchange: &Exchange) -> bool {
    exchange.has_status(200) && answered(exchange).is_some()
}

/// Whether an answer has this code in one of the vendor's shapes. Where two are told apart by their
/// texts alone, the text tells.
fn answers(exchange: &Exchange, code: Code) -> bool {
    let Some(body) = answered(exchange).filter(|_| exchange.has_status(code.status().as_u16()))
    else {
        return false;
    };
    let says = |text: &str| body["message"] == text;
    let words = body["type"] == code.kind() && body["code"] == code.word();
    match code {
        Code::InvalidKey => body["error"] == code.text(),
        Code::TooManyRequests => {
            body.get("type").is_none() && body["code"] == code.word() && says(code.text())
        }
        Code::Processing => body["code"] == 200 && says(code.text()),
        // Its text names a field.
        Code::InvalidRequest => words && !says(Code::KeyMissing.text()),
        _ => says(code.text()) && (words || body["code"] == code.status().as_u16()),
    }
}

/// The routes that have no such exchange, at a mount or at any.
fn missing(
    mounts: &[&str],
    all: &[Exchange],
    shown: impl Fn(&Exchange, &str) -> bool,
) -> Vec<String> {
    let has = |mount: &str, method: &str, path: &str| {
        let full = format!("{mount}{path}");
        all.iter().any(|one| is_of(one, method, &full) && shown(one, path))
    };
    let routes = ROUTES.iter().map(|route| (route.method.word(), route.path));
    let missing =
        routes.filter(|(method, path)| !mounts.iter().any(|mount| has(mount, method, path)));
    missing.map(|(method, path)| format!("{method} {path}")).collect()
}

/// What a route is for must be shown, not only how it refuses its callers.
fn is_for(exchange: &Exchange, path: &str) -> bool {
    let excepted = WITHOUT_SUCCESS.iter().find(|(listed, _, _)| *listed == path);
    match excepted {
        Some((_, code, reason)) => {
            assert!(!succeeds(exchange), "{path} succeeds, so it is not true that {reason}");
            answers(exchange, *code)
        }
        None => succeeds(exchange),
    }
}

#[test]
fn every_route_has_a_transcript_at_each_mount() {
    let all = exchanges::<Uqpay>();
    for mount in PREFIXES {
        assert_eq!(missing(&[mount], &all, is_for), Vec::<String>::new(), "{mount}");
    }
    for (listed, _, _) in WITHOUT_SUCCESS {
        assert!(ROUTES.iter().any(|route| route.path == *listed), "{listed} is no route");
    }
}

#[test]
fn every_route_has_a_refusal() {
    let all = exchanges::<Uqpay>();
    let missing = missing(&PREFIXES, &all, |one, _| !one.has_status(200));
    // It only says that nothing more is needed, and looks at nothing.
    assert_eq!(missing, ["GET /v1/accounts/get_additional"]);
}

#[test]
fn every_endpoint_has_a_transcript() {
    let all = exchanges::<Uqpay>();
    let missing = ENDPOINTS.iter().filter(|endpoint| {
        !PREFIXES.iter().any(|mount| {
            let (method, path) = (endpoint.method.word(), format!("{mount}{}", endpoint.path));
            all.iter().any(|one| is_of(one, method, &path) && answers(one, Code::NotSupported))
        })
    });
    assert_eq!(missing.map(|endpoint| endpoint.path).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn every_code_has_a_transcript() {
    let all = exchanges::<Uqpay>();
    assert_codes(Code::ALL, UNREACHABLE, |code| all.iter().any(|one| answers(one, code)));
}

/// Money is a text of digits, so that no client reads it as a float.
const MONEY: [&str; 7] = [
    "amount",
    "available_balance",
    "ending_balance",
    "fee_amount",
    "frozen_balance",
    "margin_balance",
    "prepaid_balance",
];
const INTEGERS: [&str; 3] = ["expired_at", "total_items", "total_pages"];

/// What applicants say of themselves, which is shown as it came.
const AS_IT_CAME: [&str; 8] = [
    "business_address",
    "business_details",
    "documents",
    "person_details",
    "registration_address",
    "representatives",
    "residential_address",
    "tos_acceptance",
];

/// Notes each field that has a type of its own, and tells of a value that is not of its type.
fn check_types(name: &str, value: &Value, seen: &mut BTreeSet<String>) -> Result<(), String> {
    let typed = MONEY.contains(&name) || INTEGERS.contains(&name);
    if typed {
        seen.insert(name.to_owned());
    }
    let money = |text: &str| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
        text.split_once('.').map_or_else(|| digits(text), |(a, b)| digits(a) && digits(b))
    };
    let good = match value {
        Value::Array(_) | Value::Object(_) | Value::Null if typed => false,
        Value::Array(rows) => {
            return rows.iter().try_for_each(|row| check_types(name, row, seen));
        }
        Value::Object(fields) => {
            let mut fields = fields.iter().filter(|(name, _)| !AS_IT_CAME.contains(&&***name));
            return fields.try_for_each(|(name, value)| check_types(name, value, seen));
        }
        Value::String(text) if MONEY.contains(&name) => money(text),
        Value::String(_) => !INTEGERS.contains(&name),
        Value::Number(number) => INTEGERS.contains(&name) && number.is_i64(),
        // No success answers either.
        Value::Bool(_) | Value::Null => false,
    };
    if good { Ok(()) } else { Err(format!("{name}: {value}")) }
}

#[test]
fn every_value_has_its_type() {
    let mut seen = BTreeSet::new();
    for exchange in exchanges::<Uqpay>().iter().filter(|one| succeeds(one)) {
        let body = answered(exchange).expect("it succeeds");
        let Exchange { line, title, .. } = exchange;
        if let Err(wrong) = check_types("", &body, &mut seen) {
            panic!("line {line}, {title}: {wrong}");
        }
    }
    let all: BTreeSet<_> = MONEY.iter().chain(&INTEGERS).map(|name| (*name).to_owned()).collect();
    assert_eq!(seen, all);
}

#[test]
fn a_wrong_type_is_told() {
    let check = |text: &str| {
        let value = serde_json::from_str(text).expect("JSON");
        check_types("", &value, &mut BTreeSet::new())
    };
    let good = [
        r#"{"amount":"1.00","currency":"SGD"}"#,
        r#"{"total_pages":0,"total_items":12,"data":[{"ending_balance":"0"}]}"#,
        r#"{"tos_acceptance":{"amount":1.5,"agreed":true}}"#,
        "[]",
    ];
    for text in good {
        assert_eq!(check(text), Ok(()), "{text}");
    }
    let bad = [
        r#"{"amount":1.00}"#,
        r#"{"amount":100}"#,
        r#"{"amount":""}"#,
        r#"{"amount":"1."}"#,
        r#"{"amount":"-1.00"}"#,
        r#"{"amount":["1.00"]}"#,
        r#"{"amount":null}"#,
        r#"{"data":[{"fee_amount":0}]}"#,
        r#"{"expired_at":"1780001800"}"#,
        r#"{"expired_at":1780001800.5}"#,
        r#"{"total_items":"1"}"#,
        r#"{"total_pages":true}"#,
        r#"{"remark":null}"#,
        r#"{"account_id":7}"#,
    ];
    for text in bad {
        assert!(check(text).is_err(), "{text}");
    }
}
