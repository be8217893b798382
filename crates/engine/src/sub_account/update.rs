//! Sets a member's status. Operator only.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::event::EventKind;
use domain::id::{ProgramId, SubAccountId};
use domain::stamp::Stamp;
use domain::sub_account::{SubAccount, SubAccountRefusal, SubAccountStatus};
use store::{Lock, Scope, Wants};

struct SetStatus {
    id: SubAccountId,
    status: SubAccountStatus,
}

impl Verb for SetStatus {
    type Answer = SubAccount;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<SubAccount>(self.id, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<SubAccount, Stop> {
        let found = scope.get::<SubAccount>(self.id).ok_or(SubAccountRefusal::Missing)?.clone();
        if found.status == self.status {
            return Ok(found);
        }
        let changed = found.with_status(self.status)?;
        scope.put(changed.clone());
        event(scope, stamp, EventKind::SubAccountUpdated, *self.id.bytes());
        Ok(changed)
    }
}

impl Engine {
    /// What commits after it meets it.
    pub async fn set_sub_account_status(
        &self,
        program: ProgramId,
        id: SubAccountId,
        status: SubAccountStatus,
    ) -> Result<SubAccount, Error> {
        self.run_by(program, By::Operator, SetStatus { id, status }).await
    }
}
