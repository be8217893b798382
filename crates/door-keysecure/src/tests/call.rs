//! A request as a test writes it, and its answer.

use gateway::body::Limits;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

/// One request.
#[derive(Clone)]
pub(crate) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) peer: String,
}

impl Call {
    pub(crate) fn new(method: Method, path: &str, body: &[u8]) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.to_vec(),
            peer: "192.0.2.7:4000".to_owned(),
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path, b"")
    }

    pub(crate) fn post(path: &str, body: impl AsRef<[u8]>) -> Self {
        Self::new(Method::POST, path, body.as_ref())
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

    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    pub(crate) fn from(mut self, address: &str) -> Self {
        self.peer = address.to_owned();
        self
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
        let bytes = gateway::body::read(body, Limits::default()).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        let expected: &[&str] = match json["code"].as_u64().unwrap() {
            0 => &["code", "data", "msg"],
            _ => &["code", "msg"],
        };
        assert_eq!(keys, expected, "{text}");
        assert_eq!(parts.headers["content-type"], "application/json");
        Self { status: parts.status, headers: parts.headers, text, json }
    }

    pub(crate) fn code(&self) -> u64 {
        self.json["code"].as_u64().unwrap()
    }

    pub(crate) fn msg(&self) -> &str {
        self.json["msg"].as_str().unwrap()
    }

    pub(crate) fn data(&self) -> &Value {
        assert_eq!((self.status, self.code()), (StatusCode::OK, 0), "{}", self.text);
        &self.json["data"]
    }

    pub(crate) fn is(&self, code: u64, msg: &str) {
        let seen = (self.status, self.code(), self.msg());
        assert_eq!(seen, (StatusCode::OK, code, msg));
    }
}
