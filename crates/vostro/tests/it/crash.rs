//! `kill -9` at random moments under 32 writers: what was acknowledged is there exactly once, what
//! is not known can be asked again and becomes one answer, and the books are right each time.

use crate::books::{Asked, Books};
use crate::full::{count, seed};
use crate::merchant::{Merchant, code};
use crate::process::{assert_verified, run_json};
use crate::server::Sandbox;
use fastrand::Rng;
use serde_json::Value;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

const WRITERS: usize = 32;
/// The demo cardholder is the first.
const HOLDERS: [&str; 6] = ["U202605220001", "CRASH1", "CRASH2", "CRASH3", "CRASH4", "CRASH5"];
/// Transfers that are acknowledged before a kill, at most.
const ACKNOWLEDGED_MAX: usize = 250;
/// And the time from the last of them to the kill, at most.
const DELAY_US_MAX: u64 = 20_000;
/// A server that acknowledges nothing for so long is stuck.
const STUCK: Duration = Duration::from_secs(60);

/// Asks until the server is gone. The last answer is missing.
fn write(
    mut merchant: Merchant,
    mut rng: Rng,
    prefix: &str,
    acknowledged: &Sender<()>,
) -> Vec<(Asked, Option<Value>)> {
    let mut written = Vec::new();
    loop {
        let asked = Asked::random(&mut rng, &HOLDERS, format!("{prefix}_{}", written.len()));
        let answer = asked.ask(&mut merchant).ok();
        let gone = answer.is_none();
        if answer.as_ref().is_some_and(|answer| code(answer) == 0) {
            // The test has stopped counting once it has killed the server.
            let _ = acknowledged.send(());
        }
        written.push((asked, answer));
        if gone {
            return written;
        }
    }
}

/// Returns at a random moment of the load.
fn wait(rng: &mut Rng, acknowledged: &Receiver<()>) {
    for _ in 0..rng.usize(1..ACKNOWLEDGED_MAX) {
        acknowledged.recv_timeout(STUCK).expect("transfers are acknowledged");
    }
    // Answers come in a bunch after a commit. What follows them is as likely a place to be killed.
    let end = Instant::now() + Duration::from_micros(rng.u64(0..DELAY_US_MAX));
    while acknowledged.recv_timeout(end.saturating_duration_since(Instant::now())).is_ok() {}
}

fn create_holders(data: &Path) {
    for number in &HOLDERS[1..] {
        let create = ["cardholder", "create", "--program", "demo-credit", "--number", number];
        run_json(data, &[&create[..], &["--status", "approved", "--asset", "TUSDT"]].concat());
    }
}

#[test]
fn killed_at_random_moments() {
    let mut rng = Rng::with_seed(seed());
    let data = tempfile::tempdir().unwrap();
    let mut sandbox = Sandbox::start(data.path());
    create_holders(data.path());
    // Its token is good for all servers on this data.
    let mut merchant = Merchant::new(&sandbox, "credit");
    let mut books = Books::of(&HOLDERS);
    let rounds = count(10, 100);
    for round in 0..rounds {
        let (acknowledged, counted) = channel();
        let writers = (0..WRITERS).map(|writer| {
            let (merchant, rng) = (merchant.again(), rng.fork());
            let (prefix, done) = (format!("KILL_{round}_{writer}"), acknowledged.clone());
            std::thread::spawn(move || write(merchant, rng, &prefix, &done))
        });
        let writers: Vec<_> = writers.collect();
        drop(acknowledged);
        wait(&mut rng, &counted);
        sandbox.kill();
        let written = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        // Once on what the crash has left, once beside the server that has repaired it.
        let at_once = rng.bool();
        if at_once {
            assert_verified(data.path());
        }
        sandbox = Sandbox::start(data.path());
        merchant.follow(&sandbox.public());
        books.settle(&mut merchant, written);
        books.assert_balances(&mut merchant);
        if !at_once {
            assert_verified(data.path());
        }
    }
    books.assert_history(&mut merchant);
    eprintln!("{rounds} kills, {} transfers acknowledged", books.len());
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}
