//! Deliveries.

use crate::cell::{id, int, params};
use crate::pool::Readers;
use domain::delivery::Delivery;
use domain::id::{DeliveryId, EndpointId, ProgramId};
use domain::time::Time;
use store::delivery::{before, since, statuses, until};
use store::{DeliveryFilter, StoreError};

/// What may be attempted: nothing pending of the same subject is before it.
pub const DUE: &str = "select * from delivery d \
     where program = $1::uuid and endpoint = $2::uuid and next_attempt_at <= $3 \
     and not exists (select 1 from delivery b \
         where b.program = $1::uuid and b.endpoint = $2::uuid and b.subject = d.subject \
         and (b.seq, b.ordinal) < (d.seq, d.ordinal) and b.next_attempt_at is not null) \
     order by next_attempt_at, seq, ordinal limit $4";

pub const PAGE: &str = "select * from delivery \
     where program = $1::uuid and (seq, ordinal, endpoint) < ($2::bigint, $3::bigint, $4::uuid) \
     and ($5::bigint < 0 or (1::bigint << status) & $5 <> 0) \
     and event_at >= $6 and event_at < $7 \
     order by seq desc, ordinal desc, endpoint desc limit $8";

pub const PAGE_OF_ENDPOINT: &str = "select * from delivery \
     where program = $1::uuid and endpoint = $9::uuid \
     and (seq, ordinal) <= ($2::bigint, $3::bigint) \
     and (seq, ordinal, endpoint) < ($2::bigint, $3::bigint, $4::uuid) \
     and ($5::bigint < 0 or (1::bigint << status) & $5 <> 0) \
     and event_at >= $6 and event_at < $7 \
     order by seq desc, ordinal desc limit $8";

pub async fn delivery(
    readers: &Readers,
    program: ProgramId,
    of: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    readers.find(&[id(program.bytes()), id(of.bytes())]).await
}

pub async fn due(
    readers: &Readers,
    program: ProgramId,
    endpoint: EndpointId,
    now: Time,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    let (program, endpoint) = (id(program.bytes()), id(endpoint.bytes()));
    let cells = [program, endpoint, int(now.unix_us()), int(i64::from(limit))];
    readers.list(DUE, &params(&cells)).await
}

pub async fn deliveries(
    readers: &Readers,
    program: ProgramId,
    filter: DeliveryFilter,
) -> Result<Vec<Delivery>, StoreError> {
    let (seq, ordinal, last) = before(&filter);
    let mut cells = vec![
        id(program.bytes()),
        int(seq),
        int(ordinal),
        id(&last),
        int(statuses(&filter)),
        int(since(&filter)),
        int(until(&filter)),
        int(i64::from(filter.limit)),
    ];
    match &filter.endpoint {
        None => readers.list(PAGE, &params(&cells)).await,
        Some(of) => {
            cells.push(id(of.bytes()));
            readers.list(PAGE_OF_ENDPOINT, &params(&cells)).await
        }
    }
}
