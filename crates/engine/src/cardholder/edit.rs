//! Sets who a cardholder is.
//!
//! Locks: the cardholder, and the blind keys of phone and document, those of before and those of
//! now, all exclusive. Which those of before are is resolved before the unit, and compared in it.
//! What if it is asked twice: the second sets the same again.

use super::identity;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{NotFound, Stop, Verb};
use domain::blind_index::BlindIndex;
use domain::cardholder::{Cardholder, CardholderRefusal, Identity, Person};
use domain::credential::Caller;
use domain::event::EventKind;
use domain::id::{BlindKey, CardholderId, ProgramId};
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use store::{BoxFuture, Lock, Scope, Store, Wants};

struct SetIdentity {
    program: ProgramId,
    id: CardholderId,
    /// The blind keys before.
    before: Option<[BlindKey; 2]>,
    identity: Identity,
}

const fn keys(identity: &Identity) -> [BlindKey; 2] {
    [identity.phone, identity.document]
}

/// Takes a value for a cardholder, unless somebody else has it.
pub(super) fn take(
    scope: &mut Scope<'_>,
    key: BlindKey,
    holder: CardholderId,
) -> Result<(), CardholderRefusal> {
    match scope.get::<BlindIndex>(key).copied() {
        None => {
            let (program, cardholder) = (scope.program(), Some(holder));
            scope.add(BlindIndex { key, program, cardholder, version: 1 });
        }
        Some(BlindIndex { cardholder: Some(other), .. }) if other != holder => {
            return Err(CardholderRefusal::AlreadyExists);
        }
        Some(free) => scope.put(free.held_by(Some(holder))),
    }
    Ok(())
}

impl Verb for SetIdentity {
    type Answer = Cardholder;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Cardholder>(self.id, Lock::Exclusive);
        for key in keys(&self.identity).into_iter().chain(self.before.into_iter().flatten()) {
            wants.want::<BlindIndex>(key, Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Cardholder, Stop> {
        let holder = scope.get::<Cardholder>(self.id).ok_or(CardholderRefusal::Missing)?.clone();
        if holder.identity.as_ref().map(keys) != self.before {
            return Err(Stop::Stale);
        }
        for (at, new) in keys(&self.identity).into_iter().enumerate() {
            let old = self.before.map(|before| before[at]);
            if old == Some(new) {
                continue;
            }
            take(scope, new, self.id)?;
            let given_up = old.and_then(|old| scope.get::<BlindIndex>(old).copied());
            if let Some(row) = given_up {
                scope.put(row.held_by(None));
            }
        }
        let changed = holder.with_identity(self.identity.clone());
        scope.put(changed.clone());
        event(scope, stamp, EventKind::CardholderUpdated, *self.id.bytes());
        Ok(changed)
    }

    fn resolve<'a>(&'a mut self, store: &'a dyn Store) -> BoxFuture<'a, Result<(), NotFound>> {
        Box::pin(async {
            let row = store.cardholder(self.program, self.id).await?.ok_or(NotFound::Gone)?;
            self.before = row.identity.as_ref().map(keys);
            Ok(())
        })
    }
}

impl Engine {
    /// Sets who the cardholder of a merchant's own number is; phone and document that are given up
    /// are free for others.
    ///
    /// Refuses an unknown number, and a phone or document that another cardholder has.
    pub async fn set_identity(
        &self,
        caller: Caller,
        unique_number: &str,
        person: &Person,
    ) -> Result<Cardholder, Error> {
        let program = caller.program;
        identity::check(person).map_err(Refusal::from)?;
        let holder = self.find_cardholder_by_unique_number(program, unique_number).await?;
        let holder = holder.ok_or(Refusal::from(CardholderRefusal::Missing))?;
        let verb = SetIdentity {
            program,
            id: holder.id,
            before: holder.identity.as_ref().map(keys),
            identity: self.seal_identity(program, holder.id, person).await?,
        };
        self.run_by(program, By::Caller(caller), verb).await
    }
}

#[cfg(test)]
mod tests;
