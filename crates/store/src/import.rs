//! Filling an empty store with the rows of another: the one way past units of work.
//!
//! Rows come as a snapshot gives them and are kept as they are; nothing is decided, counted or
//! sealed. So it is for empty stores only, and who uses it verifies the result. All of it is one
//! transaction: [`Import::finish`] commits it, and of an import that is dropped before nothing
//! remains. While one is open nobody else can fill the store, or its commit fails.

use crate::error::StoreError;
use crate::query::{Answer, AnyRow};
use crate::schema::{BadColumn, TableSpec};

/// An open import. See the module's head.
pub trait Import: Send {
    /// Adds rows of one table. After an error the import can't be finished any more.
    fn rows(&mut self, table: &'static TableSpec, rows: Vec<AnyRow>) -> Answer<'_, ()>;
    /// Commits durably, as a writer does.
    fn finish(self: Box<Self>) -> Answer<'static, ()>;
}

/// Rows were refused before, so there is nothing whole to commit.
#[derive(Debug, thiserror::Error)]
#[error("the import had failed before")]
pub struct HadFailed;

impl From<HadFailed> for StoreError {
    fn from(failed: HadFailed) -> Self {
        Self::Unavailable(failed.into())
    }
}

/// Why there is no import.
#[derive(Debug, thiserror::Error)]
pub enum NoImport {
    #[error("the store is not empty: {table} has rows")]
    NotEmpty { table: &'static str },
    #[error("the store can't be filled")]
    Store(#[from] StoreError),
}

/// Whether the rows are such as the table may hold; for backends, before they write any.
pub fn check(table: &'static TableSpec, rows: &[AnyRow]) -> Result<(), StoreError> {
    rows.iter().try_for_each(|row| fits(table, row)).map_err(|bad| StoreError::Corrupt {
        table: table.name,
        column: bad.0,
        row: "(imported)".to_owned(),
        source: bad.into(),
    })
}

fn fits(table: &'static TableSpec, row: &AnyRow) -> Result<(), BadColumn> {
    if row.len() != table.columns.len() {
        return Err(BadColumn("(width)"));
    }
    let misfit = table.columns.iter().zip(row).find(|(column, value)| !column.admits(value));
    misfit.map_or(Ok(()), |(column, _)| Err(BadColumn(column.name)))
}
