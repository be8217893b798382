//! Blocks, filters and merges against a plain map of the same keys.

use super::block::{self, Cursor};
use super::filter::{Filter, Question};
use super::job::{Job, Merge, Place, Scratch};
use super::plan::Run;
use super::tail::Tail;
use super::{Item, Key, Kind, RunOptions};
use crate::migrate::{MIGRATIONS, migrate};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::StoreError;

const OPTIONS: RunOptions = RunOptions { rows: 100, fanout: 3, block_bytes: 120, commit_keys: 1 };

fn file() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, MIGRATIONS).unwrap();
    connection
}

/// Numbers that follow from a seed.
fn draw(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// Some programmes, ids that share beginnings, and versions of either sign.
fn key(kind: Kind, seed: &mut u64) -> Key {
    let program = [u8::try_from(draw(seed) % 3).unwrap(); 16];
    let mut id = [0xff; 16];
    id[usize::try_from(draw(seed) % 16).unwrap()] = draw(seed).to_le_bytes()[0];
    id[15] = draw(seed).to_le_bytes()[0];
    let versions = [i64::MIN, -1, 0, 1, 255, 256, i64::MAX];
    match kind {
        Kind::Reference => Key::of(&program, &id),
        Kind::Entry => {
            let at = usize::try_from(draw(seed)).unwrap() % versions.len();
            Key::of(&program, &id).with_version(versions[at])
        }
    }
}

/// Keys of the rows from one to another, each once.
fn keys(kind: Kind, rows: std::ops::RangeInclusive<i64>, seed: &mut u64) -> BTreeMap<Key, i64> {
    let mut keys = BTreeMap::new();
    for row in rows {
        while keys.insert(key(kind, seed), row).is_some_and(|other| other != row) {
            keys.retain(|_, other| *other != row);
        }
    }
    keys
}

fn written(connection: &Connection, kind: Kind, number: i64, keys: &BTreeMap<Key, i64>) -> Run {
    let first = keys.values().min().unwrap();
    let tail = Tail::new(first - 1, 0);
    tail.add(keys.iter().map(|(key, row)| (*key, *row)), *keys.values().max().unwrap());
    let place = Place { connection, kind, options: &OPTIONS };
    Job::of_tail(place, number, 0, Arc::new(tail)).unwrap().whole(connection, kind).unwrap().run
}

fn listed(connection: &Connection, kind: Kind, run: &Run, after: Option<&Key>) -> Vec<Item> {
    let mut cursor = Cursor::start(connection, kind, run, after).unwrap();
    let mut items = Vec::new();
    while let Some(item) = cursor.next(connection).unwrap() {
        items.push(item);
    }
    items
}

/// Whether a run has exactly these keys, by every way to them.
fn same(connection: &Connection, kind: Kind, run: &Run, keys: &BTreeMap<Key, i64>, seed: &mut u64) {
    let all: Vec<Item> = keys.iter().map(|(key, row)| (*key, *row)).collect();
    assert_eq!(listed(connection, kind, run, None), all);
    assert_eq!(run.items, i64::try_from(all.len()).unwrap());
    for (key, row) in &all {
        assert_eq!(block::find(connection, kind, run, key).unwrap(), Some(*row));
    }
    for _ in 0..200 {
        let (one, other) = (key(kind, seed), key(kind, seed));
        assert_eq!(block::find(connection, kind, run, &one).unwrap(), keys.get(&one).copied());
        let behind: Vec<Item> = all.iter().filter(|(key, _)| *key > one).copied().collect();
        assert_eq!(listed(connection, kind, run, Some(&one)), behind);
        let (low, high) = (one.min(other), one.max(other));
        let limit = usize::try_from(draw(seed) % 9).unwrap() + 1;
        let between = all.iter().rev().filter(|(key, _)| (low..=high).contains(key));
        let between: Vec<Item> = between.take(limit).copied().collect();
        let found = block::newest(connection, kind, run, (&low, &high), limit).unwrap();
        assert_eq!(found, between);
    }
}

#[test]
fn a_run_has_the_keys_of_its_tail() {
    let connection = file();
    for kind in Kind::ALL {
        for (number, count) in [1, 2, 3, 40, 150].into_iter().enumerate() {
            let mut seed = 7 + u64::try_from(number).unwrap();
            let number = kind.code() * 100 + i64::try_from(number).unwrap() + 1;
            let keys = keys(kind, 1_000..=999 + count, &mut seed);
            let run = written(&connection, kind, number, &keys);
            assert!(count < 40 || run.blocks > 3, "{} blocks", run.blocks);
            same(&connection, kind, &run, &keys, &mut seed);
        }
    }
}

#[test]
fn a_merged_run_has_the_keys_of_all() {
    for kind in Kind::ALL {
        let (connection, mut seed) = (file(), 3);
        let mut all = BTreeMap::new();
        let mut runs = Vec::new();
        for number in 1..=3 {
            let mut keys = keys(kind, number * 100..=number * 100 + 60, &mut seed);
            keys.retain(|key, _| !all.contains_key(key));
            runs.push(written(&connection, kind, number, &keys));
            all.extend(keys);
        }
        let place = Place { connection: &connection, kind, options: &OPTIONS };
        let mut job = Job::of_runs(place, 9, runs).unwrap();
        let mut scratch = Scratch::default();
        // A commit that fails takes its part with it, and the copy it was made of is gone on with.
        loop {
            connection.execute_batch("savepoint part").unwrap();
            let mut lost = job.clone();
            lost.step(&connection, kind, &mut scratch).unwrap();
            connection.execute_batch("rollback to part; release part").unwrap();
            if job.step(&connection, kind, &mut scratch).unwrap().is_none() {
                break;
            }
        }
        job.finish(&connection).unwrap();
        assert_eq!((job.run.level, job.run.first), (1, 100));
        same(&connection, kind, &job.run, &all, &mut seed);
    }
}

#[test]
fn a_merge_of_nothing_is_empty() {
    let connection = file();
    let mut merge = Merge::start(&connection, Kind::Entry, &[], None).unwrap();
    assert_eq!(merge.next(&connection).unwrap(), None);
}

#[test]
fn a_filter_knows_every_key_and_few_others() {
    let (connection, mut seed) = (file(), 11);
    let mut random = || {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&draw(&mut seed).to_le_bytes());
        id[8..].copy_from_slice(&draw(&mut seed).to_le_bytes());
        Key::of(&[1; 16], &id)
    };
    let keys: Vec<Key> = (0..20_000).map(|_| random()).collect();
    let filter = Filter::new(keys.len());
    keys.iter().for_each(|key| filter.add(key));
    let mut parts = 0;
    while filter.write(&connection, 5, parts).unwrap() {
        parts += 1;
    }
    assert!(parts > 3, "{parts} parts");
    assert_eq!(Filter::count(&connection, 5).unwrap(), parts);
    let loaded = Filter::load(&connection, 5, keys.len()).unwrap();
    let questions = keys.iter().map(Question::of);
    assert!(questions.into_iter().all(|key| filter.may_have(&key) && loaded.may_have(&key)));
    let others = (0..20_000).map(|_| Question::of(&random()));
    let wrong = others.filter(|key| loaded.may_have(key)).count();
    assert!(wrong < 100, "{wrong} of 20,000");
    let short = Filter::load(&connection, 5, keys.len() * 2).err();
    assert!(matches!(short, Some(StoreError::Corrupt { table: "run_filter", .. })), "{short:?}");
}

#[test]
fn a_filter_without_keys_has_none() {
    let (connection, mut seed) = (file(), 13);
    let filter = Filter::new(100_000);
    assert!((0..1_000).all(|_| !filter.may_have(&Question::of(&key(Kind::Reference, &mut seed)))));
    let mut parts = 0;
    while filter.write(&connection, 6, parts).unwrap() {
        parts += 1;
    }
    let loaded = Filter::load(&connection, 6, 100_000).unwrap();
    assert!((0..1_000).all(|_| !loaded.may_have(&Question::of(&key(Kind::Reference, &mut seed)))));
}

#[test]
fn bytes_that_are_no_block_are_corrupt() {
    let (connection, mut seed) = (file(), 5);
    let keys = keys(Kind::Entry, 1..=30, &mut seed);
    let run = written(&connection, Kind::Entry, 1, &keys);
    for length in 1..60 {
        let bytes: Vec<u8> = (0..length).map(|_| draw(&mut seed).to_le_bytes()[0]).collect();
        let spoil = "update run_block set items = ?1";
        connection.execute(spoil, params![bytes]).unwrap();
        let mut cursor = Cursor::start(&connection, Kind::Entry, &run, None).unwrap();
        let read = std::iter::from_fn(|| cursor.next(&connection).transpose());
        // A run of one block ends, whatever it says.
        if let Some(error) = read.filter_map(Result::err).next() {
            assert!(matches!(error, StoreError::Corrupt { table: "run_block", .. }), "{error:?}");
        }
    }
    connection.execute("update run_block set first = x'01'", []).unwrap();
    let error = block::find(&connection, Kind::Entry, &run, &key(Kind::Entry, &mut seed));
    let error = error.and(Ok(())).err();
    assert!(matches!(error, None | Some(StoreError::Corrupt { column: "first", .. })), "{error:?}");
}

#[test]
fn versions_sort_as_numbers() {
    let key = Key::of(&[1; 16], &[2; 16]);
    let versions = [i64::MIN, -2, -1, 0, 1, 2, i64::MAX];
    let sorted = versions.map(|version| key.with_version(version));
    assert!(sorted.is_sorted());
    assert_eq!(sorted.map(|key| key.version()), versions);
    assert!(sorted.iter().all(|other| other.is_beside(&key) && other.without_version() == key));
}
