//! Holds.

use crate::cell::{id, id_of, int, params};
use crate::pool::Readers;
use domain::hold::{Hold, HoldState};
use domain::id::{HoldId, ProgramId};
use domain::time::Time;
use store::StoreError;
use store::hold::HOLD;
use store::schema::BadColumn;
use tokio_postgres::Row;

/// Over all programmes: what it finds is work for units of each.
pub const DUE: &str = "select program, id from hold \
     where state = $1::smallint and expires_at <= $2 order by expires_at, program, id limit $3";

pub async fn hold(
    readers: &Readers,
    program: ProgramId,
    of: HoldId,
) -> Result<Option<Hold>, StoreError> {
    readers.find(&[id(program.bytes()), id(of.bytes())]).await
}

pub async fn due(
    readers: &Readers,
    now: Time,
    limit: u32,
) -> Result<Vec<(ProgramId, HoldId)>, StoreError> {
    let open = int(i64::from(HoldState::Open.code()));
    let cells = [open, int(now.unix_us()), int(i64::from(limit))];
    readers.rows(HOLD.name, DUE, &params(&cells)).await?.iter().map(key).collect()
}

/// Programme and id of a row with these two columns.
fn key(row: &Row) -> Result<(ProgramId, HoldId), StoreError> {
    let part = |index, name| {
        id_of(row, index).ok_or_else(|| StoreError::corrupt(&HOLD, &[], BadColumn(name)))
    };
    let (program, id) = (part(0, "program")?, part(1, "id")?);
    Ok((ProgramId::from_bytes(program), HoldId::from_bytes(id)))
}
