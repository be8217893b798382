//! Phases 1 and 3 of a batch: what it wants becomes statements, and their rows go where they were
//! wanted.
//!
//! Order: each table's rows in key order, table by table in the port's order, the counters after
//! them, and only then the references: in READ COMMITTED each statement sees what was committed
//! when it began, so what is read without a lock must be read when all locks are held.

use crate::batch::IdArray;
use crate::error::noun;
use crate::statement::statements;
use std::collections::HashMap;
use store::rows::{RowKey, Visit};
use store::schema::{Class, TableSpec};
use store::{Keyed, Lock, Log, Logged, StoreError, Table};
use tokio_postgres::Row;

/// One statement of the first round trip.
pub struct Question {
    pub table: &'static TableSpec,
    pub sql: &'static str,
    /// An array for each key column.
    pub keys: Vec<IdArray>,
}

/// Collects the questions of a batch.
#[derive(Default)]
pub struct Ask {
    pub questions: Vec<Question>,
}

impl Visit for Ask {
    type Error = StoreError;

    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        let mut wanted = table.wanted();
        let rank = |lock: Lock| if N::TABLE.class == Class::Fact { Lock::Fixed } else { lock };
        // Locked in one statement, so in one order: where some rows are to be changed, those that
        // are only to stay as they are are locked with them.
        let strongest = wanted.iter().map(|(_, lock)| rank(*lock)).max();
        let Some(strongest) = strongest else { return Ok(()) };
        let fixed: Vec<_> = wanted.extract_if(.., |(_, lock)| rank(*lock) == Lock::Fixed).collect();
        self.ask(N::TABLE, Lock::Fixed, &fixed);
        self.ask(N::TABLE, strongest, &wanted);
        Ok(())
    }

    fn log<N: Logged>(&mut self, _: &mut Log<N>) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Ask {
    fn ask(&mut self, table: &'static TableSpec, lock: Lock, wanted: &[(RowKey, Lock)]) {
        if wanted.is_empty() {
            return;
        }
        let mut keys: Vec<_> = table.key_columns().iter().map(|_| IdArray::default()).collect();
        for (key, _) in wanted {
            for (column, part) in keys.iter_mut().zip(table.key_parts(key)) {
                column.push(part);
            }
        }
        let sql = statements(table).load(lock);
        self.questions.push(Question { table, sql, keys });
    }
}

/// Puts the rows that were found where they were wanted; what was not found is absent.
pub struct Fill<'a> {
    /// In the order of the questions.
    pub answers: &'a [(&'static TableSpec, Vec<Row>)],
}

impl Visit for Fill<'_> {
    type Error = StoreError;

    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        let wanted = table.wanted();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut found = HashMap::new();
        for (asked, rows) in self.answers {
            if std::ptr::eq(*asked, N::TABLE) {
                for row in rows {
                    let row: N = noun(row)?;
                    found.insert(Table::key_of(&row), row);
                }
            }
        }
        for (key, _) in wanted {
            table.fill(key, found.remove(&key));
        }
        Ok(())
    }

    fn log<N: Logged>(&mut self, _: &mut Log<N>) -> Result<(), StoreError> {
        Ok(())
    }
}
