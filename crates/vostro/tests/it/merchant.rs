//! A merchant's client of the KeySecure door: plain sockets, one connection per client.

use crate::server::Sandbox;
use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a test waits for an answer before it calls it lost.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Merchant {
    address: String,
    api_key: String,
    token: String,
    connection: Option<BufReader<TcpStream>>,
}

/// Milliseconds since 1970, for the `Timestamp` header.
pub fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis()
}

impl Merchant {
    /// With a token of one of the sandbox's two demo programmes: `credit` or `authorization`.
    pub fn new(sandbox: &Sandbox, part: &str) -> Self {
        let api_key = sandbox.text(&format!("/keysecure/{part}/api_key"));
        let mut merchant = Self {
            address: sandbox.public(),
            api_key,
            token: String::new(),
            connection: None,
        };
        merchant.log_in();
        merchant
    }

    /// Another connection with the same token.
    pub fn again(&self) -> Self {
        Self {
            address: self.address.clone(),
            api_key: self.api_key.clone(),
            token: self.token.clone(),
            connection: None,
        }
    }

    /// Points at a server that was started anew.
    pub fn follow(&mut self, sandbox: &Sandbox) {
        self.address = sandbox.public();
        self.connection = None;
    }

    pub fn log_in(&mut self) {
        let answer = self.call("GET", "/merchant/token", "").expect("a token is answered");
        let token = answer["data"]["access_token"].as_str();
        self.token = token.unwrap_or_else(|| panic!("no token: {answer}")).to_owned();
    }

    /// One request. An error means that its outcome is not known.
    pub fn call(&mut self, method: &str, path: &str, body: &str) -> io::Result<Value> {
        let answer = self.exchange(method, path, body);
        if answer.is_err() {
            self.connection = None;
        }
        answer
    }

    fn exchange(&mut self, method: &str, path: &str, body: &str) -> io::Result<Value> {
        let head = format!(
            "{method} /open-api/v1{path} HTTP/1.1\r\nHost: {}\r\nApi-Key: {}\r\nTimestamp: {}\r\n\
             Access-Token: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            self.api_key,
            now_ms(),
            self.token,
            body.len()
        );
        if self.connection.is_none() {
            let stream = TcpStream::connect(&self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            self.connection = Some(BufReader::new(stream));
        }
        let connection = self.connection.as_mut().expect("just made");
        connection.get_mut().write_all(head.as_bytes())?;
        read_answer(connection)
    }

    /// A transfer `In` or `Out`.
    pub fn transfer(
        &mut self,
        cardholder: &str,
        number: &str,
        direction: &str,
        amount: &str,
    ) -> io::Result<Value> {
        let body = json!({
            "cardholder_no": cardholder,
            "transfer_unique_no": number,
            "type": direction,
            "balance": amount,
        });
        self.call("POST", "/account/transfer", &body.to_string())
    }

    pub fn info(&mut self, cardholder: &str) -> io::Result<Value> {
        self.call("GET", &format!("/account/{cardholder}/info"), "")
    }
}

fn read_answer(connection: &mut BufReader<TcpStream>) -> io::Result<Value> {
    let mut length = 0usize;
    let mut first = true;
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.is_empty() && !first {
            break;
        }
        first = false;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    serde_json::from_slice(&body).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
