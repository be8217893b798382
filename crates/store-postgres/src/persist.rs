//! Phase 5 of a batch: what was added, changed and appended, as one statement per table and kind.

use crate::cell::{Cell, columns};
use crate::statement::statements;
use store::rows::Visit;
use store::schema::{RowWriter, TableSpec, Value};
use store::{Keyed, Log, Logged, Noun, StoreError, Table};

/// One statement of the second round trip.
pub struct Change {
    pub table: &'static TableSpec,
    pub sql: &'static str,
    /// An array for each column.
    pub columns: Vec<Vec<Cell<'static>>>,
    /// Rows that it must write.
    pub rows: usize,
}

/// Collects the changes of a batch.
#[derive(Default)]
pub struct Changes {
    pub changes: Vec<Change>,
}

impl Visit for Changes {
    type Error = StoreError;

    /// Sorted by key, so that inserts of two servers meet in one order.
    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        let statements = statements(N::TABLE);
        self.change(&statements.insert, &table.inserts());
        self.change(&statements.update, &table.updates());
        Ok(())
    }

    fn log<N: Logged>(&mut self, log: &mut Log<N>) -> Result<(), StoreError> {
        let rows: Vec<&N> = log.rows().iter().collect();
        self.change(&statements(N::TABLE).insert, &rows);
        Ok(())
    }
}

impl Changes {
    fn change<N: Noun>(&mut self, sql: &'static str, rows: &[&N]) {
        if rows.is_empty() {
            return;
        }
        let owned = rows.iter().map(|row| {
            let mut values = RowWriter::default();
            row.write(&mut values);
            values.into_values().into_iter().map(Value::into_owned).collect()
        });
        let columns = columns(N::TABLE, owned);
        self.changes.push(Change { table: N::TABLE, sql, columns, rows: rows.len() });
    }
}
