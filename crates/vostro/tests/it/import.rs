//! `vostro import`: a file's transfers are done once, whatever is killed on the way, and a bad line
//! stops nothing but itself.

use crate::backend::{Backend, on_each};
use crate::full::count;
use crate::operator::Operator;
use crate::process::{assert_ended, assert_verified, on, run, run_json, said, signal, vostro};
use crate::server::Sandbox;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

const PROGRAM: &str = "demo-credit";

/// The accounts of an import: one pays a cent in each line.
struct Accounts {
    debit: String,
    credit: String,
}

impl Accounts {
    fn of(operator: &mut Operator) -> Self {
        let own = |operator: &mut Operator, kind| operator.own_account(PROGRAM, kind, "TUSDT");
        Self { debit: own(operator, "reserve"), credit: own(operator, "fees") }
    }

    fn csv(&self, path: &Path, lines: u32) {
        let mut text = "reference,debit,credit,amount,asset,remark\n".to_owned();
        for line in 0..lines {
            let Self { debit, credit } = self;
            text.push_str(&format!("import-{line},{debit},{credit},0.01,TUSDT,line {line}\n"));
        }
        std::fs::write(path, text).unwrap();
    }

    /// How many lines have arrived.
    fn arrived(&self, operator: &mut Operator) -> u32 {
        let account = operator.get(&format!("/v1/programs/{PROGRAM}/accounts/{}", self.credit));
        let text = account["available"].as_str().unwrap().replace('.', "");
        text.parse().unwrap()
    }
}

fn arguments(file: &Path) -> [&str; 5] {
    ["import", "transfers", file.to_str().unwrap(), "--program", PROGRAM]
}

fn tally(lines: u32, done: u32) -> Value {
    let replayed = lines - done;
    json!({ "lines": lines, "done": done, "replayed": replayed, "declined": 0, "refused": 0 })
}

fn a_file_is_done_once(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut operator = Operator::new(&sandbox);
    let accounts = Accounts::of(&mut operator);
    let file = data.path().join("transfers.csv");
    accounts.csv(&file, 3_000);
    assert_eq!(run_json(data.path(), &arguments(&file)), tally(3_000, 3_000));
    assert_eq!(run_json(data.path(), &arguments(&file)), tally(3_000, 0));
    assert_eq!(accounts.arrived(&mut operator), 3_000);
    assert!(sandbox.stop().success());
    // Nobody serves: the command opens the store itself.
    accounts.csv(&file, 3_100);
    assert_eq!(run_json(data.path(), &arguments(&file)), tally(3_100, 100));
    assert_verified(data.path());
}

/// Lines as the API takes them, one of which is refused.
fn bad_lines_are_told(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut operator = Operator::new(&sandbox);
    let accounts = Accounts::of(&mut operator);
    let Accounts { debit, credit } = &accounts;
    let line = |reference: &str, amount: &str| {
        json!({
            "reference": reference, "debit": debit, "credit": credit, "amount": amount,
            "asset": "TUSDT",
        })
    };
    let lines = [line("a", "0.01"), line("b", "0.001"), line("a", "0.02"), line("c", "0.01")];
    let file = data.path().join("transfers.ndjson");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, text).unwrap();
    let output = run(data.path(), &arguments(&file));
    assert_ended(&output, 1, "2 lines were refused");
    let text = said(&output);
    for told in ["line 2  -  bad_request: `amount`", "line 3  a  reference_conflict: "] {
        assert!(text.contains(told), "{text}");
    }
    assert!(text.contains("4 lines: 2 done, 0 done before, 0 of them declined, 2 refused"));
    assert_eq!(accounts.arrived(&mut operator), 2);
    let nowhere = run(data.path(), &["import", "transfers", "nowhere.csv"]);
    assert_ended(&nowhere, 2, "nowhere.csv can't be read");
    // The header is refused before anything is sent.
    let bad = data.path().join("bad.csv");
    std::fs::write(&bad, "reference,debit\n").unwrap();
    assert_ended(&run(data.path(), &arguments(&bad)), 1, "the header line lacks \"credit\"");
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

fn start(data: &Path, file: &Path) -> Child {
    let mut command = vostro();
    on(&mut command, data).arg("--json").args(arguments(file));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Returns when some of the lines have arrived, and hopefully not all.
fn wait(accounts: &Accounts, operator: &mut Operator, beyond: u32, import: &mut Child) -> u32 {
    loop {
        let arrived = accounts.arrived(operator);
        if arrived > beyond || import.try_wait().unwrap().is_some() {
            return arrived;
        }
    }
}

/// The command is killed, then the server behind it, which on PostgreSQL is the command itself; the
/// same command does what is left.
fn what_is_killed_is_resumed(backend: Backend) {
    let data = backend.home();
    let lines = count(20_000, 500_000);
    let file: PathBuf = data.path().join("transfers.csv");
    let mut sandbox = Sandbox::start(data.path());
    let mut operator = Operator::new(&sandbox);
    let accounts = Accounts::of(&mut operator);
    accounts.csv(&file, lines);

    let mut import = start(data.path(), &file);
    let first = wait(&accounts, &mut operator, 500, &mut import);
    signal(import.id(), "KILL");
    let output = import.wait_with_output().unwrap();
    assert!(!output.status.success(), "it was not done before it was killed: {first}");

    let mut import = start(data.path(), &file);
    let second = wait(&accounts, &mut operator, first + 2_000, &mut import);
    sandbox.kill();
    if backend == Backend::Postgres {
        signal(import.id(), "KILL");
    }
    let output = import.wait_with_output().unwrap();
    if backend == Backend::Sqlite {
        assert_eq!(output.status.code(), Some(1), "{second}: {}", said(&output));
        assert!(said(&output).contains("the same command again does what is left"));
    }
    assert!(!output.status.success(), "it was not done before: {second}");

    sandbox = Sandbox::start(data.path());
    operator = Operator::new(&sandbox);
    let arrived = accounts.arrived(&mut operator);
    assert!(arrived >= second && arrived < lines, "{second} {arrived}");
    let all = run_json(data.path(), &arguments(&file));
    assert_eq!(all, tally(lines, lines - arrived));
    assert_eq!(accounts.arrived(&mut operator), lines);
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

on_each! { a_file_is_done_once, bad_lines_are_told, what_is_killed_is_resumed }

/// An orderly stop takes no longer than it is given, and loses nothing.
#[test]
fn a_stop_in_the_middle_leaves_nobody_in_doubt() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("transfers.csv");
    let sandbox = Sandbox::start(data.path());
    let mut operator = Operator::new(&sandbox);
    let accounts = Accounts::of(&mut operator);
    accounts.csv(&file, 200_000);
    let mut import = start(data.path(), &file);
    wait(&accounts, &mut operator, 500, &mut import);
    assert!(sandbox.stop().success());
    let output = import.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let sandbox = Sandbox::start(data.path());
    let arrived = accounts.arrived(&mut Operator::new(&sandbox));
    accounts.csv(&file, arrived);
    assert_eq!(run_json(data.path(), &arguments(&file)), tally(arrived, 0), "in their order");
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}
