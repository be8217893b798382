//! One server to a file, and who may look from beside.

use super::{PROGRAM, Place, note, wait, writer};
use crate::{OpenError, Options, SqliteStore};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use store::{Store, StoreError};

#[test]
fn a_second_server_is_told_who_holds_the_file() {
    let place = Place::new();
    let first = place.open();
    let lock = place.beside(".lock").canonicalize().unwrap();
    let error = SqliteStore::open(&place.database(), Options::default()).err().unwrap();
    assert!(matches!(&error, OpenError::InUse { lock: held } if *held == lock), "{error:?}");
    assert!(error.to_string().contains(lock.to_str().unwrap()), "{error}");
    drop(first);
    // The lock file is still there, and locks nothing.
    assert!(lock.exists());
    place.open();
}

#[test]
fn another_name_of_the_file_meets_the_same_lock() {
    let place = Place::new();
    let _first = place.open();
    let alias = place.beside(".alias");
    std::os::unix::fs::symlink(place.database(), &alias).unwrap();
    let error = SqliteStore::open(&alias, Options::default()).err().unwrap();
    assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
}

#[test]
fn the_lock_lasts_as_long_as_its_last_user() {
    let place = Place::new();
    let store = place.open();
    let writer = writer(&store);
    drop(store);
    let error = SqliteStore::open(&place.database(), Options::default()).err().unwrap();
    assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    drop(writer);
    place.open();
}

#[test]
fn one_writer_at_a_time() {
    let place = Place::new();
    let store = place.open();
    let first = writer(&store);
    let second = wait(store.writer()).err().unwrap();
    assert!(matches!(second, StoreError::Unavailable(_)), "{second:?}");
    drop(first);
    writer(&store);
}

#[test]
fn files_are_for_their_owner_only() {
    let place = Place::new();
    let store = place.open();
    let _writer = writer(&store);
    for suffix in ["", ".lock", "-wal", "-shm"] {
        let mode = fs::metadata(place.beside(suffix)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
}

#[test]
fn reading_beside_a_server() {
    let place = Place::new();
    let server = place.open();
    let beside = SqliteStore::open_read_only(&place.database()).unwrap();
    note(&server, 1);
    assert_eq!(seq(&beside), 1);
    note(&server, 2);
    assert_eq!(seq(&beside), 2);
    let refused = wait(beside.writer()).err().unwrap();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    drop(server);
    assert_eq!(seq(&beside), 2);
}

/// What a killed server leaves is its files, as they are.
#[test]
fn reading_what_a_killed_server_left() {
    let (place, left) = (Place::new(), Place::new());
    let server = place.open();
    note(&server, 1);
    for suffix in ["", "-wal"] {
        fs::copy(place.beside(suffix), left.beside(suffix)).unwrap();
    }
    let file = fs::read(left.database()).unwrap();
    assert_eq!(seq(&SqliteStore::open_read_only(&left.database()).unwrap()), 1);
    assert_eq!(fs::read(left.database()).unwrap(), file, "reading changes nothing");
    let again = left.open();
    assert_eq!(seq(&again), 1);
    note(&again, 2);
    assert_eq!(seq(&again), 2);
}

#[test]
fn reading_what_a_stopped_server_left() {
    let place = Place::new();
    let server = place.open();
    note(&server, 1);
    drop(server);
    assert_eq!(seq(&SqliteStore::open_read_only(&place.database()).unwrap()), 1);
    place.open();
}

#[test]
fn reading_makes_no_database() {
    let place = Place::new();
    let error = SqliteStore::open_read_only(&place.database()).err().unwrap();
    assert!(matches!(error, OpenError::Missing { .. }), "{error:?}");
    assert!(error.to_string().contains(place.database().to_str().unwrap()), "{error}");
    assert_eq!(fs::read_dir(place.database().parent().unwrap()).unwrap().count(), 0);
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let path = Place::new().database();
    let error = SqliteStore::open(&path, Options::default()).err().unwrap();
    assert!(matches!(&error, OpenError::Io { path: named, .. } if named == Path::new(&path)));
}

fn seq(store: &SqliteStore) -> u64 {
    wait(store.counter(PROGRAM)).unwrap().map_or(0, |counter| counter.seq)
}
