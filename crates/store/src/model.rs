//! The store in memory: the oracle that backends are compared with, and what engines are tested on.
//!
//! Everything is in ordered maps behind one lock, and a commit holds the lock from its load to its
//! last row, so there is nothing to contend for and nothing half done. Snapshots share the maps
//! until the next commit, which then changes a copy. Faults are planted with [`Model::faults`].
//! Nothing is durable: it must never be offered to an operator.

mod fault;
mod import;
mod key;
mod query;
mod snapshot;
mod state;
mod writer;

pub use fault::{Fault, Faults};

use state::State;
use std::sync::{Arc, Mutex, MutexGuard};

/// A store in memory. Clones share one content.
#[derive(Clone, Default)]
pub struct Model {
    state: Arc<Mutex<Arc<State>>>,
    faults: Faults,
}

impl Model {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where tests plant what goes wrong.
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    fn lock(&self) -> MutexGuard<'_, Arc<State>> {
        self.state.lock().expect("decisions are caught, and nothing else under this lock panics")
    }
}

#[cfg(test)]
mod tests;
