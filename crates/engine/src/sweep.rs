//! The sweep: holds whose end has come expire by themselves.
//!
//! Phases of a pass:
//! 1. read what is due by this server's clock, a page of all programmes. Nothing is due mostly, and
//!    then the pass is over: every applied unit is an event for ever, so idle servers write none;
//! 2. take or renew the lease, so that of several servers one does the work;
//! 3. expire each hold of the page by a unit of its own programme, all at once, so that they share
//!    commits. The unit alone decides, on the locked row and by its programme's recorded time;
//! 4. from 1 again, where the page was full.
//!
//! Locks: none of its own; each unit locks one hold, its two accounts and its programme's counter.
//!
//! If it stops anywhere, units that were queued are finished or refused, and what is still due is
//! found by the next pass, here or on another server. If a hold is asked for twice, by two servers
//! or beside a capture or a void, the first ending wins and the other is told how it ended, which
//! is no error here. A hold that can't be expired keeps no other one: the pass goes around it, and
//! the next one tries it again.

use crate::error::Error;
use crate::lease::{Claimant, Tenure};
use crate::start::Engine;
use crate::worker::{Panicked, caught, chain};
use domain::hold::HoldRefusal;
use domain::id::{HoldId, ProgramId, ServerId};
use domain::refusal::Refusal;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store::Failed;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The name of the lease.
pub const LEASE: &str = "hold.expire";

/// Holds that can't be expired which one pass goes around. Should there ever be more, those behind
/// them wait.
const AROUND_MAX: usize = 4_096;

/// Bounds of the sweep.
#[derive(Clone, Copy, Debug)]
pub struct SweepOptions {
    /// Holds that are read at once and expired together.
    pub page: u32,
    /// How long a server that does not renew the lease keeps it from the others.
    pub lease_life: Duration,
}

impl Default for SweepOptions {
    fn default() -> Self {
        Self { page: 64, lease_life: Duration::from_secs(10) }
    }
}

/// What one pass did.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Swept {
    pub expired: u64,
    /// Ended by somebody else in the meantime.
    pub lost: u64,
    /// Still due, and tried again by the next pass.
    pub left: u64,
    /// The server that has the lease, where that is another one.
    pub elsewhere: Option<ServerId>,
}

/// Where a hold is.
type Due = (ProgramId, HoldId);

/// What became of one hold in a pass.
enum Fate {
    Expired,
    Lost,
    /// By its programme's time it is not due yet: our clock has gone back.
    Early,
    Failed(Error),
}

impl Fate {
    fn of(answer: Result<(), Error>) -> Self {
        match answer {
            Ok(()) => Self::Expired,
            Err(Error::Refused(Refusal::Hold(refusal))) => match refusal {
                HoldRefusal::AlreadyCaptured
                | HoldRefusal::AlreadyVoided
                | HoldRefusal::AlreadyExpired => Self::Lost,
                HoldRefusal::NotYetExpired => Self::Early,
                other => Self::Failed(Error::Refused(other.into())),
            },
            Err(error) => Self::Failed(error),
        }
    }
}

/// One server's sweep, with what it remembers from pass to pass.
pub struct Sweep {
    engine: Arc<Engine>,
    options: SweepOptions,
    lease: Claimant,
    /// Holds that the pass before could not expire: known, so not logged again.
    failing: BTreeSet<Due>,
}

/// One pass under way.
#[derive(Default)]
struct Pass {
    swept: Swept,
    /// Holds to go around: asked for and not expired, so that none is asked for twice.
    around: BTreeSet<Due>,
    failed: Vec<(Due, Error)>,
}

impl Sweep {
    pub fn new(engine: Arc<Engine>, options: SweepOptions) -> Self {
        let lease = Claimant::new(Arc::clone(&engine), LEASE, options.lease_life);
        Self { engine, options, lease, failing: BTreeSet::new() }
    }

    /// Expires what is due by now. It may be dropped at any point, and called again.
    ///
    /// An error means that nothing can be done now: the store or the engine is away.
    pub async fn pass(&mut self) -> Result<Swept, Error> {
        let now = self.engine.clock.now();
        let page = usize::try_from(self.options.page.max(1)).unwrap_or(usize::MAX);
        let mut pass = Pass::default();
        'pass: while pass.around.len() < AROUND_MAX {
            // Twice what is gone around, so that many of those are not read again for each page.
            let limit = page.saturating_add(2 * pass.around.len());
            let bound = u32::try_from(limit).unwrap_or(u32::MAX);
            let mut due = self.engine.store.due_holds(now, bound).await?;
            let full = due.len() >= limit;
            due.retain(|hold| !pass.around.contains(hold));
            for holds in due.chunks(page) {
                if let Tenure::Elsewhere(lease) = self.lease.take().await? {
                    pass.swept.elsewhere = Some(lease.holder);
                    break 'pass;
                }
                self.expire(holds, &mut pass).await;
            }
            if !full {
                break;
            }
        }
        self.close(pass)
    }

    /// One page.
    async fn expire(&self, holds: &[Due], pass: &mut Pass) {
        // Whatever becomes of the tasks.
        pass.around.extend(holds);
        let mut asked = self.ask(holds);
        while let Some(answer) = asked.join_next().await {
            let Ok((hold, fate)) = answer else { continue };
            match fate {
                Fate::Expired => {
                    pass.swept.expired += 1;
                    pass.around.remove(&hold);
                }
                Fate::Lost => pass.swept.lost += 1,
                Fate::Early => {}
                Fate::Failed(error) => pass.failed.push((hold, error)),
            }
        }
    }

    /// Tells what went wrong, once: as an error where nothing else went and no hold is at fault.
    fn close(&mut self, mut pass: Pass) -> Result<Swept, Error> {
        let nothing = pass.swept.expired + pass.swept.lost == 0;
        if nothing
            && pass.failed.iter().all(|(_, error)| is_away(error))
            && let Some((_, error)) = pass.failed.pop()
        {
            return Err(error);
        }
        for ((program, hold), error) in &pass.failed {
            if !self.failing.contains(&(*program, *hold)) {
                let error = chain(error);
                tracing::warn!(%program, %hold, error, "a hold can't expire and is tried again");
            }
        }
        self.failing = pass.failed.into_iter().map(|(hold, _)| hold).collect();
        let around = u64::try_from(pass.around.len()).unwrap_or(u64::MAX);
        pass.swept.left = around.saturating_sub(pass.swept.lost);
        Ok(pass.swept)
    }

    /// All at once: dropping the set waits for nothing, and units that were queued go on.
    fn ask(&self, holds: &[Due]) -> JoinSet<(Due, Fate)> {
        let mut asked = JoinSet::new();
        for &(program, hold) in holds {
            let engine = Arc::clone(&self.engine);
            asked.spawn(async move {
                let answer = engine.expire_hold(program, hold).await;
                ((program, hold), Fate::of(answer.map(drop)))
            });
        }
        asked
    }

    /// Passes, a period apart, until told to stop; then lets the lease go. A pass that is under way
    /// is left where it is, which is safe anywhere.
    pub async fn run(mut self, period: Duration, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop);
        let mut health = Health::Well;
        loop {
            tokio::select! {
                biased;
                () = stop.as_mut() => break,
                passed = caught(Box::pin(self.pass())) => health = health.after(passed),
            }
            tokio::select! {
                biased;
                () = stop.as_mut() => break,
                () = sleep(period) => {}
            }
        }
        if let Err(error) = self.lease.release().await {
            tracing::debug!(error = chain(&error), "the lease was not let go and ends by itself");
        }
    }
}

/// Whether the store or the engine is away, and not the hold at fault.
fn is_away(error: &Error) -> bool {
    match error {
        Error::Store(fault) => fault.failed() == Failed::Unavailable,
        told => matches!(told, Error::Busy | Error::Stopping | Error::Unavailable),
    }
}

/// Whether the last pass came to its end. Only a change is logged, since passes are many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Health {
    Well,
    Failing,
}

impl Health {
    fn after(self, passed: Result<Result<Swept, Error>, Panicked>) -> Self {
        let error = match passed {
            Ok(Ok(Swept { expired, lost, left, .. })) => {
                if self == Self::Failing {
                    tracing::info!("holds expire again");
                }
                if expired > 0 {
                    tracing::debug!(expired, lost, left, "holds expired");
                }
                return Self::Well;
            }
            Ok(Err(error)) => chain(&error),
            Err(panicked) => chain(&panicked),
        };
        if self == Self::Well {
            tracing::warn!(error, "holds can't expire; each period tries again");
        }
        Self::Failing
    }
}

#[cfg(test)]
mod tests;
