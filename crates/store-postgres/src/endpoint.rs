//! Endpoints.

use crate::cell::{id, int, params};
use crate::error::noun;
use crate::pool::Readers;
use domain::endpoint::{Endpoint, EndpointStatus};
use domain::id::{EndpointId, ProgramId};
use domain::time::Time;
use store::schema::BadColumn;
use store::{AtWork, Noun, StoreError};
use tokio_postgres::Row;

pub const OF_PROGRAM: &str = "select * from endpoint where program = $1::uuid order by id";

/// Over all programmes. The last two columns are no part of the row.
pub const AT_WORK: &str = "select e.*, c.seq, exists (select 1 from delivery d \
         where d.program = e.program and d.endpoint = e.id and d.next_attempt_at <= $1::bigint) \
     from endpoint e join counter c on c.program = e.program \
     where e.status = $2::smallint and (e.program, e.id) > ($3::uuid, $4::uuid) \
     order by e.program, e.id limit $5";

pub async fn endpoint(
    readers: &Readers,
    program: ProgramId,
    of: EndpointId,
) -> Result<Option<Endpoint>, StoreError> {
    readers.find(&[id(program.bytes()), id(of.bytes())]).await
}

pub async fn endpoints(readers: &Readers, program: ProgramId) -> Result<Vec<Endpoint>, StoreError> {
    readers.list(OF_PROGRAM, &[&id(program.bytes())]).await
}

pub async fn at_work(
    readers: &Readers,
    now: Time,
    after: Option<(ProgramId, EndpointId)>,
    limit: u32,
) -> Result<Vec<AtWork>, StoreError> {
    // No endpoint belongs to the installation, whose id is zero.
    let nothing = (ProgramId::INSTALLATION, EndpointId::from_bytes([0; 16]));
    let (program, last) = after.unwrap_or(nothing);
    let status = int(i64::from(EndpointStatus::Enabled.code()));
    let (program, last) = (id(program.bytes()), id(last.bytes()));
    let cells = [int(now.unix_us()), status, program, last, int(i64::from(limit))];
    let rows = readers.rows(Endpoint::TABLE.name, AT_WORK, &params(&cells)).await?;
    rows.iter().map(found).collect()
}

fn found(row: &Row) -> Result<AtWork, StoreError> {
    let corrupt = || StoreError::corrupt(Endpoint::TABLE, &[], BadColumn("cursor"));
    let width = Endpoint::TABLE.columns.len();
    let seq: i64 = row.try_get(width).map_err(|_| corrupt())?;
    let seq = u64::try_from(seq).map_err(|_| corrupt())?;
    let due = row.try_get(width + 1).map_err(|_| corrupt())?;
    Ok(AtWork { endpoint: noun(row)?, seq, due })
}
