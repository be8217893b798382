//! Snapshots: a connection of its own with one open read transaction.
//!
//! While one is open the write-ahead log can't start over, so it grows with every commit.

use crate::connection::{Access, connect};
use crate::error::fault;
use crate::open::Parts;
use crate::readers::blocking;
use crate::statement::{bind, statements, values};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use store::query::{Answer, AnyRow};
use store::schema::{TableSpec, Value};
use store::{Snapshot, StoreError};

const BEGIN: &str = "begin";
/// The snapshot is that of the first read, not of `begin`.
const FIRST_READ: &str = "select max(version) from schema_version";

pub struct SqliteSnapshot {
    connection: Arc<Mutex<Connection>>,
    /// Keeps the file locked for as long as it is read.
    _parts: Arc<Parts>,
}

impl SqliteSnapshot {
    pub async fn open(parts: Arc<Parts>) -> Result<Self, StoreError> {
        blocking(move || {
            let connection = begin(&parts).map_err(|error| fault("(database)", error))?;
            Ok(Self { connection: Arc::new(Mutex::new(connection)), _parts: parts })
        })
        .await
    }

    fn run<T, Q>(&self, query: Q) -> Answer<'_, T>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        Box::pin(blocking(move || {
            // A query that panicked changed nothing: the connection only reads.
            query(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        }))
    }
}

fn begin(parts: &Parts) -> rusqlite::Result<Connection> {
    let connection = connect(&parts.path, Access::Read, &parts.options)?;
    connection.execute_batch(BEGIN)?;
    connection.query_row(FIRST_READ, [], |_| Ok(()))?;
    Ok(connection)
}

impl Snapshot for SqliteSnapshot {
    fn scan(
        &mut self,
        table: &'static TableSpec,
        after: Option<Vec<Value<'static>>>,
        limit: u32,
    ) -> Answer<'_, Vec<AnyRow>> {
        self.run(move |connection| {
            let statements = statements(table);
            let sql = match &after {
                None => &statements.first,
                Some(_) => &statements.next,
            };
            let mut params = after.unwrap_or_default();
            params.push(Value::Int(i64::from(limit)));
            rows(connection, table, sql, &params)
        })
    }

    fn find(
        &mut self,
        table: &'static TableSpec,
        key: Vec<Value<'static>>,
    ) -> Answer<'_, Option<AnyRow>> {
        self.run(move |connection| {
            let found = rows(connection, table, &statements(table).find, &key)?;
            Ok(found.into_iter().next())
        })
    }

    fn count(&mut self, table: &'static TableSpec) -> Answer<'_, u64> {
        self.run(move |connection| {
            let count: i64 = connection
                .query_row(&statements(table).count, [], |row| row.get(0))
                .map_err(|error| fault(table.name, error))?;
            Ok(count.unsigned_abs())
        })
    }
}

fn rows(
    connection: &Connection,
    table: &'static TableSpec,
    sql: &str,
    params: &[Value<'static>],
) -> Result<Vec<AnyRow>, StoreError> {
    let fault = |error| fault(table.name, error);
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    for (index, value) in params.iter().enumerate() {
        bind(&mut statement, index + 1, value).map_err(fault)?;
    }
    let mut found = statement.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = found.next().map_err(fault)? {
        let values = values(table, row)?;
        rows.push(values.into_iter().map(Value::into_owned).collect());
    }
    Ok(rows)
}
