//! Asks on the locked rows whether a caller is served, outside of `Once`, so that a replay is
//! asked too and a suspension takes effect at one point in the programme's order.

use crate::verb::{NotFound, Stop, Verb};
use domain::credential::{Caller, Credential, admit};
use domain::id::ReferenceKey;
use domain::program::{ProgramRefusal, Settings};
use domain::signature_key::SignatureKey;
use domain::stamp::Stamp;
use store::{BoxFuture, Lock, Scope, Store, Wants};

/// On whose behalf a verb runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    Caller(Caller),
    /// The operator, who is served by suspended programmes too.
    Operator,
}

/// A verb and its caller.
pub struct Admitted<V> {
    pub by: By,
    pub verb: V,
}

impl<V: Verb> Verb for Admitted<V> {
    type Answer = V::Answer;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Settings>((), Lock::Shared);
        if let By::Caller(caller) = &self.by {
            wants.want::<Credential>(caller.credential, Lock::Shared);
            if let Some(key) = caller.key {
                wants.want::<SignatureKey>(key, Lock::Shared);
            }
        }
        self.verb.reads(wants);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<V::Answer, Stop> {
        let settings = scope.get::<Settings>(());
        match &self.by {
            By::Operator if settings.is_none() => return Err(ProgramRefusal::Missing.into()),
            By::Operator => {}
            By::Caller(caller) => {
                let credential = scope.get::<Credential>(caller.credential);
                let key = caller.key.and_then(|key| scope.get::<SignatureKey>(key));
                admit(caller, settings, credential, key, scope.at()).map_err(Stop::Denied)?;
            }
        }
        self.verb.decide(scope, stamp)
    }

    fn reference(&self) -> Option<ReferenceKey> {
        self.verb.reference()
    }

    fn resolve<'a>(&'a mut self, store: &'a dyn Store) -> BoxFuture<'a, Result<(), NotFound>> {
        self.verb.resolve(store)
    }
}
