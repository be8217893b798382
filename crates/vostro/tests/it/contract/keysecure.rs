//! The KeySecure door's transcripts, and that none is missing.

use super::coverage::{assert_codes, exchanges, is_of};
use super::transcript::Exchange;
use super::{Vendor, transcripts};
use crate::merchant::{Merchant, PREFIX};
use crate::server::Sandbox;
use door_keysecure::error::Code;
use door_keysecure::language::Language;
use door_keysecure::route::ROUTES;
use door_keysecure::unsupported::ENDPOINTS;

/// `{{credit.api_key}}`, `{{credit.token}}` and the same of `authorization`. Nothing is signed.
struct KeySecure;

impl Vendor for KeySecure {
    const DOOR: &'static str = "door-keysecure";

    fn variables(sandbox: &Sandbox, now_ms: i64) -> Vec<(String, String)> {
        let both = ["credit", "authorization"].map(|part| {
            let api_key = sandbox.text(&format!("/keysecure/{part}/api_key"));
            let mut merchant = Merchant::with_key(&sandbox.public(), &api_key);
            merchant.timestamp_ms = Some(now_ms);
            merchant.log_in();
            [
                (format!("{part}.api_key"), api_key),
                (format!("{part}.token"), merchant.token.clone()),
            ]
        });
        both.into_iter().flatten().collect()
    }
}

transcripts! {
    KeySecure:
    account,
    address,
    busy,
    cards,
    chinese,
    credential,
    list,
    program,
    simulate,
    timestamp,
    token,
    transfer,
    transport,
}

/// Codes that nothing can make the door answer today. Remove an entry with its reason.
const UNREACHABLE: &[(Code, &str)] = &[
    (Code::TooFrequent, "there are no limits of rates"),
    (Code::CardholderExists, "cardholder/apply is not built, and only it could refuse so"),
];

/// Whether an answer has this code. Where a number is that of two codes, the text tells.
fn answers(exchange: &Exchange, code: Code) -> bool {
    let body = exchange.answered_body();
    let shared = Code::ALL.iter().any(|other| *other != code && other.number() == code.number());
    let text = |language| body.contains(&format!("\"msg\":\"{}\"", code.text(language)));
    body.starts_with(&format!("{{\"code\":{},", code.number()))
        && (!shared || Language::ALL.into_iter().any(text))
}

#[test]
fn every_route_has_a_transcript() {
    let all = exchanges::<KeySecure>();
    // What a route is for must be shown, not only how it refuses its callers.
    let built = ROUTES.iter().map(|route| (route.method, route.path, Code::Success));
    let others = ENDPOINTS.iter().map(|one| (one.method, one.path, Code::NotSupported));
    let missing = built.chain(others).filter(|(method, path, code)| {
        let shape = format!("{PREFIX}{path}");
        !all.iter().any(|one| is_of(one, method.word(), &shape) && answers(one, *code))
    });
    assert_eq!(missing.collect::<Vec<_>>(), []);
}

#[test]
fn every_code_has_a_transcript() {
    let all = exchanges::<KeySecure>();
    assert_codes(Code::ALL, UNREACHABLE, |code| all.iter().any(|one| answers(one, code)));
}

#[test]
fn every_status_of_the_transport_has_a_transcript() {
    let all = exchanges::<KeySecure>();
    for status in [404, 405, 413] {
        assert!(all.iter().any(|one| one.has_status(status)), "{status}");
    }
}
