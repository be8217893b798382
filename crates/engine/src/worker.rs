//! Workers: each an OS thread with a connection of its own, committing batches.
//!
//! Phases: take what waits; drop what its caller has given up; commit; have each unit answered
//! (`answers.rs`). What if the commit fails: contention and a clash on a natural key run the batch
//! again, with a bound; an unknown outcome is never run again, its callers settle it by asking;
//! anything else is run again in parts, so that only the guilty unit fails, unless the store stays
//! away. After every failure the writer is dropped and made anew, since what it remembers may not
//! be what is stored.

use crate::answers::{Answers, Units};
use crate::queue::{Queue, Taken};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use store::{BoxFuture, Constraint, Failed, Store, StoreError, Writer};

/// Runs of one batch that met contention before its callers are told to come back.
const CONTENTION_RUNS_MAX: u32 = 16;
/// Commits in a row that did not reach the store before the rest is not tried in parts. One guilty
/// unit makes two at most, since one half of what holds it succeeds.
const AWAY: u32 = 3;

pub(crate) struct Worker {
    store: Arc<dyn Store>,
    queue: Arc<Queue>,
    answers: Arc<Answers>,
    writer: Option<Box<dyn Writer>>,
    /// Commits in a row that did not reach the store.
    unavailable: u32,
}

/// What is done about a failed batch.
enum Next {
    Again,
    Parts,
    GiveUp(Failed),
}

impl Worker {
    pub(crate) fn new(store: Arc<dyn Store>, queue: Arc<Queue>, answers: Arc<Answers>) -> Self {
        Self { store, queue, answers, writer: None, unavailable: 0 }
    }

    /// Until the queue is closed.
    pub(crate) async fn run(mut self) {
        while let Some(Taken { units, programs }) = self.queue.take().await {
            let live: Vec<_> = units.into_iter().filter(|waiting| waiting.claim.win()).collect();
            let references: Vec<_> = live.iter().filter_map(|live| live.reference).collect();
            self.answers.under_way.begin(&references);
            self.settle(live.into_iter().map(|waiting| waiting.unit).collect()).await;
            self.answers.ended(references);
            self.queue.release(&programs);
        }
    }

    /// Commits all, or in parts what can't be committed together.
    async fn settle(&mut self, units: Units) {
        let mut parts = VecDeque::from([units]);
        while let Some(part) = parts.pop_front() {
            if part.is_empty() {
                continue;
            }
            if let Some(mut left) = self.settle_part(part).await {
                let right = left.split_off(left.len() / 2);
                parts.push_back(left);
                parts.push_back(right);
            }
        }
    }

    /// Gives the units back where they are to be tried in parts.
    async fn settle_part(&mut self, mut units: Units) -> Option<Units> {
        for run in 0..CONTENTION_RUNS_MAX {
            let error = match self.commit(&mut units).await {
                Ok(()) => {
                    self.answers.settled(units, Ok(()));
                    return None;
                }
                Err(error) => error,
            };
            match self.judge(&error, units.len()) {
                Next::Again => {
                    tracing::debug!(run, "a batch met contention and is run again");
                }
                Next::Parts => {
                    tracing::warn!(error = %chain(&error), "a batch failed and is run in parts");
                    return Some(units);
                }
                Next::GiveUp(failed) => {
                    tracing::error!(error = %chain(&error), ?failed, "a batch failed");
                    self.answers.settled(units, Err(failed));
                    return None;
                }
            }
        }
        tracing::warn!("a batch met contention too often");
        self.answers.settled(units, Err(Failed::Busy));
        None
    }

    async fn commit(&mut self, units: &mut Units) -> Result<(), StoreError> {
        let done = self.try_commit(units).await;
        match &done {
            Err(StoreError::Unavailable(_)) => self.unavailable += 1,
            _ => self.unavailable = 0,
        }
        done
    }

    async fn try_commit(&mut self, units: &mut Units) -> Result<(), StoreError> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            // Where there is not even a connection, no unit is to blame.
            None => self.store.writer().await.inspect_err(|_| self.unavailable = AWAY)?,
        };
        // Or the worker would be gone, and its programmes with it. What was written by then is not
        // known.
        let done = caught(writer.commit(units)).await.unwrap_or_else(|Panicked| {
            tracing::error!("a commit panicked");
            Err(StoreError::Unknown(Panicked.into()))
        });
        if done.is_ok() {
            self.writer = Some(writer);
        }
        done
    }

    fn judge(&self, error: &StoreError, units: usize) -> Next {
        let away = self.unavailable >= AWAY;
        match error {
            StoreError::Contention | StoreError::Conflict(Constraint::Natural(_)) => Next::Again,
            StoreError::Unknown(_) => Next::GiveUp(Failed::Unknown),
            StoreError::Unavailable(_) if away || units == 1 => Next::GiveUp(Failed::Unavailable),
            _ if units > 1 => Next::Parts,
            StoreError::Unavailable(_)
            | StoreError::Conflict(Constraint::Generated(_))
            | StoreError::Corrupt { .. } => Next::GiveUp(Failed::Internal),
        }
    }
}

/// A future panicked instead of giving its answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it panicked")]
pub(crate) struct Panicked;

/// A panic as an error, where one must not end what goes on for ever.
pub(crate) async fn caught<T>(mut future: BoxFuture<'_, T>) -> Result<T, Panicked> {
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(polled) => polled.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}

/// An error and its sources in one line, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests;
