//! Ends a hold whose time is over. Nobody asked, so there is no instruction.

use super::Known;
use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::transfer::book::Book;
use crate::verb::{Stop, Verb};
use domain::event::EventKind;
use domain::hold::Hold;
use domain::id::{HoldId, ProgramId};
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::transfer::TransferKind;
use store::{Scope, Wants};

struct Expire {
    hold: Known,
}

impl Verb for Expire {
    type Answer = Hold;

    fn reads(&self, wants: &mut Wants<'_>) {
        self.hold.wants(wants);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Hold, Stop> {
        let hold = self.hold.locked(scope)?;
        let (after, drawn) = hold.expire(scope.at())?;
        scope.put(after);
        Book::open_expiry(scope, stamp)
            .draw(TransferKind::Expire, &hold, drawn)
            .map_err(Refusal::from)?;
        event(scope, stamp, EventKind::HoldExpired, *hold.id.bytes());
        Ok(after)
    }
}

impl Engine {
    /// Refuses a hold that has ended or whose time is not over by the recorded time.
    pub async fn expire_hold(&self, program: ProgramId, id: HoldId) -> Result<Hold, Error> {
        let hold = self.know_hold(program, id).await?;
        self.run(program, Expire { hold }).await
    }
}
