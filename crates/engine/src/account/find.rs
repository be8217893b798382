//! Finds accounts and pages through their entries.

use crate::error::Error;
use crate::start::Engine;
use domain::account::{Account, Owner};
use domain::id::{AccountId, ProgramId};
use domain::time::Time;
use domain::transfer::Entry;

impl Engine {
    pub async fn find_account(
        &self,
        program: ProgramId,
        id: AccountId,
    ) -> Result<Option<Account>, Error> {
        Ok(self.store.account(program, id).await?)
    }

    /// All accounts or one owner's, in the order of their ids, after one of them.
    pub async fn accounts(
        &self,
        program: ProgramId,
        owner: Option<Owner>,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, Error> {
        Ok(self.store.accounts(program, owner, after, limit).await?)
    }

    /// When the account's newest entry was written, or else when it was opened.
    pub async fn account_changed_at(&self, account: &Account) -> Result<Time, Error> {
        let program = account.program;
        let newest = self.store.entries(program, account.id, None, 1).await?;
        let Some(entry) = newest.first() else { return Ok(account.opened_at) };
        let transfers = self.store.transfers(program, entry.place.seq).await?;
        Ok(transfers.first().map_or(account.opened_at, |transfer| transfer.at))
    }

    /// An account's entries, newest first. The cursor is the last version seen: entries that come
    /// meanwhile are newer and never shift a page.
    pub async fn account_history(
        &self,
        program: ProgramId,
        account: AccountId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Error> {
        Ok(self.store.entries(program, account, before, limit).await?)
    }
}

#[cfg(test)]
mod tests;
