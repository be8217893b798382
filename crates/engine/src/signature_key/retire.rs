//! Retires a key: what commits after it is not proved by it any more, a request under way
//! included.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::event::EventKind;
use domain::id::{CredentialId, ProgramId, SignatureKeyId};
use domain::signature_key::{SignatureKey, SignatureKeyRefusal, SignatureKeyStatus};
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

struct Retire {
    credential: CredentialId,
    id: SignatureKeyId,
}

impl Verb for Retire {
    type Answer = SignatureKey;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<SignatureKey>(self.id, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<SignatureKey, Stop> {
        let found = scope.get::<SignatureKey>(self.id);
        let found = found.filter(|key| key.credential == self.credential);
        let found = found.ok_or(SignatureKeyRefusal::Missing)?.clone();
        if found.status == SignatureKeyStatus::Retired {
            return Ok(found);
        }
        let retired = found.retired(scope.at());
        scope.put(retired.clone());
        event(scope, stamp, EventKind::SignatureKeyRetired, *self.id.bytes());
        Ok(retired)
    }
}

impl Engine {
    /// Takes a key out of use for ever. Operator only.
    pub async fn retire_signature_key(
        &self,
        program: ProgramId,
        credential: CredentialId,
        id: SignatureKeyId,
    ) -> Result<SignatureKey, Error> {
        let retired = self.run_by(program, By::Operator, Retire { credential, id }).await;
        // Also after an unknown outcome.
        self.callers.forget();
        retired
    }
}
