//! Phase 5 of a batch: what was added, changed and appended, as one statement per table and kind.

use crate::batch::RowArray;
use crate::prepared::Prepared;
use crate::statement::statements;
use store::rows::Visit;
use store::schema::{RowWriter, TableSpec};
use store::{Keyed, Log, Logged, Noun, StoreError, Table};
use tokio_postgres::Statement;

/// One statement of the second round trip.
pub struct Change<'p> {
    pub table: &'static TableSpec,
    pub statement: &'p Statement,
    pub rows: RowArray<'p>,
    /// How many it must write.
    pub count: usize,
}

/// Collects the changes of a batch.
pub struct Changes<'p> {
    prepared: &'p Prepared,
    pub changes: Vec<Change<'p>>,
    /// Statements that a change needs and that are not prepared. Then the changes are not whole.
    pub missing: Vec<(&'static TableSpec, &'static str)>,
}

impl Visit for Changes<'_> {
    type Error = StoreError;

    /// Sorted by key, so that inserts of two servers meet in one order.
    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        let statements = statements(N::TABLE);
        self.change(&statements.insert, table.inserts())?;
        self.change(&statements.update, table.updates())
    }

    fn log<N: Logged>(&mut self, log: &mut Log<N>) -> Result<(), StoreError> {
        self.change(&statements(N::TABLE).insert, log.rows())
    }
}

impl<'p> Changes<'p> {
    pub fn new(prepared: &'p Prepared) -> Self {
        Self { prepared, changes: Vec::new(), missing: Vec::new() }
    }

    fn change<'n, N: Noun>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = &'n N, IntoIter: ExactSizeIterator>,
    ) -> Result<(), StoreError> {
        let (table, rows) = (N::TABLE, rows.into_iter());
        let count = rows.len();
        if count == 0 {
            return Ok(());
        }
        let Some((statement, layout)) = self.prepared.write(sql) else {
            self.missing.push((table, sql));
            return Ok(());
        };
        let mut array = RowArray::new(layout);
        let mut values = RowWriter::default();
        for row in rows {
            values.clear();
            row.write(&mut values);
            let pushed = array.push(values.values());
            pushed.map_err(|bad| StoreError::Unavailable(bad.into()))?;
        }
        self.changes.push(Change { table, statement, rows: array, count });
        Ok(())
    }
}
