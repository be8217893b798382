//! `vostro sandbox`: what it prints can be pasted, starting again finds what the first start made,
//! and nothing but a sandbox is ever used as one.

use crate::backend::{Backend, CONFIG, on_each};
use crate::merchant::{Merchant, code};
use crate::operator::Operator;
use crate::process::{
    assert_ended, assert_verified, clean, run, run_json, said, signal, verified, vostro,
};
use crate::serve::Site;
use crate::server::{Sandbox, Service};
use crate::webhook::until;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const HOLDER: &str = "U202605220001";

/// The printed lines that a shell takes: from the one that sets `BASE` to the next empty one.
fn pasteable(printed: &str) -> String {
    block(printed, "BASE=")
}

/// From the line that begins so to the next empty one.
fn block(printed: &str, start: &str) -> String {
    let lines = printed.lines().skip_while(|line| !line.starts_with(start));
    lines.take_while(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
}

/// Runs the lines as a shell does, and gives what they print.
fn paste(lines: &str) -> Vec<String> {
    let mut shell = Command::new("bash");
    clean(&mut shell);
    let output = shell.args(["-e", "-o", "pipefail", "-c", lines]).output();
    let output = output.expect("bash is there");
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn json_of(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn the_printed_commands_work_and_answer_the_same_twice(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let lines = pasteable(&sandbox.printed);
    let first = paste(&lines);
    assert_eq!(first.len(), 3, "{first:?}");

    let transfer = json_of(&first[0]);
    assert_eq!(code(&transfer), 0, "{transfer}");
    assert_eq!(transfer["data"]["transfer_unique_no"], "TRANSFER_202605220001");
    assert_eq!(transfer["data"]["before_balance"], "0.00");
    assert_eq!(transfer["data"]["after_balance"], "100.00");
    let info = json_of(&first[1]);
    assert_eq!(info["data"]["list"][0]["symbol"], "TUSDT", "{info}");
    assert_eq!(info["data"]["list"][0]["balance"], "100.00", "{info}");
    let list = json_of(&first[2]);
    assert_eq!(list["data"]["list"].as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(list["data"]["list"][0]["transfer_no"], transfer["data"]["transfer_no"]);
    assert_eq!(list["data"]["list"][0]["cardholder_no"], HOLDER);

    assert_eq!(paste(&lines), first, "the second paste is answered as the first");
    assert!(sandbox.stop().success());
}

fn the_printed_signed_commands_work_and_answer_the_same_twice(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let lines = block(&sandbox.printed, "URL=");
    let first = paste(&lines);
    assert_eq!(first.len(), 2, "{first:?}");
    let made = json_of(&first[0])["data"]["platform_transfer"].clone();
    assert_eq!((&made["transfer_status"], &made["amount"]), (&json!("Settled"), &json!("1")));
    assert_eq!(json_of(&first[1])["data"]["platform_transfers"], json!([made]));
    assert_eq!(paste(&lines), first, "the second paste is answered as the first");
    assert!(sandbox.stop().success());
}

/// And the inbox has the transfer's one webhook.
fn the_printed_uqpay_commands_work_and_answer_the_same_twice(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let lines = block(&sandbox.printed, "API=");
    let first = paste(&lines);
    assert_eq!(first.len(), 2, "{first:?}");
    let made = json_of(&first[0]);
    let balances = json_of(&first[1])["data"].clone();
    let rows = balances.as_array().expect("a list");
    let sgd = rows.iter().find(|row| row["currency"] == "SGD").expect("a balance in SGD");
    assert_eq!(sgd["available_balance"], "10012.34");
    assert_eq!(paste(&lines), first, "the second paste is answered as the first");
    let mut operator = Operator::new(&sandbox);
    let told = until(&mut operator, "/v1/programs/demo-uqpay/inbox", |rows| !rows.is_empty());
    let bodies: Vec<Value> =
        told.iter().map(|row| json_of(row["body"].as_str().expect("a text"))).collect();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert_eq!(bodies[0]["source_id"], made["transfer_id"]);
    assert!(sandbox.stop().success());
}

/// The reserve of a demo programme, as the command line shows it.
fn reserve(data: &Path) -> String {
    let arguments = ["account", "list", "--program", "demo-credit", "--kind", "reserve"];
    let found = run_json(data, &arguments);
    let rows = found["data"].as_array().expect("a list");
    let row = rows.iter().find(|row| row["asset"] == "TUSDT").expect("a reserve in TUSDT");
    row["available"].as_str().expect("a text").to_owned()
}

/// The printed lines of the operator, as arguments of the binary.
fn operator_lines(printed: &str) -> Vec<Vec<String>> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect();
    printed
        .lines()
        .filter_map(|line| line.strip_prefix("cargo run --release -- "))
        .map(words)
        .collect()
}

fn the_operators_commands_work_while_it_runs(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    assert_eq!(reserve(data.path()), "1000000.00");
    let lines = operator_lines(&sandbox.printed);
    assert_eq!(lines.len(), 3, "fund, inbox and verify");
    for line in lines {
        let output = vostro().args(&line).output().unwrap();
        assert!(output.status.success(), "{line:?}: {}", said(&output));
    }
    assert_eq!(reserve(data.path()), "1000500.00");
    // Merchants see what the operator did at once.
    let mut merchant = Merchant::new(&sandbox, "credit");
    let all = merchant.transfer(HOLDER, "ALL_OF_IT", "In", "1000500.00").unwrap();
    assert_eq!(code(&all), 0, "{all}");
    assert!(sandbox.stop().success());
}

fn a_restart_keeps_everything_and_adds_nothing(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut merchant = Merchant::new(&sandbox, "credit");
    let first = merchant.transfer(HOLDER, "BEFORE", "In", "12.34").unwrap();
    let before = sandbox.contract.clone();
    assert!(sandbox.stop().success());
    let counted = verified(data.path());

    let sandbox = Sandbox::start(data.path());
    let kept = [
        "/keysecure/credit",
        "/keysecure/authorization",
        "/operator_token",
        "/wonder/app_id",
        "/uqpay/client_id",
        "/uqpay/api_key",
        "/uqpay/webhook_secret",
    ];
    for pointer in kept {
        assert_eq!(sandbox.contract.pointer(pointer), before.pointer(pointer));
    }
    assert_eq!(verified(data.path()), counted, "a start on its own data adds nothing");
    assert_eq!(reserve(data.path()), "999987.66");
    // The token of before is still good, and the number still answers the same.
    merchant.follow(&sandbox.public());
    assert_eq!(merchant.transfer(HOLDER, "BEFORE", "In", "12.34").unwrap(), first);
    assert_eq!(merchant.balance(HOLDER), "12.34");
    assert!(sandbox.stop().success());
}

#[test]
fn reset_throws_all_away_but_not_under_a_server() {
    let data = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(data.path());
    let mut merchant = Merchant::new(&sandbox, "credit");
    merchant.transfer(HOLDER, "BEFORE", "In", "12.34").unwrap();
    let before = sandbox.contract.clone();

    let refused = run(data.path(), &["sandbox", "--reset"]);
    assert_ended(&refused, 2, "the database is in use by another process");
    assert_eq!(merchant.balance(HOLDER), "12.34", "the refused one has touched nothing");
    assert!(sandbox.stop().success());

    let sandbox = Sandbox::start_by(data.path(), vostro(), &["--reset"]);
    for pointer in ["/keysecure/credit/api_key", "/keysecure/credit/api_secret", "/operator_token"]
    {
        assert_ne!(sandbox.contract.pointer(pointer), before.pointer(pointer));
    }
    let stale = Merchant::with_key(&sandbox.public(), &merchant.api_key)
        .call("GET", "/merchant/token", "")
        .unwrap();
    assert_eq!(code(&stale), 1008, "keys of before the reset are unknown");
    let mut merchant = Merchant::new(&sandbox, "credit");
    assert_eq!(merchant.balance(HOLDER), "0.00");
    assert_eq!(merchant.list_all(&[]), Vec::<Value>::new());
    assert!(sandbox.stop().success());
}

/// The names of an object's fields, with dots between.
fn names(json: &Value, before: &str, found: &mut Vec<String>) {
    let Some(object) = json.as_object() else {
        found.push(before.to_owned());
        return;
    };
    for (name, value) in object {
        let dot = if before.is_empty() { "" } else { "." };
        names(value, &format!("{before}{dot}{name}"), found);
    }
}

#[test]
fn the_contract_has_the_documented_keys() {
    let data = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(data.path());
    let mut found = Vec::new();
    names(&sandbox.contract, "", &mut found);
    found.sort_unstable();
    let mut documented = vec!["public_url", "operator_url", "operator_token", "keysecure.base_url"];
    let parts = [
        "keysecure.credit.api_key",
        "keysecure.credit.api_secret",
        "keysecure.credit.cardholder_no",
        "keysecure.authorization.api_key",
        "keysecure.authorization.api_secret",
        "keysecure.authorization.cardholder_no",
    ];
    documented.extend(parts);
    let wonder = ["base_url", "app_id", "private_key_pem", "platform_public_key_pem", "users"];
    let wonder = wonder.map(|name| format!("wonder.{name}"));
    documented.extend(wonder.iter().map(String::as_str));
    let uqpay =
        ["base_url", "client_id", "api_key", "account_id", "sub_account_id", "webhook_secret"];
    let uqpay = uqpay.map(|name| format!("uqpay.{name}"));
    documented.extend(uqpay.iter().map(String::as_str));
    documented.sort_unstable();
    assert_eq!(found, documented);
    let base = sandbox.text("/keysecure/base_url");
    assert_eq!(base, format!("{}/open-api/v1", sandbox.text("/public_url")));
    assert_eq!(sandbox.text("/keysecure/credit/cardholder_no"), HOLDER);
    assert_eq!(sandbox.text("/wonder/base_url"), sandbox.text("/public_url"));
    for user in sandbox.contract["wonder"]["users"].as_array().expect("a list") {
        let names: Vec<_> = user.as_object().expect("a user").keys().collect();
        assert_eq!(names, ["document_number", "document_type", "reference_id", "user_id"]);
    }
    // The vendor's AES wants a key of 32 characters.
    assert_eq!(sandbox.text("/keysecure/credit/api_secret").len(), 32);
    assert!(sandbox.stop().success());
}

#[test]
fn files_are_their_owners_only() {
    let data = tempfile::tempdir().unwrap();
    // Even where files are made for everybody.
    let mut command = Command::new("bash");
    clean(&mut command);
    command.args(["-c", "umask 000; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_vostro")]);
    let sandbox = Sandbox::start_with(data.path(), command);
    for entry in std::fs::read_dir(&sandbox.data).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        // The harness has made the log.
        if entry.file_name() != "server.log" {
            assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        }
    }
    let made = ["sandbox.json", "master.key", "operator.token", "server.json", "vostro.db"];
    for name in made {
        assert!(data.path().join(name).exists(), "{name}");
    }
    assert!(sandbox.stop().success());
    assert!(!data.path().join("server.json").exists(), "nobody serves any more");
}

#[test]
fn a_postgres_database_of_somebody_else_is_left_alone() {
    let home = Backend::Postgres.home();
    assert!(Sandbox::start(home.path()).stop().success());
    let other = tempfile::tempdir().unwrap();
    std::fs::copy(home.path().join(CONFIG), other.path().join(CONFIG)).unwrap();
    assert_ended(&run(other.path(), &["sandbox"]), 2, "it is not a sandbox");
    assert_ended(&run(home.path(), &["sandbox", "--reset"]), 2, "--reset throws away files only");
    assert!(Sandbox::start(home.path()).stop().success());
    assert_verified(home.path());
}

#[test]
fn a_database_of_somebody_else_is_left_alone() {
    let site = Site::new();
    let service = Service::start(&site.config, &site.data);
    assert!(service.stop().0.success());
    let database = site.data.join("vostro.db");
    let before = std::fs::read(&database).unwrap();
    for options in [&["sandbox"][..], &["sandbox", "--reset"]] {
        let refused = run(&site.data, options);
        assert_ended(&refused, 2, "it is not a sandbox");
    }
    assert_eq!(std::fs::read(&database).unwrap(), before);
    for name in ["sandbox.json", "master.key"] {
        assert!(!site.data.join(name).exists(), "{name} was made");
    }
}

#[test]
fn an_interrupted_start_is_finished_by_the_next() {
    let data = tempfile::tempdir().unwrap();
    // As a start leaves it that was killed before it had anything but its mark.
    std::fs::write(data.path().join("sandbox.json"), "{}\n").unwrap();
    let sandbox = Sandbox::start(data.path());
    assert_eq!(Merchant::new(&sandbox, "credit").balance(HOLDER), "0.00");
    sandbox.kill();
    // As one that was killed before it had written what it made.
    std::fs::write(data.path().join("sandbox.json"), json!({}).to_string()).unwrap();
    let sandbox = Sandbox::start(data.path());
    assert_eq!(Merchant::new(&sandbox, "credit").balance(HOLDER), "0.00");
    assert_eq!(reserve(data.path()), "1000000.00");
    signal(sandbox.pid(), "INT");
    assert_eq!(sandbox.wait().code(), Some(0));
}

on_each! {
    the_printed_commands_work_and_answer_the_same_twice,
    the_printed_signed_commands_work_and_answer_the_same_twice,
    the_printed_uqpay_commands_work_and_answer_the_same_twice,
    the_operators_commands_work_while_it_runs,
    a_restart_keeps_everything_and_adds_nothing,
}
