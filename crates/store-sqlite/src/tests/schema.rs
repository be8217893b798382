//! The real tables against the port's description of them.

use crate::migrate::{MIGRATIONS, migrate};
use crate::runs::Kind;
use crate::statement::{is_posted, rows_of};
use rusqlite::Connection;
use store::schema::{ColumnKind, TABLES, TableSpec};

/// The backend's own tables.
const OWN: [&str; 8] = [
    "schema_version",
    "run",
    "run_block",
    "run_filter",
    "posting",
    "program_number",
    "account_number",
    "scope_number",
];

/// Its views: of the tables that postings have rows of, and for people.
const VIEWS: [&str; 7] =
    ["balance", "entry", "event", "instruction", "posted_instruction", "reference", "transfer"];

/// Name, type, whether nulls are refused, and the place in the key, from 1.
type Shape = (String, String, bool, u32);

fn migrated() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, MIGRATIONS).unwrap();
    connection
}

fn described(table: &'static TableSpec) -> Vec<Shape> {
    let by_runs = Kind::of(table).is_some();
    let shape = |(index, column): (usize, &store::schema::Column)| {
        let kind = match column.kind {
            ColumnKind::Id | ColumnKind::Hash | ColumnKind::Bytes => "BLOB",
            ColumnKind::Text => "TEXT",
            ColumnKind::Int | ColumnKind::Small => "INTEGER",
        };
        let place =
            if index < table.key && !by_runs { u32::try_from(index + 1).unwrap() } else { 0 };
        (column.name.to_owned(), kind.to_owned(), !column.nullable, place)
    };
    let mut shapes: Vec<Shape> = table.columns.iter().enumerate().map(shape).collect();
    // What runs lead to is a row by its number.
    shapes.extend(by_runs.then(|| ("row".to_owned(), "INTEGER".to_owned(), false, 1)));
    shapes
}

fn real(connection: &Connection, table: &str) -> Vec<Shape> {
    let sql = "select name, upper(type), \"notnull\", pk, dflt_value \
               from pragma_table_info(?1) order by cid";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([table], |row| {
        let default: Option<String> = row.get(4)?;
        assert_eq!(default, None, "{table} has a default");
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn every_table_is_as_described() {
    let connection = migrated();
    for table in TABLES {
        let rows = rows_of(table);
        assert_eq!(real(&connection, &rows), described(table), "{rows}");
    }
}

/// The types are for whoever compares: a view whose arms differ in them can't go by an index.
#[test]
fn every_view_is_as_described() {
    let connection = migrated();
    for table in TABLES.iter().copied().filter(|table| is_posted(table)) {
        let shape = |shapes: Vec<Shape>| -> Vec<(String, String)> {
            shapes.into_iter().map(|(name, kind, ..)| (name, kind)).collect()
        };
        let mut view = shape(real(&connection, table.name));
        view.retain(|(name, _)| (table.name, name.as_str()) != ("reference", "tail"));
        assert_eq!(view, shape(described(table)), "{}", table.name);
    }
}

#[test]
fn there_is_nothing_else() {
    let connection = migrated();
    let sql = "select name, type, strict from pragma_table_list where schema = 'main'";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let mut found = 0;
    for row in rows.unwrap() {
        let (name, kind, strict): (String, String, bool) = row.unwrap();
        if name.starts_with("sqlite_") {
            continue;
        }
        if kind == "view" {
            assert!(VIEWS.contains(&name.as_str()), "{name} is nobody's");
            continue;
        }
        found += 1;
        assert_eq!(kind, "table", "{name}");
        assert!(strict, "{name} takes any type");
        let known = TABLES.iter().any(|table| rows_of(table) == name);
        assert!(known || OWN.contains(&name.as_str()), "{name} is nobody's");
    }
    assert_eq!(found, TABLES.len() + OWN.len());
    let triggers = "select count(*) from sqlite_schema where type = 'trigger'";
    let triggers: i64 = connection.query_row(triggers, [], |row| row.get(0)).unwrap();
    assert_eq!(triggers, 0);
}
