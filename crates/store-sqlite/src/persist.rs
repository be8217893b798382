//! Phase 5 of a batch: what was added, changed and appended, as inserts and updates.

use crate::error::{fault, vanished, write_fault};
use crate::statement::{bind, statements};
use rusqlite::{Connection, Statement};
use store::rows::Visit;
use store::schema::{RowWriter, Value};
use store::{Keyed, Log, Logged, Noun, StoreError, Table};

/// Writes the tables of a batch, and counts its rows.
pub struct Persist<'c> {
    connection: &'c Connection,
    written: usize,
}

impl Visit for Persist<'_> {
    type Error = StoreError;

    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        self.insert(&table.inserts())?;
        self.update(&table.updates())
    }

    fn log<N: Logged>(&mut self, log: &mut Log<N>) -> Result<(), StoreError> {
        let rows: Vec<&N> = log.rows().iter().collect();
        self.insert(&rows)
    }
}

impl<'c> Persist<'c> {
    pub const fn new(connection: &'c Connection) -> Self {
        Self { connection, written: 0 }
    }

    pub const fn written(&self) -> usize {
        self.written
    }

    fn insert<N: Noun>(&mut self, rows: &[&N]) -> Result<(), StoreError> {
        self.execute(&statements(N::TABLE).insert, rows, |values| Err(vanished(N::TABLE, values)))
    }

    fn update<N: Noun>(&mut self, rows: &[&N]) -> Result<(), StoreError> {
        let statements = statements(N::TABLE);
        let connection = self.connection;
        let all = |values: &[Value<'_>]| {
            let mut statement = connection
                .prepare_cached(&statements.update)
                .map_err(|error| fault(N::TABLE.name, error))?;
            match write(&mut statement, values) {
                Ok(1) => Ok(()),
                Ok(_) => Err(vanished(N::TABLE, values)),
                Err(error) => Err(write_fault(N::TABLE, values, error)),
            }
        };
        match &statements.update_changing {
            Some(changing) => self.execute(changing, rows, all),
            None => {
                self.execute(&statements.update, rows, |values| Err(vanished(N::TABLE, values)))
            }
        }
    }

    /// Runs one statement for each row, and `otherwise` for a row that it did not find.
    fn execute<N: Noun>(
        &mut self,
        sql: &str,
        rows: &[&N],
        otherwise: impl Fn(&[Value<'_>]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let prepared = self.connection.prepare_cached(sql);
        let mut statement = prepared.map_err(|error| fault(N::TABLE.name, error))?;
        let mut values = RowWriter::default();
        for row in rows {
            values.clear();
            row.write(&mut values);
            match write(&mut statement, values.values()) {
                Ok(1) => {}
                Ok(_) => otherwise(values.values())?,
                Err(error) => return Err(write_fault(N::TABLE, values.values(), error)),
            }
        }
        self.written += rows.len();
        Ok(())
    }
}

/// Runs a statement that takes every column, and says how many rows it wrote.
fn write(statement: &mut Statement<'_>, values: &[Value<'_>]) -> rusqlite::Result<usize> {
    for (index, value) in values.iter().enumerate() {
        bind(statement, index + 1, value)?;
    }
    statement.raw_execute()
}
