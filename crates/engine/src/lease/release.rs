//! Lets a lease go before its end, so that another server need not wait for it.

use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::event::EventKind;
use domain::id::{LeaseId, ProgramId, ServerId};
use domain::lease::Lease;
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

struct Release {
    server: ServerId,
    id: LeaseId,
}

impl Verb for Release {
    type Answer = ();

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Lease>(self.id, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<(), Stop> {
        let found = scope.get::<Lease>(self.id);
        let released = found.and_then(|lease| lease.release(self.server, scope.at()));
        if let Some(released) = released {
            scope.put(released);
            event(scope, stamp, EventKind::LeaseReleased, *self.id.bytes());
        }
        Ok(())
    }
}

impl Engine {
    /// Ends this server's lease; one that is not its own any more is left alone.
    pub async fn release_lease(&self, name: &str) -> Result<(), Error> {
        let verb = Release { server: self.server, id: LeaseId::of(name) };
        self.run(ProgramId::INSTALLATION, verb).await
    }
}
