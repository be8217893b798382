//! The vendor's "connected accounts", as far as money needs them: who a programme's master is, and
//! whose an account of the ledger is.

use domain::account::Owner;
use domain::id::{AccountId, ProgramId, SubAccountId};
use domain::sub_account::SubAccountKind;
use engine::{Engine, Error};
use std::collections::HashMap;
use std::sync::RwLock;

/// Members that are looked through for the master.
const CHUNK: u32 = 256;

/// The master of each programme, which is never another.
#[derive(Default, Debug)]
pub(crate) struct Masters(RwLock<HashMap<ProgramId, SubAccountId>>);

impl Masters {
    /// A programme without one is none of this door's.
    pub(crate) async fn find(
        &self,
        engine: &Engine,
        program: ProgramId,
    ) -> Result<Option<SubAccountId>, Error> {
        if let Some(id) = self.known(program) {
            return Ok(Some(id));
        }
        let found = find(engine, program).await?;
        if let Some(id) = found {
            let mut known = self.0.write().expect("nothing panics while it holds them");
            known.insert(program, id);
        }
        Ok(found)
    }

    fn known(&self, program: ProgramId) -> Option<SubAccountId> {
        let known = self.0.read().expect("nothing panics while it holds the masters");
        known.get(&program).copied()
    }
}

async fn find(engine: &Engine, program: ProgramId) -> Result<Option<SubAccountId>, Error> {
    let mut after = None;
    loop {
        let members = engine.sub_accounts(program, after, CHUNK).await?;
        let master = members.iter().find(|member| member.kind == SubAccountKind::Master);
        if let Some(master) = master {
            return Ok(Some(master.id));
        }
        match members.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(None),
        }
    }
}

/// Whose account it is, by the id that callers know.
pub(crate) async fn member_of(
    engine: &Engine,
    program: ProgramId,
    master: SubAccountId,
    account: AccountId,
) -> Result<Option<SubAccountId>, Error> {
    let account = engine.find_account(program, account).await?;
    Ok(account.and_then(|account| match account.owner {
        Owner::Program => Some(master),
        Owner::SubAccount(id) => Some(id),
        Owner::Cardholder(_) | Owner::Card(_) => None,
    }))
}
