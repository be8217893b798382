//! Edits made directly in a copy of the database file: `vostro verify` finds each, names the row,
//! and is content with what nobody touched, beside a busy server too.

mod edits;

use crate::merchant::{Merchant, code};
use crate::operator::Operator;
use crate::process::{run, run_json, said, verified, vostro};
use crate::server::Sandbox;
use edits::{EDITS, Edit};
use rusqlite::Connection;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use store::schema::{Class, ColumnKind, TABLES, TableSpec};
use tempfile::TempDir;

pub const HOLDER: &str = "U202605220001";

/// A database with a bit of everything, and nobody who has it open.
struct Ledger {
    directory: TempDir,
}

/// Options of the commands of the demo programme.
fn operate(data: &Path, command: &[&str], options: &[&str]) -> Value {
    run_json(data, &[command, &["--program", "demo-credit"], options].concat())
}

/// Few enough that rows are found by runs, and so many that they are found in memory.
const RUN_ROWS: [&str; 2] = ["6", "65536"];

impl Ledger {
    fn new(run_rows: &str, postings: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ledger = Self { directory };
        let mut command = vostro();
        command.env("VOSTRO_STORE_RUN_ROWS", run_rows);
        command.env("VOSTRO_STORE_POSTINGS", postings.to_string());
        let sandbox = Sandbox::start_with(&ledger.original(), command);
        fill(&sandbox);
        assert!(sandbox.stop().success());
        ledger
    }

    fn original(&self) -> PathBuf {
        self.directory.path().join("original")
    }

    /// A copy of the database, and of the key that lets `verify` check texts against keys.
    fn copy(&self, name: &str) -> PathBuf {
        let copy = self.directory.path().join(name);
        std::fs::create_dir(&copy).unwrap();
        for file in ["vostro.db", "master.key"] {
            std::fs::copy(self.original().join(file), copy.join(file)).unwrap();
        }
        // An orderly stop leaves everything in the one file; who only looks leaves an empty log.
        let log = std::fs::metadata(self.original().join("vostro.db-wal"));
        assert!(log.map_or(true, |log| log.len() == 0));
        copy
    }
}

/// A bit of everything.
pub fn fill(sandbox: &Sandbox) {
    write_transfers(sandbox);
    write_operations(sandbox);
}

fn write_transfers(sandbox: &Sandbox) {
    let mut merchant = Merchant::new(sandbox, "credit");
    for at in 0..8 {
        let direction = if at % 4 == 3 { "Out" } else { "In" };
        let answer = merchant.transfer(HOLDER, &format!("TAMPER_{at}"), direction, "5.00");
        assert_eq!(code(&answer.unwrap()), 0);
    }
}

fn write_operations(sandbox: &Sandbox) {
    let data = &sandbox.data;
    let mut operator = Operator::new(sandbox);
    let reserve = operator.own_account("demo-credit", "reserve", "TUSDT");
    let settlement = operator.own_account("demo-credit", "settlement", "TUSDT");
    let money = |amount| ["--asset", "TUSDT", "--amount", amount];
    let funded = operate(
        data,
        &["fund"],
        &[&money("7.00")[..], &["--remark", "first money", "--reference", "FUNDED"]].concat(),
    );
    operate(data, &["payout"], &money("3.00"));
    let id = funded["instruction"].as_str().expect("an id");
    operate(data, &["instruction", "reverse"], &["--instruction", id]);
    let unique = ["--number", "TAMPERED", "--unique-number", "THEIRS"];
    operate(data, &["cardholder", "create"], &unique);
    let hold = |amount| {
        let accounts = ["--debit", reserve.as_str(), "--credit", settlement.as_str()];
        let placed = operate(data, &["hold", "place"], &[&accounts[..], &money(amount)].concat());
        placed["hold"].as_str().expect("an id").to_owned()
    };
    let (partly, voided) = (hold("10.00"), hold("11.00"));
    hold("12.00");
    let part = [&["--hold", &partly, "--completion", "partial"][..], &money("4.00")].concat();
    operate(data, &["hold", "capture"], &part);
    // The last unit of all.
    operate(data, &["hold", "void"], &["--hold", &voided]);
}

/// What `verify` says of an edited copy, or why that is not what it should say.
fn check(data: &Path, edit: &Edit, row: &str) -> Result<(), String> {
    let output = run(data, &["--json", "verify"]);
    if output.status.code() != Some(1) {
        return Err(format!("is not found: {}", said(&output)));
    }
    let found: Value = serde_json::from_slice(&output.stdout).expect("a finding in JSON");
    // Runs lead to rows by the keys that those had: one whose key was changed is found under none.
    let lost = found["table"] == "entry" && found["what"] == "it is missing";
    if lost && edit.sql.contains("update entry_row set (account, version)") {
        return Ok(());
    }
    let named = found["row"].as_str().expect("a text").replace('-', "");
    if found["table"] != edit.table || !named.contains(row) {
        return Err(format!("is not {} {row}: {found}", edit.table));
    }
    // For people, in one line.
    let text = said(&run(data, &["verify", "--quiet"]));
    let what = found["what"].as_str().expect("a text");
    let told = text.starts_with("WRONG: ") && text.contains(what);
    if told { Ok(()) } else { Err(format!("is told as {text}")) }
}

fn apply(edit: &Edit, data: &Path) -> String {
    let database = Connection::open(data.join("vostro.db")).unwrap();
    database.execute_batch(edits::VICTIMS).unwrap();
    let row = database.query_row(edit.row, [], |row| row.get(0));
    let row = row.unwrap_or_else(|error| panic!("{}: {error}", edit.name));
    let before = database.total_changes();
    let edited = database.execute_batch(edit.sql);
    edited.unwrap_or_else(|error| panic!("{}: {error}", edit.name));
    assert_ne!(database.total_changes(), before, "{} changes something", edit.name);
    row
}

#[test]
fn every_edit_is_found_and_named() {
    RUN_ROWS.into_iter().for_each(find_every_edit);
}

fn find_every_edit(run_rows: &str) {
    let ledger = Ledger::new(run_rows, false);
    let counted = verified(&ledger.copy("untouched"));
    assert_eq!(counted, verified(&ledger.original()));
    let mut missed = Vec::new();
    for (at, edit) in EDITS.iter().enumerate() {
        let data = ledger.copy(&at.to_string());
        let row = apply(edit, &data);
        if let Err(fault) = check(&data, edit, &row) {
            missed.push(format!("{} {fault}", edit.name));
        }
        std::fs::remove_dir_all(&data).unwrap();
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert_eq!(counted, verified(&ledger.original()), "the original was not touched");
}

/// Columns that no fact vouches for, so that nothing can be recomputed of them.
const NOT_RECOMPUTED: [(&str, &str); 3] =
    [("account", "floor_minor"), ("account", "opened_at"), ("event", "id")];

/// Changes one column of one row, whatever it holds.
fn change(table: &TableSpec, column: &str, kind: ColumnKind) -> String {
    let value = match kind {
        // A raised floor would be passed by entries.
        _ if column == "floor_minor" => "-500".to_owned(),
        // Far enough to be no other row's place.
        ColumnKind::Int => format!("coalesce({column}, 0) + 1000000"),
        ColumnKind::Small => format!("coalesce({column}, 0) + 1"),
        ColumnKind::Text => format!("coalesce({column}, '') || '1'"),
        ColumnKind::Id => "randomblob(16)".to_owned(),
        ColumnKind::Hash => "randomblob(32)".to_owned(),
        ColumnKind::Bytes => format!("randomblob(length({column}))"),
    };
    let name = table.name;
    let rows = match name {
        "transfer" | "instruction" | "entry" | "reference" | "event" => format!("{name}_row"),
        _ => name.to_owned(),
    };
    let of_victim = match name {
        "account" => "id in (select account from victim)",
        "hold" => "id in (select id from held)",
        "entry" => "(account, version) in (select account, version from victim)",
        _ => "(program, seq) in (select program, seq from victim)",
    };
    format!("update {rows} set {column} = {value} where {of_victim}")
}

#[test]
fn every_column_of_every_fact_is_vouched_for() {
    RUN_ROWS.into_iter().for_each(vouch_for_every_column);
}

fn vouch_for_every_column(run_rows: &str) {
    let ledger = Ledger::new(run_rows, false);
    let classes = [Class::Fact, Class::Projection];
    let mut missed = Vec::new();
    for table in TABLES.iter().filter(|table| classes.contains(&table.class)) {
        for column in table.columns {
            let name = format!("{}.{}", table.name, column.name);
            let data = ledger.copy(&name);
            let database = Connection::open(data.join("vostro.db")).unwrap();
            database.execute_batch(edits::VICTIMS).unwrap();
            let changed = database.execute(&change(table, column.name, column.kind), []);
            assert!(changed.unwrap() > 0, "{name} was not changed");
            drop(database);
            let output = run(&data, &["verify", "--quiet"]);
            let exempt = NOT_RECOMPUTED.contains(&(table.name, column.name));
            if output.status.code() != Some(if exempt { 0 } else { 1 }) {
                missed.push(format!("{name}: {}", said(&output)));
            }
            std::fs::remove_dir_all(&data).unwrap();
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Tables of postings, and which of their rows a transfer's is.
const POSTED: [(&str, &str); 4] = [
    ("posting", "seq in (select seq from victim)"),
    ("program_number", "true"),
    ("account_number", "id in (select account from victim)"),
    ("scope_number", "scope = 'keysecure/transfer'"),
];

#[test]
fn every_column_of_a_posting_is_vouched_for() {
    RUN_ROWS.into_iter().for_each(vouch_for_every_posting);
}

fn vouch_for_every_posting(run_rows: &str) {
    let ledger = Ledger::new(run_rows, true);
    let original = Connection::open(ledger.original().join("vostro.db")).unwrap();
    let mut edits = Vec::new();
    for (table, of_victim) in POSTED {
        let columns = "select name, type from pragma_table_info(?1)";
        let mut columns = original.prepare(columns).unwrap();
        let columns = columns.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)));
        for column in columns.unwrap() {
            let (column, kind): (String, String) = column.unwrap();
            // A row's number says where it stands, and nothing of what happened.
            if column == "row" {
                continue;
            }
            let value = match kind.as_str() {
                "INTEGER" => format!("{column} + 1000"),
                "TEXT" => format!("{column} || '1'"),
                _ => format!("randomblob(length({column}))"),
            };
            edits.push(format!("update {table} set {column} = {value} where {of_victim}"));
        }
        edits.push(format!("delete from {table} where {of_victim}"));
    }
    // Whether it is the debited account's, and whether the cardholder is named.
    for column in ["credited", "owned", "tail"] {
        let (table, of_victim) = POSTED[0];
        edits.push(format!("update {table} set {column} = 1 - {column} where {of_victim}"));
    }
    drop(original);
    let mut missed = Vec::new();
    for (at, edit) in edits.iter().enumerate() {
        let data = ledger.copy(&at.to_string());
        let database = Connection::open(data.join("vostro.db")).unwrap();
        database.execute_batch(edits::VICTIMS).unwrap();
        assert!(database.execute(edit, []).unwrap() > 0, "{edit} changed nothing");
        drop(database);
        let output = run(&data, &["verify", "--quiet"]);
        if output.status.code() != Some(1) {
            missed.push(format!("{edit}: {}", said(&output)));
        }
        std::fs::remove_dir_all(&data).unwrap();
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let counted = verified(&ledger.original());
    assert!(counted["transfers"].as_u64() > Some(12), "{counted}");
}

/// Transfers until it is told to stop.
fn keep_busy(mut merchant: Merchant, writer: usize, stop: &AtomicBool) {
    for at in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let number = format!("BUSY_{writer}_{at}");
        let answer = merchant.transfer(HOLDER, &number, "In", "0.01").expect("an answer");
        assert_eq!(code(&answer), 0, "{answer}");
    }
}

/// Tells the writers also where a check fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn verify_is_content_beside_a_busy_server() {
    let data = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(data.path());
    let merchant = Merchant::new(&sandbox, "credit");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (merchant, stop) = (merchant.again(), &stop);
            scope.spawn(move || keep_busy(merchant, writer, stop));
        }
        let _stop = Stop(&stop);
        let mut transfers = 0;
        for _ in 0..6 {
            let report = verified(data.path());
            let now = report["transfers"].as_u64().expect("a count");
            assert!(now >= transfers, "each look is at a later moment");
            assert_eq!(report["entries"], 2 * now, "and at one moment");
            transfers = now;
        }
        assert!(transfers > 12, "the writers were at work");
    });
    assert!(sandbox.stop().success());
    verified(data.path());
}
