//! The Wonder door's transcripts, and that none is missing.

use super::coverage::{assert_codes, exchanges, is_of};
use super::transcript::{Exchange, Request};
use super::variables::Variables;
use super::{Vendor, transcripts};
use crate::app::{Signer, digest_of};
use crate::operator::Operator;
use crate::server::Sandbox;
use data_encoding::HEXLOWER;
use door_wonder::error::Code;
use door_wonder::route::{ROUTES, TRANSFER_METHODS};
use door_wonder::unsupported::ENDPOINTS;
use door_wonder::{PREFIX, TRANSFER_PATHS};
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};

/// `{{app_id}}`, and to the operator `{{credential}}`, with the `{{key}}` that it signs with.
/// `{{ada}}` and `{{bob}}` are the sandbox's users as a party of a transfer is described,
/// `{{ada.user_id}}` is one of their fields, and `{{ada.number}}` what the operator calls them.
/// In header fields `{{nonce}}` is fresh, and the rest are [`Wonder::SIGNATURES`].
struct Wonder;

impl Wonder {
    /// Of the request as it is sent; as if it had no body; with blanks that were pluses.
    const SIGNATURES: [&str; 3] = ["signature", "signature:bodiless", "signature:blanks"];
}

const CREDENTIALS: &str = "/v1/programs/demo-wonder/credentials";
const CARDHOLDERS: &str = "/v1/programs/demo-wonder/cardholders";

/// A text of the row of an answer in which a field is this.
fn text_of(answer: &Value, (field, is): (&str, &str), name: &str) -> String {
    let rows = answer["data"].as_array().expect("a list");
    let row = rows.iter().find(|row| row[field] == is).expect("the sandbox has made it");
    row[name].as_str().expect("a text").to_owned()
}

impl Vendor for Wonder {
    const DOOR: &'static str = "door-wonder";

    fn variables(sandbox: &Sandbox, _now_ms: i64) -> Vec<(String, String)> {
        let mut operator = Operator::new(sandbox);
        let credential = text_of(&operator.get(CREDENTIALS), ("door", "wonder"), "id");
        let keys = operator.get(&format!("{CREDENTIALS}/{credential}/signature-keys"));
        let mut found = vec![
            ("blank".to_owned(), " ".to_owned()),
            ("app_id".to_owned(), sandbox.text("/wonder/app_id")),
            ("private_key_pem".to_owned(), sandbox.text("/wonder/private_key_pem")),
            ("credential".to_owned(), credential),
            ("key".to_owned(), text_of(&keys, ("use", "verify"), "id")),
        ];
        let holders = operator.get(CARDHOLDERS);
        for (at, name) in ["ada", "bob"].into_iter().enumerate() {
            let user = &sandbox.contract["wonder"]["users"][at];
            let text = |field| sandbox.text(&format!("/wonder/users/{at}/{field}"));
            let number = text_of(&holders, ("unique_number", &text("reference_id")), "number");
            found.push((name.to_owned(), user.to_string()));
            found.push((format!("{name}.number"), number));
            for field in user.as_object().expect("a party").keys() {
                found.push((format!("{name}.{field}"), text(field)));
            }
        }
        // They stay until the request is complete.
        let later = Self::SIGNATURES.into_iter().chain(["nonce"]);
        found.extend(later.map(|name| (name.to_owned(), in_braces(name))));
        found
    }

    fn finish(request: &mut Request, variables: &Variables) {
        let nonce = fresh_nonce();
        for (_, value) in &mut request.fields {
            *value = value.replace(&in_braces("nonce"), &nonce);
        }
        let [signature, bodiless, blanks] = Self::SIGNATURES.map(in_braces);
        let signed = variables.find("private_key_pem").map(|pem| {
            let signer = Signer::from_pem(&pem);
            let sign = |body: &str| {
                let (nonce, credential) = (field(request, "Nonce"), field(request, "Credential"));
                let time = credential.split('/').nth(1).unwrap_or_default();
                let (method, path) = (&request.method, &request.path);
                signer.sign(&digest_of(nonce, time, method, path, body))
            };
            (sign(&request.body), sign(""))
        });
        let (whole, without_body) = signed.expect("the sandbox has told the key");
        for (_, value) in &mut request.fields {
            *value = value.replace(&signature, &whole).replace(&bodiless, &without_body);
            *value = value.replace(&blanks, &whole.replace('+', " "));
        }
    }
}

fn in_braces(name: &str) -> String {
    format!("{{{{{name}}}}}")
}

/// 16 letters and digits, as clients send.
fn fresh_nonce() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    HEXLOWER.encode(&digest(&SHA256, &count).as_ref()[..8])
}

/// A header field, or nothing.
fn field<'r>(request: &'r Request, name: &str) -> &'r str {
    let mut found = request.fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.as_str()).unwrap_or_default()
}

transcripts! {
    Wonder:
    accounts,
    address,
    busy,
    credential,
    echo,
    language,
    list,
    nonce,
    program,
    ref_id,
    refusal_status,
    reversed,
    signature,
    time,
    transfer,
    transport,
    unsupported,
    user,
}

/// Codes that no transcript can show today. Remove an entry with its reason.
const UNREACHABLE: &[(Code, &str)] =
    &[(Code::BodyTimeout, "a body has ten seconds, which no setting shortens")];

fn succeeds(exchange: &Exchange) -> bool {
    exchange.has_status(200) && exchange.answered_body().starts_with("{\"code\":200,\"data\":{")
}

/// Whether an answer has this code, with the status that is the code's own.
fn answers(exchange: &Exchange, code: Code) -> bool {
    let wire = serde_json::to_string(&code.wire()).expect("a text or a number");
    exchange.has_status(code.status().as_u16())
        && exchange.answered_body().starts_with(&format!("{{\"code\":{wire},"))
}

#[test]
fn every_route_has_a_transcript() {
    let all = exchanges::<Wonder>();
    let full = |path: &str| format!("{PREFIX}{path}");
    let fixed = ROUTES.iter().map(|route| (route.method, full(route.path)));
    let transfers = TRANSFER_PATHS
        .into_iter()
        .flat_map(|path| TRANSFER_METHODS.into_iter().map(move |method| (method, path.to_owned())));
    // What a route is for must be shown, not only how it refuses its callers.
    let missing = fixed.chain(transfers).filter(|(method, path)| {
        !all.iter().any(|one| is_of(one, method.word(), path) && succeeds(one))
    });
    assert_eq!(missing.collect::<Vec<_>>(), []);
    let missing = ENDPOINTS.iter().filter(|endpoint| {
        let (method, path) = (endpoint.method.word(), full(endpoint.path));
        !all.iter().any(|one| is_of(one, method, &path) && answers(one, Code::NotSupported))
    });
    assert_eq!(missing.map(|endpoint| endpoint.path).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn every_code_has_a_transcript() {
    let all = exchanges::<Wonder>();
    assert_codes(Code::ALL, UNREACHABLE, |code| all.iter().any(|one| answers(one, code)));
}
