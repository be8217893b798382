//! The maps, one for each table, and what a commit does to them.

use super::key::Key;
use crate::error::{Constraint, StoreError};
use crate::query::AnyRow;
use crate::rows::{Keyed, Noun, Rows, Table};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use domain::account::Account;
use domain::blind_index::BlindIndex;
use domain::cardholder::Cardholder;
use domain::credential::{Credential, DirectoryEntry};
use domain::delivery::Delivery;
use domain::endpoint::Endpoint;
use domain::event::Event;
use domain::hold::Hold;
use domain::id::{InstructionId, ProgramId};
use domain::instruction::Instruction;
use domain::key::WrappedKey;
use domain::lease::Lease;
use domain::program::{Counter, Program, Settings};
use domain::rate::ProgramRate;
use domain::reference::Reference;
use domain::signature_key::SignatureKey;
use domain::sub_account::SubAccount;
use domain::transfer::{Entry, Transfer};
use std::collections::BTreeMap;
use std::ops::Bound;

pub(super) type Map<N> = BTreeMap<Key, N>;

/// A noun whose key is in its log's row.
trait Placed: Noun {
    fn key(&self) -> Key;
}

impl Placed for Instruction {
    fn key(&self) -> Key {
        Key::place(self.program, self.place)
    }
}

impl Placed for Transfer {
    fn key(&self) -> Key {
        Key::place(self.program, self.place)
    }
}

impl Placed for Event {
    fn key(&self) -> Key {
        Key::place(self.program, self.place)
    }
}

impl Placed for Entry {
    fn key(&self) -> Key {
        Key::version(self.program, self.account, self.version)
    }
}

fn key_of<N: Keyed>(row: &N) -> Key {
    Key::row(N::TABLE, (row.program(), N::id_bytes(row.id())))
}

fn load<N: Keyed>(map: &Map<N>, table: &mut Table<N>) {
    for (key, _) in table.wanted() {
        table.fill(key, map.get(&Key::row(N::TABLE, key)).cloned());
    }
}

/// The unique key that a new row would take from another.
fn clash<N: Keyed>(map: &Map<N>, table: &Table<N>) -> Option<Constraint> {
    let taken = |row: &&N| map.contains_key(&key_of(*row));
    table.inserts().into_iter().find(taken).map(|_| taken_key::<N>())
}

fn taken_key<N: Noun>() -> Constraint {
    match N::TABLE.identity {
        Identity::Natural => Constraint::Natural(N::TABLE),
        Identity::Generated => Constraint::Generated(N::TABLE),
    }
}

/// As [`clash`]; two rows of one batch may clash as well.
fn clash_in_log<N: Placed>(map: &Map<N>, rows: &[N]) -> Option<Constraint> {
    let mut keys: Vec<Key> = rows.iter().map(Placed::key).collect();
    keys.sort_unstable();
    let twice = keys.windows(2).any(|pair| pair[0] == pair[1]);
    let taken = keys.iter().any(|key| map.contains_key(key));
    (twice || taken).then(taken_key::<N>)
}

fn persist<N: Keyed>(map: &mut Map<N>, table: &Table<N>) {
    for row in table.inserts() {
        let before = map.insert(key_of(row), row.clone());
        assert!(before.is_none(), "clashes were looked for");
    }
    for row in table.updates() {
        let name = N::TABLE.name;
        assert!(N::TABLE.class != Class::Fact, "{name} is append-only");
        let before = map.insert(key_of(row), row.clone());
        assert!(before.is_some(), "{name} was updated though it is absent");
    }
}

fn persist_log<N: Placed>(map: &mut Map<N>, rows: &[N]) {
    for row in rows {
        let before = map.insert(row.key(), row.clone());
        assert!(before.is_none(), "clashes were looked for");
    }
}

/// A row as it was imported, under its primary key.
fn put_any<N: Noun>(map: &mut Map<N>, values: &AnyRow) -> Result<(), StoreError> {
    let corrupt = |bad: BadColumn| StoreError::Corrupt {
        table: N::TABLE.name,
        column: bad.0,
        row: "(imported)".to_owned(),
        source: bad.into(),
    };
    let row = N::read(&mut RowReader::new(N::TABLE, values)).map_err(corrupt)?;
    match map.insert(Key::of(&values[..N::TABLE.key]), row) {
        None => Ok(()),
        Some(_) => Err(StoreError::Conflict(taken_key::<N>())),
    }
}

fn any_row<N: Noun>(row: &N) -> AnyRow {
    let mut out = RowWriter::default();
    row.write(&mut out);
    let values = out.into_values().into_iter();
    values.map(crate::schema::Value::into_owned).collect()
}

fn page<N: Noun>(map: &Map<N>, after: Option<Key>, limit: u32) -> Vec<AnyRow> {
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let rows = map.range((start, Bound::Unbounded)).take(limit);
    rows.map(|(_, row)| any_row(row)).collect()
}

/// Writes the maps and what is done with each of them, in lock order.
macro_rules! maps {
    (
        tables { $($table:ident: $noun:ty,)* }
        logs { $($log:ident: $logged:ty,)* }
    ) => {
        #[derive(Clone, Default)]
        pub(super) struct State {
            $(pub(super) $table: Map<$noun>,)*
            $(pub(super) $log: Map<$logged>,)*
            /// Where each instruction stands; also the wall against an id made twice.
            pub(super) places: BTreeMap<(ProgramId, InstructionId), Key>,
        }

        impl State {
            /// Phase 2: the answer for every wanted key.
            pub(super) fn load(&self, rows: &mut Rows) {
                $(load(&self.$table, &mut rows.$table);)*
            }

            fn clash(&self, rows: &Rows) -> Option<Constraint> {
                $(if let Some(taken) = clash(&self.$table, &rows.$table) {
                    return Some(taken);
                })*
                $(if let Some(taken) = clash_in_log(&self.$log, rows.$log.rows()) {
                    return Some(taken);
                })*
                None
            }

            fn write(&mut self, rows: &Rows) {
                $(persist(&mut self.$table, &rows.$table);)*
                $(persist_log(&mut self.$log, rows.$log.rows());)*
            }

            pub(super) fn scan(
                &self,
                table: &TableSpec,
                after: Option<Key>,
                limit: u32,
            ) -> Vec<AnyRow> {
                match table.name {
                    $(name if name == <$noun>::TABLE.name => page(&self.$table, after, limit),)*
                    $(name if name == <$logged>::TABLE.name => page(&self.$log, after, limit),)*
                    name => panic!("the model has no table {name}"),
                }
            }

            pub(super) fn find(&self, table: &TableSpec, key: Key) -> Option<AnyRow> {
                match table.name {
                    $(name if name == <$noun>::TABLE.name => self.$table.get(&key).map(any_row),)*
                    $(name if name == <$logged>::TABLE.name => self.$log.get(&key).map(any_row),)*
                    name => panic!("the model has no table {name}"),
                }
            }

            fn put(&mut self, table: &TableSpec, row: &AnyRow) -> Result<(), StoreError> {
                match table.name {
                    $(name if name == <$noun>::TABLE.name => put_any(&mut self.$table, row),)*
                    $(name if name == <$logged>::TABLE.name => put_any(&mut self.$log, row),)*
                    name => panic!("the model has no table {name}"),
                }
            }

            pub(super) fn count(&self, table: &TableSpec) -> usize {
                match table.name {
                    $(name if name == <$noun>::TABLE.name => self.$table.len(),)*
                    $(name if name == <$logged>::TABLE.name => self.$log.len(),)*
                    name => panic!("the model has no table {name}"),
                }
            }
        }
    };
}

maps! {
    tables {
        programs: Program,
        directory: DirectoryEntry,
        keys: WrappedKey,
        settings: Settings,
        credentials: Credential,
        signature_keys: SignatureKey,
        rates: ProgramRate,
        cardholders: Cardholder,
        blind_index: BlindIndex,
        sub_accounts: SubAccount,
        accounts: Account,
        holds: Hold,
        endpoints: Endpoint,
        deliveries: Delivery,
        leases: Lease,
        counters: Counter,
        references: Reference,
    }
    logs {
        instructions: Instruction,
        transfers: Transfer,
        entries: Entry,
        events: Event,
    }
}

impl State {
    /// The unique key that the batch would take from another row, if any.
    pub(super) fn taken(&self, rows: &Rows) -> Option<Constraint> {
        let mut ids: Vec<_> = rows.instructions.rows().iter().map(id_of).collect();
        ids.sort_unstable();
        let twice = ids.windows(2).any(|pair| pair[0] == pair[1]);
        let known = ids.iter().any(|id| self.places.contains_key(id));
        self.clash(rows).or_else(|| (twice || known).then(taken_key::<Instruction>))
    }

    /// Rows of an import.
    pub(super) fn import(&mut self, table: &TableSpec, rows: &[AnyRow]) -> Result<(), StoreError> {
        rows.iter().try_for_each(|row| self.put(table, row))
    }

    /// Finds the instructions' places, once all are imported.
    pub(super) fn place_instructions(&mut self) -> Result<(), StoreError> {
        self.places = self.instructions.values().map(|row| (id_of(row), row.key())).collect();
        if self.places.len() == self.instructions.len() {
            return Ok(());
        }
        Err(StoreError::Conflict(taken_key::<Instruction>()))
    }

    /// Phase 4: everything that changed. [`State::taken`] was asked before.
    pub(super) fn persist(&mut self, rows: &Rows) {
        self.write(rows);
        let placed = rows.instructions.rows().iter();
        self.places.extend(placed.map(|row| (id_of(row), row.key())));
    }
}

fn id_of(row: &Instruction) -> (ProgramId, InstructionId) {
    (row.program, row.id)
}
