//! A client of the Wonder door: signs with the demo key of `sandbox.json`.

use crate::http::{Answer, Connection};
use crate::server::Sandbox;
use data_encoding::{BASE64, HEXLOWER};
use domain::secret::Secret;
use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use vault::signature::SigningKey;

/// Where platform transfers are, and their list.
pub const TRANSFERS: &str = "/svc/ts/api/v1/openapi/platform_transfer";
pub const USER: &str = "/svc/ts/api/v1/openapi/user";
pub const LEDGER_ACCOUNTS: &str = "/svc/ts/api/v1/openapi/ledger_accounts";

const LABEL: &str = "Wonder-RSA-SHA256";

/// An RSA key of PEM, to sign with.
pub struct Signer(SigningKey);

impl Signer {
    pub fn from_pem(pem: &str) -> Self {
        let key = SigningKey::from_pem(&Secret::new(pem.to_owned()));
        Self(key.expect("an RSA key"))
    }

    /// In Base64.
    pub fn sign(&self, text: &str) -> String {
        BASE64.encode(&self.0.sign(text.as_bytes()))
    }
}

/// What is signed, as the vendor describes it.
pub fn digest_of(nonce: &str, time: &str, method: &str, target: &str, body: &str) -> String {
    let hmac = |key: &[u8], text: &str| sign(&Key::new(HMAC_SHA256, key), text.as_bytes());
    let first = hmac(nonce.as_bytes(), time);
    let second = hmac(first.as_ref(), LABEL);
    let mut text = format!("{method}\n{target}");
    if !body.is_empty() {
        text.push('\n');
        text.push_str(body);
    }
    HEXLOWER.encode(hmac(second.as_ref(), &text).as_ref())
}

/// The three headers of a signed request.
pub fn headers(
    signer: &Signer,
    app_id: &str,
    (nonce, time): (&str, &str),
    (method, target, body): (&str, &str, &str),
) -> [(&'static str, String); 3] {
    let signature = signer.sign(&digest_of(nonce, time, method, target, body));
    let credential = format!("{app_id}/{time}/{LABEL}");
    [("Credential", credential), ("Nonce", nonce.to_owned()), ("Signature", signature)]
}

/// The vendor's 14 digits of a moment.
pub fn stamp(unix_ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(unix_ms).expect("a moment of this age");
    at.strftime("%Y%m%d%H%M%S").to_string()
}

pub struct App {
    connection: Connection,
    pub app_id: String,
    signer: Arc<Signer>,
    /// Counts nonces, of all clients of one app.
    nonces: Arc<AtomicU64>,
    /// The two demo users, as a party of a transfer is described.
    pub users: [Value; 2],
}

impl App {
    pub fn new(sandbox: &Sandbox) -> Self {
        let user = |at| sandbox.contract["wonder"]["users"][at].clone();
        Self {
            connection: Connection::to(&sandbox.public()),
            app_id: sandbox.text("/wonder/app_id"),
            signer: Arc::new(Signer::from_pem(&sandbox.text("/wonder/private_key_pem"))),
            nonces: Arc::default(),
            users: [user(0), user(1)],
        }
    }

    /// Another connection of the same app.
    pub fn again(&self) -> Self {
        Self {
            connection: Connection::to(self.connection.address()),
            app_id: self.app_id.clone(),
            signer: Arc::clone(&self.signer),
            nonces: Arc::clone(&self.nonces),
            users: self.users.clone(),
        }
    }

    pub fn raw(&mut self, method: &str, target: &str, body: &str) -> io::Result<Answer> {
        let count = self.nonces.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        let nonce = HEXLOWER.encode(&digest(&SHA256, &count).as_ref()[..8]);
        let time = stamp(crate::merchant::now_ms());
        let signed = (method, target, body);
        let headers = headers(&self.signer, &self.app_id, (&nonce, &time), signed);
        let fields: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.connection.request(method, target, &fields, body.as_bytes())
    }

    /// What a call answers, whatever it is.
    pub fn call(&mut self, method: &str, target: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(method, target, &body).expect("the door answers").json()
    }

    /// What a call answers; it must succeed.
    pub fn get(&mut self, target: &str) -> Value {
        let answer = self.call("GET", target, &Value::Null);
        assert_eq!(answer["code"], 200, "{target}: {answer}");
        answer["data"].clone()
    }

    /// From one of two parties to the other.
    pub fn transfer_body(
        sender: &Value,
        receiver: &Value,
        (currency, amount): (&str, &str),
        ref_id: &str,
    ) -> Value {
        json!({
            "sender_party": sender,
            "receiver_party": receiver,
            "currency": currency,
            "amount": amount,
            "remark": "test 1 usd",
            "ref_id": ref_id,
        })
    }

    /// As [`App::transfer_body`]; the transfer that it became.
    pub fn transfer(
        &mut self,
        (sender, receiver): (&Value, &Value),
        money: (&str, &str),
        ref_id: &str,
    ) -> Value {
        let body = Self::transfer_body(sender, receiver, money, ref_id);
        let answer = self.call("POST", TRANSFERS, &body);
        assert_eq!((&answer["code"], &answer["message"]), (&json!(200), &json!("succeed")));
        answer["data"]["platform_transfer"].clone()
    }

    /// What is available to a user in a currency; zero without a wallet.
    pub fn balance(&mut self, user: &Value, currency: &str) -> String {
        let id = user["user_id"].as_str().expect("an id");
        let found = self.get(&format!("{LEDGER_ACCOUNTS}?user_id={id}&limit=100"));
        let rows = found["ledger_accounts"].as_array().expect("a list").iter();
        let mut rows = rows.filter(|row| row["currency"] == currency);
        let row = rows.next().map(|row| row["available_balance"].as_str().expect("a text"));
        row.unwrap_or("0").to_owned()
    }

    /// The transfers of a list's query.
    pub fn list(&mut self, query: &str) -> Vec<Value> {
        let found = self.get(&format!("{TRANSFERS}?{query}"));
        found["platform_transfers"].as_array().expect("a list").clone()
    }
}
