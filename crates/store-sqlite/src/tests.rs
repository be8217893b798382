//! The port's suite on this backend, and what only a file can do.

mod growth;
mod import;
mod locks;
mod migrations;
mod plans;
mod posting;
mod runs;
mod schema;
mod unknown;

use crate::{Fault, Options, RunOptions, SqliteStore};
use domain::id::ProgramId;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use store::query::BoxFuture;
use store::suite::harness::stamp;
use store::suite::work::Work;
use store::suite::{self, Backend, Memory};
use store::{Failed, Store, StoreError, Unit, Writer};
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
        self.open_with(RunOptions::default())
    }

    pub fn open_with(&self, runs: RunOptions) -> Arc<SqliteStore> {
        SqliteStore::open(&self.database(), Options { runs, ..Options::default() }).unwrap()
    }
}

/// The suite's way to a file: reopening is a new opening of the same file.
pub struct File {
    place: Place,
    store: Weak<SqliteStore>,
    runs: RunOptions,
}

impl File {
    pub fn boxed(runs: RunOptions) -> Box<Self> {
        Box::new(Self { place: Place::new(), store: Weak::new(), runs })
    }
}

/// Runs and merges all the time, with blocks of a few keys; now and then; and none at all.
const SIZES: [RunOptions; 3] = [
    TINY,
    RunOptions { rows: 40, fanout: 3, block_bytes: 300, commit_keys: 20 },
    RunOptions::DEFAULT,
];

/// Each part of a run is in a commit of its own, almost.
const TINY: RunOptions = RunOptions { rows: 4, fanout: 2, block_bytes: 100, commit_keys: 1 };

impl Backend for File {
    fn open(&mut self) -> BoxFuture<'_, Arc<dyn Store>> {
        let store = self.place.open_with(self.runs);
        self.store = Arc::downgrade(&store);
        let store: Arc<dyn Store> = store;
        Box::pin(std::future::ready(store))
    }

    fn fail_next_commit(&mut self) {
        self.store.upgrade().unwrap().fail_next_commit(Fault::Fails);
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

pub const PROGRAM: ProgramId = suite::harness::program(1);

/// The n-th unit of a test.
pub fn work(number: u64) -> Work {
    Work::new(PROGRAM, stamp(number))
}

/// Commits one batch, and tells its units.
pub fn commit(writer: &mut dyn Writer, works: Vec<Work>) -> Result<(), StoreError> {
    let boxed = |work| -> Box<dyn Unit> { Box::new(work) };
    let mut units: Vec<_> = works.into_iter().map(boxed).collect();
    let result = wait(writer.commit(&mut units));
    let outcome = result.as_ref().copied().map_err(|_| Failed::Internal);
    units.into_iter().for_each(|unit| unit.answer(outcome));
    result
}

/// Commits one unit that writes one event.
pub fn note(store: &SqliteStore, number: u64) {
    commit(writer(store).as_mut(), vec![work(number).event()]).unwrap();
}

#[test]
fn every_case_of_the_suite() {
    for runs in SIZES {
        for case in suite::CASES {
            println!("{} {runs:?}", case.name);
            wait(suite::run(case, File::boxed(runs)));
        }
    }
}

#[test]
fn random_commands_leave_what_the_model_has() {
    for seed in 0..6 {
        for runs in SIZES {
            let model = Box::new(Memory::default());
            wait(suite::random::twins(seed, 300, model, File::boxed(runs)));
        }
    }
}
