//! Phase 5 of a batch: what was added, changed and appended, as inserts and updates. What postings
//! say is written already (`posting.rs`), and is left out here.
//!
//! References and entries are appended, and their keys gathered for the tails. They have no unique
//! index: that a reference is new, phase 3 has found out inside this transaction, and a batch has
//! one row for a key; an entry is new where it is behind its account's version as of before the
//! batch, else it is looked for.
//!
//! An account that only its entries moved is not written: its newest entry says what its row would,
//! and the row follows with the run (`runs/heads.rs`).

use crate::cache::Cache;
use crate::error::{clash, fault, vanished, write_fault};
use crate::posting::{self, Last, Posted};
use crate::runs::keeper::{Appended, Keeper};
use crate::runs::{Item, Key, Kind};
use crate::statement::{at_most, bind, statements};
use domain::account::Account;
use domain::instruction::Instruction;
use domain::reference::Reference;
use domain::transfer::Entry;
use foldhash::fast::FixedState;
use rusqlite::{CachedStatement, Connection, Statement, params};
use std::any::Any;
use std::collections::{HashMap, HashSet};
use store::rows::Visit;
use store::schema::{RowWriter, TableSpec, Value};
use store::{Keyed, Log, Logged, Noun, Rows, StoreError, Table};

/// What the last entry says of its account, of those that were not posted.
type Heads = HashMap<Key, Last, FixedState>;

/// Writes the tables of a batch, and counts its rows.
pub struct Persist<'c> {
    connection: &'c Connection,
    cache: &'c mut Cache,
    keeper: &'c Keeper,
    posted: Posted,
    heads: Heads,
    /// The versions of accounts before the batch.
    versions: HashMap<Key, i64, FixedState>,
}

impl Visit for Persist<'_> {
    type Error = StoreError;

    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        let (inserts, updates) = (self.unposted(table), table.updates());
        self.insert(&inserts)?;
        let mut to_write = updates.clone();
        to_write.retain(|row| !self.is_led_to(*row));
        self.update(&to_write)?;
        for row in inserts.into_iter().chain(updates) {
            self.cache.put(Table::key_of(row), row);
        }
        Ok(())
    }

    fn log<N: Logged>(&mut self, log: &mut Log<N>) -> Result<(), StoreError> {
        let rows: Vec<&N> = log.rows().iter().collect();
        self.insert(&rows)
    }
}

impl<'c> Persist<'c> {
    /// For what was not posted. `rows` have nothing in their logs that was.
    pub fn new(
        connection: &'c Connection,
        cache: &'c mut Cache,
        keeper: &'c Keeper,
        rows: &Rows,
        posted: Posted,
    ) -> Self {
        let says = |entry: &Entry| {
            let account = Key::of(entry.program.bytes(), entry.account.bytes());
            (account, (entry.version, entry.after, entry.hash))
        };
        // An account's entries behind one that was not posted are not posted either.
        let heads = rows.entries.rows().iter().map(says).collect();
        let versions = HashMap::default();
        Self { connection, cache, keeper, posted, heads, versions }
    }

    /// How many rows were written, and the keys of those that were appended.
    pub fn written(self) -> (usize, Appended) {
        (self.posted.written, self.posted.appended)
    }

    /// New rows that no posting says. Mostly all references are posted, and so none is looked at.
    fn unposted<'r, N: Keyed>(&self, table: &'r Table<N>) -> Vec<&'r N> {
        if !std::ptr::eq(N::TABLE, Reference::TABLE) {
            return table.inserts();
        }
        let posted = &self.posted.appended[Kind::Reference as usize];
        if table.added_count() == posted.len() {
            return Vec::new();
        }
        let posted = self.posted.references();
        let mut rows = table.inserts();
        rows.retain(|row| {
            let (program, id) = Table::key_of(*row);
            !posted.contains(&Key::of(program.bytes(), &id))
        });
        rows
    }

    /// Whether it is an account whose last entry in this batch says all that changed.
    fn is_led_to<N: Keyed>(&mut self, row: &N) -> bool {
        let any: &dyn Any = row;
        let Some(row) = any.downcast_ref::<Account>() else { return false };
        let Some(old) = self.cache.get::<Account>(&Table::key_of(row)) else { return false };
        let key = Key::of(row.program.bytes(), row.id.bytes());
        self.versions.insert(key, at_most(old.version));
        let moved = Account { version: row.version, sums: row.sums, head: row.head, ..*old };
        let says = self.heads.get(&key).or_else(|| self.posted.last(&key));
        moved == *row && says == Some(&(row.version, row.sums, row.head))
    }

    fn insert<N: Noun>(&mut self, rows: &[&N]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut statement = self.prepare(N::TABLE, &statements(N::TABLE).insert)?;
        let mut values = RowWriter::default();
        let kind = Kind::of(N::TABLE);
        let mut keys = HashSet::with_hasher(FixedState::default());
        for row in rows {
            let any: &dyn Any = *row;
            if let Some(asked) = any.downcast_ref::<Instruction>()
                && posting::has_id(self.connection, asked)?
            {
                return Err(clash(N::TABLE));
            }
            values.clear();
            row.write(&mut values);
            let values = values.values();
            let key = kind.and_then(|kind| kind.key(values));
            if let (Some(Kind::Entry), Some(key)) = (kind, key)
                && (!keys.insert(key) || self.is_taken(&key)?)
            {
                return Err(clash(N::TABLE));
            }
            let wrong = |error| write_fault(N::TABLE, values, error);
            if let (Some(kind), Some(key)) = (kind, key) {
                let number = statement.raw_bind_parameter(values.len() + 1, self.posted.next);
                number.map_err(wrong)?;
                let item: Item = (key, self.posted.next);
                self.posted.appended[kind as usize].push(item);
                self.posted.next += 1;
            }
            write(&mut statement, values).map_err(wrong)?;
        }
        self.posted.written += rows.len();
        Ok(())
    }

    /// Whether an entry that is about to be appended is there already.
    fn is_taken(&self, key: &Key) -> Result<bool, StoreError> {
        let before = self.versions.get(&key.without_version());
        if before.is_some_and(|before| key.version() > *before) {
            return Ok(false);
        }
        let Some(row) = self.keeper.plan(Kind::Entry).find(self.connection, key)? else {
            return Ok(false);
        };
        // Somebody may have edited the file.
        let mut statement = self.prepare(Entry::TABLE, &statements(Entry::TABLE).find)?;
        let (_, account) = key.parts();
        let found =
            statement.query_row(params![row, account], |row| Ok(Kind::Entry.key_at(row, 0)));
        match found {
            Ok(found) => Ok(found.as_ref() == Some(key)),
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(false),
            Err(error) => Err(fault(Entry::TABLE.name, error)),
        }
    }

    fn update<N: Noun>(&mut self, rows: &[&N]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let statements = statements(N::TABLE);
        let sql = statements.update_changing.as_ref().unwrap_or(&statements.update);
        let mut statement = self.prepare(N::TABLE, sql)?;
        let mut values = RowWriter::default();
        for row in rows {
            values.clear();
            row.write(&mut values);
            let values = values.values();
            let wrong = |error| write_fault(N::TABLE, values, error);
            let mut found = write(&mut statement, values).map_err(wrong)?;
            if found == 0 && statements.update_changing.is_some() {
                let mut all = self.prepare(N::TABLE, &statements.update)?;
                found = write(&mut all, values).map_err(wrong)?;
            }
            if found != 1 {
                return Err(vanished(N::TABLE, values));
            }
        }
        self.posted.written += rows.len();
        Ok(())
    }

    fn prepare(
        &self,
        table: &'static TableSpec,
        sql: &str,
    ) -> Result<CachedStatement<'c>, StoreError> {
        self.connection.prepare_cached(sql).map_err(|error| fault(table.name, error))
    }
}

/// Runs a statement that takes every column, and says how many rows it wrote.
fn write(statement: &mut Statement<'_>, values: &[Value<'_>]) -> rusqlite::Result<usize> {
    for (index, value) in values.iter().enumerate() {
        bind(statement, index + 1, value)?;
    }
    statement.raw_execute()
}
