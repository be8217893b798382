//! Several writers on one database.

use super::{PROGRAM, book, commit, database, open, wait, work};
use std::sync::Arc;
use store::suite::harness::{Book, program, stamp};
use store::suite::work::{Told, Work};
use store::{Constraint, Store, StoreError, Writer};

/// Until it is committed; how often it had to be run again.
async fn persist(writer: &mut dyn Writer, work: impl Fn() -> Work) -> (Told, u32) {
    for again in 0..100 {
        let unit = work();
        let ticket = unit.ticket();
        match commit(writer, vec![unit]).await {
            Ok(()) => return (ticket.told(), again),
            Err(StoreError::Contention | StoreError::Conflict(Constraint::Natural(_))) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("too much contention");
}

#[test]
fn one_reference_on_many_writers_has_one_effect() {
    let url = database();
    wait(async {
        let stores = [open(&url).await.unwrap(), open(&url).await.unwrap()];
        let mut writer = stores[0].writer().await.unwrap();
        let book = book(writer.as_mut(), PROGRAM).await;
        let mut tasks = Vec::new();
        for number in 0..8u64 {
            let store = Arc::clone(&stores[usize::try_from(number % 2).unwrap()]);
            tasks.push(tokio::spawn(async move {
                let mut writer = store.writer().await.unwrap();
                let unit = || work(10 + number).post(book.reserve, book.alice, 10).once("same", 1);
                persist(writer.as_mut(), unit).await.0
            }));
        }
        let mut told = Vec::new();
        for task in tasks {
            told.push(task.await.unwrap());
        }
        assert_eq!(told.iter().filter(|told| **told == Told::Done).count(), 1, "{told:?}");
        assert_eq!(told.iter().filter(|told| **told == Told::Again).count(), 7, "{told:?}");
        let alice = stores[1].account(PROGRAM, book.alice).await.unwrap().unwrap();
        assert_eq!(alice.available().minor, 10);
    });
}

/// Commits rounds of batches that touch both programmes, from one end or from the other.
async fn cross(store: Arc<dyn Store>, books: [Book; 2], side: u64) {
    let mut writer = store.writer().await.unwrap();
    for round in 0..25u64 {
        let unit = |step: u64| {
            let step = if side.is_multiple_of(2) { step } else { 3 - step };
            let book = &books[usize::try_from(step % 2).unwrap()];
            let stamp = stamp(1_000 + side * 10_000 + round * 10 + step);
            let work = Work::new(book.program, stamp).post(book.reserve, book.alice, 1);
            work.once(&format!("{round}/{step}"), 1)
        };
        let mut tries = 0;
        loop {
            match commit(writer.as_mut(), (0..4).map(unit).collect()).await {
                Ok(()) => break,
                Err(StoreError::Contention | StoreError::Conflict(Constraint::Natural(_))) => {}
                Err(error) => panic!("{error:?}"),
            }
            tries += 1;
            assert!(tries < 100, "round {round} of {side}");
        }
    }
}

#[test]
fn batches_that_cross_all_end_and_have_one_effect() {
    let url = database();
    wait(async {
        let store = open(&url).await.unwrap();
        let mut writer = store.writer().await.unwrap();
        let other = program(2);
        let books = [book(writer.as_mut(), PROGRAM).await, book(writer.as_mut(), other).await];
        let tasks = (0..4).map(|side| tokio::spawn(cross(store.clone(), books, side)));
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        for book in books {
            let alice = store.account(book.program, book.alice).await.unwrap().unwrap();
            assert_eq!(alice.available().minor, 50);
        }
    });
}

#[test]
fn a_key_that_is_made_twice_is_no_contention() {
    let url = database();
    wait(async {
        let store = open(&url).await.unwrap();
        let mut writer = store.writer().await.unwrap();
        let book = book(writer.as_mut(), PROGRAM).await;
        let unit = || work(9).post(book.reserve, book.alice, 1);
        commit(writer.as_mut(), vec![unit()]).await.unwrap();
        let clash = commit(writer.as_mut(), vec![unit()]).await;
        assert!(matches!(clash, Err(StoreError::Conflict(Constraint::Generated(_)))), "{clash:?}");
    });
}
