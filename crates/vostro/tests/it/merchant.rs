//! A merchant's client of the KeySecure door: one connection per client.

use crate::http::{Answer, Connection, written};
use crate::server::Sandbox;
use serde_json::{Value, json};
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the door is mounted.
pub const PREFIX: &str = "/open-api/v1";

pub struct Merchant {
    connection: Connection,
    pub api_key: String,
    pub token: String,
    /// What `Timestamp` says instead of the system's clock.
    pub timestamp_ms: Option<i64>,
}

/// Milliseconds since 1970, for the `Timestamp` header.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("not in that millennium")
}

/// The body of a transfer.
pub fn transfer_body(cardholder: &str, number: &str, direction: &str, amount: &str) -> String {
    let body = json!({
        "cardholder_no": cardholder,
        "transfer_unique_no": number,
        "type": direction,
        "balance": amount,
    });
    body.to_string()
}

impl Merchant {
    /// Without a token, for a key of its own.
    pub fn with_key(address: &str, api_key: &str) -> Self {
        Self {
            connection: Connection::to(address),
            api_key: api_key.to_owned(),
            token: String::new(),
            timestamp_ms: None,
        }
    }

    /// With a token of one of the sandbox's two demo programmes: `credit` or `authorization`.
    pub fn new(sandbox: &Sandbox, part: &str) -> Self {
        let api_key = sandbox.text(&format!("/keysecure/{part}/api_key"));
        let mut merchant = Self::with_key(&sandbox.public(), &api_key);
        merchant.log_in();
        merchant
    }

    /// Another connection with the same token.
    pub fn again(&self) -> Self {
        Self {
            connection: Connection::to(self.connection.address()),
            api_key: self.api_key.clone(),
            token: self.token.clone(),
            timestamp_ms: self.timestamp_ms,
        }
    }

    /// Points at a server that was started anew.
    pub fn follow(&mut self, address: &str) {
        self.connection = Connection::to(address);
    }

    pub fn log_in(&mut self) {
        let answer = self.call("GET", "/merchant/token", "").expect("a token is answered");
        let token = answer["data"]["access_token"].as_str();
        self.token = token.unwrap_or_else(|| panic!("no token: {answer}")).to_owned();
    }

    /// One request, with headers as documented.
    pub fn raw(&mut self, method: &str, path: &str, body: impl AsRef<[u8]>) -> io::Result<Answer> {
        let request = self.written(method, path, body.as_ref());
        self.connection.exchange(&request)
    }

    /// The request as it goes over the wire.
    pub fn written(&self, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
        let timestamp = self.timestamp_ms.unwrap_or_else(now_ms).to_string();
        let fields = [
            ("Api-Key", self.api_key.as_str()),
            ("Timestamp", &timestamp),
            ("Access-Token", &self.token),
            ("Content-Type", "application/json"),
        ];
        written(self.connection.address(), method, &format!("{PREFIX}{path}"), &fields, body)
    }

    pub fn address(&self) -> &str {
        self.connection.address()
    }

    /// One request. An error means that its outcome is not known.
    pub fn call(&mut self, method: &str, path: &str, body: impl AsRef<[u8]>) -> io::Result<Value> {
        self.raw(method, path, body).map(|answer| answer.json())
    }

    /// A transfer `In` or `Out`.
    pub fn transfer(
        &mut self,
        cardholder: &str,
        number: &str,
        direction: &str,
        amount: &str,
    ) -> io::Result<Value> {
        let body = transfer_body(cardholder, number, direction, amount);
        self.call("POST", "/account/transfer", body)
    }

    pub fn info(&mut self, cardholder: &str) -> io::Result<Value> {
        self.call("GET", &format!("/account/{cardholder}/info"), "")
    }

    /// What info shows as the balance of the cardholder's wallet in TUSDT.
    pub fn balance(&mut self, cardholder: &str) -> String {
        let info = self.info(cardholder).expect("info is answered");
        let wallets = info["data"]["list"].as_array().map_or(&[][..], Vec::as_slice);
        let wallet = wallets.iter().find(|wallet| wallet["symbol"] == "TUSDT");
        let balance = wallet.and_then(|wallet| wallet["balance"].as_str());
        balance.unwrap_or_else(|| panic!("no balance: {info}")).to_owned()
    }

    /// The rows of `account/transfer/list` that match a filter, from yesterday to tomorrow.
    pub fn list(&mut self, filter: &[(&str, &str)], page: u64, size: u64) -> Vec<Value> {
        const DAY_MS: i64 = 86_400_000;
        let now = self.timestamp_ms.unwrap_or_else(now_ms);
        let mut body = json!({
            "start_time": date(now - DAY_MS),
            "end_time": date(now + DAY_MS),
            "page": page,
            "size": size,
        });
        for (name, value) in filter {
            body[name] = json!(value);
        }
        let answer = self.call("POST", "/account/transfer/list", body.to_string());
        let answer = answer.expect("a list is answered");
        let rows = answer["data"]["list"].as_array();
        rows.unwrap_or_else(|| panic!("no list: {answer}")).clone()
    }

    /// Every row that matches, newest first.
    pub fn list_all(&mut self, filter: &[(&str, &str)]) -> Vec<Value> {
        const SIZE: u64 = 100;
        let mut rows = Vec::new();
        for page in 0.. {
            let found = self.list(filter, page, SIZE);
            let last = found.len() < 100;
            rows.extend(found);
            if last {
                break;
            }
        }
        rows
    }
}

/// The door's code in an answer.
pub fn code(answer: &Value) -> i64 {
    answer["code"].as_i64().unwrap_or_else(|| panic!("no code: {answer}"))
}

/// A day in UTC as `yyyy-MM-dd`.
fn date(ms: i64) -> String {
    let calendar = rusqlite::Connection::open_in_memory().expect("SQLite works");
    let day = "select date(?1, 'unixepoch')";
    calendar.query_row(day, [ms.div_euclid(1_000)], |row| row.get(0)).expect("a date")
}
