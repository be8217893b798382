//! Sub-accounts.

use crate::cell::{after, id, int, params};
use crate::pool::Readers;
use domain::id::{ProgramId, SubAccountId};
use domain::sub_account::SubAccount;
use store::StoreError;

pub const PAGE: &str = "select * from sub_account \
     where program = $1::uuid and ($2::uuid is null or id > $2) order by id limit $3";

pub async fn sub_account(
    readers: &Readers,
    program: ProgramId,
    of: SubAccountId,
) -> Result<Option<SubAccount>, StoreError> {
    readers.find(&[id(program.bytes()), id(of.bytes())]).await
}

pub async fn sub_accounts(
    readers: &Readers,
    program: ProgramId,
    last: Option<SubAccountId>,
    limit: u32,
) -> Result<Vec<SubAccount>, StoreError> {
    let last = after(last.as_ref().map(SubAccountId::bytes));
    readers.list(PAGE, &params(&[id(program.bytes()), last, int(i64::from(limit))])).await
}
