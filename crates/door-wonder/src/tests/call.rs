//! A request as a test writes it, its signature, and its answer.

use crate::signature::{Request, digest};
use domain::secret::Secret;
use gateway::body::Limits;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use std::sync::LazyLock;
use vault::signature::{SigningKey, demo};

/// A key of 4096 bits, for tests alone.
const LARGE: &str = include_str!("rsa_4096.pem");

/// Whose private half a test has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Key {
    /// The merchants'.
    App,
    /// One to change to.
    Other,
    /// Of 4096 bits.
    Large,
}

static KEYS: LazyLock<[SigningKey; 3]> = LazyLock::new(|| {
    [demo::APP, demo::PLATFORM, LARGE]
        .map(|pem| SigningKey::from_pem(&Secret::new(pem.to_owned())).unwrap())
});

impl Key {
    pub(crate) fn public_pem(self) -> String {
        KEYS[self as usize].public().to_pem()
    }

    /// In Base64.
    pub(crate) fn sign(self, message: &[u8]) -> String {
        data_encoding::BASE64.encode(&KEYS[self as usize].sign(message))
    }
}

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
    pub(crate) fn new(method: Method, target: &str, body: &[u8]) -> Self {
        Self {
            method,
            target: target.to_owned(),
            headers: Vec::new(),
            body: body.to_vec(),
            peer: "192.0.2.7:4000".to_owned(),
        }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new(Method::GET, target, b"")
    }

    pub(crate) fn post(target: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new(Method::POST, target, body.as_ref())
    }

    pub(crate) fn put(target: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new(Method::PUT, target, body.as_ref())
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

    /// What was signed stays.
    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// What was signed stays.
    pub(crate) fn target(mut self, target: &str) -> Self {
        self.target = target.to_owned();
        self
    }

    pub(crate) fn from(mut self, address: &str) -> Self {
        self.peer = address.to_owned();
        self
    }

    pub(crate) fn header(&self, name: &str) -> &[u8] {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        &found.next().unwrap().1
    }

    /// With the three headers, over what the request is now.
    pub(crate) fn signed(self, key: Key, app_id: &str, time: &str, nonce: &str) -> Self {
        let (method, body) = (self.method.as_str(), self.body.as_slice());
        let digest = digest(&Request { nonce, time, method, target: &self.target, body });
        self.with("Credential", format!("{app_id}/{time}/Wonder-RSA-SHA256"))
            .with("Nonce", nonce)
            .with("Signature", key.sign(digest.as_bytes()))
    }
}

/// One answer, whose envelope was looked at.
#[derive(Debug)]
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
        let keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        let expected: &[&str] = match &json["code"] {
            Value::Number(code) if code.as_u64() == Some(200) => {
                assert!(text.starts_with(r#"{"code":200,"data":{"#), "{text}");
                assert!(text.ends_with(r#"},"message":"succeed"}"#), "{text}");
                assert_eq!(parts.status, StatusCode::OK);
                &["code", "data", "message"]
            }
            Value::Number(code) => {
                assert!((300_001..=300_999).contains(&code.as_u64().unwrap()), "{text}");
                &["code", "message"]
            }
            code => {
                let code = code.as_str().unwrap();
                assert!(code.len() == 7 && code.starts_with("E0000"), "{text}");
                assert_eq!(json["error_code"], code);
                &["code", "error_code", "message"]
            }
        };
        assert_eq!(keys, expected, "{text}");
        assert_eq!(parts.headers["content-type"], "application/json");
        Self { status: parts.status, headers: parts.headers, text, json }
    }

    /// A number or a text.
    pub(crate) fn code(&self) -> &Value {
        &self.json["code"]
    }

    pub(crate) fn message(&self) -> &str {
        self.json["message"].as_str().unwrap()
    }

    pub(crate) fn data(&self) -> &Value {
        assert_eq!((self.status, self.code()), (StatusCode::OK, &200.into()), "{}", self.text);
        &self.json["data"]
    }

    pub(crate) fn is(&self, status: u16, code: impl Into<Value>, message: &str) {
        let seen = (self.status.as_u16(), self.code(), self.message());
        assert_eq!(seen, (status, &code.into(), message));
    }

    /// A parameter is at fault.
    pub(crate) fn is_bad(&self, name: &str) {
        self.is(400, 300_001, &format!("Invalid request parameter: {name}"));
    }
}
