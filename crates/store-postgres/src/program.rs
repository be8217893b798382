//! Programmes: the control row, settings, the counter.

use crate::cell::{after, id, int, params};
use crate::pool::Readers;
use domain::id::ProgramId;
use domain::program::{Counter, Program, Settings};
use store::StoreError;

pub const PAGE: &str =
    "select * from program where $1::uuid is null or id > $1 order by id limit $2";

pub async fn program(readers: &Readers, of: ProgramId) -> Result<Option<Program>, StoreError> {
    readers.find(&[id(of.bytes())]).await
}

pub async fn programs(
    readers: &Readers,
    last: Option<ProgramId>,
    limit: u32,
) -> Result<Vec<Program>, StoreError> {
    let cells = [after(last.as_ref().map(ProgramId::bytes)), int(i64::from(limit))];
    readers.list(PAGE, &params(&cells)).await
}

pub async fn settings(readers: &Readers, of: ProgramId) -> Result<Option<Settings>, StoreError> {
    readers.find(&[id(of.bytes())]).await
}

pub async fn counter(readers: &Readers, of: ProgramId) -> Result<Option<Counter>, StoreError> {
    readers.find(&[id(of.bytes())]).await
}
