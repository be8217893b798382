//! Commits that fail, rows that are corrupt, batches that write nothing.

use super::{PROGRAM, Place, commit, note, wait, work, writer};
use crate::Fault;
use rusqlite::Connection;
use std::fs;
use store::suite::harness::Book;
use store::suite::work::Told;
use store::{Store, StoreError};

fn book(place: &Place) -> Book {
    let (book, units) = Book::funded(PROGRAM, 1_000);
    commit(writer(&place.open()).as_mut(), units).unwrap();
    book
}

/// What becomes of one transfer under a fault, and what asking again is told by the same writer.
fn fail_and_ask_again(fault: Fault) -> (StoreError, Told, i64) {
    let place = Place::new();
    let book = book(&place);
    let store = place.open();
    let mut writer = writer(&store);
    let unit = || work(3).post(book.reserve, book.alice, 10).once("asked", 1);
    store.fail_next_commit(fault);
    let error = commit(writer.as_mut(), vec![unit()]).unwrap_err();
    let again = unit();
    let ticket = again.ticket();
    commit(writer.as_mut(), vec![again]).unwrap();
    let alice = wait(store.account(PROGRAM, book.alice)).unwrap().unwrap();
    (error, ticket.told(), alice.available().minor)
}

#[test]
fn a_refused_commit_left_nothing() {
    let (error, told, moved) = fail_and_ask_again(Fault::Fails);
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert_eq!((told, moved), (Told::Done, 10));
}

#[test]
fn asking_again_settles_an_unknown_outcome() {
    let (error, told, moved) = fail_and_ask_again(Fault::UnknownLost);
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    assert_eq!((told, moved), (Told::Done, 10));
    let (error, told, moved) = fail_and_ask_again(Fault::UnknownKept);
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    assert_eq!((told, moved), (Told::Again, 10));
}

#[test]
fn a_corrupt_row_is_named_and_stops_only_those_who_read_it() {
    let place = Place::new();
    let book = book(&place);
    let raw = Connection::open(place.database()).unwrap();
    let spoil = "update account set kind = 99 where id = ?1";
    assert_eq!(raw.execute(spoil, [book.bob.bytes()]).unwrap(), 1);
    drop(raw);
    let store = place.open();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let key = format!("{}/{}", hex(PROGRAM.bytes()), hex(book.bob.bytes()));
    let named = |error: StoreError| match error {
        StoreError::Corrupt { table: "account", column: "kind", row, .. } => row == key,
        other => panic!("{other:?}"),
    };
    assert!(named(wait(store.account(PROGRAM, book.bob)).unwrap_err()));
    let mut writer = writer(&store);
    let unit = work(3).post(book.reserve, book.bob, 1);
    assert!(named(commit(writer.as_mut(), vec![unit]).unwrap_err()));
    commit(writer.as_mut(), vec![work(4).post(book.reserve, book.alice, 1)]).unwrap();
}

#[test]
fn a_row_that_vanished_is_no_row() {
    let place = Place::new();
    let book = book(&place);
    let store = place.open();
    let mut writer = writer(&store);
    commit(writer.as_mut(), vec![work(3).post(book.reserve, book.alice, 1)]).unwrap();
    let raw = Connection::open(place.database()).unwrap();
    assert_eq!(raw.execute("delete from account where id = ?1", [book.alice.bytes()]).unwrap(), 1);
    let unit = work(4).post(book.reserve, book.alice, 1);
    let ticket = unit.ticket();
    commit(writer.as_mut(), vec![unit]).unwrap();
    assert!(matches!(ticket.told(), Told::Refused(_)), "nothing is remembered that is not there");
}

#[test]
fn a_batch_of_refusals_writes_nothing() {
    let place = Place::new();
    let store = place.open();
    note(&store, 1);
    let mut writer = writer(&store);
    let log = || fs::read(place.beside("-wal")).unwrap();
    let before = log();
    commit(writer.as_mut(), vec![work(2).event().refuse(), work(3).event().stale()]).unwrap();
    commit(writer.as_mut(), Vec::new()).unwrap();
    assert_eq!(log(), before);
    commit(writer.as_mut(), vec![work(4).event()]).unwrap();
    assert_ne!(log(), before);
}
