//! The writer's side of tails and runs: a batch's keys, and the plan of the next batch.

use super::job::Scratch;
use super::plan::{Plan, Plans};
use super::tail::Tail;
use super::view::Tails;
use super::{Item, Kind, RunOptions};
use rusqlite::Connection;
use std::sync::{Arc, PoisonError, RwLock};
use store::StoreError;

/// Keys that a batch appends, of each kind.
pub type Appended = [Vec<Item>; 2];

/// One for each server; the writer holds its lock through a batch, and nobody else wants it.
pub struct Keeper {
    options: RunOptions,
    /// What the file says.
    plans: Plans,
    /// What it says once the batch is committed.
    next: Option<Plans>,
    scratch: [Scratch; 2],
    /// Whether the file may say something else than the plans.
    stale: bool,
}

impl Keeper {
    /// Inside a write transaction, which has to be committed.
    pub fn open(connection: &Connection, options: RunOptions) -> Result<Self, StoreError> {
        let plans = Plans::load(connection, &options)?;
        Ok(Self { options, plans, next: None, scratch: Default::default(), stale: false })
    }

    /// Inside a batch's transaction. `foreign` says that somebody else may have written.
    pub fn begin(&mut self, connection: &Connection, foreign: bool) -> Result<(), StoreError> {
        self.next = None;
        if self.stale || foreign && !self.plans.are_current(connection)? {
            self.stale = true;
            self.plans = Plans::load(connection, &self.options)?;
        }
        Ok(())
    }

    pub const fn plan(&self, kind: Kind) -> &Plan {
        self.plans.of(kind)
    }

    /// The number of the next row.
    pub fn next_row(&self) -> i64 {
        self.plans.last() + 1
    }

    /// Before the commit: writes this batch's part of runs and merges.
    pub fn work(&mut self, connection: &Connection, keys: &Appended) -> Result<(), StoreError> {
        let mut next = self.plans.clone();
        next.work(connection, keys, &self.options, &mut self.scratch)?;
        self.next = Some(next);
        Ok(())
    }

    /// From here on the file may say what memory does not.
    pub const fn committing(&mut self) {
        self.stale = true;
    }

    /// After the commit.
    pub fn committed(&mut self, keys: Appended) {
        if let Some(mut next) = self.next.take() {
            next.grow(keys, &self.options);
            self.plans = next;
        }
        self.stale = false;
    }

    /// What readers take.
    pub fn tails(&self) -> Tails {
        Kind::ALL.map(|kind| self.plans.of(kind).tails.clone())
    }
}

/// The tails as of the last commit.
pub struct Published(RwLock<Tails>);

impl Published {
    pub const fn new(tails: Tails) -> Self {
        Self(RwLock::new(tails))
    }

    pub fn take(&self) -> Tails {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Between the commit and its answers. A tail that readers have grows where it is.
    pub fn put(&self, keeper: &Keeper) {
        let same = |held: &[Arc<Tail>], kind: Kind| {
            let now = &keeper.plan(kind).tails;
            held.len() == now.len() && held.iter().zip(now).all(|(a, b)| Arc::ptr_eq(a, b))
        };
        let known = {
            let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
            Kind::ALL.into_iter().all(|kind| same(&held[kind as usize], kind))
        };
        if !known {
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = keeper.tails();
        }
    }
}
