//! Deliveries.

use crate::statement::{find, list};
use domain::delivery::Delivery;
use domain::id::{DeliveryId, EndpointId, ProgramId};
use domain::time::Time;
use rusqlite::{Connection, params};
use store::delivery::{before, since, statuses, until};
use store::{DeliveryFilter, StoreError};

/// What may be attempted: nothing pending of the same subject is before it.
pub const DUE: &str = "select * from delivery d indexed by delivery_due \
     where program = ?1 and endpoint = ?2 and next_attempt_at <= ?3 \
     and not exists (select 1 from delivery b indexed by delivery_subject \
         where b.program = ?1 and b.endpoint = ?2 and b.subject = d.subject \
         and (b.seq, b.ordinal) < (d.seq, d.ordinal) and b.next_attempt_at is not null) \
     order by next_attempt_at, seq, ordinal limit ?4";

pub const PAGE: &str = "select * from delivery indexed by delivery_place \
     where program = ?1 and (seq, ordinal, endpoint) < (?2, ?3, ?4) \
     and (?5 < 0 or (1 << status) & ?5 <> 0) and event_at >= ?6 and event_at < ?7 \
     order by seq desc, ordinal desc, endpoint desc limit ?8";

pub const PAGE_OF_ENDPOINT: &str = "select * from delivery indexed by delivery_endpoint \
     where program = ?1 and endpoint = ?9 and (seq, ordinal) <= (?2, ?3) \
     and (seq, ordinal, endpoint) < (?2, ?3, ?4) \
     and (?5 < 0 or (1 << status) & ?5 <> 0) and event_at >= ?6 and event_at < ?7 \
     order by seq desc, ordinal desc limit ?8";

pub fn delivery(
    connection: &Connection,
    program: ProgramId,
    id: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    find(connection, params![program.bytes(), id.bytes()])
}

pub fn due(
    connection: &Connection,
    program: ProgramId,
    endpoint: EndpointId,
    now: Time,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    list(connection, DUE, params![program.bytes(), endpoint.bytes(), now.unix_us(), limit])
}

pub fn deliveries(
    connection: &Connection,
    program: ProgramId,
    filter: &DeliveryFilter,
) -> Result<Vec<Delivery>, StoreError> {
    let (seq, ordinal, last) = before(filter);
    let (from, to) = (since(filter), until(filter));
    let (program, kinds, limit) = (program.bytes(), statuses(filter), filter.limit);
    match filter.endpoint {
        None => {
            let bound = params![program, seq, ordinal, last, kinds, from, to, limit];
            list(connection, PAGE, bound)
        }
        Some(of) => {
            let of = of.bytes();
            let bound = params![program, seq, ordinal, last, kinds, from, to, limit, of];
            list(connection, PAGE_OF_ENDPOINT, bound)
        }
    }
}
