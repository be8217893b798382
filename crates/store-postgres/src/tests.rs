//! The port's suite on this backend, and what only a server can do.

mod catalogue;
mod columns;
mod distribute;
mod import;
mod migrations;
mod outcome;
mod recorded;
mod role;
mod settings;
mod together;

use crate::{OpenError, Options, PostgresStore};
use domain::id::ProgramId;
use pgfixture::shared;
use std::sync::{Arc, Weak};
use store::query::BoxFuture;
use store::suite::harness::{Book, stamp};
use store::suite::work::Work;
use store::suite::{self, Backend, Memory};
use store::{Failed, Store, StoreError, Unit, Writer};

/// Connections live on a runtime, so each test has one for all that it does.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

/// An empty database of the server that all tests share.
pub fn database() -> String {
    shared().url(&shared().create_database())
}

pub async fn open(url: &str) -> Result<Arc<PostgresStore>, OpenError> {
    PostgresStore::open(url, Options::default()).await
}

/// The suite's way to a database: reopening is a new opening of the same one.
pub struct Base {
    url: String,
    store: Weak<PostgresStore>,
}

impl Base {
    pub fn boxed() -> Box<Self> {
        Self::at(database())
    }

    /// A database that is there, on any server.
    pub fn at(url: String) -> Box<Self> {
        Box::new(Self { url, store: Weak::new() })
    }
}

impl Backend for Base {
    fn open(&mut self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async {
            let store = open(&self.url).await.unwrap();
            self.store = Arc::downgrade(&store);
            store as Arc<dyn Store>
        })
    }

    fn fail_next_commit(&mut self) {
        self.store.upgrade().unwrap().fail_next_commit();
    }
}

pub const PROGRAM: ProgramId = suite::harness::program(1);

/// The n-th unit of a test.
pub fn work(number: u64) -> Work {
    Work::new(PROGRAM, stamp(number))
}

/// Commits one batch, and tells its units.
pub async fn commit(writer: &mut dyn Writer, works: Vec<Work>) -> Result<(), StoreError> {
    let boxed = |work| -> Box<dyn Unit> { Box::new(work) };
    let mut units: Vec<_> = works.into_iter().map(boxed).collect();
    let result = writer.commit(&mut units).await;
    let outcome = result.as_ref().copied().map_err(|_| Failed::Internal);
    units.into_iter().for_each(|unit| unit.answer(outcome));
    result
}

/// Opens and funds a programme's books.
pub async fn book(writer: &mut dyn Writer, program: ProgramId) -> Book {
    let (book, units) = Book::funded(program, 1_000_000);
    commit(writer, units).await.unwrap();
    book
}

#[test]
fn every_case_of_the_suite() {
    for case in suite::CASES {
        println!("{}", case.name);
        wait(suite::run(case, Base::boxed()));
    }
}

#[test]
fn random_commands_leave_what_the_model_has() {
    for seed in 0..3 {
        let model = Box::new(Memory::default());
        wait(suite::random::twins(seed, 300, model, Base::boxed()));
    }
}
