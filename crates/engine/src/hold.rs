//! Holds: placed, drawn on, let go, expired. A hold's two accounts never change, so they are read
//! before the unit; its row is locked in it and decides races.

pub mod capture;
pub mod expire;
pub mod place;
pub mod void;

pub use capture::CaptureHold;
pub use place::PlaceHold;
pub use void::VoidHold;

use crate::error::Error;
use crate::start::Engine;
use domain::account::Account;
use domain::hold::{Hold, HoldRefusal};
use domain::id::{AccountId, HoldId, ProgramId};
use store::{Lock, Scope, Wants};

/// What never changes of a hold. A hold that was not found is refused inside the unit, after the
/// caller and the reference, whose answers come first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    id: HoldId,
    accounts: Option<(AccountId, AccountId)>,
}

impl Known {
    fn wants(&self, wants: &mut Wants<'_>) {
        if let Some((debit, credit)) = self.accounts {
            wants.want::<Hold>(self.id, Lock::Exclusive);
            wants.want::<Account>(debit, Lock::Exclusive);
            wants.want::<Account>(credit, Lock::Exclusive);
        }
    }

    /// The row as it is now.
    fn locked(&self, scope: &Scope<'_>) -> Result<Hold, HoldRefusal> {
        let row = self.accounts.and_then(|_| scope.get::<Hold>(self.id).copied());
        row.ok_or(HoldRefusal::Missing)
    }
}

impl Engine {
    pub async fn find_hold(&self, program: ProgramId, id: HoldId) -> Result<Option<Hold>, Error> {
        Ok(self.store.hold(program, id).await?)
    }

    pub(crate) async fn know_hold(&self, program: ProgramId, id: HoldId) -> Result<Known, Error> {
        let found = self.store.hold(program, id).await?;
        Ok(Known { id, accounts: found.map(|hold| (hold.debit, hold.credit)) })
    }
}

#[cfg(test)]
mod tests;
