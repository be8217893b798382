//! A request as a test writes it, and its answer, whose shape is looked at each time.

use crate::PREFIXES;
use gateway::body::Limits;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

/// One request.
#[derive(Clone)]
pub(crate) struct Call {
    pub(super) method: Method,
    /// Path and query, with the door's prefix.
    pub(super) target: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) peer: String,
}

impl Call {
    /// The path is below the prefix.
    pub(crate) fn new(method: Method, path: &str, body: impl AsRef<[u8]>) -> Self {
        Self {
            method,
            target: format!("{}{path}", PREFIXES[0]),
            headers: Vec::new(),
            body: body.as_ref().to_vec(),
            peer: "192.0.2.7:4000".to_owned(),
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path, b"")
    }

    pub(crate) fn post(path: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new(Method::POST, path, body)
    }

    /// The same at the door's second mount.
    pub(crate) fn in_sandbox(mut self) -> Self {
        let path = self.target.strip_prefix(PREFIXES[0]).unwrap();
        self.target = format!("{}{path}", PREFIXES[1]);
        self
    }

    /// In place of what the header was.
    pub(crate) fn with(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).also(name, value)
    }

    pub(crate) fn also(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn bearing(self, token: &str) -> Self {
        self.with("x-auth-token", format!("Bearer {token}"))
    }

    pub(crate) fn keyed(self, key: &str) -> Self {
        self.with("x-idempotency-key", key)
    }

    pub(crate) fn behalf(self, member: impl ToString) -> Self {
        self.with("x-on-behalf-of", member.to_string())
    }

    pub(crate) fn from(mut self, address: &str) -> Self {
        self.peer = address.to_owned();
        self
    }
}

/// One answer, whose shape was looked at.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    pub(super) async fn read(answer: axum::response::Response) -> Self {
        let (parts, body) = answer.into_parts();
        let limits = Limits { body_bytes: 4 * 1024 * 1024, ..Limits::default() };
        let bytes = gateway::body::read(body, limits).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parts.headers["content-type"], "application/json");
        let answer = Self { status: parts.status, headers: parts.headers, text, json };
        if answer.status == StatusCode::OK {
            typed("", &answer.json);
        } else {
            answer.check_failure();
        }
        answer
    }

    /// One of the vendor's three shapes.
    fn check_failure(&self) {
        let (json, text) = (self.json.as_object().unwrap(), &self.text);
        let names: Vec<_> = json.keys().map(String::as_str).collect();
        match names.as_slice() {
            ["error"] => assert!(json["error"].is_string(), "{text}"),
            ["code", "message"] => {
                let status = u64::from(self.status.as_u16());
                if self.status == StatusCode::TOO_MANY_REQUESTS {
                    assert_eq!(json["code"], "too_many_requests", "{text}");
                    assert!(self.headers.contains_key("retry-after"), "{text}");
                    return;
                }
                let processing = text.contains("Request is processing");
                let code = if processing { 200 } else { status };
                assert_eq!(json["code"].as_u64(), Some(code), "{text}");
                assert!(json["message"].is_string(), "{text}");
            }
            names => {
                assert_eq!(names, ["code", "message", "type"], "{text}");
                assert!(json.values().all(Value::is_string), "{text}");
            }
        }
    }

    pub(crate) fn ok(&self) -> &Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        &self.json
    }

    /// Rows of a list.
    pub(crate) fn rows(&self) -> &Vec<Value> {
        self.ok()["data"].as_array().unwrap()
    }

    pub(crate) fn message(&self) -> &str {
        self.json["message"].as_str().unwrap()
    }

    /// The shape of issuing.
    pub(crate) fn is(&self, status: u16, kind: &str, code: &str) {
        let json = &self.json;
        let seen = (self.status.as_u16(), json["type"].as_str(), json["code"].as_str());
        assert_eq!(seen, (status, Some(kind), Some(code)), "{}", self.text);
    }

    /// The shape of accounts and banking.
    pub(crate) fn is_flat(&self, status: u16, message: &str) {
        let seen = (self.status.as_u16(), self.json["code"].as_u64(), self.message());
        assert_eq!(seen, (status, Some(status.into()), message), "{}", self.text);
    }

    /// A field is at fault, and the message begins with its name.
    pub(crate) fn is_bad(&self, field: &str) {
        self.is(400, "invalid_request_error", "invalid_request_error");
        assert!(self.message().starts_with(&format!("{field} ")), "{}", self.text);
    }

    /// As [`Self::is_bad`], in the other shape.
    pub(crate) fn is_flat_bad(&self, field: &str) {
        self.is_flat(400, self.message());
        assert!(self.message().starts_with(&format!("{field} ")), "{}", self.text);
    }

    /// An account is at fault.
    pub(crate) fn is_account(&self, code: &str) {
        self.is(400, "account_error", code);
    }
}

/// The only numbers of any answer that succeeds.
const NUMBERS: [&str; 3] = ["expired_at", "total_pages", "total_items"];
/// Strings with all decimals.
const MONEY: [&str; 7] = [
    "amount",
    "fee_amount",
    "available_balance",
    "prepaid_balance",
    "margin_balance",
    "frozen_balance",
    "ending_balance",
];
/// Shown as they were applied with.
const AS_SENT: [&str; 2] = ["business_details", "person_details"];

/// Panics at a number where clients want a text, at the reverse, and at money or a time that is
/// not written as it should be.
pub(super) fn typed(name: &str, value: &Value) {
    if AS_SENT.contains(&name) {
        return;
    }
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| typed(name, value)),
        Value::Array(items) => items.iter().for_each(|item| typed(name, item)),
        Value::Number(number) => {
            assert!(NUMBERS.contains(&name) && number.is_u64(), "{name}: {number}");
        }
        Value::String(text) => {
            assert!(!NUMBERS.contains(&name), "{name}: {text}");
            if MONEY.contains(&name) {
                let (whole, decimals) = text.split_once('.').unwrap();
                assert!(whole.parse::<i64>().is_ok() && decimals.len() == 2, "{name}: {text}");
            }
            if name.ends_with("_time") {
                assert!(text.len() == 25 && text.ends_with("+08:00"), "{name}: {text}");
            }
        }
        Value::Bool(_) | Value::Null => panic!("{name}: {value}"),
    }
}
