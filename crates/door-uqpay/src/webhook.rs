//! The vendor's webhooks: what happened, as its clients read and verify it.
//!
//! The signature is the lower-case hex of HMAC-SHA512 over the very body and the text of
//! `x-wk-timestamp`, under the bytes of the secret's own text. Only what the vendor has an event
//! for is told; settings are the master's, so one endpoint hears of the whole family.

use crate::amount::Decimal;
use crate::family::Masters;
use crate::time;
use crate::transfer::{Moved, number};
use data_encoding::HEXLOWER;
use domain::event::{Event, EventKind};
use domain::id::InstructionId;
use domain::secret::Secret;
use domain::time::Time;
use engine::deliver::{Message, Render, Telling};
use engine::{BoxFuture, Engine, Error};
use serde::Serialize;
use vault::webhook::hmac_sha512;

/// Of the contract that the bodies follow.
const VERSION: &str = "V1.6.0";
/// The category of everything that this door tells.
const CATEGORY: &str = "ISSUING";
const TRANSFER_STATUS: &str = "issuing.transfer.status_changed";

/// What a receiver's own secret may be: as long as is safe, and characters that survive a shell.
const SECRET_LEN_MIN: usize = 16;
const SECRET_LEN_MAX: usize = 128;

/// What `x-wk-timestamp` counts. The newer clients take both, the oldest seconds alone.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum TimestampUnit {
    #[default]
    Milliseconds,
    Seconds,
}

impl TimestampUnit {
    fn text(self, at: Time) -> String {
        let us_per_unit = match self {
            Self::Milliseconds => 1_000,
            Self::Seconds => 1_000_000,
        };
        at.unix_us().div_euclid(us_per_unit).to_string()
    }
}

#[derive(Serialize)]
struct Envelope<T> {
    version: &'static str,
    event_name: &'static str,
    event_type: &'static str,
    event_id: String,
    /// The id of what `data` tells of.
    source_id: String,
    data: T,
}

#[derive(Serialize)]
struct TransferView {
    transfer_id: String,
    short_reference_id: String,
    source_account_id: String,
    destination_account_id: String,
    amount: Decimal,
    currency: &'static str,
    transfer_status: &'static str,
    create_time: String,
    complete_time: String,
}

impl TransferView {
    fn of(moved: &Moved) -> Self {
        let Moved { row, source, destination } = moved;
        let at = time::text(row.at);
        Self {
            transfer_id: row.id.to_string(),
            short_reference_id: number(row.id, row.at),
            source_account_id: source.to_string(),
            destination_account_id: destination.to_string(),
            amount: Decimal(row.amount.money()),
            currency: row.amount.asset().code(),
            // Lower case, and another word than the answers have; there is no other event of it,
            // since what fails leaves no transfer.
            transfer_status: "succeeded",
            create_time: at.clone(),
            complete_time: at,
        }
    }
}

fn message(body: Vec<u8>, key: &[u8], timestamp: String) -> Message {
    let signature = HEXLOWER.encode(&hmac_sha512(key, &[&body, timestamp.as_bytes()]));
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("x-wk-timestamp", timestamp),
        ("x-wk-signature", signature),
    ];
    Message { headers, body }
}

/// Writes them.
#[derive(Default, Debug)]
pub struct Webhooks {
    unit: TimestampUnit,
    masters: Masters,
}

impl Webhooks {
    pub fn new(unit: TimestampUnit) -> Self {
        Self { unit, masters: Masters::default() }
    }

    /// The transfer that an event tells of, where it is one.
    async fn moved(&self, engine: &Engine, event: &Event) -> Result<Option<Moved>, Error> {
        if event.kind != EventKind::InstructionCompleted {
            return Ok(None);
        }
        let Some(master) = self.masters.find(engine, event.program).await? else {
            return Ok(None);
        };
        let id = InstructionId::from_bytes(event.subject);
        match engine.find_instruction(event.program, id).await? {
            Some(listed) => Moved::read(engine, master, listed.instruction).await,
            None => Ok(None),
        }
    }

    async fn write(&self, engine: &Engine, telling: &Telling<'_>) -> Result<Message, Error> {
        let event = telling.event;
        let moved = self.moved(engine, event).await?;
        let moved = moved.ok_or(Error::Internal("the event is none that the vendor has"))?;
        let data = TransferView::of(&moved);
        let told = Envelope {
            version: VERSION,
            event_name: CATEGORY,
            event_type: TRANSFER_STATUS,
            event_id: event.id.to_string(),
            source_id: data.transfer_id.clone(),
            data,
        };
        let body = serde_json::to_vec(&told).expect("views have text keys and no fallible values");
        Ok(message(body, telling.secret.expose(), self.unit.text(telling.at)))
    }
}

impl Render for Webhooks {
    fn tells<'a>(
        &'a self,
        engine: &'a Engine,
        event: &'a Event,
    ) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async { Ok(self.moved(engine, event).await?.is_some()) })
    }

    fn render<'a>(
        &'a self,
        engine: &'a Engine,
        telling: &'a Telling<'a>,
    ) -> BoxFuture<'a, Result<Message, Error>> {
        Box::pin(self.write(engine, telling))
    }

    fn secret_text(&self, key: &Secret<Vec<u8>>) -> Secret<String> {
        Secret::new(String::from_utf8_lossy(key.expose()).into_owned())
    }

    fn read_secret(&self, text: &Secret<String>) -> Option<Secret<Vec<u8>>> {
        let bytes = text.expose().as_bytes();
        let bounded = (SECRET_LEN_MIN..=SECRET_LEN_MAX).contains(&bytes.len());
        let plain = bytes.iter().all(u8::is_ascii_graphic);
        (bounded && plain).then(|| Secret::new(bytes.to_vec()))
    }
}

#[cfg(test)]
mod tests;
