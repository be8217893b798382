//! Commits whose answer is lost, connections that are cut or fall silent, servers that die.

use super::{PROGRAM, book, commit, open, wait, work};
use crate::{Options, PostgresStore};
use pgfixture::{Cluster, Proxy, shared};
use std::sync::Arc;
use std::time::Duration;
use store::suite::harness::Book;
use store::suite::work::Told;
use store::{Store, StoreError, Writer};

/// A store behind a proxy, with books.
struct Behind {
    proxy: Proxy,
    store: Arc<PostgresStore>,
    writer: Box<dyn Writer>,
    book: Book,
}

impl Behind {
    async fn new() -> Self {
        let proxy = Proxy::start(shared().address());
        let url = proxy.url(&shared().create_database());
        let options = Options {
            connect_timeout: Duration::from_millis(500),
            round_trip: Duration::from_millis(1_500),
            settle: Duration::from_secs(2),
            ..Options::default()
        };
        let store = PostgresStore::open(&url, options).await.unwrap();
        let mut writer = store.writer().await.unwrap();
        let book = book(writer.as_mut(), PROGRAM).await;
        Self { proxy, store, writer, book }
    }

    /// Sends one transfer of 10.
    async fn send(&mut self, number: u64) -> Result<Told, StoreError> {
        let name = number.to_string();
        let unit = work(number).post(self.book.reserve, self.book.alice, 10).once(&name, 1);
        let ticket = unit.ticket();
        let sent = commit(self.writer.as_mut(), vec![unit]).await;
        if sent.is_err() {
            // As a worker does, though its first try may fail too while nobody answers.
            if let Ok(writer) = self.store.writer().await {
                self.writer = writer;
            }
        }
        sent.map(|()| ticket.told())
    }

    async fn moved(&self) -> i64 {
        let alice = self.store.account(PROGRAM, self.book.alice).await.unwrap().unwrap();
        alice.available().minor
    }
}

#[test]
fn a_lost_answer_is_found_out() {
    wait(async {
        let mut behind = Behind::new().await;
        for number in 10..30 {
            behind.proxy.drop_next_commit_answer();
            // It was committed, and that is what its caller hears.
            assert_eq!(behind.send(number).await.unwrap(), Told::Done);
            assert_eq!(behind.send(number).await.unwrap(), Told::Again);
        }
        assert_eq!(behind.proxy.fired(), 20);
        assert_eq!(behind.moved().await, 200);
    });
}

#[test]
fn a_cut_before_the_commit_leaves_nothing() {
    wait(async {
        let mut behind = Behind::new().await;
        for number in 10..20 {
            behind.proxy.cut_before_next_commit();
            let cut = behind.send(number).await;
            // Certainly not committed, so a worker runs it again.
            assert!(matches!(cut, Err(StoreError::Contention)), "{cut:?}");
            assert_eq!(behind.moved().await, i64::try_from(number - 10).unwrap() * 10);
            assert_eq!(behind.send(number).await.unwrap(), Told::Done);
        }
        assert_eq!(behind.proxy.fired(), 10);
        assert_eq!(behind.moved().await, 100);
    });
}

#[test]
fn silence_is_an_answer_within_the_time() {
    wait(async {
        let mut behind = Behind::new().await;
        behind.proxy.black_hole();
        let silent = behind.send(10).await;
        assert!(matches!(silent, Err(StoreError::Unavailable(_))), "{silent:?}");
        let read = behind.store.account(PROGRAM, behind.book.alice).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
        behind.proxy.heal();
        // No connection of before is waited for.
        behind.writer = behind.store.writer().await.unwrap();
        assert_eq!(behind.send(10).await.unwrap(), Told::Done);
        assert_eq!(behind.moved().await, 10);
    });
}

#[test]
fn a_server_that_dies_and_comes_back_has_all_that_was_acknowledged() {
    let mut cluster = Cluster::start();
    let url = cluster.url(&cluster.create_database());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(open(&url)).unwrap();
    for round in 0..4u64 {
        let mut writer = runtime.block_on(store.writer()).unwrap();
        let done = commit(writer.as_mut(), vec![work(10 + round).event()]);
        runtime.block_on(done).unwrap();
        if round.is_multiple_of(2) {
            cluster.kill()
        } else {
            cluster.stop_immediate()
        }
        let dead = commit(writer.as_mut(), vec![work(100 + round).event()]);
        let dead = runtime.block_on(dead);
        assert!(matches!(dead, Err(StoreError::Unavailable(_))), "{dead:?}");
        assert!(runtime.block_on(store.writer()).is_err());
        cluster.restart();
        let events = runtime.block_on(store.events(PROGRAM, None, 100)).unwrap();
        assert_eq!(events.len() as u64, round + 1);
    }
}
