//! What operators' endpoints are sent: Standard Webhooks, <https://www.standardwebhooks.com>.
//!
//! The signature is `v1,` and the base64 of HMAC-SHA256 over `webhook-id`, `webhook-timestamp` and
//! the body with points between, under the bytes that the secret's base64 holds. A body names what
//! happened by ids; what is known of a person is never in it. Whoever wants more asks the API.

use crate::time;
use data_encoding::BASE64;
use domain::event::Event;
use domain::id::AccountId;
use domain::secret::Secret;
use engine::deliver::{Message, Render, Telling};
use engine::{BoxFuture, Engine, Error};
use serde::Serialize;
use vault::webhook::hmac_sha256;

/// What endpoints that are written to so have in their row.
pub const RENDERER: &str = "operator";
/// What the text of every secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a key that a receiver brings along, as the standard has it.
const KEY_LENGTHS: core::ops::RangeInclusive<usize> = 24..=64;

#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    r#type: &'static str,
    created_at: String,
    program: String,
    /// The id of the noun that `type` begins with.
    subject: String,
    seq: u64,
}

/// The id in a form that says nothing of its noun.
pub(crate) fn subject_text(subject: &[u8; 16]) -> String {
    AccountId::from_bytes(*subject).to_string()
}

fn message(event: &Event, secret: &[u8], unix_s: i64) -> Message {
    let id = event.id.to_string();
    let told = Told {
        id: &id,
        r#type: event.kind.word(),
        created_at: time::text(event.at),
        program: event.program.to_string(),
        subject: subject_text(&event.subject),
        seq: event.place.seq,
    };
    let body = serde_json::to_vec(&told).expect("views have text keys and no fallible values");
    let timestamp = unix_s.to_string();
    let signed = signature(secret, &id, &timestamp, &body);
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signed),
    ];
    Message { headers, body }
}

fn signature(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    format!("v1,{}", BASE64.encode(&hmac_sha256(secret, &parts)))
}

/// Writes them.
#[derive(Debug, Clone, Copy)]
pub struct StandardWebhooks;

impl Render for StandardWebhooks {
    fn tells<'a>(&'a self, _: &'a Engine, _: &'a Event) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(core::future::ready(Ok(true)))
    }

    fn render<'a>(
        &'a self,
        _: &'a Engine,
        telling: &'a Telling<'a>,
    ) -> BoxFuture<'a, Result<Message, Error>> {
        let unix_s = telling.at.unix_us().div_euclid(1_000_000);
        let message = message(telling.event, telling.secret.expose(), unix_s);
        Box::pin(core::future::ready(Ok(message)))
    }

    fn secret_text(&self, key: &Secret<Vec<u8>>) -> Secret<String> {
        Secret::new(format!("{SECRET_PREFIX}{}", BASE64.encode(key.expose())))
    }

    fn read_secret(&self, text: &Secret<String>) -> Option<Secret<Vec<u8>>> {
        let text = text.expose().strip_prefix(SECRET_PREFIX)?;
        let key = Secret::new(BASE64.decode(text.as_bytes()).ok()?);
        KEY_LENGTHS.contains(&key.expose().len()).then_some(key)
    }
}

#[cfg(test)]
mod tests;
