//! The write-ahead log stays within its bound, and a long reader stops nobody.

use super::{PROGRAM, Place, commit, wait, work, writer};
use crate::{Options, SqliteStore};
use std::fs;
use std::sync::Arc;
use store::Store;

const LIMIT: u64 = 256 << 10;

fn open(place: &Place) -> Arc<SqliteStore> {
    let options = Options { wal_limit_bytes: LIMIT, ..Options::default() };
    SqliteStore::open(&place.database(), options).unwrap()
}

fn log_bytes(place: &Place) -> u64 {
    fs::metadata(place.beside("-wal")).unwrap().len()
}

/// Commits batches of five units with these numbers.
fn fill(store: &SqliteStore, numbers: std::ops::Range<u64>) {
    let mut writer = writer(store);
    for first in numbers.step_by(5) {
        let batch = (first..first + 5).map(|number| work(number).event()).collect();
        commit(writer.as_mut(), batch).unwrap();
    }
}

#[test]
fn the_log_starts_over_at_its_bound() {
    let place = Place::new();
    let store = open(&place);
    for part in 0..10 {
        fill(&store, part * 500 + 1..part * 500 + 501);
        assert!(log_bytes(&place) < 3 * LIMIT, "{} bytes", log_bytes(&place));
    }
    let counter = wait(store.counter(PROGRAM)).unwrap().unwrap();
    assert_eq!(counter.seq, 5_000);
}

#[test]
fn a_long_reader_stops_no_commit() {
    let place = Place::new();
    let store = open(&place);
    fill(&store, 1..501);
    let mut snapshot = wait(store.snapshot()).unwrap();
    fill(&store, 501..4_001);
    assert!(log_bytes(&place) > 2 * LIMIT, "{} bytes", log_bytes(&place));
    let events = wait(snapshot.count(&store::event::EVENT)).unwrap();
    assert_eq!(events, 500);
    drop(snapshot);
    fill(&store, 4_001..6_001);
    assert!(log_bytes(&place) < 3 * LIMIT, "{} bytes", log_bytes(&place));
}

#[test]
fn a_clean_stop_leaves_one_file() {
    let place = Place::new();
    let store = open(&place);
    fill(&store, 1..101);
    drop(store);
    assert!(!place.beside("-wal").exists());
    let store = open(&place);
    assert_eq!(wait(store.counter(PROGRAM)).unwrap().unwrap().seq, 100);
}
