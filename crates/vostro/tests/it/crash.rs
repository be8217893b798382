//! `kill -9` at random moments under 32 writers: what was acknowledged is there exactly once, what
//! is not known can be asked again and becomes one answer, and the books are right each time.

use crate::full::{count, seed};
use crate::merchant::{Merchant, code};
use crate::process::{assert_verified, run_json};
use crate::server::Sandbox;
use fastrand::Rng;
use serde_json::Value;
use std::collections::BTreeMap;
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
const INSUFFICIENT: i64 = 3002;

/// One transfer as it was asked for.
#[derive(Clone, Debug)]
struct Asked {
    number: String,
    holder: usize,
    direction: &'static str,
    minor: i64,
}

impl Asked {
    fn random(rng: &mut Rng, number: String) -> Self {
        let direction = if rng.u8(0..5) < 3 { "In" } else { "Out" };
        Self { number, holder: rng.usize(0..HOLDERS.len()), direction, minor: rng.i64(1..500) }
    }

    fn ask(&self, merchant: &mut Merchant) -> std::io::Result<Value> {
        let (holder, amount) = (HOLDERS[self.holder], amount(self.minor));
        merchant.transfer(holder, &self.number, self.direction, &amount)
    }

    /// What it changes on the wallet.
    fn change(&self) -> i64 {
        if self.direction == "In" { self.minor } else { -self.minor }
    }
}

fn amount(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn minor(amount: &Value) -> i64 {
    let text = amount.as_str().unwrap_or_else(|| panic!("no amount: {amount}"));
    let (whole, cents) = text.split_once('.').expect("two decimals");
    format!("{whole}{cents}").parse().expect("digits")
}

/// Asks until the server is gone. The last answer is missing.
fn write(
    mut merchant: Merchant,
    mut rng: Rng,
    prefix: &str,
    acknowledged: &Sender<()>,
) -> Vec<(Asked, Option<Value>)> {
    let mut written = Vec::new();
    loop {
        let asked = Asked::random(&mut rng, format!("{prefix}_{}", written.len()));
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

/// Everything that was acknowledged so far.
#[derive(Default)]
struct Books {
    done: BTreeMap<String, (Asked, Value)>,
}

impl Books {
    /// Settles one round on the server that was started after it.
    fn settle(&mut self, merchant: &mut Merchant, written: Vec<(Asked, Option<Value>)>) {
        for (asked, answer) in written {
            let answer = answer.unwrap_or_else(|| {
                let first = asked.ask(merchant).expect("the new server answers");
                let again = asked.ask(merchant).expect("the new server answers");
                assert_eq!(first, again, "{asked:?} has one answer");
                first
            });
            let found = merchant.list(&[("transfer_unique_no", &asked.number)], 0, 10);
            match code(&answer) {
                0 => {
                    assert_eq!(found.len(), 1, "{asked:?} is there exactly once");
                    assert_same(&asked, &answer, &found[0]);
                    self.done.insert(asked.number.clone(), (asked, answer));
                }
                INSUFFICIENT if asked.direction == "Out" => {
                    assert_eq!(found, Vec::<Value>::new(), "{asked:?} was refused");
                }
                _ => panic!("{asked:?}: {answer}"),
            }
        }
    }

    fn balance(&self, holder: usize) -> i64 {
        let done = self.done.values().filter(|(asked, _)| asked.holder == holder);
        done.map(|(asked, _)| asked.change()).sum()
    }

    fn assert_balances(&self, merchant: &mut Merchant) {
        for (at, holder) in HOLDERS.iter().enumerate() {
            let shown = Value::from(merchant.balance(holder));
            assert_eq!(minor(&shown), self.balance(at), "{holder}");
        }
    }

    /// Each cardholder's list holds what was acknowledged, and each row begins where the one
    /// before has ended.
    fn assert_history(&self, merchant: &mut Merchant) {
        let mut listed = 0;
        for holder in HOLDERS {
            let mut balance = 0;
            for row in merchant.list_all(&[("cardholder_no", holder)]).iter().rev() {
                let number = row["transfer_unique_no"].as_str().expect("a number");
                let (asked, answer) = &self.done[number];
                assert_same(asked, answer, row);
                assert_eq!(minor(&row["before_balance"]), balance, "{number}");
                balance += asked.change();
                assert_eq!(minor(&row["after_balance"]), balance, "{number}");
                listed += 1;
            }
        }
        assert_eq!(listed, self.done.len(), "nothing else is listed");
    }
}

/// The list shows what was asked for and what was answered.
fn assert_same(asked: &Asked, answer: &Value, row: &Value) {
    for name in ["transfer_no", "transfer_unique_no", "before_balance", "after_balance"] {
        assert_eq!(answer["data"][name], row[name], "{asked:?}");
    }
    assert_eq!(row["cardholder_no"], HOLDERS[asked.holder]);
    assert_eq!(row["type"], asked.direction);
    assert_eq!(row["status"], "Success");
    assert_eq!(minor(&row["balance"]), asked.minor);
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
    let mut books = Books::default();
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
    eprintln!("{rounds} kills, {} transfers acknowledged", books.done.len());
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}
