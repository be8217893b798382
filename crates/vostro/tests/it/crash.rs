//! `kill -9` at random moments under 32 writers: what was acknowledged is there exactly once, what
//! is not known can be asked again and becomes one answer, and the books are right each time.

use crate::books::{Asked, Books};
use crate::full::{count, seed};
use crate::merchant::{Merchant, code};
use crate::process::{assert_verified, run_json, vostro};
use crate::server::Sandbox;
use fastrand::Rng;
use rusqlite::Connection;
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

/// Starts with tails of so many keys.
fn start(data: &Path, run_rows: u32) -> Sandbox {
    let mut command = vostro();
    command.env("VOSTRO_STORE_RUN_ROWS", run_rows.to_string());
    Sandbox::start_with(data, command)
}

/// The highest level of runs that the file has, and how many runs it ever had.
fn runs(data: &Path) -> (i64, i64) {
    let file = Connection::open(data.join("vostro.db")).unwrap();
    let sql = "select coalesce(max(level), -1), coalesce(max(number), 0) from run";
    file.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

#[test]
fn killed_at_random_moments() {
    let data = tempfile::tempdir().unwrap();
    kill(data.path(), 65_536);
    assert_eq!(runs(data.path()), (-1, 0), "all keys were in memory");
}

#[test]
fn killed_while_runs_are_written_and_merged() {
    let data = tempfile::tempdir().unwrap();
    kill(data.path(), 50);
    let (level, number) = runs(data.path());
    assert!(level > 0 && number > 40, "{number} runs, the highest of level {level}");
}

/// Kills and starts again, and again, and looks each time.
fn kill(data: &Path, run_rows: u32) {
    let mut rng = Rng::with_seed(seed());
    let mut sandbox = start(data, run_rows);
    create_holders(data);
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
            assert_verified(data);
        }
        sandbox = start(data, run_rows);
        merchant.follow(&sandbox.public());
        books.settle(&mut merchant, written);
        books.assert_balances(&mut merchant);
        if !at_once {
            assert_verified(data);
        }
    }
    books.assert_history(&mut merchant);
    eprintln!("{rounds} kills, {} transfers acknowledged", books.len());
    assert!(sandbox.stop().success());
    assert_verified(data);
}
