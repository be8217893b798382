//! Faults that a test orders for the next commit. No release build contains this.

use crate::open::SqliteStore;
use rusqlite::{Connection, Error, ffi};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What the next commit shall do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is rolled back, and says so.
    Fails = 1,
    /// It is rolled back, and its outcome is reported as unknown.
    UnknownLost = 2,
    /// It is kept, and its outcome is reported as unknown.
    UnknownKept = 3,
}

/// The order, shared by the store and its writer's connection.
#[derive(Default)]
pub struct Faults(AtomicU8);

impl Faults {
    fn take(&self, fault: Fault) -> bool {
        self.0.compare_exchange(fault as u8, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Turns commits into rollbacks when told so.
    pub fn attach(faults: &Arc<Self>, connection: &mut Connection) -> rusqlite::Result<()> {
        let faults = Arc::clone(faults);
        connection.commit_hook(Some(move || {
            faults.take(Fault::Fails) || faults.0.load(Ordering::SeqCst) == Fault::UnknownLost as u8
        }))
    }

    /// What the writer shall believe of a commit.
    pub fn report(&self, committed: rusqlite::Result<()>) -> rusqlite::Result<()> {
        // Where nothing was to be committed, the hook was not asked.
        if self.take(Fault::Fails) {
            let code = ffi::Error::new(ffi::SQLITE_CONSTRAINT_COMMITHOOK);
            return Err(Error::SqliteFailure(code, None));
        }
        if self.take(Fault::UnknownLost) || self.take(Fault::UnknownKept) {
            let code = ffi::Error::new(ffi::SQLITE_IOERR_FSYNC);
            return Err(Error::SqliteFailure(code, None));
        }
        committed
    }
}

impl SqliteStore {
    /// Lets the next batch fail, as late as there is anything to do. Nothing on a read-only store.
    pub fn fail_next_commit(&self, fault: Fault) {
        if let Some(server) = &self.parts.server {
            server.faults.0.store(fault as u8, Ordering::SeqCst);
        }
    }
}
