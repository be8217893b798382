//! Leases: which of several servers does a piece of background work.
//!
//! A lease spares servers each other's work and is never what makes the work right: all that is
//! done under it is a unit of work that decides on its own locked rows. So it may be judged by
//! clocks that disagree, and it is judged by one order: the recorded time of the installation's
//! programme, which never goes back. A server whose clock is behind can't take a lease for its own
//! that has ended in that order. One whose clock is ahead may take it early, which costs nothing;
//! and should it die with an end far ahead, the others have watched the row stand still for a whole
//! life by their own clocks, and take it then.
//!
//! Phases: the row and the installation's counter are locked by the unit; it decides; it commits
//! only if the row changes, so asking for what is another's, or is one's own for long enough still,
//! writes nothing. If it stops anywhere, the lease ends by itself. If it is asked twice, the second
//! finds the row as the first has left it.

pub mod release;
pub mod take;

pub use take::{TakeLease, Tenure};

use crate::error::Error;
use crate::start::Engine;
use domain::lease::Lease;
use domain::time::Time;
use std::sync::Arc;
use std::time::Duration;

/// What was seen of a lease, and since when by our own clock.
#[derive(Clone, Copy, Debug)]
struct Seen {
    version: u64,
    since: Time,
    held: bool,
}

/// One server's wish for one lease, kept up over time.
pub(crate) struct Claimant {
    engine: Arc<Engine>,
    name: &'static str,
    life: Duration,
    seen: Option<Seen>,
}

impl Claimant {
    pub(crate) const fn new(engine: Arc<Engine>, name: &'static str, life: Duration) -> Self {
        Self { engine, name, life, seen: None }
    }

    /// Takes the lease, or renews it, where that can be.
    pub(crate) async fn take(&mut self) -> Result<Tenure, Error> {
        let command = TakeLease { name: self.name, life: self.life, watched: self.watched() };
        let tenure = self.engine.take_lease(command).await?;
        match &tenure {
            Tenure::Held(lease) => self.see(lease, true),
            Tenure::Elsewhere(lease) => self.see(lease, false),
        }
        Ok(tenure)
    }

    /// Lets the lease go where it was held when last asked.
    pub(crate) async fn release(&mut self) -> Result<(), Error> {
        if self.seen.take().is_some_and(|seen| seen.held) {
            self.engine.release_lease(self.name).await?;
        }
        Ok(())
    }

    /// The version that stood still: another's for a life, our own for half of one.
    fn watched(&self) -> Option<u64> {
        let seen = self.seen?;
        let enough = if seen.held { self.life / 2 } else { self.life };
        let stood = self.engine.clock.now().since(seen.since);
        (stood >= enough).then_some(seen.version)
    }

    fn see(&mut self, lease: &Lease, held: bool) {
        let same = self.seen.filter(|seen| seen.version == lease.version);
        let since = same.map_or_else(|| self.engine.clock.now(), |seen| seen.since);
        self.seen = Some(Seen { version: lease.version, since, held });
    }
}

#[cfg(test)]
mod tests;
