//! An operator's client: the REST API on its own listener, with the token of `sandbox.json`.

use crate::http::{Answer, Connection};
use crate::server::Sandbox;
use serde_json::Value;

pub struct Operator {
    connection: Connection,
    token: String,
}

impl Operator {
    pub fn new(sandbox: &Sandbox) -> Self {
        Self::with_token(&sandbox.operator(), &sandbox.text("/operator_token"))
    }

    pub fn with_token(address: &str, token: &str) -> Self {
        Self { connection: Connection::to(address), token: token.to_owned() }
    }

    pub fn raw(&mut self, method: &str, path: &str, key: Option<&str>, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut fields = vec![("Authorization", bearer.as_str())];
        fields.extend(key.map(|key| ("Idempotency-Key", key)));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.connection.request(method, path, &fields, body.as_bytes());
        answer.expect("the operator's listener answers")
    }

    /// What a call answers; it must succeed.
    pub fn call(&mut self, method: &str, path: &str, key: Option<&str>, body: &Value) -> Value {
        let answer = self.raw(method, path, key, body);
        let text = String::from_utf8_lossy(&answer.body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {text}");
        answer.json()
    }

    pub fn get(&mut self, path: &str) -> Value {
        self.call("GET", path, None, &Value::Null)
    }

    /// The id of a programme's own account of a kind, in an asset.
    pub fn own_account(&mut self, program: &str, kind: &str, asset: &str) -> String {
        let path = format!("/v1/programs/{program}/accounts?kind={kind}");
        let found = self.get(&path);
        let rows = found["data"].as_array().expect("a list");
        let row = rows.iter().find(|row| row["asset"] == asset);
        let id = row.and_then(|row| row["id"].as_str());
        id.unwrap_or_else(|| panic!("no {kind} in {asset}: {found}")).to_owned()
    }
}
