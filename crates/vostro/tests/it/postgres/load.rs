//! A bounded load on several servers while a test does them harm: writers, each with one transfer
//! at a time that it asks for until it knows what became of it, and a reader at each server.

use super::client::{Client, PATIENCE, Said, Tally};
use super::site::{HOLDERS, Pair};
use crate::books::{Asked, Books};
use fastrand::Rng;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const WRITERS: usize = 16;
/// Transfers that are acknowledged before a harm, at most, and the time from the last of them.
const ACKNOWLEDGED_MAX: usize = 150;
const DELAY_US_MAX: u64 = 10_000;

/// What one writer was answered.
type Done = (Vec<(Asked, Value)>, Tally);

/// A load that goes on until it is ended.
pub struct Load {
    stop: Arc<AtomicBool>,
    /// The server that has acknowledged one more.
    acknowledged: Receiver<usize>,
    in_doubt: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Done>>,
    readers: Vec<JoinHandle<Tally>>,
}

impl Load {
    /// `name` makes the numbers of its transfers its own.
    pub fn start(pair: &Pair, rng: &mut Rng, name: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, acknowledged) = channel();
        let in_doubt = Arc::new(AtomicBool::new(false));
        let client = |first| Client::new(&pair.front, &pair.merchant, first);
        let writers = (0..WRITERS).map(|writer| {
            let (client, rng) = (client(writer % pair.servers.len()), rng.fork());
            let told = Told { acknowledged: sender.clone(), in_doubt: Arc::clone(&in_doubt) };
            let (stop, prefix) = (Arc::clone(&stop), format!("{name}_{writer}"));
            std::thread::spawn(move || write(client, rng, &prefix, &stop, &told))
        });
        let writers = writers.collect();
        let readers = (0..pair.servers.len()).map(|server| {
            let (client, stop) = (client(server), Arc::clone(&stop));
            std::thread::spawn(move || read(client, server, &stop))
        });
        let readers = readers.collect();
        Self { stop, acknowledged, in_doubt, writers, readers }
    }

    /// The server that acknowledges the next one.
    pub fn next(&self) -> usize {
        self.acknowledged.recv_timeout(PATIENCE).expect("transfers are acknowledged")
    }

    /// Returns at a random moment.
    pub fn wait(&self, rng: &mut Rng) {
        for _ in 0..rng.usize(1..ACKNOWLEDGED_MAX) {
            self.next();
        }
        // Answers come in a bunch after a commit. What follows them is as likely a moment.
        let end = Instant::now() + Duration::from_micros(rng.u64(0..DELAY_US_MAX));
        let left = || end.saturating_duration_since(Instant::now());
        while self.acknowledged.recv_timeout(left()).is_ok() {}
    }

    /// Returns once each of these servers has acknowledged a transfer that it was asked for after
    /// this was called.
    pub fn wait_for(&self, servers: &[usize]) {
        let begun = Instant::now();
        while self.acknowledged.try_recv().is_ok() {}
        let mut counts = vec![0; servers.iter().max().map_or(0, |last| last + 1)];
        // Each writer may be about to tell of one that is older.
        while servers.iter().any(|server| counts[*server] <= WRITERS) {
            let server = self.next();
            if let Some(count) = counts.get_mut(server) {
                *count += 1;
            }
            assert!(begun.elapsed() < PATIENCE, "a server acknowledges nothing: {counts:?}");
        }
    }

    /// Whether somebody was told that an outcome is not known.
    pub fn is_in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::SeqCst)
    }

    /// Lets each writer finish, and notes what it was told. Whether a request was lost is for the
    /// caller to judge.
    pub fn end(self, books: &mut Books) -> Tally {
        self.stop.store(true, Ordering::SeqCst);
        let mut tally = Tally::default();
        for writer in self.writers {
            let (done, asked_again) = writer.join().expect("no writer panics");
            tally += asked_again;
            done.into_iter().for_each(|(asked, answer)| books.note(asked, answer));
        }
        for reader in self.readers {
            tally += reader.join().expect("no reader panics");
        }
        tally
    }
}

/// What the test hears of the writers.
struct Told {
    acknowledged: Sender<usize>,
    in_doubt: Arc<AtomicBool>,
}

fn write(
    mut client: Client,
    mut rng: Rng,
    prefix: &str,
    stop: &AtomicBool,
    told: &Told,
) -> (Vec<(Asked, Value)>, Tally) {
    let mut done = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let asked = Asked::random(&mut rng, &HOLDERS, format!("{prefix}_{number}"));
        if let Some((server, answer)) = ask(&mut client, &mut rng, &asked, told) {
            done.push((asked, answer));
            // The test may have stopped counting.
            let _ = told.acknowledged.send(server);
        }
    }
    (done, client.tally)
}

/// Asks until it is done; but what certainly did not happen is given up now and then, and then no
/// list may ever show it.
fn ask(client: &mut Client, rng: &mut Rng, asked: &Asked, told: &Told) -> Option<(usize, Value)> {
    let (begun, mut certain) = (Instant::now(), true);
    loop {
        match client.in_turn(asked) {
            (server, Said::Done(answer)) => return Some((server, answer)),
            (_, Said::Retry) if certain && rng.u8(0..4) == 0 => return None,
            (_, Said::Retry) => {}
            (_, Said::Unknown) => {
                certain = false;
                told.in_doubt.store(true, Ordering::SeqCst);
            }
            (_, Said::Lost) => certain = false,
        }
        assert!(begun.elapsed() < PATIENCE, "for ever: {asked:?} {:?}", client.tally);
    }
}

/// Reads at one server. A read may fail, but never in doubt of what it has done.
fn read(mut client: Client, server: usize, stop: &AtomicBool) -> Tally {
    for holder in HOLDERS.iter().cycle() {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let said = client.once(server, "GET", &format!("/account/{holder}/info"), "");
        assert!(!matches!(said, Said::Unknown), "a read has no outcome to be unknown");
    }
    client.tally
}
