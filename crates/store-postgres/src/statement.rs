//! Statements made from the port's tables. Queries that only one noun has stand in `queries.rs`.
//!
//! A batch's keys travel as one array per column, its rows as one array of the table's row type. So
//! one statement per table loads, inserts or updates them all, the same for any number of rows.

use crate::cell::type_name;
use std::sync::LazyLock;
use store::Lock;
use store::schema::{Class, Column, TABLES, TableSpec};

/// The statements of one table.
pub struct Statements {
    pub table: &'static TableSpec,
    /// One row by its key.
    pub find: String,
    /// Rows by arrays of key columns, unlocked, locked against changes, locked for changing.
    /// Locked ones come in key order, which is the order in which they are locked.
    pub load_fixed: String,
    pub load_shared: String,
    pub load_exclusive: String,
    /// Takes an array of rows.
    pub insert: String,
    /// Writes every column but the key; takes an array of rows.
    pub update: String,
    /// The first rows in key order, and the next ones after a key; the limit comes last.
    pub first: String,
    pub next: String,
    pub count: String,
    /// Whether there is a row at all.
    pub any: String,
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
        let all = names("", table.columns);
        let key = names("", table.key_columns());
        let marks = casts(table.key_columns());
        let after = format!("where ({key}) > ({marks}) order by {key}");
        let locked = |lock: &str| {
            format!("{} order by {} {lock}", load(table), names("t.", table.key_columns()))
        };
        Self {
            table,
            find: format!("select {all} from {name} where ({key}) = ({marks})"),
            load_fixed: load(table),
            load_shared: locked("for share of t"),
            load_exclusive: locked("for no key update of t"),
            insert: format!("insert into {name} ({all}) select {all} from {}", rows(table)),
            update: update(table),
            first: format!("select {all} from {name} order by {key} limit $1"),
            next: format!("select {all} from {name} {after} limit ${}", table.key + 1),
            count: format!("select count(*) from {name}"),
            any: format!("select exists (select 1 from {name})"),
        }
    }

    /// Facts never change, so they need no lock; they are read when all locks are held.
    pub fn load(&self, lock: Lock) -> &str {
        match (self.table.class, lock) {
            (Class::Fact, _) | (_, Lock::Fixed) => &self.load_fixed,
            (_, Lock::Shared) => &self.load_shared,
            (_, Lock::Exclusive) => &self.load_exclusive,
        }
    }
}

fn names(prefix: &str, columns: &[Column]) -> String {
    let names: Vec<_> = columns.iter().map(|column| format!("{prefix}{}", column.name)).collect();
    names.join(", ")
}

fn casts(columns: &[Column]) -> String {
    let mark =
        |(index, column): (usize, &Column)| format!("${}::{}", index + 1, type_name(column.kind));
    columns.iter().enumerate().map(mark).collect::<Vec<_>>().join(", ")
}

/// One array of a table's rows, taken apart.
fn rows(table: &TableSpec) -> String {
    format!("unnest($1::{}[])", table.name)
}

/// One array per column, taken apart into rows.
fn unnest(columns: &[Column]) -> String {
    let mark =
        |(index, column): (usize, &Column)| format!("${}::{}[]", index + 1, type_name(column.kind));
    let marks: Vec<_> = columns.iter().enumerate().map(mark).collect();
    format!("unnest({})", marks.join(", "))
}

fn equal(left: &str, right: &str, columns: &[Column]) -> String {
    let equal = |column: &Column| format!("{left}.{0} = {right}.{0}", column.name);
    columns.iter().map(equal).collect::<Vec<_>>().join(" and ")
}

fn load(table: &TableSpec) -> String {
    let key = table.key_columns();
    format!(
        "select {} from {} as w({}) join {} t on {}",
        names("t.", table.columns),
        unnest(key),
        names("", key),
        table.name,
        equal("t", "w", key),
    )
}

fn update(table: &TableSpec) -> String {
    let set = |column: &Column| format!("{0} = v.{0}", column.name);
    let sets: Vec<_> = table.columns[table.key..].iter().map(set).collect();
    format!(
        "update {} t set {} from {} as v where {}",
        table.name,
        sets.join(", "),
        rows(table),
        equal("t", "v", table.key_columns()),
    )
}
