//! Changes a credential: disables, enables, revokes for ever, sets its allow-list or its end.

use super::create::check_allow;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::address::AllowList;
use domain::credential::{Credential, CredentialRefusal, CredentialStatus};
use domain::event::EventKind;
use domain::id::{CredentialId, ProgramId};
use domain::stamp::Stamp;
use domain::time::Time;
use store::{Lock, Scope, Wants};

/// What is to be changed; the rest stays.
#[derive(Clone, Default, Debug)]
pub struct UpdateCredential {
    pub status: Option<CredentialStatus>,
    pub allow: Option<AllowList>,
    /// `Some(None)` takes the end away.
    pub expires_at: Option<Option<Time>>,
}

struct Update {
    id: CredentialId,
    command: UpdateCredential,
}

impl Verb for Update {
    type Answer = Credential;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Credential>(self.id, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Credential, Stop> {
        let found = scope.get::<Credential>(self.id).ok_or(CredentialRefusal::Missing)?.clone();
        if let Some(allow) = &self.command.allow {
            check_allow(allow)?;
        }
        let status = self.command.status.unwrap_or(found.status);
        if found.status == CredentialStatus::Revoked && status != CredentialStatus::Revoked {
            return Err(CredentialRefusal::Revoked.into());
        }
        let changed = Credential {
            status,
            allow: self.command.allow.clone().unwrap_or_else(|| found.allow.clone()),
            expires_at: self.command.expires_at.unwrap_or(found.expires_at),
            version: if status == found.status { found.version } else { found.version + 1 },
            ..found.clone()
        };
        if changed == found {
            return Ok(found);
        }
        scope.put(changed.clone());
        event(scope, stamp, EventKind::CredentialUpdated, *self.id.bytes());
        Ok(changed)
    }
}

impl Engine {
    /// Takes effect at one point in the programme's order: what commits after it meets it. A change
    /// of status ends the tokens issued before.
    pub async fn update_credential(
        &self,
        program: ProgramId,
        id: CredentialId,
        command: UpdateCredential,
    ) -> Result<Credential, Error> {
        let changed = self.run_by(program, By::Operator, Update { id, command }).await;
        // Also after an unknown outcome.
        self.callers.forget();
        changed
    }
}
