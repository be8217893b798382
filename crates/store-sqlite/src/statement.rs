//! Statements made from the port's tables, and the way of a row in and out of SQLite.
//!
//! Each table's load, insert, update and scan are made once from its `TableSpec`. Queries that
//! only one noun has stand in that noun's file and read through [`one`] and [`list`].

use crate::error::fault;
use crate::runs::Kind;
use crate::{account, reference};
use rusqlite::types::{Null, ValueRef};
use rusqlite::{Connection, Params, Row, Statement};
use std::borrow::Cow;
use std::sync::LazyLock;
use store::event::EVENT;
use store::instruction::INSTRUCTION;
use store::reference::REFERENCE;
use store::schema::{BadColumn, Column, TABLES, TableSpec, Value};
use store::transfer::{ENTRY, TRANSFER};
use store::{Noun, StoreError};

/// The statements of one table. Those that write take every column, in the table's order.
pub struct Statements {
    table: &'static TableSpec,
    /// One row by its key, or by its number where runs lead from the key to that; of an entry, by
    /// its number and its account.
    pub find: String,
    /// Takes one row, and the number of one that runs lead to: an insert of many rows in one
    /// statement was no faster.
    pub insert: String,
    /// Writes every column but the key. It rewrites each index that has one of them.
    pub update: String,
    /// Writes only the columns that change, where the others are as given; else changes no row.
    pub update_changing: Option<String>,
    /// Its rows in key order, where it is kept in that order, over all programmes.
    pub pages: Option<Pages>,
    /// Its rows in key order within a programme, where it is a view of places.
    pub places: Option<Places>,
    pub count: String,
    /// Whether there is a row at all.
    pub any: String,
}

/// The first rows in key order, and the next ones after a key; the limit comes last.
pub struct Pages {
    pub first: String,
    pub next: String,
}

/// Rows of one programme behind a place, with a limit; and the next programme that has any.
pub struct Places {
    pub page: String,
    pub next_program: String,
}

static ALL: LazyLock<Vec<Statements>> =
    LazyLock::new(|| TABLES.iter().copied().map(Statements::of).collect());

/// The statements of a table.
///
/// # Panics
/// On a table that the port does not list.
pub fn statements(table: &'static TableSpec) -> &'static Statements {
    ALL.iter()
        .find(|statements| std::ptr::eq(statements.table, table))
        .expect("every table of the port is in its list")
}

impl Statements {
    fn of(table: &'static TableSpec) -> Self {
        let name = table.name;
        let rows = rows_of(table);
        let all = names(table.columns);
        let key = names(table.key_columns());
        let key_marks = marks(table.key);
        let after = format!("where ({key}) > ({key_marks}) order by {key}");
        let by_runs = Kind::of(table).is_some();
        Self {
            table,
            find: match Kind::of(table) {
                Some(Kind::Reference) => reference::AT_ROW.to_owned(),
                Some(Kind::Entry) => {
                    format!("select {all} from {name} where row = ?1 and account = ?2")
                }
                None => format!("select {all} from {name} where ({key}) = ({key_marks})"),
            },
            insert: if by_runs {
                let marks = marks(table.columns.len() + 1);
                format!("insert into {rows} ({all}, row) values ({marks})")
            } else {
                format!("insert into {rows} ({all}) values ({})", marks(table.columns.len()))
            },
            update: update(table, &[]),
            update_changing: match table.name {
                "account" => Some(update(table, account::FIXED)),
                _ => None,
            },
            pages: (!by_runs && !is_posted(table)).then(|| Pages {
                first: format!("select {all} from {name} order by {key} limit ?1"),
                next: format!("select {all} from {name} {after} limit ?{}", table.key + 1),
            }),
            places: (!by_runs && is_posted(table)).then(|| Places {
                page: format!(
                    "select {all} from {name} where program = ?1 and (seq, ordinal) > (?2, ?3) \
                     order by seq, ordinal limit ?4"
                ),
                next_program: format!(
                    "select min(program) from (\
                     select min(program) as program from {rows} where program > ?1 union all \
                     select min(program) from program_number where program > ?1)"
                ),
            }),
            count: count(table, &rows),
            any: format!("select exists (select 1 from {name})"),
        }
    }
}

/// Whether postings have rows of this table.
pub fn is_posted(table: &'static TableSpec) -> bool {
    let posted = [&INSTRUCTION, &TRANSFER, &ENTRY, &REFERENCE, &EVENT];
    posted.into_iter().any(|posted| std::ptr::eq(posted, table))
}

/// Where rows are written noun by noun: the name of a table that postings have rows of is a view.
pub fn rows_of(table: &'static TableSpec) -> Cow<'static, str> {
    if is_posted(table) { format!("{}_row", table.name).into() } else { table.name.into() }
}

/// A view would count by reading all that it joins.
fn count(table: &'static TableSpec, rows: &str) -> String {
    let postings = match Kind::of(table) {
        _ if !is_posted(table) => return format!("select count(*) from {rows}"),
        Some(Kind::Reference) => "count(key)",
        Some(Kind::Entry) => "2 * count(*)",
        None => "count(*)",
    };
    format!("select (select count(*) from {rows}) + (select {postings} from posting)")
}

fn names(columns: &[Column]) -> String {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    names.join(", ")
}

fn marks(count: usize) -> String {
    let marks: Vec<_> = (1..=count).map(|index| format!("?{index}")).collect();
    marks.join(", ")
}

/// SQLite rewrites an index whenever an update names one of its columns, changed or not. So the
/// columns of `fixed` are compared instead of set.
fn update(table: &'static TableSpec, fixed: &[&str]) -> String {
    let (mut sets, mut conditions) = (Vec::new(), Vec::new());
    for (index, column) in table.columns.iter().enumerate() {
        let equation = format!("{} = ?{}", column.name, index + 1);
        if index < table.key || fixed.contains(&column.name) {
            conditions.push(equation);
        } else {
            sets.push(equation);
        }
    }
    format!("update {} set {} where {}", table.name, sets.join(", "), conditions.join(" and "))
}

/// Binds one value; `index` counts from 1.
pub fn bind(
    statement: &mut Statement<'_>,
    index: usize,
    value: &Value<'_>,
) -> rusqlite::Result<()> {
    match value {
        Value::Null => statement.raw_bind_parameter(index, Null),
        Value::Int(number) => statement.raw_bind_parameter(index, number),
        Value::Text(text) => statement.raw_bind_parameter(index, text.as_ref()),
        Value::Bytes(bytes) => statement.raw_bind_parameter(index, bytes.as_ref()),
    }
}

/// The values of a row, borrowed from the statement's own memory.
pub fn values<'r>(
    table: &'static TableSpec,
    row: &'r Row<'_>,
) -> Result<Vec<Value<'r>>, StoreError> {
    let mut values = Vec::with_capacity(table.columns.len());
    for (index, column) in table.columns.iter().enumerate() {
        let value = match row.get_ref(index).map_err(|error| fault(table.name, error))? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Blob(bytes) => Value::Bytes(Cow::Borrowed(bytes)),
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Value::Text(Cow::Borrowed(text)),
                Err(_) => return Err(StoreError::corrupt(table, &values, BadColumn(column.name))),
            },
            ValueRef::Real(_) => {
                return Err(StoreError::corrupt(table, &values, BadColumn(column.name)));
            }
        };
        values.push(value);
    }
    Ok(values)
}

/// A row as its noun.
pub fn noun<N: Noun>(row: &Row<'_>) -> Result<N, StoreError> {
    store::error::noun(&values(N::TABLE, row)?)
}

/// Every row of a query over all columns of one table, in the table's order.
pub fn list<N: Noun>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<N>, StoreError> {
    let fault = |error| fault(N::TABLE.name, error);
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    let mut rows = statement.query(params).map_err(fault)?;
    let mut list = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        list.push(noun(row)?);
    }
    Ok(list)
}

/// The first row of such a query.
pub fn one<N: Noun>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Option<N>, StoreError> {
    let fault = |error| fault(N::TABLE.name, error);
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    let mut rows = statement.query(params).map_err(fault)?;
    rows.next().map_err(fault)?.map(noun).transpose()
}

/// The row with this key, or with this number where runs lead to that.
pub fn find<N: Noun>(connection: &Connection, key: impl Params) -> Result<Option<N>, StoreError> {
    one(connection, &statements(N::TABLE).find, key)
}

/// A bound that may lie beyond every count that a row can have.
pub fn at_most(bound: u64) -> i64 {
    i64::try_from(bound).unwrap_or(i64::MAX)
}
