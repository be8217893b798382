//! Sets a cardholder's status. Operator only, until verification comes.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::cardholder::{Cardholder, CardholderRefusal, CardholderStatus};
use domain::event::EventKind;
use domain::id::{CardholderId, ProgramId};
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

struct SetStatus {
    id: CardholderId,
    status: CardholderStatus,
}

impl Verb for SetStatus {
    type Answer = Cardholder;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Cardholder>(self.id, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Cardholder, Stop> {
        let found = scope.get::<Cardholder>(self.id).ok_or(CardholderRefusal::Missing)?.clone();
        if found.status == self.status {
            return Ok(found);
        }
        let changed = found.with_status(self.status);
        scope.put(changed.clone());
        event(scope, stamp, EventKind::CardholderUpdated, *self.id.bytes());
        Ok(changed)
    }
}

impl Engine {
    pub async fn set_cardholder_status(
        &self,
        program: ProgramId,
        number: &str,
        status: CardholderStatus,
    ) -> Result<Cardholder, Error> {
        let id = self.cardholder_id(program, number);
        self.run_by(program, By::Operator, SetStatus { id, status }).await
    }
}
