//! Faults that a test orders for the next commit. No release build contains this.

use crate::open::SqliteStore;
use rusqlite::{Connection, Error, ffi};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// SQLite's own bound.
const PAGES_MAX: u32 = 4_294_967_294;

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

/// The orders, shared by the store and its writer's connection.
#[derive(Default)]
pub struct Faults {
    commit: AtomicU8,
    /// Pages that the file may have; 0 is any number.
    pages: AtomicU32,
}

impl Faults {
    fn take(&self, fault: Fault) -> bool {
        self.commit.compare_exchange(fault as u8, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Turns commits into rollbacks when told so.
    pub fn attach(faults: &Arc<Self>, connection: &mut Connection) -> rusqlite::Result<()> {
        let faults = Arc::clone(faults);
        connection.commit_hook(Some(move || {
            faults.take(Fault::Fails)
                || faults.commit.load(Ordering::SeqCst) == Fault::UnknownLost as u8
        }))
    }

    /// Before a batch: how much room there is.
    pub fn limit(&self, connection: &Connection) -> rusqlite::Result<()> {
        let pages = match self.pages.load(Ordering::SeqCst) {
            0 => PAGES_MAX,
            pages => pages,
        };
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
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
    /// From the next batch on the disk is full when the file has so many pages; 0 makes room again.
    pub fn limit_pages(&self, pages: u32) {
        if let Some(server) = &self.parts.server {
            server.faults.pages.store(pages, Ordering::SeqCst);
        }
    }

    /// Lets the next batch fail, as late as there is anything to do. Nothing on a read-only store.
    pub fn fail_next_commit(&self, fault: Fault) {
        if let Some(server) = &self.parts.server {
            server.faults.commit.store(fault as u8, Ordering::SeqCst);
        }
    }
}
