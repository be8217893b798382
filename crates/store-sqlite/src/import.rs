//! An import: one transaction on the writer's own connection, with the writer's turn, so that there
//! is no writer beside it.
//!
//! It is in the log or not there, as a batch is. Until the commit, pages that the cache can't hold
//! go to the log already, which nobody reads before it is complete.

use crate::error::{fault, write_fault};
use crate::open::Parts;
use crate::readers::blocking;
use crate::statement::{bind, statements};
use crate::writer::{BEGIN, SqliteWriter, TRANSACTION, Written, open, run};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use store::StoreError;
use store::import::{HadFailed, Import, NoImport, check};
use store::query::{Answer, AnyRow};
use store::schema::{TABLES, TableSpec};

/// Dropping the writer closes its connection, which rolls back what was not committed.
struct SqliteImport(Arc<Mutex<SqliteWriter>>);

/// Takes the turn and begins, or says which table has rows.
pub async fn begin(parts: Arc<Parts>) -> Result<Box<dyn Import>, NoImport> {
    let begun = blocking(move || {
        let mut writer = open(&parts)?;
        let filled = writer.begin_import()?;
        Ok((writer, filled))
    });
    match begun.await? {
        (_, Some(table)) => Err(NoImport::NotEmpty { table }),
        (writer, None) => Ok(Box::new(SqliteImport(Arc::new(Mutex::new(writer))))),
    }
}

impl SqliteImport {
    fn run<Q>(&self, work: Q) -> Answer<'static, ()>
    where
        Q: FnOnce(&mut SqliteWriter) -> Result<(), StoreError> + Send + 'static,
    {
        let writer = Arc::clone(&self.0);
        Box::pin(blocking(move || {
            // After a panic the import is dropped, and with it all that it wrote.
            work(&mut writer.lock().unwrap_or_else(PoisonError::into_inner))
        }))
    }
}

impl Import for SqliteImport {
    fn rows(&mut self, table: &'static TableSpec, rows: Vec<AnyRow>) -> Answer<'_, ()> {
        self.run(move |writer| {
            let inserted = insert(writer.connection()?, table, &rows);
            if inserted.is_err() {
                writer.connection = None;
            }
            inserted
        })
    }

    fn finish(self: Box<Self>) -> Answer<'static, ()> {
        self.run(|writer| {
            writer.finish(writer.connection()?, Written::Rows)?;
            writer.watch.committed();
            Ok(())
        })
    }
}

impl SqliteWriter {
    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(|| HadFailed.into())
    }

    /// Begins; the first table that has rows.
    fn begin_import(&mut self) -> Result<Option<&'static str>, StoreError> {
        if let Some(connection) = &self.connection {
            self.watch.restart(connection);
        }
        let connection = self.connection()?;
        run(connection, BEGIN).map_err(|error| fault(TRANSACTION, error))?;
        for table in TABLES {
            let any = connection.query_row(&statements(table).any, [], |row| row.get(0));
            if any.map_err(|error| fault(table.name, error))? {
                return Ok(Some(table.name));
            }
        }
        Ok(None)
    }
}

fn insert(
    connection: &Connection,
    table: &'static TableSpec,
    rows: &[AnyRow],
) -> Result<(), StoreError> {
    check(table, rows)?;
    let prepared = connection.prepare_cached(&statements(table).insert);
    let mut statement = prepared.map_err(|error| fault(table.name, error))?;
    for row in rows {
        let mut write = || {
            for (index, value) in row.iter().enumerate() {
                bind(&mut statement, index + 1, value)?;
            }
            statement.raw_execute()
        };
        write().map_err(|error| write_fault(table, row, error))?;
    }
    Ok(())
}
