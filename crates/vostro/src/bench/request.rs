//! A transfer as bytes, made once per connection; for each request only digits are written over.
//!
//! The load generator shares the machine with the server, so what it saves is measured for the
//! server.

use super::figures::Kind;
use domain::secret::Secret;

const TIME_DIGITS: usize = 13;
const HOLDER_DIGITS: usize = 8;
const COUNT_DIGITS: usize = 10;

/// The greatest number of cardholders that has digits for all.
pub const HOLDERS_MAX: i64 = 99_999_999;

/// The number of a benchmark's cardholder.
pub fn cardholder_no(index: u32) -> String {
    format!("B{index:0HOLDER_DIGITS$}")
}

/// Whom the requests come from and go to.
pub struct Merchant {
    pub host: String,
    /// The path that the door is mounted at.
    pub base: String,
    pub api_key: Secret<String>,
    pub token: Secret<String>,
}

/// One connection's request.
pub struct Request {
    bytes: Vec<u8>,
    time: usize,
    holder: usize,
    count: usize,
}

impl Request {
    /// `stage` and `connection` make the transfers' numbers unique in a store.
    pub fn new(merchant: &Merchant, kind: Kind, stage: u32, connection: u32) -> Self {
        let name = match kind {
            Kind::Transfer => "account/transfer",
            Kind::Baseline => "account/transfer/rehearsal",
            Kind::Engine | Kind::Bulk => unreachable!("they are no requests of a merchant"),
        };
        let body = |holder: &str, count: &str| {
            format!(
                "{{\"cardholder_no\":\"{holder}\",\
                 \"transfer_unique_no\":\"bench-{stage:05}-{connection:05}-{count}\",\
                 \"type\":\"In\",\"balance\":\"0.01\"}}"
            )
        };
        let (holder, count) = (cardholder_no(0), "0".repeat(COUNT_DIGITS));
        let length = body(&holder, &count).len();
        let mut text = format!(
            "POST {}/{name} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nApi-Key: {}\r\nAccess-Token: {}\r\nTimestamp: ",
            merchant.base,
            merchant.host,
            merchant.api_key.expose(),
            merchant.token.expose()
        );
        let time = text.len();
        text.push_str(&"0".repeat(TIME_DIGITS));
        text.push_str("\r\n\r\n");
        let begins = text.len();
        let whole = body(&holder, &count);
        // The first digit of each behind what the body begins with.
        let holder = begins + r#"{"cardholder_no":"B"#.len();
        let count = begins + length - r#"","type":"In","balance":"0.01"}"#.len() - COUNT_DIGITS;
        text.push_str(&whole);
        Self { bytes: text.into_bytes(), time, holder, count }
    }

    /// The bytes of a request for a cardholder's balances.
    pub fn read(merchant: &Merchant, unix_ms: u64, holder: u32) -> Vec<u8> {
        let text = format!(
            "GET {}/account/{}/info HTTP/1.1\r\nHost: {}\r\nApi-Key: {}\r\n\
             Access-Token: {}\r\nTimestamp: {unix_ms}\r\n\r\n",
            merchant.base,
            cardholder_no(holder),
            merchant.host,
            merchant.api_key.expose(),
            merchant.token.expose()
        );
        text.into_bytes()
    }

    /// The bytes of the next request. `unix_ms` must have 13 digits.
    pub fn fill(&mut self, unix_ms: u64, holder: u32, count: u64) -> &[u8] {
        let mut write = |at: usize, digits: usize, value| {
            decimal(&mut self.bytes[at..at + digits], value);
        };
        write(self.time, TIME_DIGITS, unix_ms);
        write(self.holder, HOLDER_DIGITS, u64::from(holder));
        write(self.count, COUNT_DIGITS, count);
        &self.bytes
    }
}

/// The request for a token, which is asked for once.
pub fn token_request(host: &str, base: &str, api_key: &Secret<String>, unix_ms: u64) -> String {
    format!(
        "GET {base}/merchant/token HTTP/1.1\r\nHost: {host}\r\nApi-Key: {}\r\n\
         Timestamp: {unix_ms}\r\n\r\n",
        api_key.expose()
    )
}

/// Writes the last digits of a number, with zeros before them.
fn decimal(place: &mut [u8], mut value: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

#[cfg(test)]
mod tests;
