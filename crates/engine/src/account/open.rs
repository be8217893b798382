//! Opens an account. Its id follows from what it is, so opening it twice finds the first.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::account::{Account, AccountKey, Owner};
use domain::cardholder::{Cardholder, CardholderRefusal};
use domain::event::EventKind;
use domain::id::ProgramId;
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

/// Adds an account whose absence the unit has read.
pub(crate) fn opened(
    scope: &mut Scope<'_>,
    stamp: &mut Stamp,
    key: AccountKey,
    floor: Option<i64>,
) -> Account {
    let account = Account::open(key, floor, scope.at());
    scope.add(account);
    event(scope, stamp, EventKind::AccountOpened, *account.id.bytes());
    account
}

struct Open {
    key: AccountKey,
    floor: Option<i64>,
}

impl Verb for Open {
    type Answer = Account;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Account>(self.key.id(), Lock::Exclusive);
        if let Owner::Cardholder(id) = self.key.owner {
            wants.want::<Cardholder>(id, Lock::Shared);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Account, Stop> {
        if let Owner::Cardholder(id) = self.key.owner {
            scope.get::<Cardholder>(id).ok_or(CardholderRefusal::Missing)?;
        }
        if let Some(account) = scope.get::<Account>(self.key.id()) {
            return Ok(*account);
        }
        Ok(opened(scope, stamp, self.key, self.floor))
    }
}

impl Engine {
    /// The account, opened if it was not. An account that is there keeps its floor.
    pub async fn open_account(
        &self,
        program: ProgramId,
        by: By,
        key: AccountKey,
        floor: Option<i64>,
    ) -> Result<Account, Error> {
        self.run_by(program, by, Open { key, floor }).await
    }
}
