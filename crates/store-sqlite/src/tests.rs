//! The port's suite on this backend, and what only a file can do.

mod growth;
mod locks;
mod migrations;
mod plans;
mod schema;
mod unknown;

use crate::{Fault, Options, SqliteStore};
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use store::model::{self, Model};
use store::query::BoxFuture;
use store::suite::{self, Backend};
use store::{Store, Writer};
use tempfile::TempDir;

/// A directory of its own, with one database in it.
pub struct Place {
    directory: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub fn database(&self) -> PathBuf {
        self.directory.path().join("vostro.db")
    }

    /// A file that SQLite or the lock keeps beside the database.
    pub fn beside(&self, suffix: &str) -> PathBuf {
        self.directory.path().join(format!("vostro.db{suffix}"))
    }

    pub fn open(&self) -> Arc<SqliteStore> {
        SqliteStore::open(&self.database(), Options::default()).unwrap()
    }
}

/// The suite's way to a file: reopening is a new opening of the same file.
pub struct File {
    place: Place,
    store: Weak<SqliteStore>,
}

impl File {
    pub fn boxed() -> Box<Self> {
        Box::new(Self { place: Place::new(), store: Weak::new() })
    }
}

impl Backend for File {
    fn open(&mut self) -> BoxFuture<'_, Arc<dyn Store>> {
        let store = self.place.open();
        self.store = Arc::downgrade(&store);
        let store: Arc<dyn Store> = store;
        Box::pin(std::future::ready(store))
    }

    fn fail_next_commit(&mut self) {
        self.store.upgrade().unwrap().fail_next_commit(Fault::Fails);
    }
}

struct Memory(Model);

impl Backend for Memory {
    fn open(&mut self) -> BoxFuture<'_, Arc<dyn Store>> {
        let store: Arc<dyn Store> = Arc::new(self.0.clone());
        Box::pin(std::future::ready(store))
    }

    fn fail_next_commit(&mut self) {
        self.0.faults().next(model::Fault::Unavailable);
    }
}

/// Queries run beside, on the runtime's blocking threads.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(future)
}

pub fn writer(store: &SqliteStore) -> Box<dyn Writer> {
    wait(store.writer()).unwrap()
}

#[test]
fn every_case_of_the_suite() {
    for case in suite::CASES {
        println!("{}", case.name);
        wait(suite::run(case, File::boxed()));
    }
}

#[test]
fn random_commands_leave_what_the_model_has() {
    for seed in 0..6 {
        let model = Box::new(Memory(Model::new()));
        wait(suite::random::twins(seed, 300, model, File::boxed()));
    }
}
