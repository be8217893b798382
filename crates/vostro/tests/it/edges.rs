//! The edges of time, on a clock that the test moves; and a seed that repeats a run.

use crate::backend::{Backend, on_each};
use crate::merchant::{Merchant, code};
use crate::operator::Operator;
use crate::process::{assert_ended, assert_verified, on, vostro};
use crate::server::Sandbox;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const HOLDER: &str = "U202605220001";
/// 2026-05-28, in milliseconds.
const START_MS: i64 = 1_780_000_000_000;
const BAD_TIMESTAMP: i64 = 1005;
const BAD_TOKEN: i64 = 1007;
const DAY_MS: i64 = 86_400_000;

/// A server whose clock stands still until it is moved.
struct Timed {
    directory: TempDir,
    clock: PathBuf,
}

impl Timed {
    fn new(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = directory.path().join("clock");
        backend.configure(&directory.path().join("data"));
        let timed = Self { directory, clock };
        timed.set_us(START_MS * 1_000);
        timed
    }

    /// In one step, since the server reads it at any time.
    fn set_us(&self, us: i64) {
        let fresh = self.clock.with_extension("new");
        std::fs::write(&fresh, us.to_string()).unwrap();
        std::fs::rename(&fresh, &self.clock).unwrap();
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self) -> Command {
        let mut command = vostro();
        command.env("VOSTRO_TEST_CLOCK_FILE", &self.clock);
        // The database has a clock of its own, which the test does not move.
        command.env("VOSTRO_STORE_CLOCKS_APART_MAX_MS", i64::MAX.to_string());
        command
    }
}

/// With a token of the moment.
fn merchant(sandbox: &Sandbox, now_ms: i64) -> Merchant {
    let api_key = sandbox.text("/keysecure/credit/api_key");
    let mut merchant = Merchant::with_key(&sandbox.public(), &api_key);
    merchant.timestamp_ms = Some(now_ms);
    merchant.log_in();
    merchant
}

/// The codes of a token, an info and a transfer with this timestamp, which are always the same.
fn code_at(merchant: &mut Merchant, timestamp_ms: i64) -> i64 {
    merchant.timestamp_ms = Some(timestamp_ms);
    let token = merchant.call("GET", "/merchant/token", "").unwrap();
    let info = merchant.info(HOLDER).unwrap();
    let transfer = merchant.transfer(HOLDER, "EDGE", "In", "1.00").unwrap();
    let codes = [&token, &info, &transfer].map(code);
    assert_eq!(codes, [codes[0]; 3]);
    codes[0]
}

fn a_timestamp_is_good_for_sixty_seconds_to_the_millisecond(backend: Backend) {
    let timed = Timed::new(backend);
    let sandbox = Sandbox::start_with(&timed.data(), timed.command());
    let mut merchant = merchant(&sandbox, START_MS);
    let ages = [
        (-1, BAD_TIMESTAMP),
        (0, 0),
        (1, 0),
        (59_999, 0),
        (60_000, 0),
        (60_001, BAD_TIMESTAMP),
        (DAY_MS, BAD_TIMESTAMP),
        (-DAY_MS, BAD_TIMESTAMP),
    ];
    for (age_ms, code) in ages {
        assert_eq!(code_at(&mut merchant, START_MS - age_ms), code, "{age_ms} ms old");
    }
    // The clock's own fraction of a millisecond counts.
    timed.set_us(START_MS * 1_000 + 1);
    assert_eq!(code_at(&mut merchant, START_MS - 60_000), BAD_TIMESTAMP);
    assert_eq!(code_at(&mut merchant, START_MS + 1), BAD_TIMESTAMP);
    assert_eq!(code_at(&mut merchant, START_MS), 0);
    assert_eq!(merchant.list_all(&[]).len(), 1, "only what was in time moved anything");
    assert!(sandbox.stop().success());
}

fn the_future_is_forgiven_as_far_as_it_is_set(backend: Backend) {
    let timed = Timed::new(backend);
    let mut command = timed.command();
    command.env("VOSTRO_KEYSECURE_TIMESTAMP_FUTURE_TOLERANCE_MS", "500");
    command.env("VOSTRO_KEYSECURE_TIMESTAMP_WINDOW_MS", "1000");
    let sandbox = Sandbox::start_with(&timed.data(), command);
    let mut merchant = merchant(&sandbox, START_MS);
    for (age_ms, code) in [(-500, 0), (-501, BAD_TIMESTAMP), (1_000, 0), (1_001, BAD_TIMESTAMP)] {
        assert_eq!(code_at(&mut merchant, START_MS - age_ms), code, "{age_ms} ms old");
    }
    assert!(sandbox.stop().success());
}

fn a_token_lasts_a_day_to_the_microsecond(backend: Backend) {
    let timed = Timed::new(backend);
    let sandbox = Sandbox::start_with(&timed.data(), timed.command());
    let mut merchant = merchant(&sandbox, START_MS);
    let issued = merchant.call("GET", "/merchant/token", "").unwrap();
    assert_eq!(issued["data"]["expired_time"], START_MS + DAY_MS);

    timed.set_us((START_MS + DAY_MS) * 1_000 - 1);
    merchant.timestamp_ms = Some(START_MS + DAY_MS - 1);
    assert_eq!(code(&merchant.info(HOLDER).unwrap()), 0);
    assert_eq!(code(&merchant.transfer(HOLDER, "LAST", "In", "1.00").unwrap()), 0);
    timed.set_us((START_MS + DAY_MS) * 1_000);
    merchant.timestamp_ms = Some(START_MS + DAY_MS);
    assert_eq!(code(&merchant.info(HOLDER).unwrap()), BAD_TOKEN);
    assert_eq!(code(&merchant.transfer(HOLDER, "LATE", "In", "1.00").unwrap()), BAD_TOKEN);
    merchant.log_in();
    assert_eq!(merchant.balance(HOLDER), "1.00");
    assert!(sandbox.stop().success());
}

fn recorded_time_never_goes_back(backend: Backend) {
    let timed = Timed::new(backend);
    let sandbox = Sandbox::start_with(&timed.data(), timed.command());
    let mut merchant = merchant(&sandbox, START_MS);
    for (at, clock_ms) in [0, -3_600_000, -3_599_999, 5, -DAY_MS / 2].into_iter().enumerate() {
        timed.set_us((START_MS + clock_ms) * 1_000);
        merchant.timestamp_ms = Some(START_MS + clock_ms);
        let answer = merchant.transfer(HOLDER, &format!("BACK_{at}"), "In", "1.00").unwrap();
        assert_eq!(code(&answer), 0, "{answer}");
    }
    let rows = merchant.list_all(&[]);
    let times: Vec<_> = rows.iter().rev().filter_map(|row| row["time"].as_i64()).collect();
    assert_eq!(times, [START_MS, START_MS, START_MS, START_MS + 5, START_MS + 5]);
    assert!(sandbox.stop().success());
}

/// Longer than a machine takes that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until the hold has this state. Each question is a call on a socket.
fn wait_for_state(operator: &mut Operator, path: &str, state: &str) {
    let start = Instant::now();
    loop {
        let hold = operator.get(path);
        if hold["state"] == state {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "it is not {state}: {hold}");
    }
}

fn a_hold_expires_at_its_end_though_nobody_asks(backend: Backend) {
    const LIFE_S: i64 = 60;
    let timed = Timed::new(backend);
    let mut command = timed.command();
    command.env("VOSTRO_SWEEP_PERIOD_MS", "20");
    let sandbox = Sandbox::start_with(&timed.data(), command);
    let mut operator = Operator::new(&sandbox);
    let programme = "/v1/programs/demo-credit";
    let reserve = operator.own_account("demo-credit", "reserve", "TUSDT");
    let settlement = operator.own_account("demo-credit", "settlement", "TUSDT");
    let account = format!("{programme}/accounts/{reserve}");
    let before = operator.get(&account)["available"].clone();
    let body = json!({ "debit": reserve, "credit": settlement, "amount": "10.00",
        "asset": "TUSDT", "life_s": LIFE_S });
    let placed = operator.call("POST", &format!("{programme}/holds"), Some("H"), &body);
    let hold = format!("{programme}/holds/{}", placed["hold"].as_str().expect("a hold"));
    assert_ne!(operator.get(&account)["available"], before);
    // One microsecond before the end it stays, however often it was looked for by then: another
    // hold, which ends there, is gone.
    let body = json!({ "debit": reserve, "credit": settlement, "amount": "1.00",
        "asset": "TUSDT", "life_s": LIFE_S - 1 });
    let other = operator.call("POST", &format!("{programme}/holds"), Some("O"), &body);
    let other = format!("{programme}/holds/{}", other["hold"].as_str().expect("a hold"));
    timed.set_us((START_MS + LIFE_S * 1_000) * 1_000 - 1);
    wait_for_state(&mut operator, &other, "expired");
    assert_eq!(operator.get(&hold)["state"], "open");
    timed.set_us((START_MS + LIFE_S * 1_000) * 1_000);
    wait_for_state(&mut operator, &hold, "expired");
    assert_eq!(operator.get(&account)["available"], before);
    assert!(sandbox.stop().success());
    assert_verified(&timed.data());
}

/// What a new server with this seed says to the same calls.
fn seeded(backend: Backend, seed: &str) -> (Value, Vec<Value>) {
    let timed = Timed::new(backend);
    let mut command = timed.command();
    command.env("VOSTRO_TEST_SEED", seed);
    let sandbox = Sandbox::start_with(&timed.data(), command);
    let mut merchant = merchant(&sandbox, START_MS);
    let mut answers = Vec::new();
    for at in 0..5 {
        timed.set_us(START_MS * 1_000 + at);
        let answer = merchant.transfer(HOLDER, &format!("SEED_{at}"), "In", "1.00").unwrap();
        assert_eq!(code(&answer), 0, "{answer}");
        answers.push(answer);
    }
    answers.extend(merchant.list_all(&[]));
    let made = sandbox.contract["keysecure"]["credit"].clone();
    assert!(sandbox.stop().success());
    (made, answers)
}

fn a_seed_repeats_a_run(backend: Backend) {
    let first = seeded(backend, "7");
    assert_eq!(seeded(backend, "7"), first);
    let other = seeded(backend, "8");
    assert_ne!(other.0, first.0);
    let numbers = |(_, answers): &(Value, Vec<Value>)| -> Vec<Value> {
        answers.iter().map(|answer| answer["data"]["transfer_no"].clone()).collect()
    };
    assert_ne!(numbers(&other)[0], numbers(&first)[0]);
}

#[test]
fn a_clock_far_from_that_of_postgres_is_no_clock() {
    let timed = Timed::new(Backend::Postgres);
    let mut command = timed.command();
    command.env_remove("VOSTRO_STORE_CLOCKS_APART_MAX_MS");
    let output = on(&mut command, &timed.data()).arg("sandbox").output().unwrap();
    assert_ended(&output, 2, "store.clocks_apart_max_ms = 2000");
}

#[test]
fn the_clock_of_a_test_is_no_file_that_is_missing() {
    let missing: &Path = Path::new("no/such/clock");
    let mut command = vostro();
    let data = tempfile::tempdir().unwrap();
    command.env("VOSTRO_TEST_CLOCK_FILE", missing).arg("--data").arg(data.path());
    let output = command.args(["sandbox", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!output.status.success(), "a test without its clock must not pass on another one");
}

on_each! {
    a_timestamp_is_good_for_sixty_seconds_to_the_millisecond,
    the_future_is_forgiven_as_far_as_it_is_set,
    a_token_lasts_a_day_to_the_microsecond,
    recorded_time_never_goes_back,
    a_hold_expires_at_its_end_though_nobody_asks,
    a_seed_repeats_a_run,
}
