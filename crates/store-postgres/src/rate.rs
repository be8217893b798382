//! Rates.

use crate::cell::id;
use crate::pool::Readers;
use domain::id::{ProgramId, RateId};
use domain::rate::ProgramRate;
use store::StoreError;

pub const OF_PROGRAM: &str = "select * from rate where program = $1::uuid order by id";

pub async fn rate(
    readers: &Readers,
    program: ProgramId,
    of: RateId,
) -> Result<Option<ProgramRate>, StoreError> {
    readers.find(&[id(program.bytes()), id(of.bytes())]).await
}

pub async fn rates(readers: &Readers, program: ProgramId) -> Result<Vec<ProgramRate>, StoreError> {
    readers.list(OF_PROGRAM, &[&id(program.bytes())]).await
}
