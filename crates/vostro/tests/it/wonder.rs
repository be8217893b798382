//! The Wonder door on a running server: a client in another language, the documented examples, one
//! `ref_id` at once, and one programme through two doors.

use crate::app::{App, LEDGER_ACCOUNTS, TRANSFERS, USER};
use crate::backend::{Backend, on_each};
use crate::merchant::{Merchant, code};
use crate::operator::Operator;
use crate::process::{assert_verified, said, vostro};
use crate::server::Sandbox;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Barrier;

const CLIENTS: usize = 32;
const USD: &str = "USD";

fn a_client_in_another_language_is_understood(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/wonder/client.py");
    let mut python = Command::new("python3");
    let output = python.arg("-I").arg(client).arg(data.path().join("sandbox.json")).output();
    let output = output.expect("python3 is there");
    assert!(output.status.success(), "{}", said(&output));
    let printed = String::from_utf8_lossy(&output.stdout);
    let refused = printed.split(' ').next().and_then(|count| count.parse::<u32>().ok());
    assert!(refused.is_some_and(|count| count > 1_500), "{printed}");
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

/// Credits a user's wallet, as the operator does.
fn fund(operator: &mut Operator, user: &Value, currency: &str, amount: &str) {
    let number = number(operator, "demo-wonder", user["reference_id"].as_str().unwrap());
    let body = json!({ "cardholder": number, "asset": currency, "amount": amount });
    operator.call("POST", "/v1/programs/demo-wonder/fund", Some("fund"), &body);
}

/// The number that we gave to a cardholder whom the merchant calls so.
fn number(operator: &mut Operator, program: &str, reference_id: &str) -> String {
    let found = operator.get(&format!("/v1/programs/{program}/cardholders"));
    let rows = found["data"].as_array().expect("a list");
    let row = rows.iter().find(|row| row["unique_number"] == reference_id);
    row.and_then(|row| row["number"].as_str()).unwrap_or_else(|| panic!("{found}")).to_owned()
}

/// A user without money, as a party of a transfer is described.
fn create_user(app: &mut App, reference_id: &str, phone: &str, document: &str) -> Value {
    let user = json!({
        "calling_code": "852",
        "phone_number": phone,
        "document_type": "PASSPORT",
        "document_number": document,
        "first_name": "Cem",
        "date_of_birth": "1991-12-31",
        "issuing_country": "TUR",
        "reference_id": reference_id,
    });
    let made = app.call("POST", USER, &json!({ "user": user }));
    assert_eq!(made["code"], 200, "{made}");
    json!({
        "user_id": made["data"]["user_id"],
        "reference_id": reference_id,
        "document_type": "PASSPORT",
        "document_number": document,
    })
}

/// The keys of the documented examples, in their order.
const KEYS: [&str; 10] = [
    "amount",
    "currency",
    "id",
    "p_created_at",
    "p_updated_at",
    "receiver_user_id",
    "ref_id",
    "remark",
    "sender_user_id",
    "transfer_status",
];

fn the_documented_examples_are_reproduced(backend: Backend) {
    const REF_ID: &str = "21ae8272-4f67-4cce-8445-2e0acfe7947c";
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut app = App::new(&sandbox);
    let [ada, bob] = app.users.clone();
    let poor = create_user(&mut app, "u-1003", "50000003", "X0000003");

    // Too little money: no error, and nothing has moved.
    let body = App::transfer_body(&poor, &ada, (USD, "1"), REF_ID);
    let answer = app.raw("POST", TRANSFERS, &body.to_string()).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["message"], "succeed");
    let reversed = answer.json()["data"]["platform_transfer"].clone();
    assert_eq!(reversed.as_object().unwrap().keys().collect::<Vec<_>>(), KEYS);
    assert_eq!(reversed["transfer_status"], "Reversed");
    assert_eq!((&reversed["amount"], &reversed["ref_id"]), (&json!("1"), &json!(REF_ID)));
    assert_eq!(app.balance(&ada, USD), "1000");
    assert_eq!(app.balance(&poor, USD), "0");

    // The same `ref_id` after funding, and with the parties exchanged.
    fund(&mut Operator::new(&sandbox), &poor, USD, "0.25");
    let settled = app.transfer((&ada, &poor), (USD, "1"), REF_ID);
    assert_eq!(settled.as_object().unwrap().keys().collect::<Vec<_>>(), KEYS);
    assert_eq!(settled["transfer_status"], "Settled");
    assert_eq!(settled["sender_user_id"], ada["user_id"]);
    assert_eq!(settled["receiver_user_id"], poor["user_id"]);
    assert_ne!(settled["id"], reversed["id"]);
    assert_eq!((app.balance(&ada, USD), app.balance(&poor, USD)), ("999".into(), "1.25".into()));

    // A repeat is the same transfer and moves nothing; with other parties it is refused.
    assert_eq!(app.transfer((&ada, &poor), (USD, "1.00"), REF_ID), settled);
    let body = App::transfer_body(&bob, &ada, (USD, "1"), REF_ID);
    let other = app.raw("POST", TRANSFERS, &body.to_string()).unwrap();
    assert_eq!((other.status, &other.json()["code"]), (400, &json!(300_009)));
    assert_eq!((app.balance(&ada, USD), app.balance(&poor, USD)), ("999".into(), "1.25".into()));

    // Both are found under the one `ref_id`, newest first.
    let rows = app.list(&format!("offset=0&limit=10&filter[ref_id][_eq]={REF_ID}"));
    assert_eq!(rows, [settled, reversed]);
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

/// What all clients are answered who ask at one moment, each on a connection of its own.
fn at_once(app: &App, body: &str) -> Vec<Value> {
    let barrier = Barrier::new(CLIENTS);
    std::thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|_| {
            let (mut app, barrier) = (app.again(), &barrier);
            scope.spawn(move || {
                // The connection is there before the start.
                app.get(&format!("{LEDGER_ACCOUNTS}?limit=1"));
                barrier.wait();
                app.raw("POST", TRANSFERS, body).expect("everybody is answered").json()
            })
        });
        let clients: Vec<_> = clients.collect();
        clients.into_iter().map(|client| client.join().expect("no client panics")).collect()
    })
}

fn one_ref_id_moves_money_once(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut app = App::new(&sandbox);
    let [ada, bob] = app.users.clone();
    for round in 1..=5 {
        let ref_id = format!("once-{round}");
        let body = App::transfer_body(&ada, &bob, (USD, "7"), &ref_id).to_string();
        let answers = at_once(&app, &body);
        assert_eq!(answers[0]["data"]["platform_transfer"]["transfer_status"], "Settled");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "one answer for all");
        assert_eq!(app.list(&format!("filter[ref_id][_eq]={ref_id}")).len(), 1);
        assert_eq!(app.balance(&ada, USD), (1_000 - 7 * round).to_string());
    }
    // Each try of what can't be paid is one of its own.
    let body = App::transfer_body(&ada, &bob, (USD, "5000"), "too much").to_string();
    let answers = at_once(&app, &body);
    let tried = |answer: &Value| answer["data"]["platform_transfer"]["transfer_status"].clone();
    assert!(answers.iter().all(|answer| tried(answer) == "Reversed"));
    let rows = app.list("filter[transfer_status][_eq]=Reversed&limit=100");
    assert_eq!(rows.len(), CLIENTS);
    assert_eq!((app.balance(&ada, USD), app.balance(&bob, USD)), ("965".into(), "1035".into()));
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

/// A merchant of the KeySecure door, in the Wonder app's own programme.
fn merchant(sandbox: &Sandbox, operator: &mut Operator) -> Merchant {
    let body = json!({ "door": "keysecure", "label": "the same business", "allow": ["0.0.0.0/0"] });
    let made = operator.call("POST", "/v1/programs/demo-wonder/credentials", None, &body);
    let api_key = made["api_key"].as_str().expect("a key");
    let mut merchant = Merchant::with_key(&sandbox.public(), api_key);
    merchant.log_in();
    merchant
}

fn two_doors_are_one_programme(backend: Backend) {
    let data = backend.home();
    let mut command = vostro();
    command.env("VOSTRO_WONDER_CURRENCIES", r#"["USD", "TUSDT"]"#);
    let sandbox = Sandbox::start_with(data.path(), command);
    let (mut app, mut operator) = (App::new(&sandbox), Operator::new(&sandbox));
    let mut merchant = merchant(&sandbox, &mut operator);
    let cem = create_user(&mut app, "u-1003", "50000003", "X0000003");
    let dee = create_user(&mut app, "u-1004", "50000004", "X0000004");
    let [cem_no, dee_no] =
        ["u-1003", "u-1004"].map(|known| number(&mut operator, "demo-wonder", known));

    // What one door loads, the other shows and moves on.
    let load = merchant.transfer(&cem_no, "LOAD", "In", "100.00").unwrap();
    assert_eq!(code(&load), 0, "{load}");
    assert_eq!(app.balance(&cem, "TUSDT"), "100");
    let moved = app.transfer((&cem, &dee), ("TUSDT", "40.5"), "LOAD");
    assert_eq!(moved["transfer_status"], "Settled", "one name at two doors is two names");
    assert_eq!(merchant.balance(&cem_no), "59.50");
    assert_eq!(merchant.balance(&dee_no), "40.50");

    // And back again.
    let unload = merchant.transfer(&dee_no, "UNLOAD", "Out", "40.00").unwrap();
    assert_eq!(unload["data"]["before_balance"], "40.50", "{unload}");
    assert_eq!(app.balance(&dee, "TUSDT"), "0.5");
    let poor = app.transfer((&dee, &cem), ("TUSDT", "1"), "POOR");
    assert_eq!(poor["transfer_status"], "Reversed");

    // Each lists its own kind of call.
    let loads: Vec<_> = merchant.list_all(&[]);
    let numbers: Vec<_> = loads.iter().map(|row| row["transfer_unique_no"].clone()).collect();
    assert_eq!(numbers, ["UNLOAD", "LOAD"]);
    let rows = app.list("limit=100");
    let ids: Vec<_> = rows.iter().map(|row| row["ref_id"].clone()).collect();
    assert_eq!(ids, ["POOR", "LOAD"]);

    // What stops the programme stops both.
    let status = json!({ "status": "suspended" });
    operator.call("PATCH", "/v1/programs/demo-wonder", None, &status);
    assert_eq!(code(&merchant.info(&cem_no).unwrap()), 1022);
    let body = App::transfer_body(&cem, &dee, ("TUSDT", "1"), "LATE");
    assert_eq!(app.call("POST", TRANSFERS, &body)["code"], "E000005");
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

on_each! {
    a_client_in_another_language_is_understood,
    the_documented_examples_are_reproduced,
    one_ref_id_moves_money_once,
    two_doors_are_one_programme,
}
