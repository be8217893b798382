//! What becomes a posting, and that nobody sees whether it did.

use super::{PROGRAM, Place, TINY, commit, wait, work, writer};
use crate::statement::is_posted;
use crate::{Options, RunOptions, SqliteStore};
use domain::account::{AccountKey, AccountKind, Owner};
use domain::asset::Asset;
use domain::id::{CardholderId, HoldId, ProgramId};
use domain::time::Time;
use rusqlite::Connection;
use std::sync::Arc;
use store::schema::TABLES;
use store::suite::dump;
use store::suite::harness::{Book, program};
use store::suite::steps::Reserve;
use store::suite::work::{Told, Work, key_of};
use store::{InstructionFilter, Store, StoreError, Writer};

/// A table, and how many of its rows stand by themselves.
type Singles = Vec<(&'static str, i64)>;

fn open(place: &Place, runs: RunOptions, postings: bool) -> Arc<SqliteStore> {
    let options = Options { runs, postings, ..Options::default() };
    SqliteStore::open(&place.database(), options).unwrap()
}

fn dumped(store: &SqliteStore) -> String {
    let mut snapshot = wait(store.snapshot()).unwrap();
    wait(dump::dump(snapshot.as_mut())).unwrap()
}

fn count(place: &Place, table: &str) -> i64 {
    let raw = Connection::open(place.database()).unwrap();
    raw.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).unwrap()
}

fn singles(place: &Place) -> Singles {
    let posted = TABLES.iter().copied().filter(|table| is_posted(table));
    posted.map(|table| (table.name, count(place, &format!("{}_row", table.name)))).collect()
}

fn post(book: &Book, number: u64) -> Work {
    let to = if number.is_multiple_of(3) { book.bob } else { book.alice };
    work(number).post(book.reserve, to, 1).once(&format!("n{number}"), 1)
}

fn play(writer: &mut dyn Writer, others: bool) -> Book {
    let (book, units) = Book::funded(PROGRAM, 1_000_000);
    commit(writer, units).unwrap();
    for number in 3..90 {
        let mut units = vec![post(&book, number)];
        if others && number.is_multiple_of(5) {
            units.push(work(1_000 + number).post(book.bob, book.reserve, 1));
            units.push(work(2_000 + number).declined(book.alice, 5));
            units.push(work(3_000 + number).event());
        }
        commit(writer, units).unwrap();
    }
    book
}

#[test]
fn a_transfer_is_one_row() {
    let place = Place::new();
    let store = place.open();
    let mut writer = writer(&store);
    let (book, units) = Book::funded(PROGRAM, 1_000_000);
    commit(writer.as_mut(), units).unwrap();
    let (before, postings) = (singles(&place), count(&place, "posting"));
    let batch = (3..60).map(|number| post(&book, number)).collect();
    commit(writer.as_mut(), batch).unwrap();
    assert_eq!(singles(&place), before);
    assert_eq!(count(&place, "posting"), postings + 57);
    // Without a reference as well, and the other way round.
    commit(writer.as_mut(), vec![work(60).post(book.alice, book.reserve, 1)]).unwrap();
    assert_eq!(singles(&place), before);
    // The answer is kept up to what the row says anyway.
    let raw = Connection::open(place.database()).unwrap();
    let kept = "select count(*) from posting where tail = 1 and answer = x'0100'";
    let kept: i64 = raw.query_row(kept, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 57);
}

/// The same units in both layouts, also in one file, are the same rows to whoever asks.
#[test]
fn both_layouts_say_the_same() {
    for runs in [TINY, RunOptions::default()] {
        let mut dumps = Vec::new();
        for layouts in [[true, true], [false, false], [true, false], [false, true]] {
            let place = Place::new();
            let store = open(&place, runs, layouts[0]);
            let book = play(writer(&store).as_mut(), true);
            drop(store);
            let store = open(&place, runs, layouts[1]);
            let mut writer = writer(&store);
            for number in 10_000..10_050 {
                commit(writer.as_mut(), vec![post(&book, number)]).unwrap();
            }
            for number in [5, 10_020] {
                let known = post(&book, number);
                let ticket = known.ticket();
                commit(writer.as_mut(), vec![known]).unwrap();
                assert_eq!(ticket.told(), Told::Again);
            }
            assert_eq!(count(&place, "posting") > 0, layouts != [false, false]);
            dumps.push(dumped(&store));
        }
        for dump in &dumps {
            let other = dump.lines().zip(dumps[0].lines()).find(|(one, other)| one != other);
            assert_eq!(other, None);
            assert_eq!(dump.len(), dumps[0].len());
        }
    }
}

/// Several rows of one statement, what is left over, and others in between.
#[test]
fn a_batch_of_any_size_says_the_same_in_both_layouts() {
    let mut dumps = Vec::new();
    for postings in [true, false] {
        let place = Place::new();
        let store = open(&place, TINY, postings);
        let mut writer = writer(&store);
        let (book, units) = Book::funded(PROGRAM, 1_000_000);
        commit(writer.as_mut(), units).unwrap();
        let (mut number, mut expected) = (100, 0);
        for size in (0..40).chain([64, 129]) {
            let mut units: Vec<_> = (number..number + size).map(|at| post(&book, at)).collect();
            if size % 4 == 3 {
                let middle = units.len() / 2;
                units.insert(middle, work(number + size).declined(book.alice, 5));
                // Asked for again, before and in one batch.
                units.push(post(&book, number));
                units.push(work(number + size + 1).post(book.reserve, book.bob, 1).refuse());
            }
            if size % 10 == 5 {
                let hold = Reserve {
                    id: HoldId::from_bytes([u8::try_from(size).unwrap(); 16]),
                    debit: book.alice,
                    credit: book.settlement,
                    minor: 1,
                    expires_at: Time::MAX,
                };
                // What its account does behind it in this batch is written noun by noun too.
                units.insert(1, work(number + size + 2).hold(hold));
            }
            commit(writer.as_mut(), units).unwrap();
            number += size + 3;
            expected += if postings { size } else { 0 };
        }
        let posted = count(&place, "posting");
        assert!(u64::try_from(posted).unwrap() >= expected * 3 / 4, "{posted} of {expected}");
        dumps.push(dumped(&store));
    }
    let other = dumps[0].lines().zip(dumps[1].lines()).find(|(one, other)| one != other);
    assert_eq!(other, None);
    assert_eq!(dumps[0].len(), dumps[1].len());
}

#[test]
fn each_is_found_by_its_id() {
    let place = Place::new();
    let store = place.open();
    play(writer(&store).as_mut(), true);
    let filter = InstructionFilter { limit: 1_000, ..InstructionFilter::default() };
    let all = wait(store.instructions(PROGRAM, filter)).unwrap();
    assert!(all.len() > 100, "{}", all.len());
    for row in all {
        let found = wait(store.instruction(PROGRAM, row.id)).unwrap();
        assert_eq!(found.as_ref(), Some(&row));
        let reference = row.reference.map(|key| wait(store.reference(PROGRAM, key)).unwrap());
        assert!(
            reference.is_none_or(|found| found.is_some_and(|it| it.place.seq == row.place.seq))
        );
        let elsewhere: ProgramId = program(2);
        assert_eq!(wait(store.instruction(elsewhere, row.id)).unwrap(), None);
    }
    assert_eq!(wait(store.reference(PROGRAM, key_of("n1000"))).unwrap(), None);
}

/// Several programmes in one batch, whose places have the same numbers.
#[test]
fn programmes_do_not_meet() {
    let place = Place::new();
    let store = place.open_with(TINY);
    let mut writer = writer(&store);
    let programs = [program(1), program(2), program(3)];
    let mut books = Vec::new();
    for program in programs {
        let (book, units) = Book::funded(program, 1_000_000);
        commit(writer.as_mut(), units).unwrap();
        books.push(book);
    }
    let twin = open(&Place::new(), TINY, false);
    drop(twin);
    for number in 10..60 {
        let unit = |(at, book): (usize, &Book)| {
            let number = number * 10 + u64::try_from(at).unwrap();
            Work::new(programs[at], store::suite::harness::stamp(number))
                .post(book.reserve, book.alice, 1)
                .once(&format!("n{number}"), 1)
        };
        commit(writer.as_mut(), books.iter().enumerate().map(unit).collect()).unwrap();
    }
    for (program, book) in programs.into_iter().zip(&books) {
        let entries = wait(store.entries(program, book.alice, None, 100)).unwrap();
        assert_eq!(entries.len(), 50);
        assert!(entries.iter().all(|entry| entry.program == program));
        let events = wait(store.events(program, None, 1_000)).unwrap();
        assert!(events.iter().all(|event| event.program == program));
        assert!(events.is_sorted_by_key(|event| event.place));
    }
    let mut snapshot = wait(store.snapshot()).unwrap();
    assert_eq!(wait(store::suite::sums::faults(snapshot.as_mut())).unwrap(), Vec::<String>::new());
}

/// A counter that somebody set back leads to places that are taken.
#[test]
fn a_place_is_taken_once() {
    for (first, second) in [(true, true), (true, false), (false, true), (false, false)] {
        let place = Place::new();
        let store = open(&place, TINY, first);
        let book = play(writer(&store).as_mut(), false);
        drop(store);
        let raw = Connection::open(place.database()).unwrap();
        assert_eq!(raw.execute("update counter set seq = seq - 4", []), Ok(1));
        drop(raw);
        let store = open(&place, TINY, second);
        let before = dumped(&store);
        let refused = commit(writer(&store).as_mut(), vec![post(&book, 1_000)]);
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{first} {second}: {refused:?}");
        assert_eq!(dumped(&store), before);
    }
}

/// Accounts that no cardholder owns, and those that one does.
#[test]
fn histories_are_whole() {
    let place = Place::new();
    let store = place.open_with(TINY);
    let mut writer = writer(&store);
    let (book, units) = Book::funded(PROGRAM, 1_000_000);
    commit(writer.as_mut(), units).unwrap();
    let owner = Owner::Cardholder(CardholderId::from_bytes([3; 16]));
    let asset = Asset::find("USD").unwrap();
    let key = AccountKey { program: PROGRAM, kind: AccountKind::Wallet, owner, asset };
    commit(writer.as_mut(), vec![work(900).open(key, Some(0))]).unwrap();
    let wallet = key.id();
    for number in 3..40 {
        let into = work(number * 10).post(book.reserve, wallet, 5);
        let out = work(number * 10 + 1).post(wallet, book.reserve, 1);
        commit(writer.as_mut(), vec![into, out]).unwrap();
    }
    for (account, count) in [(book.reserve, 37), (wallet, 37)] {
        let filter =
            InstructionFilter { account: Some(account), limit: 37, ..InstructionFilter::default() };
        let found = wait(store.instructions(PROGRAM, filter)).unwrap();
        assert_eq!(found.len(), count);
        assert!(found.iter().all(|row| row.account == account));
        assert!(found.is_sorted_by(|a, b| a.place > b.place));
    }
    let owned = "select count(*) from posting where owned = 1";
    let raw = Connection::open(place.database()).unwrap();
    let owned: i64 = raw.query_row(owned, [], |row| row.get(0)).unwrap();
    assert_eq!(owned, 37);
}
