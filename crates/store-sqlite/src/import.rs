//! An import: one transaction on the writer's own connection, with the writer's turn, so that there
//! is no writer beside it.
//!
//! It is in the log or not there, as a batch is. Until the commit, pages that the cache can't hold
//! go to the log already, which nobody reads before it is complete.
//!
//! The runs that lead to references and entries are written at the end, from the rows. Until then
//! nothing leads to them, so keys are taken to come in order, as a snapshot gives them; one that
//! does not is compared with every row.

use crate::error::{clash, fault, write_fault};
use crate::open::Parts;
use crate::readers::blocking;
use crate::runs::keeper::Appended;
use crate::runs::{Key, Kind};
use crate::statement::{bind, statements};
use crate::writer::{BEGIN, SqliteWriter, TRANSACTION, Written, open, run, server};
use rusqlite::Connection;
use rusqlite::types::Null;
use std::sync::{Arc, Mutex, PoisonError};
use store::StoreError;
use store::import::{HadFailed, Import, NoImport, check};
use store::query::{Answer, AnyRow};
use store::schema::{TABLES, TableSpec};

/// Dropping the writer closes its connection, which rolls back what was not committed.
struct SqliteImport(Arc<Mutex<Filling>>);

struct Filling {
    writer: SqliteWriter,
    /// The greatest key so far, of each kind.
    greatest: [Option<Key>; 2],
}

/// Takes the turn and begins, or says which table has rows.
pub async fn begin(parts: Arc<Parts>) -> Result<Box<dyn Import>, NoImport> {
    let begun = blocking(move || {
        let mut writer = open(&parts)?;
        let filled = writer.begin_import()?;
        Ok((Filling { writer, greatest: [None; 2] }, filled))
    });
    match begun.await? {
        (_, Some(table)) => Err(NoImport::NotEmpty { table }),
        (filling, None) => Ok(Box::new(SqliteImport(Arc::new(Mutex::new(filling))))),
    }
}

impl SqliteImport {
    fn run<Q>(&self, work: Q) -> Answer<'static, ()>
    where
        Q: FnOnce(&mut Filling) -> Result<(), StoreError> + Send + 'static,
    {
        let filling = Arc::clone(&self.0);
        Box::pin(blocking(move || {
            // After a panic the import is dropped, and with it all that it wrote.
            work(&mut filling.lock().unwrap_or_else(PoisonError::into_inner))
        }))
    }
}

impl Import for SqliteImport {
    fn rows(&mut self, table: &'static TableSpec, rows: Vec<AnyRow>) -> Answer<'_, ()> {
        self.run(move |filling| {
            let inserted = filling.insert(table, &rows);
            if inserted.is_err() {
                filling.writer.connection = None;
            }
            inserted
        })
    }

    fn finish(self: Box<Self>) -> Answer<'static, ()> {
        self.run(|filling| filling.writer.finish_import())
    }
}

impl Filling {
    fn insert(&mut self, table: &'static TableSpec, rows: &[AnyRow]) -> Result<(), StoreError> {
        let connection = self.writer.connection()?;
        check(table, rows)?;
        let prepared = connection.prepare_cached(&statements(table).insert);
        let mut statement = prepared.map_err(|error| fault(table.name, error))?;
        for row in rows {
            if let Some(kind) = Kind::of(table)
                && let Some(key) = kind.key(row)
            {
                let greatest = &mut self.greatest[kind as usize];
                if greatest.is_some_and(|greatest| key <= greatest) {
                    refuse_known(connection, kind, row)?;
                }
                *greatest = (*greatest).max(Some(key));
            }
            let mut write = || {
                for (index, value) in row.iter().enumerate() {
                    bind(&mut statement, index + 1, value)?;
                }
                // What runs lead to is given its number by SQLite.
                if statement.parameter_count() > row.len() {
                    statement.raw_bind_parameter(row.len() + 1, Null)?;
                }
                statement.raw_execute()
            };
            write().map_err(|error| write_fault(table, row, error))?;
        }
        Ok(())
    }
}

/// Looks at every row.
fn refuse_known(connection: &Connection, kind: Kind, row: &AnyRow) -> Result<(), StoreError> {
    let table = kind.table();
    let fault = |error| fault(table.name, error);
    let conditions: Vec<_> =
        table.key_columns().iter().map(|column| format!("{} = ?", column.name)).collect();
    let known =
        format!("select exists (select 1 from {} where {})", table.name, conditions.join(" and "));
    let mut statement = connection.prepare_cached(&known).map_err(fault)?;
    for (index, value) in row[..table.key].iter().enumerate() {
        bind(&mut statement, index + 1, value).map_err(fault)?;
    }
    let mut rows = statement.raw_query();
    let row = rows.next().map_err(fault)?;
    let known = row.map_or(Ok(false), |row| row.get(0)).map_err(fault)?;
    if known { Err(clash(table)) } else { Ok(()) }
}

impl SqliteWriter {
    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(|| HadFailed.into())
    }

    /// The runs of what was inserted, and the commit.
    fn finish_import(&mut self) -> Result<(), StoreError> {
        let parts = self.parts();
        let server = server(&parts);
        let mut keeper = server.keeper();
        let connection = self.connection()?;
        keeper.committing();
        keeper.begin(connection, true)?;
        keeper.work(connection, &Appended::default())?;
        self.finish(connection, Written::Rows(Appended::default()), &mut keeper)?;
        server.published.put(&keeper);
        self.watch.committed();
        Ok(())
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
