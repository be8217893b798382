//! Many clients at once: one number has one effect, one wallet never goes below zero, and nobody
//! has to wait to see what was answered.

use crate::backend::{Backend, on_each};
use crate::full::count;
use crate::http::{Answer, Connection};
use crate::merchant::{Merchant, code, transfer_body};
use crate::process::{assert_verified, run_json};
use crate::server::Sandbox;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Barrier;

const HOLDER: &str = "U202605220001";
const CLIENTS: usize = 64;
const INSUFFICIENT: i64 = 3002;
const DUPLICATE: i64 = 3003;

/// What all clients are answered who ask at one moment, each on a connection of its own. Which
/// cents each of them asks for, and what for, is up to the caller.
fn at_once(merchant: &Merchant, body: impl Fn(usize) -> String + Sync) -> Vec<Answer> {
    let barrier = Barrier::new(CLIENTS);
    std::thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|client| {
            let (mut merchant, barrier, body) = (merchant.again(), &barrier, &body);
            scope.spawn(move || {
                // The connection is there before the start.
                merchant.info(HOLDER).expect("info is answered");
                barrier.wait();
                let answer = merchant.raw("POST", "/account/transfer", body(client));
                answer.expect("everybody is answered")
            })
        });
        let clients: Vec<_> = clients.collect();
        clients.into_iter().map(|client| client.join().expect("no client panics")).collect()
    })
}

fn one_number_has_one_effect_and_one_answer(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut merchant = Merchant::new(&sandbox, "credit");
    let rounds = count(5, 200);
    for round in 0..rounds {
        let number = format!("SAME_{round}");
        let answers = at_once(&merchant, |_| transfer_body(HOLDER, &number, "In", "0.07"));
        let bodies: BTreeSet<_> = answers.iter().map(|answer| answer.body.clone()).collect();
        assert_eq!(bodies.len(), 1, "64 equal answers");
        assert_eq!(code(&answers[0].json()), 0);
        assert_eq!(merchant.list(&[("transfer_unique_no", &number)], 0, 10).len(), 1);
        let cents = (round + 1) * 7;
        assert_eq!(merchant.balance(HOLDER), format!("{}.{:02}", cents / 100, cents % 100));
    }
    assert_eq!(merchant.list_all(&[]).len(), usize::try_from(rounds).unwrap());
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

fn one_number_with_many_contents_has_one_effect(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut merchant = Merchant::new(&sandbox, "credit");
    let mut cents = 0;
    for round in 0..count(5, 200) {
        let number = format!("OTHER_{round}");
        let amount = |client: usize| format!("0.{:02}", client + 1);
        let answers =
            at_once(&merchant, |client| transfer_body(HOLDER, &number, "In", &amount(client)));
        let codes: Vec<_> = answers.iter().map(|answer| code(&answer.json())).collect();
        let done: Vec<_> = (0..CLIENTS).filter(|client| codes[*client] == 0).collect();
        assert_eq!(done.len(), 1, "{codes:?}");
        assert!(codes.iter().all(|code| [0, DUPLICATE].contains(code)), "{codes:?}");
        let rows = merchant.list(&[("transfer_unique_no", &number)], 0, 10);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["balance"], amount(done[0]).as_str());
        cents += done[0] + 1;
    }
    assert_eq!(merchant.balance(HOLDER), format!("{}.{:02}", cents / 100, cents % 100));
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

/// Takes 0.37 until there is too little left; what each answer said was left.
fn drain(mut merchant: Merchant, client: usize) -> Vec<String> {
    let mut left = Vec::new();
    loop {
        let number = format!("DRAIN_{client}_{}", left.len());
        let answer = merchant.transfer(HOLDER, &number, "Out", "0.37").expect("an answer");
        if code(&answer) == INSUFFICIENT {
            return left;
        }
        assert_eq!(code(&answer), 0, "{answer}");
        left.push(answer["data"]["after_balance"].as_str().expect("a balance").to_owned());
    }
}

fn a_drained_wallet_never_goes_below_zero(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut merchant = Merchant::new(&sandbox, "credit");
    let cents = i64::from(count(30_000, 3_000_000));
    let funds = format!("{}.{:02}", cents / 100, cents % 100);
    assert_eq!(code(&merchant.transfer(HOLDER, "FILL", "In", &funds).unwrap()), 0);
    let drained: Vec<_> = std::thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|client| {
            let merchant = merchant.again();
            scope.spawn(move || drain(merchant, client))
        });
        let clients: Vec<_> = clients.collect();
        clients.into_iter().flat_map(|client| client.join().expect("no client panics")).collect()
    });
    let (taken, rest) = (cents / 37, cents % 37);
    assert_eq!(i64::try_from(drained.len()).unwrap(), taken);
    // Each answer is one step of the way down, and each step was answered once.
    let steps = (0..taken).map(|step| rest + step * 37);
    let steps: BTreeSet<_> =
        steps.map(|left| format!("{}.{:02}", left / 100, left % 100)).collect();
    assert_eq!(drained.into_iter().collect::<BTreeSet<_>>(), steps);
    assert_eq!(merchant.balance(HOLDER), format!("0.{rest:02}"));
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

/// Asks for a transfer, hangs up after some of its bytes, and asks again.
fn hang_up(merchant: &Merchant, client: usize) -> Vec<Value> {
    let mut merchant = merchant.again();
    let number = format!("HANG_{client:02}");
    let body = transfer_body(HOLDER, &number, "In", "0.01");
    let request = merchant.written("POST", "/account/transfer", body.as_bytes());
    // All of it half the time; else anything from nothing to all but the last byte.
    let cut =
        if client.is_multiple_of(2) { request.len() } else { request.len() * client / CLIENTS };
    let sent = Connection::to(merchant.address()).hang_up(&request[..cut]);
    sent.expect("the server takes what is sent");
    (0..2).map(|_| merchant.transfer(HOLDER, &number, "In", "0.01").expect("an answer")).collect()
}

fn who_hangs_up_can_ask_again(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut merchant = Merchant::new(&sandbox, "credit");
    let answers: Vec<_> = std::thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|client| {
            let merchant = &merchant;
            scope.spawn(move || hang_up(merchant, client))
        });
        let clients: Vec<_> = clients.collect();
        clients.into_iter().map(|client| client.join().expect("no client panics")).collect()
    });
    for pair in answers {
        assert_eq!(code(&pair[0]), 0, "{}", pair[0]);
        assert_eq!(pair[0], pair[1]);
    }
    assert_eq!(merchant.balance(HOLDER), "0.64");
    assert_eq!(merchant.list_all(&[]).len(), CLIENTS);
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

fn create_holder(data: &Path, number: &str) {
    let create = ["cardholder", "create", "--program", "demo-credit", "--number", number];
    run_json(data, &[&create[..], &["--status", "approved"]].concat());
}

/// Moves and looks, on two connections, whether the answer is already true for everybody.
fn see(merchant: &Merchant, holder: &str, transfers: u32) {
    let (mut mover, mut looker) = (merchant.again(), merchant.again());
    for at in 1..=transfers {
        let number = format!("SEE_{holder}_{at}");
        let answer = mover.transfer(holder, &number, "In", "0.01").expect("an answer");
        assert_eq!(code(&answer), 0, "{answer}");
        let balance = looker.balance(holder);
        assert_eq!(answer["data"]["after_balance"], balance.as_str(), "{number}");
        let rows = looker.list(&[("cardholder_no", holder)], 0, 1);
        assert_eq!(rows[0]["transfer_unique_no"], number.as_str(), "newest first");
        assert_eq!(rows[0]["transfer_no"], answer["data"]["transfer_no"]);
        let rows = looker.list(&[("transfer_unique_no", &number)], 0, 10);
        assert_eq!(
            rows.iter().map(|row| &row["time"]).filter(|time| Value::is_i64(time)).count(),
            1
        );
    }
}

fn what_was_answered_is_seen_at_once(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let merchant = Merchant::new(&sandbox, "credit");
    let holders = ["SEE1", "SEE2", "SEE3", "SEE4", "SEE5", "SEE6", "SEE7", "SEE8"];
    for holder in holders {
        create_holder(data.path(), holder);
    }
    let transfers = count(20, 2_000);
    std::thread::scope(|scope| {
        for holder in holders {
            let merchant = &merchant;
            scope.spawn(move || see(merchant, holder, transfers));
        }
    });
    assert!(sandbox.stop().success());
}

on_each! {
    one_number_has_one_effect_and_one_answer,
    one_number_with_many_contents_has_one_effect,
    a_drained_wallet_never_goes_below_zero,
    who_hangs_up_can_ask_again,
    what_was_answered_is_seen_at_once,
}
