//! Delivers events: what endpoints take of the outbox leaves this server, after the commit that it
//! reports.
//!
//! Phases, for each enabled endpoint by itself:
//! 1. look at the events behind its cursor, and add a delivery for each that it takes
//!    (`endpoint/advance.rs`);
//! 2. claim deliveries that are due, a few at a time (`delivery/claim.rs`);
//! 3. render and send each; it has its deadline, and a body is signed with the endpoint's secret;
//! 4. record what came of it (`delivery/record.rs`).
//!
//! Locks: none of its own; the units lock the endpoint's row and the deliveries. A receiver has a
//! task and a few attempts of its own, and those whose last attempt failed have half of all tasks
//! at most, so that what is dead delays nobody else.
//!
//! If it stops anywhere, nothing is lost: events wait behind the cursor, and a claimed delivery is
//! due again when its claim is over. If it runs on several servers, the first to move a cursor or
//! to claim a delivery does the work, and the others find it done. A receiver may so be told twice
//! of an event, always under the same id, and never not at all.
//!
//! Where there is nothing to do, nothing is written: every applied unit is an event for ever.

mod attempt;
mod round;

pub use attempt::{Message, Render, Sender, Telling};

use crate::error::Error;
use crate::start::Engine;
use crate::worker::{Panicked, caught, chain};
use attempt::Courier;
use domain::delivery::CLAIM_LIFE;
use domain::id::{EndpointId, ProgramId};
use round::{Round, Worked};
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store::AtWork;
use tokio::task::{Id, JoinSet};
use tokio::time::{sleep, timeout};

/// Endpoints that are read at once.
const PAGE: u32 = 256;

/// Bounds of the worker.
#[derive(Clone, Copy, Debug)]
pub struct DeliverOptions {
    /// Endpoints that are worked on at once.
    pub endpoints_max: usize,
    /// Attempts under way for one of them.
    pub attempts_max: usize,
    /// From the first look at the address to the last byte of the answer. A claim outlives it.
    pub attempt_deadline: Duration,
    /// How long attempts that are under way may take when the server stops.
    pub stop_deadline: Duration,
}

impl Default for DeliverOptions {
    fn default() -> Self {
        Self {
            endpoints_max: 64,
            attempts_max: 4,
            attempt_deadline: Duration::from_secs(10),
            stop_deadline: Duration::from_secs(3),
        }
    }
}

/// Who writes bodies, by the name that an endpoint's row has.
pub type Renderers = HashMap<&'static str, Arc<dyn Render>>;

type Key = (ProgramId, EndpointId);

/// What is remembered of an endpoint from one round to the next.
#[derive(Clone, Copy, Default, Debug)]
struct Known {
    /// Every event up to this `seq` was looked at; at least the cursor, or never asked.
    looked: u64,
    /// Its last attempt failed.
    failing: bool,
    /// Its last round could not be ended, which was logged.
    erring: bool,
}

/// One server's deliveries, with what it remembers from pass to pass.
pub struct Deliver {
    courier: Arc<Courier>,
    known: HashMap<Key, Known>,
    rounds: JoinSet<Result<Worked, Error>>,
    running: HashMap<Id, Key>,
    /// Where the next pass begins, when this one ran out of tasks.
    resume: Option<Key>,
}

impl Deliver {
    /// # Panics
    /// Where an attempt may take longer than a claim lasts: each would be made twice.
    pub fn new(
        engine: Arc<Engine>,
        sender: Arc<dyn Sender>,
        renderers: Renderers,
        options: DeliverOptions,
    ) -> Self {
        assert!(options.attempt_deadline < CLAIM_LIFE, "a claim outlives its attempt");
        let courier = Arc::new(Courier { engine, sender, renderers, options });
        Self {
            courier,
            known: HashMap::new(),
            rounds: JoinSet::new(),
            running: HashMap::new(),
            resume: None,
        }
    }

    /// Begins a round for each endpoint that has something to do and none under way. It may be
    /// dropped at any point, and called again.
    ///
    /// An error means that nothing can be done now: the store is away.
    pub async fn pass(&mut self) -> Result<(), Error> {
        self.take_ended();
        let now = self.courier.engine.clock.now();
        let mut seen = HashSet::new();
        let begin = self.resume.take();
        let mut after = begin;
        let mut wrapped = begin.is_none();
        loop {
            let page = self.courier.engine.store.endpoints_at_work(now, after, PAGE).await?;
            let full = u32::try_from(page.len()).unwrap_or(u32::MAX) >= PAGE;
            for at in page {
                let key = (at.endpoint.program, at.endpoint.id);
                if !seen.insert(key) {
                    return Ok(());
                }
                if !self.begin(at) {
                    self.resume = after;
                    return Ok(());
                }
                after = Some(key);
            }
            if !full && wrapped {
                self.known.retain(|key, _| seen.contains(key));
                return Ok(());
            }
            if !full {
                if self.running.len() >= self.courier.options.endpoints_max {
                    // Those before it are for the next pass.
                    return Ok(());
                }
                // From the beginning to where it began.
                (wrapped, after) = (true, None);
            }
        }
    }

    /// Begins a round where there is something to do. False where no task is free.
    fn begin(&mut self, at: AtWork) -> bool {
        let key = (at.endpoint.program, at.endpoint.id);
        let known = self.known.entry(key).or_default();
        known.looked = known.looked.max(at.endpoint.cursor);
        let idle = at.seq <= known.looked && !at.due;
        if idle || self.running.values().any(|running| *running == key) {
            return true;
        }
        let known = *known;
        let most = self.courier.options.endpoints_max;
        let failing = |key: &&Key| self.known.get(*key).is_some_and(|known| known.failing);
        if known.failing && self.running.values().filter(failing).count() >= most.div_ceil(2) {
            return true;
        }
        if self.running.len() >= most {
            return false;
        }
        let round = Round::new(Arc::clone(&self.courier), at, known.looked, known.failing);
        let task = self.rounds.spawn(round.run());
        self.running.insert(task.id(), key);
        true
    }

    /// Learns from the rounds that have ended.
    fn take_ended(&mut self) {
        while let Some(ended) = self.rounds.try_join_next_with_id() {
            self.learn(ended);
        }
    }

    /// Waits for a round to end, and says whether it left something to do. Never where none is
    /// under way.
    async fn ended(&mut self) -> bool {
        match self.rounds.join_next_with_id().await {
            Some(ended) => self.learn(ended),
            None => std::future::pending().await,
        }
    }

    fn learn(
        &mut self,
        ended: Result<(Id, Result<Worked, Error>), tokio::task::JoinError>,
    ) -> bool {
        let (id, worked) = match ended {
            Ok((id, worked)) => (id, worked),
            Err(broken) => (broken.id(), Err(Error::Internal("a round of deliveries panicked"))),
        };
        let Some(key) = self.running.remove(&id) else { return false };
        let known = self.known.entry(key).or_default();
        match worked {
            Ok(Worked { looked, failing, more }) => {
                known.looked = known.looked.max(looked);
                (known.failing, known.erring) = (failing, false);
                more
            }
            Err(error) => {
                if !known.erring {
                    let (program, endpoint) = key;
                    let error = chain(&error);
                    tracing::warn!(%program, %endpoint, error, "events can't be delivered now");
                }
                known.erring = true;
                false
            }
        }
    }

    /// Waits until no round is under way: whoever wants to see what passes have done.
    pub async fn settle(&mut self) {
        while !self.running.is_empty() {
            self.ended().await;
        }
    }

    /// Passes, a period apart or as soon as there is more to do, until told to stop; then waits a
    /// little for attempts that are under way.
    pub async fn run(mut self, period: Duration, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop);
        let mut health = Health::Well;
        'passes: loop {
            tokio::select! {
                biased;
                () = stop.as_mut() => break,
                passed = caught(Box::pin(self.pass())) => health = health.after(passed),
            }
            let mut over = pin!(sleep(period));
            loop {
                tokio::select! {
                    biased;
                    () = stop.as_mut() => break 'passes,
                    more = self.ended() => if more { break },
                    () = over.as_mut() => break,
                }
            }
        }
        let patience = self.courier.options.stop_deadline;
        if timeout(patience, self.settle()).await.is_err() {
            tracing::info!(
                "attempts under way were left, and are made again when their claim ends"
            );
        }
    }
}

/// Whether the last pass came to its end. Only a change is logged, since passes are many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Health {
    Well,
    Failing,
}

impl Health {
    fn after(self, passed: Result<Result<(), Error>, Panicked>) -> Self {
        let error = match passed {
            Ok(Ok(())) => {
                if self == Self::Failing {
                    tracing::info!("events are delivered again");
                }
                return Self::Well;
            }
            Ok(Err(error)) => chain(&error),
            Err(panicked) => chain(&panicked),
        };
        if self == Self::Well {
            tracing::warn!(error, "events can't be delivered; each period tries again");
        }
        Self::Failing
    }
}

#[cfg(test)]
pub(crate) mod tests;
