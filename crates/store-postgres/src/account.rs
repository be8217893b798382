//! Accounts.

use crate::cell::{after, id, int, params};
use crate::pool::Readers;
use domain::account::{Account, Owner};
use domain::id::{AccountId, ProgramId};
use store::StoreError;

pub const PAGE: &str = "select * from account \
     where program = $1::uuid and ($2::uuid is null or id > $2) order by id limit $3";
pub const PAGE_OF_OWNER: &str = "select * from account \
     where program = $1::uuid and ($2::uuid is null or id > $2) \
     and owner_kind = $4::smallint and owner = $5::uuid order by id limit $3";

pub async fn account(
    readers: &Readers,
    program: ProgramId,
    of: AccountId,
) -> Result<Option<Account>, StoreError> {
    readers.find(&[id(program.bytes()), id(of.bytes())]).await
}

pub async fn accounts(
    readers: &Readers,
    program: ProgramId,
    owner: Option<Owner>,
    last: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Account>, StoreError> {
    let last = after(last.as_ref().map(AccountId::bytes));
    let (program, limit) = (id(program.bytes()), int(i64::from(limit)));
    let Some(owner) = owner else {
        return readers.list(PAGE, &params(&[program, last, limit])).await;
    };
    let (kind, whose) = (int(i64::from(owner.code())), owner.id_bytes());
    readers.list(PAGE_OF_OWNER, &params(&[program, last, limit, kind, id(&whose)])).await
}
