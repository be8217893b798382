//! Finds the members of a programme's family.

use crate::error::Error;
use crate::start::Engine;
use domain::id::{ProgramId, SubAccountId};
use domain::sub_account::SubAccount;

impl Engine {
    /// Another programme's member is not found.
    pub async fn find_sub_account(
        &self,
        program: ProgramId,
        id: SubAccountId,
    ) -> Result<Option<SubAccount>, Error> {
        Ok(self.store.sub_account(program, id).await?)
    }

    /// In the order of their ids, after one of them.
    pub async fn sub_accounts(
        &self,
        program: ProgramId,
        after: Option<SubAccountId>,
        limit: u32,
    ) -> Result<Vec<SubAccount>, Error> {
        Ok(self.store.sub_accounts(program, after, limit).await?)
    }
}
