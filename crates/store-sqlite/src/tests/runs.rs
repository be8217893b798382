//! Runs as they are written and merged: a kill in each phase, a full disk, readers beside, files
//! from before.

use super::{PROGRAM, Place, TINY, commit, wait, work, writer};
use crate::migrate::{MIGRATIONS, migrate};
use crate::runs::LAST_ROW;
use crate::statement::rows_of;
use crate::{Options, RunOptions, SqliteStore};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::schema::TABLES;
use store::suite::harness::Book;
use store::suite::work::{Told, Work, key_of};
use store::suite::{dump, sums};
use store::{Store, StoreError, Writer};

/// Some commits for each phase.
const SLOW: RunOptions = RunOptions { rows: 24, fanout: 2, block_bytes: 160, commit_keys: 1 };

fn dumped(store: &SqliteStore) -> String {
    let mut snapshot = wait(store.snapshot()).unwrap();
    wait(dump::dump(snapshot.as_mut())).unwrap()
}

fn assert_sound(store: &SqliteStore) {
    let mut snapshot = wait(store.snapshot()).unwrap();
    assert_eq!(wait(sums::faults(snapshot.as_mut())).unwrap(), Vec::<String>::new());
}

fn fund(writer: &mut dyn Writer) -> Book {
    let (book, units) = Book::funded(PROGRAM, 1_000_000);
    commit(writer, units).unwrap();
    book
}

/// One transfer under a reference of its own.
fn unit(book: &Book, number: u64) -> Work {
    let to = if number.is_multiple_of(3) { book.bob } else { book.alice };
    work(number).post(book.reserve, to, 1).once(&format!("n{number}"), 1)
}

fn post(writer: &mut dyn Writer, book: &Book, number: u64) -> Result<(), StoreError> {
    commit(writer, vec![unit(book, number)])
}

/// A call that was made before is known.
fn assert_known(writer: &mut dyn Writer, call: Work) {
    let ticket = call.ticket();
    commit(writer, vec![call]).unwrap();
    assert_eq!(ticket.told(), Told::Again);
}

fn copied(place: &Place) -> Place {
    let copy = Place::new();
    for suffix in ["", "-wal"] {
        if place.beside(suffix).exists() {
            fs::copy(place.beside(suffix), copy.beside(suffix)).unwrap();
        }
    }
    copy
}

/// What phases the runs of a file are in.
fn phases(connection: &Connection) -> BTreeSet<&'static str> {
    let sql = "select r.state, r.level,
            (select count(*) from run_block b where b.run = r.number),
            (select count(*) from run_filter f where f.run = r.number), r.blocks
        from run r";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
    let phase = |row: rusqlite::Result<(i64, i64, i64, i64, i64)>| match row.unwrap() {
        (0, 0, _, 0, _) => "blocks of a tail",
        (0, _, _, 0, _) => "blocks of a merge",
        (0, ..) => "filter",
        (1, 0, ..) => "whole",
        (1, ..) => "merged",
        (2, _, left, _, blocks) if left == blocks => "dead",
        (2, ..) => "being deleted",
        other => panic!("{other:?}"),
    };
    rows.unwrap().map(phase).collect()
}

/// A kill leaves the files as they are. Each commit is a part of some phase.
#[test]
fn a_kill_in_each_phase_loses_nothing() {
    let place = Place::new();
    let store = place.open_with(SLOW);
    let mut writer = writer(&store);
    let book = fund(writer.as_mut());
    let mut met = BTreeSet::new();
    for number in 3..160 {
        post(writer.as_mut(), &book, number).unwrap();
        let left = copied(&place);
        let expected = dumped(&store);
        // Beside it, for whoever only looks.
        let beside = SqliteStore::open_read_only(&left.database()).unwrap();
        assert_eq!(dumped(&beside), expected);
        drop(beside);
        let again = left.open_with(SLOW);
        assert_eq!(dumped(&again), expected);
        met.extend(phases(&Connection::open(left.database()).unwrap()));
        // And on from there: what is known is known, and what is new is written.
        let mut on = super::writer(&again);
        let known = work(number).post(book.reserve, book.bob, 1).once(&format!("n{number}"), 1);
        assert_known(on.as_mut(), known);
        for more in 1_000..1_000 + number % 7 * 5 {
            post(on.as_mut(), &book, more).unwrap();
        }
        assert_sound(&again);
        // Those that were begun before are gone in the end, and nothing else is.
        let runs = Connection::open(left.database()).unwrap();
        let orphans = "select count(*) from run_block
            where run not in (select number from run)";
        let orphans: i64 = runs.query_row(orphans, [], |row| row.get(0)).unwrap();
        assert_eq!(orphans, 0);
    }
    let all = [
        "blocks of a tail",
        "blocks of a merge",
        "filter",
        "whole",
        "merged",
        "dead",
        "being deleted",
    ];
    assert_eq!(met, BTreeSet::from(all));
}

#[test]
fn idle_commits_finish_what_is_left() {
    let place = Place::new();
    let store = place.open_with(TINY);
    let mut writer = writer(&store);
    let book = fund(writer.as_mut());
    for number in 3..200 {
        post(writer.as_mut(), &book, number).unwrap();
    }
    drop((writer, store));
    let store = place.open_with(RunOptions { commit_keys: 1_000, ..TINY });
    let mut writer = super::writer(&store);
    for number in 200..300 {
        commit(writer.as_mut(), vec![work(number).event()]).unwrap();
    }
    let raw = Connection::open(place.database()).unwrap();
    let count = |sql: &str| -> i64 { raw.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("select count(*) from run where state <> 1"), 0);
    let of_levels = "select coalesce(max(runs), 0) from
        (select count(*) as runs from run group by kind, level)";
    assert!(count(of_levels) < 2, "each level has fewer runs than are merged");
    assert!(count("select max(level) from run") > 4);
    let others = "select count(*) from run_block where run not in (select number from run)";
    assert_eq!(count(others), 0);
    let parts = "select count(*) from run_filter
        where run not in (select number from run where kind = 0)";
    assert_eq!(count(parts), 0);
    let covered = "select coalesce(sum(items), 0) from run where kind = 1";
    assert!(count(covered) >= count("select max(row) from entry") - 8);
    drop((writer, raw));
    assert_sound(&store);
}

/// From one page of room to as many as a commit needs: each of them fails in another place, the
/// last ones in what is written of runs.
#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let place = Place::new();
    let runs = RunOptions { rows: 24, fanout: 2, block_bytes: 3_960, commit_keys: 64 };
    let store = place.open_with(runs);
    let raw = Connection::open(place.database()).unwrap();
    let mut writer = writer(&store);
    let book = fund(writer.as_mut());
    let mut number = 3;
    let mut failed = 0;
    let mut whole = 0;
    while failed < 40 || whole < 6 {
        let units = |first: u64| {
            (first..first + 30)
                .map(|at| work(at).post(book.reserve, book.alice, 1).once(&format!("n{at}"), 1))
                .collect::<Vec<_>>()
        };
        let pages: u32 = raw.query_row("pragma page_count", [], |row| row.get(0)).unwrap();
        let before = dumped(&store);
        for room in 0.. {
            store.limit_pages(pages + room);
            let Err(error) = commit(writer.as_mut(), units(number)) else { break };
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
            assert_eq!(dumped(&store), before, "nothing of it is there");
            failed += 1;
        }
        store.limit_pages(0);
        number += 30;
        whole = raw.query_row("select count(*) from run", [], |row| row.get(0)).unwrap();
    }
    // With room again, by the same writer and by the next one.
    post(writer.as_mut(), &book, number).unwrap();
    assert_sound(&store);
    let before = dumped(&store);
    drop((writer, store));
    assert_eq!(dumped(&place.open_with(runs)), before);
}

/// The pages of a commit that fails are in the middle of a run, at each of its steps.
#[test]
fn a_full_disk_in_the_middle_of_a_run() {
    let place = Place::new();
    let runs = RunOptions { rows: 24, fanout: 2, block_bytes: 160, commit_keys: 400 };
    let store = place.open_with(RunOptions { commit_keys: 0, ..runs });
    let mut writer = writer(&store);
    let book = fund(writer.as_mut());
    for number in 3..300 {
        post(writer.as_mut(), &book, number).unwrap();
    }
    drop((writer, store));
    // Now a commit of one unit writes much of runs.
    let store = place.open_with(runs);
    let mut writer = super::writer(&store);
    let raw = Connection::open(place.database()).unwrap();
    for number in 300..340 {
        let pages: u32 = raw.query_row("pragma page_count", [], |row| row.get(0)).unwrap();
        let before = dumped(&store);
        store.limit_pages(pages);
        if let Err(error) = post(writer.as_mut(), &book, number) {
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
            assert_eq!(dumped(&store), before, "nothing of it is there");
            store.limit_pages(0);
            post(writer.as_mut(), &book, number).unwrap();
        }
    }
    assert_sound(&store);
}

/// What was acknowledged is found from then on, while it moves from memory to a run and from run to
/// run.
#[test]
fn readers_beside_find_all_that_was_acknowledged() {
    let place = Place::new();
    let store = place.open_with(TINY);
    let mut writer = writer(&store);
    let book = fund(writer.as_mut());
    let acknowledged = AtomicU64::new(2);
    let over = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for reader in 0..2 {
            let (store, acknowledged, over) = (Arc::clone(&store), &acknowledged, &over);
            let reserve = book.reserve;
            scope.spawn(move || {
                let mut number = 3 + reader;
                while over.load(Ordering::Acquire) == 0 {
                    let newest = acknowledged.load(Ordering::Acquire);
                    let sought = if number > newest { newest } else { number };
                    if sought > 2 {
                        let found = wait(store.reference(PROGRAM, key_of(&format!("n{sought}"))));
                        assert!(found.unwrap().is_some(), "{sought} of {newest}");
                    }
                    let account = wait(store.account(PROGRAM, reserve)).unwrap().unwrap();
                    let entries = wait(store.entries(PROGRAM, reserve, None, 40)).unwrap();
                    assert!(entries[0].version >= account.version);
                    let versions: Vec<u64> = entries.iter().map(|entry| entry.version).collect();
                    let newest = versions[0];
                    let expected = (1..=newest).rev().take(40).collect::<Vec<u64>>();
                    assert_eq!(versions, expected);
                    number =
                        if number > acknowledged.load(Ordering::Acquire) { 3 } else { number + 1 };
                }
            });
        }
        for number in 3..400 {
            post(writer.as_mut(), &book, number).unwrap();
            acknowledged.store(number, Ordering::Release);
        }
        over.store(1, Ordering::Release);
    });
}

#[test]
fn who_only_looks_sees_what_the_server_sees() {
    let place = Place::new();
    let store = place.open_with(TINY);
    let beside = SqliteStore::open_read_only(&place.database()).unwrap();
    let mut writer = writer(&store);
    let book = fund(writer.as_mut());
    for number in 3..90 {
        post(writer.as_mut(), &book, number).unwrap();
        assert_eq!(dumped(&beside), dumped(&store));
        let key = key_of(&format!("n{number}"));
        assert!(wait(beside.reference(PROGRAM, key)).unwrap().is_some());
        let ours = wait(store.accounts(PROGRAM, None, None, 10)).unwrap();
        assert_eq!(wait(beside.accounts(PROGRAM, None, None, 10)).unwrap(), ours);
    }
}

/// What anybody reads with a shell: the view at every moment, the rows after an orderly stop.
#[test]
fn balances_are_there_for_people() {
    for runs in [TINY, SLOW, RunOptions::default()] {
        let place = Place::new();
        let store = place.open_with(runs);
        let mut writer = writer(&store);
        let book = fund(writer.as_mut());
        let raw = Connection::open(place.database()).unwrap();
        let shown = |sql: &str| {
            let mut statement = raw.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            rows.unwrap().collect::<Result<Vec<(i64, i64, i64)>, _>>().unwrap()
        };
        let current = || {
            let accounts = wait(store.accounts(PROGRAM, None, None, 10)).unwrap();
            let said = |sums: &domain::account::Sums| sums.posted_credits - sums.posted_debits;
            let said = accounts.iter().map(|row| {
                let balance = said(&row.sums);
                (i64::try_from(row.version).unwrap(), balance, row.available().minor)
            });
            said.collect::<Vec<_>>()
        };
        let view = "select version, balance_minor, available_minor from balance order by account";
        for number in 3..60 {
            post(writer.as_mut(), &book, number).unwrap();
            assert_eq!(shown(view), current());
        }
        let rows = "select version, posted_credits - posted_debits,
            posted_credits - posted_debits - held_debits from account order by id";
        assert_ne!(shown(rows), current(), "they follow later");
        drop(writer);
        assert_eq!(shown(rows), current());
        assert_eq!(shown(view), current());
    }
}

/// A file of the layout before runs, with the rows of another.
fn before_runs(place: &Place, from: &Place) {
    let mut old = Connection::open(place.database()).unwrap();
    let before = MIGRATIONS.iter().position(|step| step.name == "0020_runs").unwrap();
    migrate(&mut old, &MIGRATIONS[..before]).unwrap();
    let path = from.database();
    old.execute("attach ?1 as other", [path.to_str().unwrap()]).unwrap();
    for table in TABLES {
        let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
        let (name, rows, columns) = (table.name, rows_of(table), columns.join(", "));
        let copy =
            format!("insert into main.{name} ({columns}) select {columns} from other.{rows}");
        old.execute(&copy, []).unwrap();
    }
}

#[test]
fn a_file_from_before_keeps_its_rows() {
    for runs in [TINY, SLOW, RunOptions::default()] {
        let (source, place) = (Place::new(), Place::new());
        let options = Options { runs, postings: false, ..Options::default() };
        let store = SqliteStore::open(&source.database(), options).unwrap();
        let mut writer = writer(&store);
        let book = fund(writer.as_mut());
        for number in 3..120 {
            post(writer.as_mut(), &book, number).unwrap();
        }
        drop(writer);
        let expected = dumped(&store);
        drop(store);
        before_runs(&place, &source);
        let store = place.open_with(runs);
        assert_eq!(dumped(&store), expected);
        let mut writer = super::writer(&store);
        assert_known(writer.as_mut(), work(7).post(book.reserve, book.bob, 1).once("n7", 1));
        for number in 120..150 {
            post(writer.as_mut(), &book, number).unwrap();
        }
        assert_sound(&store);
    }
}

/// Filters of another form say nothing of their runs, so those are written anew.
#[test]
fn a_file_with_older_filters_gets_new_runs() {
    let place = Place::new();
    let store = place.open_with(SLOW);
    let mut writer = writer(&store);
    let book = fund(writer.as_mut());
    for number in 3..160 {
        post(writer.as_mut(), &book, number).unwrap();
    }
    let expected = dumped(&store);
    drop((writer, store));
    let raw = Connection::open(place.database()).unwrap();
    let older = "delete from schema_version where version >= 22; \
        update run_filter set bits = zeroblob(length(bits));";
    raw.execute_batch(older).unwrap();
    drop(raw);
    let store = place.open_with(SLOW);
    assert_eq!(dumped(&store), expected);
    let mut writer = super::writer(&store);
    for number in 3..160 {
        assert_known(writer.as_mut(), unit(&book, number));
    }
    assert_sound(&store);
}

/// A smaller bound than the one that a file was written with, and back.
#[test]
fn sizes_may_change_between_two_starts() {
    let place = Place::new();
    let mut book = None;
    let mut number = 3;
    for runs in [RunOptions::default(), TINY, SLOW, TINY, RunOptions::default()] {
        let store = place.open_with(runs);
        let mut writer = writer(&store);
        let book = book.get_or_insert_with(|| fund(writer.as_mut()));
        for _ in 0..50 {
            post(writer.as_mut(), book, number).unwrap();
            number += 1;
        }
        let before = dumped(&store);
        drop((writer, store));
        let options = Options { runs: TINY, ..Options::default() };
        let store = SqliteStore::open(&place.database(), options).unwrap();
        assert_eq!(dumped(&store), before);
        assert_sound(&store);
    }
}

/// A row that a shell adds, takes away or renames is found as it is now.
#[test]
fn edits_from_beside_are_seen() {
    for (runs, postings, table) in [
        (TINY, true, "posting"),
        (RunOptions::default(), true, "posting"),
        (TINY, false, "reference_row"),
        (RunOptions::default(), false, "reference_row"),
    ] {
        let place = Place::new();
        let options = Options { runs, postings, ..Options::default() };
        let store = SqliteStore::open(&place.database(), options).unwrap();
        let mut writer = writer(&store);
        let book = fund(writer.as_mut());
        for number in 3..30 {
            post(writer.as_mut(), &book, number).unwrap();
        }
        let raw = Connection::open(place.database()).unwrap();
        let gone = key_of("n9");
        let delete = format!("delete from {table} where key = ?1");
        assert_eq!(raw.execute(&delete, [gone.bytes()]), Ok(1));
        assert_eq!(wait(store.reference(PROGRAM, gone)).unwrap(), None);
        let (old, new) = (key_of("n10"), key_of("other"));
        let rename = format!("update {table} set key = ?2 where key = ?1");
        assert_eq!(raw.execute(&rename, [old.bytes(), new.bytes()]), Ok(1));
        assert_eq!(wait(store.reference(PROGRAM, old)).unwrap(), None);
        let twin = format!(
            "insert into reference_row select program, ?2, seq, ordinal, scope, text, fingerprint,
                 instruction, answer, at, 1 + ({LAST_ROW})
             from reference where key = ?1"
        );
        assert_eq!(raw.execute(&twin, [key_of("n11").bytes(), key_of("twin").bytes()]), Ok(1));
        post(writer.as_mut(), &book, 30).unwrap();
        assert!(wait(store.reference(PROGRAM, key_of("twin"))).unwrap().is_some());
        assert!(wait(store.reference(PROGRAM, key_of("n30"))).unwrap().is_some());
    }
}
