//! Takes a lease, or renews it.

use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::event::EventKind;
use domain::id::{LeaseId, ProgramId, ServerId};
use domain::lease::{Bid, Lease};
use domain::stamp::Stamp;
use std::time::Duration;
use store::{Lock, Scope, Wants};

/// What this server wants to do for the others.
#[derive(Clone, Copy, Debug)]
pub struct TakeLease {
    /// The work.
    pub name: &'static str,
    /// From the recorded time on.
    pub life: Duration,
    /// A version that stood still for long enough by the asker's clock, see [`Bid::watched`].
    pub watched: Option<u64>,
}

/// Whose the lease is, with its row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tenure {
    /// The asker's.
    Held(Lease),
    /// Another server's.
    Elsewhere(Lease),
}

struct Take {
    server: ServerId,
    command: TakeLease,
}

impl Verb for Take {
    type Answer = Tenure;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Lease>(LeaseId::of(self.command.name), Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Tenure, Stop> {
        let TakeLease { name, life, watched } = self.command;
        let bid = Bid { server: self.server, life, at: scope.at(), watched };
        let found = scope.get::<Lease>(LeaseId::of(name)).cloned();
        let lease = match found {
            None => {
                let lease = Lease::first(scope.program(), name, &bid);
                scope.add(lease.clone());
                lease
            }
            Some(found) => match found.take(&bid) {
                Some(taken) => {
                    scope.put(taken.clone());
                    taken
                }
                None if found.holder == self.server => return Ok(Tenure::Held(found)),
                None => return Ok(Tenure::Elsewhere(found)),
            },
        };
        event(scope, stamp, EventKind::LeaseTaken, *lease.id.bytes());
        Ok(Tenure::Held(lease))
    }
}

impl Engine {
    /// Asks for a lease of the installation on behalf of this server.
    pub async fn take_lease(&self, command: TakeLease) -> Result<Tenure, Error> {
        let verb = Take { server: self.server, command };
        self.run(ProgramId::INSTALLATION, verb).await
    }
}
