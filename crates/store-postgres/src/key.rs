//! Wrapped keys.

use crate::cell::id;
use crate::pool::Readers;
use domain::id::ProgramId;
use domain::key::WrappedKey;
use store::StoreError;

pub const OF_PROGRAM: &str = "select * from wrapped_key where program = $1::uuid order by id";

pub async fn keys(readers: &Readers, program: ProgramId) -> Result<Vec<WrappedKey>, StoreError> {
    readers.list(OF_PROGRAM, &[&id(program.bytes())]).await
}
