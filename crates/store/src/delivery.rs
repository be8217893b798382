//! The delivery's row.

use crate::query::DeliveryFilter;
use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Id, Int, Small};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use crate::seq;
use crate::transfer::{read_place, write_place};
use domain::delivery::{AttemptFault, Delivery, DeliveryState, DeliveryStatus, Outcome};
use domain::event::EventKind;
use domain::id::{DeliveryId, EndpointId, EventId};
use domain::time::Time;

pub static DELIVERY: TableSpec = TableSpec {
    name: "delivery",
    class: Class::Record,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("endpoint", Id),
        column("event", Id),
        column("seq", Int),
        column("ordinal", Int),
        column("kind", Small),
        column("subject", Id),
        column("event_at", Int),
        column("status", Small),
        nullable("next_attempt_at", Int),
        column("attempts", Int),
        column("replays", Int),
        nullable("last_status", Int),
        nullable("last_fault", Small),
        nullable("last_ms", Int),
        nullable("first_attempt_at", Int),
        nullable("last_attempt_at", Int),
        column("version", Int),
    ],
};

impl Noun for Delivery {
    const TABLE: &'static TableSpec = &DELIVERY;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.id(self.endpoint.bytes());
        out.id(self.event.bytes());
        write_place(self.place, out);
        out.small(self.kind.code());
        out.id(&self.subject);
        out.int(self.event_at.unix_us());
        out.small(self.state.status().code());
        out.optional_int(self.state.next_attempt_at().map(Time::unix_us));
        out.count(self.attempts);
        out.count(self.replays);
        match self.last_outcome {
            None => {
                out.null();
                out.null();
            }
            Some(Outcome::Answered(status)) => {
                out.int(i64::from(status));
                out.null();
            }
            Some(Outcome::Failed(fault)) => {
                out.null();
                out.small(fault.code());
            }
        }
        out.optional_int(self.last_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)));
        out.optional_int(self.first_attempt_at.map(Time::unix_us));
        out.optional_int(self.last_attempt_at.map(Time::unix_us));
        out.count(self.version);
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: DeliveryId::from_bytes(row.id()?),
            endpoint: EndpointId::from_bytes(row.id()?),
            event: EventId::from_bytes(row.id()?),
            place: read_place(row)?,
            kind: row.coded(EventKind::from_code)?,
            subject: row.id()?,
            event_at: row.time()?,
            state: read_state(row)?,
            attempts: row.count()?,
            replays: row.count()?,
            last_outcome: read_outcome(row)?,
            last_ms: read_optional(row)?,
            first_attempt_at: row.optional_int()?.map(Time::from_unix_us),
            last_attempt_at: row.optional_int()?.map(Time::from_unix_us),
            version: row.count()?,
        })
    }
}

/// What is pending has a next attempt, and nothing else has one.
fn read_state(row: &mut RowReader<'_>) -> Result<DeliveryState, BadColumn> {
    let status = row.coded(DeliveryStatus::from_code)?;
    let bad = row.bad();
    let next = row.optional_int()?.map(Time::from_unix_us);
    DeliveryState::of(status, next).ok_or(bad)
}

/// Answered or failed, never both.
fn read_outcome(row: &mut RowReader<'_>) -> Result<Option<Outcome>, BadColumn> {
    let status: Option<u16> = read_optional(row)?;
    let bad = row.bad();
    let fault: Option<u8> = read_optional(row)?;
    match (status, fault) {
        (None, None) => Ok(None),
        (Some(status), None) => Ok(Some(Outcome::Answered(status))),
        (None, Some(code)) => {
            AttemptFault::from_code(code).map(|fault| Some(Outcome::Failed(fault))).ok_or(bad)
        }
        (Some(_), Some(_)) => Err(bad),
    }
}

fn read_optional<T: TryFrom<i64>>(row: &mut RowReader<'_>) -> Result<Option<T>, BadColumn> {
    let bad = row.bad();
    row.optional_int()?.map(T::try_from).transpose().map_err(|_| bad)
}

keyed!(Delivery, deliveries, DeliveryId, |row| row.id);

/// A filter's bounds for backends with 64-bit signed numbers: the key that rows come before.
pub fn before(filter: &DeliveryFilter) -> (i64, i64, [u8; 16]) {
    let end = (seq::END.0, seq::END.1, [0xff; 16]);
    filter.before.map_or(end, |(place, endpoint)| {
        let (seq, ordinal) = seq::place(place);
        (seq, ordinal, *endpoint.bytes())
    })
}

/// The oldest time.
pub fn since(filter: &DeliveryFilter) -> i64 {
    filter.from.map_or(i64::MIN, Time::unix_us)
}

/// The time after the newest.
pub fn until(filter: &DeliveryFilter) -> i64 {
    filter.until.map_or(i64::MAX, Time::unix_us)
}

/// One bit for each status's code; all bits where all are meant.
pub fn statuses(filter: &DeliveryFilter) -> i64 {
    if filter.statuses.is_empty() {
        return -1;
    }
    filter.statuses.iter().fold(0, |bits, status| bits | (1 << status.code()))
}
