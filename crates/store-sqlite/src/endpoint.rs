//! Endpoints.

use crate::error::fault;
use crate::statement::{find, list, noun};
use domain::endpoint::{Endpoint, EndpointStatus};
use domain::id::{EndpointId, ProgramId};
use domain::time::Time;
use rusqlite::{Connection, params};
use store::schema::BadColumn;
use store::{AtWork, Noun, StoreError};

pub const OF_PROGRAM: &str = "select * from endpoint where program = ?1 order by id";

/// Over all programmes. The last two columns are no part of the row.
pub const AT_WORK: &str = "select e.*, c.seq, exists (select 1 from delivery d \
         where d.program = e.program and d.endpoint = e.id and d.next_attempt_at <= ?1) \
     from endpoint e join counter c on c.program = e.program \
     where e.status = ?2 and (e.program, e.id) > (?3, ?4) \
     order by e.program, e.id limit ?5";

pub fn endpoint(
    connection: &Connection,
    program: ProgramId,
    id: EndpointId,
) -> Result<Option<Endpoint>, StoreError> {
    find(connection, params![program.bytes(), id.bytes()])
}

pub fn endpoints(connection: &Connection, program: ProgramId) -> Result<Vec<Endpoint>, StoreError> {
    list(connection, OF_PROGRAM, params![program.bytes()])
}

pub fn at_work(
    connection: &Connection,
    now: Time,
    after: Option<(ProgramId, EndpointId)>,
    limit: u32,
) -> Result<Vec<AtWork>, StoreError> {
    let fault = |error| fault(Endpoint::TABLE.name, error);
    let corrupt = || StoreError::corrupt(Endpoint::TABLE, &[], BadColumn("cursor"));
    // No endpoint belongs to the installation, whose id is zero.
    let nothing = (ProgramId::INSTALLATION, EndpointId::from_bytes([0; 16]));
    let (program, id) = after.unwrap_or(nothing);
    let mut statement = connection.prepare_cached(AT_WORK).map_err(fault)?;
    let status = EndpointStatus::Enabled.code();
    let bound = params![now.unix_us(), status, program.bytes(), id.bytes(), limit];
    let mut rows = statement.query(bound).map_err(fault)?;
    let mut at_work = Vec::new();
    let width = Endpoint::TABLE.columns.len();
    while let Some(row) = rows.next().map_err(fault)? {
        let seq: i64 = row.get(width).map_err(fault)?;
        let seq = u64::try_from(seq).map_err(|_| corrupt())?;
        let due = row.get(width + 1).map_err(fault)?;
        at_work.push(AtWork { endpoint: noun(row)?, seq, due });
    }
    Ok(at_work)
}
