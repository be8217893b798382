//! Phase 5 of a batch: what was added, changed and appended, as inserts and updates.

use crate::cache::Cache;
use crate::error::{fault, vanished, write_fault};
use crate::statement::{bind, statements};
use rusqlite::{CachedStatement, Connection, Statement};
use store::rows::Visit;
use store::schema::{RowWriter, TableSpec, Value};
use store::{Keyed, Log, Logged, Noun, StoreError, Table};

/// Writes the tables of a batch, and counts its rows.
pub struct Persist<'c> {
    connection: &'c Connection,
    cache: &'c mut Cache,
    written: usize,
}

impl Visit for Persist<'_> {
    type Error = StoreError;

    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        let (inserts, updates) = (table.inserts(), table.updates());
        self.insert(&inserts)?;
        self.update(&updates)?;
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
    pub const fn new(connection: &'c Connection, cache: &'c mut Cache) -> Self {
        Self { connection, cache, written: 0 }
    }

    pub const fn written(&self) -> usize {
        self.written
    }

    fn insert<N: Noun>(&mut self, rows: &[&N]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut statement = self.prepare(N::TABLE, &statements(N::TABLE).insert)?;
        let mut values = RowWriter::default();
        for row in rows {
            values.clear();
            row.write(&mut values);
            write(&mut statement, values.values())
                .map_err(|error| write_fault(N::TABLE, values.values(), error))?;
        }
        self.written += rows.len();
        Ok(())
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
        self.written += rows.len();
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
