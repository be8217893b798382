//! Faults that a test orders for the next commit. No release build contains this.

use crate::open::PostgresStore;
use std::sync::atomic::{AtomicBool, Ordering};

/// The order, shared by the store and its writers.
#[derive(Default)]
pub struct Faults(AtomicBool);

impl Faults {
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

impl PostgresStore {
    /// Lets the next batch that writes anything fail just before its commit.
    pub fn fail_next_commit(&self) {
        self.parts.faults.0.store(true, Ordering::SeqCst);
    }
}
