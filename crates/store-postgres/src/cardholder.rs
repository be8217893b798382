//! Cardholders.

use crate::cell::{after, id, int, params};
use crate::pool::Readers;
use domain::cardholder::Cardholder;
use domain::id::{CardholderId, ProgramId};
use store::StoreError;

pub const PAGE: &str = "select * from cardholder \
     where program = $1::uuid and ($2::uuid is null or id > $2) order by id limit $3";

pub async fn cardholder(
    readers: &Readers,
    program: ProgramId,
    of: CardholderId,
) -> Result<Option<Cardholder>, StoreError> {
    readers.find(&[id(program.bytes()), id(of.bytes())]).await
}

pub async fn cardholders(
    readers: &Readers,
    program: ProgramId,
    last: Option<CardholderId>,
    limit: u32,
) -> Result<Vec<Cardholder>, StoreError> {
    let last = after(last.as_ref().map(CardholderId::bytes));
    readers.list(PAGE, &params(&[id(program.bytes()), last, int(i64::from(limit))])).await
}
