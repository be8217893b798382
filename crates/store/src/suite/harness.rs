//! One store under test: commits in batches, questions, and what must hold after every case.

use super::work::{Told, Work};
use super::{Backend, dump, sums};
use crate::error::StoreError;
use crate::query::{Snapshot, Store};
use crate::rows::Noun;
use crate::unit::{Unit, Writer};
use domain::account::{AccountKey, AccountKind};
use domain::asset::Asset;
use domain::id::{AccountId, CardholderId, HoldId, ProgramId};
use domain::stamp::Stamp;
use domain::time::Time;
use std::sync::Arc;

/// When the suite's clock starts.
pub const START: Time = Time::from_unix_us(1_780_000_000_000_000);

/// What of a case's rows is checked once it is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Check {
    Books,
    /// The case wrote rows that no verb would write.
    Rows,
}

/// A store under test, with a clock and a seed that count.
pub struct Harness {
    backend: Box<dyn Backend>,
    store: Option<Arc<dyn Store>>,
    writer: Option<Box<dyn Writer>>,
    units: u64,
    check: Check,
}

impl Harness {
    pub async fn open(mut backend: Box<dyn Backend>) -> Self {
        let store = backend.open().await;
        Self { backend, store: Some(store), writer: None, units: 0, check: Check::Books }
    }

    /// The rows of this case are no books: sums and chains are not looked at.
    pub fn rows_only(&mut self) {
        self.check = Check::Rows;
    }

    pub fn store(&self) -> &dyn Store {
        self.store.as_deref().expect("a harness has an open store")
    }

    /// A unit with the next clock reading and the next seed.
    pub fn work(&mut self, program: ProgramId) -> Work {
        self.units += 1;
        Work::new(program, stamp(self.units))
    }

    /// Takes clock readings and seeds that another harness has not used.
    pub const fn continue_after(&mut self, other: &Self) {
        self.units = other.units;
    }

    /// Commits one batch, which must succeed.
    pub async fn commit(&mut self, works: Vec<Work>) -> Vec<Told> {
        let (result, told) = self.try_commit(works).await;
        result.expect("the commit succeeds");
        told
    }

    /// Commits a batch of one, which must succeed.
    pub async fn one(&mut self, work: Work) -> Told {
        self.commit(vec![work]).await[0]
    }

    /// As [`Harness::one`], and the unit must be applied.
    pub async fn done(&mut self, work: Work) {
        assert_eq!(self.one(work).await, Told::Done);
    }

    pub async fn try_commit(&mut self, works: Vec<Work>) -> (Result<(), StoreError>, Vec<Told>) {
        let tickets: Vec<_> = works.iter().map(Work::ticket).collect();
        let mut units: Vec<Box<dyn Unit>> = Vec::with_capacity(works.len());
        for work in works {
            units.push(Box::new(work));
        }
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.store().writer().await.expect("a writer"),
        };
        let result = writer.commit(&mut units).await;
        if result.is_ok() {
            // After an error the writer is dropped, as the port asks.
            self.writer = Some(writer);
        }
        let outcome = result.as_ref().copied().map_err(StoreError::failed);
        for unit in units {
            unit.answer(outcome);
        }
        (result, tickets.iter().map(|ticket| ticket.told()).collect())
    }

    /// The next commit fails after its units were decided.
    pub fn fail_next_commit(&mut self) {
        self.backend.fail_next_commit();
    }

    /// Gives the writer back, so that the next commit takes a new one.
    pub fn drop_writer(&mut self) {
        self.writer = None;
    }

    /// Closes the store and opens what it kept.
    pub async fn reopen(&mut self) {
        self.writer = None;
        self.store = None;
        self.store = Some(self.backend.open().await);
    }

    pub async fn snapshot(&self) -> Box<dyn Snapshot> {
        self.store().snapshot().await.expect("a snapshot")
    }

    /// Every row of every table, one a line.
    pub async fn dump(&self) -> String {
        let mut snapshot = self.snapshot().await;
        dump::dump(snapshot.as_mut()).await.expect("a dump")
    }

    /// What must hold after every case: typed rows in key order, and books that add up.
    pub async fn audit(&self) {
        let mut snapshot = self.snapshot().await;
        let faults = dump::faults(snapshot.as_mut()).await.expect("a scan");
        assert_eq!(faults, Vec::<String>::new(), "the rows are not typed");
        if self.check == Check::Books {
            let faults = sums::faults(snapshot.as_mut()).await.expect("a scan");
            assert_eq!(faults, Vec::<String>::new(), "the books do not add up");
        }
    }

    /// The snapshot's row of a noun, by its key.
    pub async fn kept<N: Noun>(&self, row: &N) -> Option<N> {
        let mut snapshot = self.snapshot().await;
        let key = dump::key_of(row);
        let values = snapshot.find(N::TABLE, key).await.expect("a row");
        values.map(|values| dump::typed(&values).expect("a typed row"))
    }

    /// Opens the accounts that most cases use, and funds the reserve.
    pub async fn book(&mut self, program: ProgramId, funds: i64) -> Book {
        let book = Book::of(program, "USD");
        let work = book.open(self.work(program));
        self.done(work).await;
        if funds > 0 {
            let work = self.work(program);
            self.done(book.fund(work, funds)).await;
        }
        book
    }

    /// An account's available amount, in minor units.
    pub async fn available(&self, program: ProgramId, id: AccountId) -> i64 {
        let account = self.store().account(program, id).await.expect("a read");
        account.expect("the account is there").available().minor
    }
}

/// The clock reading and the seed of the n-th unit: one millisecond apart.
pub fn stamp(unit: u64) -> Stamp {
    let clock = i64::try_from(unit).unwrap_or(i64::MAX).saturating_mul(1_000);
    let clock = Time::from_unix_us(START.unix_us().saturating_add(clock));
    Stamp::new(clock, unit.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The n-th programme of a test.
pub const fn program(number: u8) -> ProgramId {
    let mut bytes = [0x50; 16];
    bytes[15] = number;
    ProgramId::from_bytes(bytes)
}

/// The n-th cardholder of a test.
pub const fn cardholder(number: u8) -> CardholderId {
    let mut bytes = [0xc0; 16];
    bytes[15] = number;
    CardholderId::from_bytes(bytes)
}

/// The n-th hold of a test.
pub const fn hold(number: u8) -> HoldId {
    let mut bytes = [0x40; 16];
    bytes[15] = number;
    HoldId::from_bytes(bytes)
}

/// The accounts that most cases use, in one asset.
#[derive(Clone, Copy, Debug)]
pub struct Book {
    pub program: ProgramId,
    pub asset: Asset,
    pub external: AccountId,
    pub reserve: AccountId,
    pub settlement: AccountId,
    pub alice: AccountId,
    pub bob: AccountId,
}

impl Book {
    /// The ids alone; they are derived, so nothing is read.
    pub fn of(program: ProgramId, code: &str) -> Self {
        let asset = Asset::find(code).expect("an asset of the registry");
        let own = |kind| AccountKey::own(program, kind, asset).id();
        let wallet = |number| AccountKey::wallet(program, cardholder(number), asset).id();
        Self {
            program,
            asset,
            external: own(AccountKind::External),
            reserve: own(AccountKind::Reserve),
            settlement: own(AccountKind::Settlement),
            alice: wallet(1),
            bob: wallet(2),
        }
    }

    /// A book, and one batch that opens its accounts and funds its reserve: units 1 and 2.
    pub fn funded(program: ProgramId, funds: i64) -> (Self, Vec<Work>) {
        let book = Self::of(program, "USD");
        let work = |number| Work::new(program, stamp(number));
        (book, vec![book.open(work(1)), book.fund(work(2), funds)])
    }

    fn open(&self, work: Work) -> Work {
        self.keys().into_iter().fold(work, |work, key| work.open(key, key.kind.default_floor()))
    }

    fn fund(&self, work: Work, minor: i64) -> Work {
        work.post(self.external, self.reserve, minor)
    }

    pub fn keys(&self) -> [AccountKey; 5] {
        let own = |kind| AccountKey::own(self.program, kind, self.asset);
        let wallet = |number| AccountKey::wallet(self.program, cardholder(number), self.asset);
        [
            own(AccountKind::External),
            own(AccountKind::Reserve),
            own(AccountKind::Settlement),
            wallet(1),
            wallet(2),
        ]
    }
}
