//! Snapshots: a connection of its own with one open read transaction.
//!
//! While one is open the write-ahead log can't start over, so it grows with every commit.
//!
//! Its reads never wait, they block: whoever has one reads a store row by row and does nothing else
//! meanwhile, and another thread for each row would cost more than the row. No listener has one.
//!
//! Rows that runs lead to are read one by one, in the order of their keys. One that is not what its
//! run says, since somebody edited the file, is passed over: it is found under no key, and whoever
//! counts or misses it says so.

use crate::account;
use crate::connection::{Access, connect};
use crate::error::fault;
use crate::open::Parts;
use crate::readers::blocking;
use crate::runs::view::View;
use crate::runs::{Item, Kind};
use crate::statement::{Places, bind, statements, values};
use domain::account::Account;
use rusqlite::Connection;
use std::sync::Arc;
use store::query::{Answer, AnyRow};
use store::schema::{RowReader, RowWriter, TableSpec, Value};
use store::{Noun, Snapshot, StoreError};

const BEGIN: &str = "begin";
/// The snapshot is that of the first read, not of `begin`.
const FIRST_READ: &str = "select max(version) from schema_version";

pub struct SqliteSnapshot {
    open: Open,
    /// Keeps the file locked for as long as it is read.
    _parts: Arc<Parts>,
}

struct Open {
    connection: Connection,
    view: View,
}

impl SqliteSnapshot {
    pub async fn open(parts: Arc<Parts>) -> Result<Self, StoreError> {
        blocking(move || {
            // Before the transaction begins: see `runs/view.rs`.
            let view = View::new(parts.tails());
            let connection = begin(&parts).map_err(|error| fault("(database)", error))?;
            Ok(Self { open: Open { connection, view }, _parts: parts })
        })
        .await
    }

    fn run<'a, T, Q>(&'a mut self, query: Q) -> Answer<'a, T>
    where
        Q: FnOnce(&Connection, &View) -> Result<T, StoreError> + Send + 'a,
    {
        let open = &mut self.open;
        Box::pin(async move { query(&open.connection, &open.view) })
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
        if let Some(places) = &statements(table).places {
            let after = after.unwrap_or_default();
            return self.run(move |c, _| by_program(c, table, places, &after, limit));
        }
        self.run(move |connection, view| match (&statements(table).pages, Kind::of(table)) {
            (Some(pages), _) => {
                let sql = if after.is_none() { &pages.first } else { &pages.next };
                let mut params = after.unwrap_or_default();
                params.push(Value::Int(i64::from(limit)));
                let mut found = rows(connection, table, sql, &params)?;
                bring_up(connection, view, table, &mut found)?;
                Ok(found)
            }
            (None, Some(kind)) => in_order(connection, view, kind, after.as_deref(), limit),
            (None, None) => Ok(Vec::new()),
        })
    }

    fn find(
        &mut self,
        table: &'static TableSpec,
        key: Vec<Value<'static>>,
    ) -> Answer<'_, Option<AnyRow>> {
        self.run(move |connection, view| {
            if let Some(kind) = Kind::of(table) {
                let Some(sought) = kind.key(&key) else { return Ok(None) };
                let row = view.find(connection, kind, &sought)?;
                let item = row.map(|row| (sought, row));
                return item.map_or(Ok(None), |item| at_row(connection, kind, &item));
            }
            let mut found = rows(connection, table, &statements(table).find, &key)?;
            bring_up(connection, view, table, &mut found)?;
            Ok(found.into_iter().next())
        })
    }

    fn count(&mut self, table: &'static TableSpec) -> Answer<'_, u64> {
        self.run(move |connection, _| {
            let count: i64 = connection
                .query_row(&statements(table).count, [], |row| row.get(0))
                .map_err(|error| fault(table.name, error))?;
            Ok(count.unsigned_abs())
        })
    }
}

/// The rows of a table that postings have rows of, behind a key, one programme after the other: no
/// index has the order over all of them.
fn by_program(
    connection: &Connection,
    table: &'static TableSpec,
    places: &Places,
    after: &[Value<'static>],
    limit: u32,
) -> Result<Vec<AnyRow>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let fault = |error| fault(table.name, error);
    let mut next = connection.prepare_cached(&places.next_program).map_err(fault)?;
    let mut program = match after.first() {
        Some(Value::Bytes(program)) => Some(program.to_vec()),
        _ => None,
    };
    // Behind a place, and then from the first place of each programme.
    let mut place = (after.len() == table.key).then(|| after[1..].to_vec());
    let mut found = Vec::new();
    while found.len() < limit {
        if place.is_none() {
            program =
                next.query_row([program.unwrap_or_default()], |row| row.get(0)).map_err(fault)?;
        }
        let Some(own) = program.clone() else { break };
        let mut bounds = vec![Value::Bytes(own.into())];
        bounds.extend(place.take().unwrap_or_else(|| vec![Value::Int(i64::MIN), Value::Int(0)]));
        bounds.push(Value::Int(i64::try_from(limit - found.len()).unwrap_or(i64::MAX)));
        found.extend(rows(connection, table, &places.page, &bounds)?);
    }
    Ok(found)
}

/// The rows of a table that runs lead to, behind a key.
fn in_order(
    connection: &Connection,
    view: &View,
    kind: Kind,
    after: Option<&[Value<'static>]>,
    limit: u32,
) -> Result<Vec<AnyRow>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut after = match after.map(|after| kind.key(after)) {
        None => None,
        Some(Some(key)) => Some(key),
        Some(None) => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    while found.len() < limit {
        let items = view.after(connection, kind, after.as_ref(), limit - found.len())?;
        let Some((last, _)) = items.last() else { break };
        after = Some(*last);
        for item in &items {
            found.extend(at_row(connection, kind, item)?);
        }
    }
    Ok(found)
}

fn at_row(
    connection: &Connection,
    kind: Kind,
    (key, row): &Item,
) -> Result<Option<AnyRow>, StoreError> {
    let table = kind.table();
    let (_, id) = key.parts();
    let mut sought = vec![Value::Int(*row)];
    sought.extend((kind == Kind::Entry).then(|| Value::Bytes(id.to_vec().into())));
    let found = rows(connection, table, &statements(table).find, &sought)?;
    Ok(found.into_iter().find(|row| kind.key(row).as_ref() == Some(key)))
}

/// Accounts' rows may be older than their newest entries. One that can't be read is left as it is,
/// for whoever reads it to say so.
fn bring_up(
    connection: &Connection,
    view: &View,
    table: &'static TableSpec,
    rows: &mut [AnyRow],
) -> Result<(), StoreError> {
    if !std::ptr::eq(table, Account::TABLE) {
        return Ok(());
    }
    for row in rows {
        let Ok(mut account) = Account::read(&mut RowReader::new(table, row)) else { continue };
        let version = account.version;
        account::bring_up(connection, view, &mut account)?;
        if account.version > version {
            let mut values = RowWriter::default();
            account.write(&mut values);
            *row = values.into_values().into_iter().map(Value::into_owned).collect();
        }
    }
    Ok(())
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
