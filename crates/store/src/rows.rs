//! The rows of one batch: what was loaded, what was changed, and how a unit is undone.
//!
//! A table knows three states of a key: never asked for (reading it is a bug and panics), loaded
//! and absent, loaded and present. `put` and `add` move the earlier slot to an undo list; logs
//! remember their length. A refused unit pops and truncates, which costs nothing for those that
//! are not refused.

use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::unit::Lock;
use domain::account::Account;
use domain::blind_index::BlindIndex;
use domain::cardholder::Cardholder;
use domain::credential::{Credential, DirectoryEntry};
use domain::delivery::Delivery;
use domain::endpoint::Endpoint;
use domain::event::Event;
use domain::hold::Hold;
use domain::id::ProgramId;
use domain::instruction::Instruction;
use domain::key::WrappedKey;
use domain::lease::Lease;
use domain::program::{Counter, Program, Settings};
use domain::rate::ProgramRate;
use domain::reference::Reference;
use domain::signature_key::SignatureKey;
use domain::sub_account::SubAccount;
use domain::transfer::{Entry, Transfer};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// A row type: its table, and how it is taken apart and put together.
pub trait Noun: Clone + Send + Sync + 'static {
    const TABLE: &'static TableSpec;
    fn write<'a>(&'a self, out: &mut RowWriter<'a>);
    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn>;
}

/// A noun that units read and change by key.
pub trait Keyed: Noun {
    type Id: Copy;
    fn program(&self) -> ProgramId;
    fn id(&self) -> Self::Id;
    fn id_bytes(id: Self::Id) -> [u8; 16];
    fn table(rows: &Rows) -> &Table<Self>;
    fn table_mut(rows: &mut Rows) -> &mut Table<Self>;
}

/// A noun that units only append.
pub trait Logged: Noun {
    fn program(&self) -> ProgramId;
    fn log(rows: &Rows) -> &Log<Self>;
    fn log_mut(rows: &mut Rows) -> &mut Log<Self>;
}

/// Files a noun under its programme and an id, in a table of [`Rows`].
macro_rules! keyed {
    ($noun:ty, $table:ident, $id:ty, $key:expr) => {
        impl $crate::rows::Keyed for $noun {
            type Id = $id;
            fn program(&self) -> domain::id::ProgramId {
                self.program
            }
            fn id(&self) -> $id {
                let key: fn(&Self) -> $id = $key;
                key(self)
            }
            fn id_bytes(id: $id) -> [u8; 16] {
                *id.bytes()
            }
            fn table(rows: &$crate::Rows) -> &$crate::Table<Self> {
                &rows.$table
            }
            fn table_mut(rows: &mut $crate::Rows) -> &mut $crate::Table<Self> {
                &mut rows.$table
            }
        }
    };
}
pub(crate) use keyed;

/// Files a programme's only row of a noun.
macro_rules! sole {
    ($noun:ty, $table:ident) => {
        impl $crate::rows::Keyed for $noun {
            type Id = ();
            fn program(&self) -> domain::id::ProgramId {
                self.program
            }
            fn id(&self) {}
            fn id_bytes((): ()) -> [u8; 16] {
                [0; 16]
            }
            fn table(rows: &$crate::Rows) -> &$crate::Table<Self> {
                &rows.$table
            }
            fn table_mut(rows: &mut $crate::Rows) -> &mut $crate::Table<Self> {
                &mut rows.$table
            }
        }
    };
}
pub(crate) use sole;

/// Files a noun that is only appended, in a log of [`Rows`].
macro_rules! logged {
    ($noun:ty, $log:ident) => {
        impl $crate::rows::Logged for $noun {
            fn program(&self) -> domain::id::ProgramId {
                self.program
            }
            fn log(rows: &$crate::Rows) -> &$crate::Log<Self> {
                &rows.$log
            }
            fn log_mut(rows: &mut $crate::Rows) -> &mut $crate::Log<Self> {
                &mut rows.$log
            }
        }
    };
}
pub(crate) use logged;

/// Programme and key. Control rows stand under the installation, whoever writes them.
pub type RowKey = (ProgramId, [u8; 16]);

/// A key as maps hash it: in one word, since programmes and ids are spread evenly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filed(pub RowKey);

impl Hash for Filed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (program, id) = &self.0;
        state.write_u128(u128::from_ne_bytes(*program.bytes()) ^ u128::from_be_bytes(*id));
    }
}

/// What keys are sorted by: programme and id, as numbers, which are compared more quickly.
fn order((program, id): &RowKey) -> (u128, u128) {
    (u128::from_be_bytes(*program.bytes()), u128::from_be_bytes(*id))
}

struct Slot<N> {
    key: RowKey,
    lock: Lock,
    /// Whether the backend answered for this key.
    loaded: bool,
    /// Whether the row was there before the batch.
    existed: bool,
    row: Option<N>,
    changed: bool,
}

/// What a slot was before a unit changed it.
struct Undo<N> {
    slot: usize,
    row: Option<N>,
    changed: bool,
}

/// The loaded rows of one noun, in order of first mention.
pub struct Table<N: Keyed> {
    slots: Vec<Slot<N>>,
    index: HashMap<Filed, usize, FixedState>,
    undo: Vec<Undo<N>>,
}

impl<N: Keyed> Default for Table<N> {
    fn default() -> Self {
        Self { slots: Vec::new(), index: HashMap::default(), undo: Vec::new() }
    }
}

impl<N: Keyed> Table<N> {
    fn row_key(program: ProgramId, id: N::Id) -> RowKey {
        let program = match N::TABLE.class {
            Class::Control => ProgramId::INSTALLATION,
            Class::Fact | Class::Projection | Class::Record => program,
        };
        (program, N::id_bytes(id))
    }

    /// The key that a row is filed under.
    pub fn key_of(row: &N) -> RowKey {
        Self::row_key(row.program(), row.id())
    }

    fn reserve(&mut self, rows: usize) {
        self.slots.reserve(rows);
        self.index.reserve(rows);
        self.undo.reserve(rows);
    }

    pub(crate) fn want(&mut self, program: ProgramId, id: N::Id, lock: Lock) {
        let key = Self::row_key(program, id);
        let next = self.slots.len();
        let at = *self.index.entry(Filed(key)).or_insert(next);
        if at == next {
            let (loaded, existed, changed) = (false, false, false);
            self.slots.push(Slot { key, lock, loaded, existed, row: None, changed });
        } else {
            self.slots[at].lock = self.slots[at].lock.max(lock);
        }
    }

    /// The row, or `None` where it was looked for and is absent.
    ///
    /// # Panics
    /// When the unit did not declare the read: absent and never asked for are different things.
    pub(crate) fn get(&self, program: ProgramId, id: N::Id) -> Option<&N> {
        let key = Self::row_key(program, id);
        let Some(at) = self.index.get(&Filed(key)) else {
            panic!("undeclared read of {}", N::TABLE.name);
        };
        let slot = &self.slots[*at];
        assert!(slot.loaded, "{} was wanted and never loaded", N::TABLE.name);
        slot.row.as_ref()
    }

    /// Adds a row that was absent. A natural key must have been declared and loaded as absent; a
    /// generated one must be fresh.
    pub(crate) fn add(&mut self, row: N) {
        let key = Self::row_key(row.program(), row.id());
        let name = N::TABLE.name;
        let at = match self.index.get(&Filed(key)) {
            Some(at) => *at,
            None => {
                assert!(
                    N::TABLE.identity == Identity::Generated,
                    "{name} was added though its absence was never read"
                );
                self.fresh(key)
            }
        };
        assert!(self.slots[at].loaded, "{name} was added before it was loaded");
        assert!(self.slots[at].row.is_none(), "{name} was added twice");
        self.set(at, row);
    }

    fn fresh(&mut self, key: RowKey) -> usize {
        let at = self.slots.len();
        self.index.insert(Filed(key), at);
        let (loaded, existed, changed) = (true, false, false);
        let lock = Lock::Exclusive;
        self.slots.push(Slot { key, lock, loaded, existed, row: None, changed });
        at
    }

    /// Changes a row that is there and was declared as exclusive.
    pub(crate) fn put(&mut self, row: N) {
        let key = Self::row_key(row.program(), row.id());
        let name = N::TABLE.name;
        let Some(at) = self.index.get(&Filed(key)).copied() else {
            panic!("undeclared write of {name}");
        };
        assert!(self.slots[at].row.is_some(), "{name} was put though it is absent");
        assert!(self.slots[at].lock == Lock::Exclusive, "{name} was put without its lock");
        assert!(N::TABLE.class != Class::Fact, "{name} is append-only");
        self.set(at, row);
    }

    fn set(&mut self, at: usize, row: N) {
        let slot = &mut self.slots[at];
        let changed = core::mem::replace(&mut slot.changed, true);
        let row = slot.row.replace(row);
        self.undo.push(Undo { slot: at, row, changed });
    }

    /// The row that this unit already put or added, to be completed in place before it is done.
    pub(crate) fn complete(&mut self, program: ProgramId, id: N::Id) -> &mut N {
        let key = Self::row_key(program, id);
        let at =
            self.index.get(&Filed(key)).copied().expect("completed rows were put by this unit");
        assert!(self.slots[at].changed, "completed rows were put by this unit");
        self.slots[at].row.as_mut().expect("completed rows were put by this unit")
    }

    fn roll_back(&mut self, mark: usize) {
        while self.undo.len() > mark {
            if let Some(undo) = self.undo.pop() {
                let slot = &mut self.slots[undo.slot];
                slot.row = undo.row;
                slot.changed = undo.changed;
            }
        }
    }

    /// What a backend must load, sorted by programme and key, which is the lock order.
    pub fn wanted(&self) -> Vec<(RowKey, Lock)> {
        let unloaded = self.slots.iter().filter(|slot| !slot.loaded);
        let mut keys: Vec<_> = unloaded.map(|slot| (slot.key, slot.lock)).collect();
        keys.sort_unstable_by_key(|wanted| order(&wanted.0));
        keys
    }

    /// The backend's answer for one wanted key.
    pub fn fill(&mut self, key: RowKey, row: Option<N>) {
        let at = self.index.get(&Filed(key)).copied().expect("only wanted keys are filled");
        let slot = &mut self.slots[at];
        slot.loaded = true;
        slot.existed = row.is_some();
        slot.row = row;
    }

    fn changed(&self, existed: bool) -> Vec<&N> {
        let mut slots: Vec<_> =
            self.slots.iter().filter(|slot| slot.changed && slot.existed == existed).collect();
        slots.sort_unstable_by_key(|slot| order(&slot.key));
        slots.into_iter().filter_map(|slot| slot.row.as_ref()).collect()
    }

    /// The row that the batch added under this key, as it is by now.
    pub fn added(&self, key: &RowKey) -> Option<&N> {
        let slot = &self.slots[*self.index.get(&Filed(*key))?];
        slot.row.as_ref().filter(|_| slot.changed && !slot.existed)
    }

    /// How many rows are new.
    pub fn added_count(&self) -> usize {
        self.slots.iter().filter(|slot| slot.changed && !slot.existed).count()
    }

    /// New rows, sorted by key.
    pub fn inserts(&self) -> Vec<&N> {
        self.changed(false)
    }

    /// Changed rows, sorted by key.
    pub fn updates(&self) -> Vec<&N> {
        self.changed(true)
    }
}

/// The appended rows of one noun.
pub struct Log<N> {
    rows: Vec<N>,
}

impl<N> Default for Log<N> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<N> Log<N> {
    pub(crate) fn append(&mut self, row: N) {
        self.rows.push(row);
    }

    pub(crate) fn since(&self, mark: usize) -> &[N] {
        &self.rows[mark..]
    }

    pub(crate) fn since_mut(&mut self, mark: usize) -> &mut [N] {
        &mut self.rows[mark..]
    }

    /// In the order of their places.
    pub fn rows(&self) -> &[N] {
        &self.rows
    }
}

/// What units appended, each log in the order of its places.
#[derive(Default)]
pub struct Logs {
    pub instructions: Vec<Instruction>,
    pub transfers: Vec<Transfer>,
    pub entries: Vec<Entry>,
    pub events: Vec<Event>,
}

/// How far each list had grown when a unit began.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Mark {
    undo: [usize; 17],
    pub(crate) instructions: usize,
    pub(crate) transfers: usize,
    pub(crate) entries: usize,
    pub(crate) events: usize,
}

/// What a backend does with each noun, called in lock order.
pub trait Visit {
    type Error;
    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), Self::Error>;
    fn log<N: Logged>(&mut self, log: &mut Log<N>) -> Result<(), Self::Error>;
}

/// Every row that a batch read or wrote.
#[derive(Default)]
pub struct Rows {
    pub programs: Table<Program>,
    pub directory: Table<DirectoryEntry>,
    pub keys: Table<WrappedKey>,
    pub settings: Table<Settings>,
    pub credentials: Table<Credential>,
    pub signature_keys: Table<SignatureKey>,
    pub rates: Table<ProgramRate>,
    pub cardholders: Table<Cardholder>,
    pub blind_index: Table<BlindIndex>,
    pub sub_accounts: Table<SubAccount>,
    pub accounts: Table<Account>,
    pub holds: Table<Hold>,
    pub endpoints: Table<Endpoint>,
    pub deliveries: Table<Delivery>,
    pub leases: Table<Lease>,
    pub counters: Table<Counter>,
    pub references: Table<Reference>,
    pub instructions: Log<Instruction>,
    pub transfers: Log<Transfer>,
    pub entries: Log<Entry>,
    pub events: Log<Event>,
}

impl Rows {
    /// Every table in lock order: rows by (table, programme, key), then the counters, then the
    /// references, which a backend reads without a lock; then the logs.
    pub fn visit<V: Visit>(&mut self, visit: &mut V) -> Result<(), V::Error> {
        visit.table(&mut self.programs)?;
        visit.table(&mut self.directory)?;
        visit.table(&mut self.keys)?;
        visit.table(&mut self.settings)?;
        visit.table(&mut self.credentials)?;
        visit.table(&mut self.signature_keys)?;
        visit.table(&mut self.rates)?;
        visit.table(&mut self.cardholders)?;
        visit.table(&mut self.blind_index)?;
        visit.table(&mut self.sub_accounts)?;
        visit.table(&mut self.accounts)?;
        visit.table(&mut self.holds)?;
        visit.table(&mut self.endpoints)?;
        visit.table(&mut self.deliveries)?;
        visit.table(&mut self.leases)?;
        visit.table(&mut self.counters)?;
        visit.table(&mut self.references)?;
        visit.log(&mut self.instructions)?;
        visit.log(&mut self.transfers)?;
        visit.log(&mut self.entries)?;
        visit.log(&mut self.events)
    }

    /// What was appended, for a backend that writes some of it in a way of its own.
    pub fn take_logs(&mut self) -> Logs {
        Logs {
            instructions: core::mem::take(&mut self.instructions.rows),
            transfers: core::mem::take(&mut self.transfers.rows),
            entries: core::mem::take(&mut self.entries.rows),
            events: core::mem::take(&mut self.events.rows),
        }
    }

    /// What is left to be written of that.
    pub fn put_logs(&mut self, logs: Logs) {
        self.instructions.rows = logs.instructions;
        self.transfers.rows = logs.transfers;
        self.entries.rows = logs.entries;
        self.events.rows = logs.events;
    }

    /// Makes room for what so many units mostly read and write, so that it does not grow step by
    /// step under them.
    pub(crate) fn reserve(&mut self, units: usize) {
        self.references.reserve(units);
        self.accounts.reserve(2 * units);
        self.counters.undo.reserve(units);
        self.instructions.rows.reserve(units);
        self.transfers.rows.reserve(units);
        self.entries.rows.reserve(2 * units);
        self.events.rows.reserve(units);
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            undo: [
                self.programs.undo.len(),
                self.directory.undo.len(),
                self.keys.undo.len(),
                self.settings.undo.len(),
                self.credentials.undo.len(),
                self.signature_keys.undo.len(),
                self.rates.undo.len(),
                self.cardholders.undo.len(),
                self.blind_index.undo.len(),
                self.sub_accounts.undo.len(),
                self.accounts.undo.len(),
                self.holds.undo.len(),
                self.endpoints.undo.len(),
                self.deliveries.undo.len(),
                self.leases.undo.len(),
                self.counters.undo.len(),
                self.references.undo.len(),
            ],
            instructions: self.instructions.rows.len(),
            transfers: self.transfers.rows.len(),
            entries: self.entries.rows.len(),
            events: self.events.rows.len(),
        }
    }

    pub(crate) fn roll_back(&mut self, mark: &Mark) {
        self.programs.roll_back(mark.undo[0]);
        self.directory.roll_back(mark.undo[1]);
        self.keys.roll_back(mark.undo[2]);
        self.settings.roll_back(mark.undo[3]);
        self.credentials.roll_back(mark.undo[4]);
        self.signature_keys.roll_back(mark.undo[5]);
        self.rates.roll_back(mark.undo[6]);
        self.cardholders.roll_back(mark.undo[7]);
        self.blind_index.roll_back(mark.undo[8]);
        self.sub_accounts.roll_back(mark.undo[9]);
        self.accounts.roll_back(mark.undo[10]);
        self.holds.roll_back(mark.undo[11]);
        self.endpoints.roll_back(mark.undo[12]);
        self.deliveries.roll_back(mark.undo[13]);
        self.leases.roll_back(mark.undo[14]);
        self.counters.roll_back(mark.undo[15]);
        self.references.roll_back(mark.undo[16]);
        self.instructions.rows.truncate(mark.instructions);
        self.transfers.rows.truncate(mark.transfers);
        self.entries.rows.truncate(mark.entries);
        self.events.rows.truncate(mark.events);
    }

    /// The references that the unit since `mark` added.
    pub(crate) fn references_since(&self, mark: &Mark) -> impl Iterator<Item = &Reference> {
        let undo = &self.references.undo[mark.undo[16]..];
        undo.iter().filter_map(|undo| self.references.slots[undo.slot].row.as_ref())
    }
}
