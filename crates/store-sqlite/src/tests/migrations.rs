//! Fresh, present, newer, foreign, interrupted.

use super::Place;
use crate::migrate::{MIGRATIONS, Migration, migrate};
use crate::{OpenError, Options, SqliteStore};
use rusqlite::Connection;
use std::fs;

fn version(connection: &Connection) -> i64 {
    let newest = "select max(version) from schema_version";
    connection.query_row(newest, [], |row| row.get(0)).unwrap()
}

fn open(place: &Place) -> Result<(), OpenError> {
    SqliteStore::open(&place.database(), Options::default()).map(|_| ())
}

/// What the file's schema is, as text.
fn schema(connection: &Connection) -> Vec<String> {
    let sql = "select name || coalesce(sql, '') from sqlite_schema order by name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_fresh_file_gets_every_migration_once() {
    let place = Place::new();
    open(&place).unwrap();
    open(&place).unwrap();
    let connection = Connection::open(place.database()).unwrap();
    let sql = "select name from schema_version order by version";
    let mut statement = connection.prepare(sql).unwrap();
    let names: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let known: Vec<_> = MIGRATIONS.iter().map(|migration| migration.name).collect();
    assert_eq!(names, known);
}

#[test]
fn names_are_numbered_without_a_gap_and_none_is_left_out() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut files: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let known: Vec<_> = MIGRATIONS.iter().map(|known| format!("{}.sql", known.name)).collect();
    assert_eq!(files, known);
    for (index, name) in files.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name}");
    }
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let place = Place::new();
    open(&place).unwrap();
    let connection = Connection::open(place.database()).unwrap();
    connection.execute("insert into schema_version values (9999, '9999_future')", []).unwrap();
    let error = open(&place).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 9999, .. }), "{error:?}");
    assert!(error.to_string().contains("9999"), "{error}");
    let error = SqliteStore::open_read_only(&place.database()).err().unwrap();
    assert!(matches!(error, OpenError::Newer { found: 9999, .. }), "{error:?}");
    assert_eq!(version(&connection), 9999);
}

#[test]
fn a_foreign_database_is_refused_and_left_alone() {
    let place = Place::new();
    let connection = Connection::open(place.database()).unwrap();
    connection.execute("create table theirs (id integer)", []).unwrap();
    let error = open(&place).unwrap_err();
    assert!(matches!(error, OpenError::Foreign), "{error:?}");
    assert_eq!(schema(&connection).len(), 1);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let place = Place::new();
    fs::write(place.database(), vec![b'x'; 8192]).unwrap();
    let error = open(&place).unwrap_err();
    assert!(matches!(error, OpenError::Sqlite(_)), "{error:?}");
    assert_eq!(fs::read(place.database()).unwrap(), vec![b'x'; 8192]);
}

#[test]
fn an_interrupted_start_is_continued() {
    let mut whole = Connection::open_in_memory().unwrap();
    migrate(&mut whole, MIGRATIONS).unwrap();
    for done in 0..MIGRATIONS.len() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &MIGRATIONS[..done]).unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        assert_eq!(schema(&connection), schema(&whole), "after {done}");
    }
}

#[test]
fn a_migration_that_fails_leaves_nothing_of_itself() {
    let good = Migration { name: "0001_good", sql: "create table good (id integer)" };
    let bad = Migration { name: "0002_bad", sql: "create table half (id integer); create nothing" };
    let mut connection = Connection::open_in_memory().unwrap();
    let error = migrate(&mut connection, &[good, bad]).unwrap_err();
    assert!(matches!(error, OpenError::Migration { name: "0002_bad", .. }), "{error:?}");
    assert_eq!(version(&connection), 1);
    let halves = schema(&connection).iter().filter(|name| name.contains("half")).count();
    assert_eq!(halves, 0);
}

#[test]
fn reading_an_older_file_asks_for_a_start() {
    let place = Place::new();
    let mut connection = Connection::open(place.database()).unwrap();
    migrate(&mut connection, &MIGRATIONS[..3]).unwrap();
    let error = SqliteStore::open_read_only(&place.database()).err().unwrap();
    assert!(matches!(error, OpenError::Older { found: 3, .. }), "{error:?}");
}
