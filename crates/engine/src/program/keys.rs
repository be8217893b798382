//! Adds wrapped keys where they are missing.

use crate::verb::{Stop, Verb};
use domain::event::EventKind;
use domain::key::WrappedKey;
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

pub(crate) struct EnsureKeys {
    pub keys: Vec<WrappedKey>,
}

impl Verb for EnsureKeys {
    type Answer = ();

    fn reads(&self, wants: &mut Wants<'_>) {
        for key in &self.keys {
            wants.want::<WrappedKey>(key.id, Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<(), Stop> {
        for key in &self.keys {
            if scope.get::<WrappedKey>(key.id).is_none() {
                let subject = *key.id.bytes();
                scope.add(key.clone());
                crate::instruction::event(scope, stamp, EventKind::KeyCreated, subject);
            }
        }
        Ok(())
    }
}
