//! One round for one endpoint: its events are looked at, and some of its deliveries attempted.

use super::attempt::{Courier, Render};
use crate::error::Error;
use domain::endpoint::Endpoint;
use std::sync::Arc;
use store::AtWork;
use tokio::task::JoinSet;

/// Pages of events of one round, and deliveries of one: what is left is for the next, so that the
/// others have their turn.
const PAGES_MAX: u32 = 16;
const DELIVERIES_MAX: usize = 256;

/// How a round ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Worked {
    /// Every event up to this `seq` was looked at.
    pub(super) looked: u64,
    pub(super) failing: bool,
    /// It left something that could be done at once.
    pub(super) more: bool,
}

pub(super) struct Round {
    courier: Arc<Courier>,
    endpoint: Endpoint,
    seq: u64,
    due: bool,
    worked: Worked,
    /// Dropping it leaves attempts where they are, which is safe anywhere.
    attempts: JoinSet<Result<bool, Error>>,
}

impl Round {
    pub(super) fn new(courier: Arc<Courier>, at: AtWork, looked: u64, failing: bool) -> Self {
        let AtWork { endpoint, seq, due } = at;
        let worked = Worked { looked, failing, more: false };
        Self { courier, endpoint, seq, due, worked, attempts: JoinSet::new() }
    }

    pub(super) async fn run(mut self) -> Result<Worked, Error> {
        // A server that knows it will do it; here nothing is tried and nothing given up.
        let renderer = self.courier.renderers.get(self.endpoint.renderer.as_str()).cloned();
        let renderer = renderer.ok_or(Error::Internal("nobody here writes in this format"))?;
        if self.seq > self.worked.looked {
            self.advance(renderer.as_ref()).await?;
        }
        if self.due {
            self.deliver().await?;
        }
        Ok(self.worked)
    }

    async fn advance(&mut self, renderer: &dyn Render) -> Result<(), Error> {
        for _ in 0..PAGES_MAX {
            let engine = &self.courier.engine;
            let looked = self.worked.looked;
            let advanced = engine.advance_endpoint(&self.endpoint, renderer, looked).await?;
            self.worked.looked = advanced.until;
            if advanced.moved {
                self.endpoint.cursor = advanced.until;
                self.due = true;
            }
            self.worked.more = advanced.more;
            if !advanced.more {
                break;
            }
        }
        Ok(())
    }

    /// A window over what is due: where one attempt ends, the next begins, which may be one that
    /// waited for it. Of a receiver that does not answer well only one is under way, and the round
    /// ends with its failure.
    async fn deliver(&mut self) -> Result<(), Error> {
        let mut left = DELIVERIES_MAX;
        let mut failed = false;
        loop {
            let most = if self.worked.failing { 1 } else { self.courier.options.attempts_max };
            let free = most.saturating_sub(self.attempts.len()).min(left);
            if free > 0 && !failed {
                left -= self.begin(free).await?;
            }
            let Some(ended) = self.attempts.join_next().await else { break };
            let success = ended.map_err(|_| Error::Internal("an attempt panicked"))??;
            self.worked.failing = !success;
            failed |= !success;
        }
        self.worked.more |= left == 0;
        Ok(())
    }

    /// Claims and begins at most so many attempts, and says how many.
    async fn begin(&mut self, free: usize) -> Result<usize, Error> {
        let engine = &self.courier.engine;
        let limit = u32::try_from(free).unwrap_or(u32::MAX);
        let Endpoint { program, id, .. } = self.endpoint;
        let due = engine.store.due_deliveries(program, id, engine.clock.now(), limit).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let Some(claimed) = engine.claim_deliveries(&self.endpoint, &due).await? else {
            return Ok(0);
        };
        let begun = claimed.deliveries.len();
        let endpoint = Arc::new(claimed.endpoint);
        for delivery in claimed.deliveries {
            let (courier, endpoint) = (Arc::clone(&self.courier), Arc::clone(&endpoint));
            let attempt = async move { courier.attempt(&endpoint, delivery).await };
            self.attempts.spawn(attempt);
        }
        Ok(begun)
    }
}
