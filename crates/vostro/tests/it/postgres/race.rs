//! The races of one server, over two: one number has one effect whichever server it reaches, no
//! order of asking is told as a fault, one wallet never goes below zero, and what one server has
//! answered the other shows.

use super::client::each;
use super::site::{HOLDERS, Pair, create_credential, create_holder, create_program};
use super::site::{merchant, operator};
use crate::books::amount;
use crate::full::count;
use crate::http::Answer;
use crate::merchant::{Merchant, code, transfer_body};
use crate::operator::Operator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Barrier;

const CLIENTS: usize = 64;
const INSUFFICIENT: i64 = 3002;
const DUPLICATE: i64 = 3003;
/// A wallet beside those of the books.
const HOLDER: &str = "RACE";

/// Two servers, and a cardholder with an empty wallet.
fn pair() -> Pair {
    let pair = Pair::shared();
    create_holder(&mut operator(&pair.servers[1]), super::site::PROGRAM, HOLDER);
    pair
}

/// What all are answered who ask at one moment, every second one the other server.
fn at_once(pair: &Pair, body: impl Fn(usize) -> String + Sync) -> Vec<Answer> {
    let barrier = Barrier::new(CLIENTS);
    let ask = |client: usize| {
        let mut merchant = pair.at(client % 2);
        // The connection is there before the start.
        merchant.info(HOLDER).expect("info is answered");
        barrier.wait();
        let answer = merchant.raw("POST", "/account/transfer", body(client));
        answer.expect("everybody is answered")
    };
    each(CLIENTS, ask)
}

#[test]
fn one_number_has_one_effect_and_one_answer() {
    let pair = pair();
    let rounds = count(5, 100);
    for round in 0..rounds {
        let number = format!("SAME_{round}");
        let answers = at_once(&pair, |_| transfer_body(HOLDER, &number, "In", "0.07"));
        let bodies: BTreeSet<_> = answers.iter().map(|answer| answer.body.clone()).collect();
        assert_eq!(bodies.len(), 1, "64 equal answers");
        assert_eq!(code(&answers[0].json()), 0);
        for server in 0..2 {
            let mut merchant = pair.at(server);
            assert_eq!(merchant.list(&[("transfer_unique_no", &number)], 0, 10).len(), 1);
            assert_eq!(merchant.balance(HOLDER), amount(i64::from(round + 1) * 7));
        }
    }
    pair.end();
}

#[test]
fn one_number_with_many_contents_has_one_effect() {
    let pair = pair();
    let mut cents = 0;
    for round in 0..count(5, 100) {
        let number = format!("OTHER_{round}");
        let asked = |client: usize| amount(i64::try_from(client).unwrap() + 1);
        let answers = at_once(&pair, |client| transfer_body(HOLDER, &number, "In", &asked(client)));
        let codes: Vec<_> = answers.iter().map(|answer| code(&answer.json())).collect();
        let done: Vec<_> = (0..CLIENTS).filter(|client| codes[*client] == 0).collect();
        assert_eq!(done.len(), 1, "{codes:?}");
        assert!(codes.iter().all(|code| [0, DUPLICATE].contains(code)), "{codes:?}");
        let rows = pair.at(1).list(&[("transfer_unique_no", &number)], 0, 10);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["balance"], asked(done[0]).as_str());
        cents += i64::try_from(done[0]).unwrap() + 1;
    }
    assert_eq!(pair.at(0).balance(HOLDER), amount(cents));
    pair.end();
}

/// Takes 0.37 until there is too little left; what each answer said was left.
fn drain(pair: &Pair, client: usize) -> Vec<String> {
    let (mut merchant, mut left) = (pair.at(client % 2), Vec::new());
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

#[test]
fn a_drained_wallet_never_goes_below_zero() {
    let mut pair = pair();
    let cents = i64::from(count(50_000, 1_000_000));
    let filled = pair.merchant.transfer(HOLDER, "FILL", "In", &amount(cents)).unwrap();
    assert_eq!(code(&filled), 0);
    let drained: Vec<_> = each(CLIENTS, |client| drain(&pair, client)).concat();
    let (taken, rest) = (cents / 37, cents % 37);
    assert_eq!(i64::try_from(drained.len()).unwrap(), taken);
    // Each answer is one step of the way down, and each step was answered once.
    let steps: BTreeSet<_> = (0..taken).map(|step| amount(rest + step * 37)).collect();
    assert_eq!(drained.into_iter().collect::<BTreeSet<_>>(), steps);
    for server in 0..2 {
        assert_eq!(pair.at(server).balance(HOLDER), amount(rest));
    }
    pair.end();
}

/// Moves at one server and looks at the other whether the answer is true there already.
fn see(pair: &Pair, client: usize, transfers: u32) {
    let (mut mover, mut looker) = (pair.at(client % 2), pair.at((client + 1) % 2));
    let holder = format!("SEE_{client}");
    for at in 1..=transfers {
        let number = format!("{holder}_{at}");
        let answer = mover.transfer(&holder, &number, "In", "0.01").expect("an answer");
        assert_eq!(code(&answer), 0, "{answer}");
        assert_eq!(answer["data"]["after_balance"], looker.balance(&holder).as_str(), "{number}");
        let rows = looker.list(&[("cardholder_no", &holder)], 0, 1);
        assert_eq!(rows[0]["transfer_no"], answer["data"]["transfer_no"], "newest first");
        let again = looker.transfer(&holder, &number, "In", "0.01").expect("an answer");
        assert_eq!(again, answer, "the first answer again");
        // The next one is asked for elsewhere.
        std::mem::swap(&mut mover, &mut looker);
    }
}

#[test]
fn what_one_server_answered_the_other_shows() {
    const LOOKERS: usize = 8;
    let pair = Pair::shared();
    let mut operator = operator(&pair.servers[0]);
    for client in 0..LOOKERS {
        create_holder(&mut operator, super::site::PROGRAM, &format!("SEE_{client}"));
    }
    let transfers = count(20, 1_000);
    each(LOOKERS, |client| see(&pair, client, transfers));
    pair.end();
}

/// A programme of the crossing tests: its merchant, and the accounts of its wallets.
struct Crossed {
    name: &'static str,
    merchant: Merchant,
    wallets: Vec<String>,
}

impl Crossed {
    fn new(pair: &Pair, name: &'static str) -> Self {
        let mut operator = operator(&pair.servers[0]);
        create_program(&mut operator, name);
        let wallets = HOLDERS.map(|holder| {
            create_holder(&mut operator, name, holder);
            let fund = json!({ "asset": "TUSDT", "amount": "1000.00", "cardholder": holder });
            operator.call("POST", &format!("/v1/programs/{name}/fund"), Some(holder), &fund);
            let shown = operator.get(&format!("/v1/programs/{name}/cardholders/{holder}"));
            shown["wallets"][0]["account"].as_str().expect("an account").to_owned()
        });
        let credential = create_credential(&mut operator, name);
        Self { name, merchant: merchant(&pair.servers[0], &credential), wallets: wallets.into() }
    }

    /// What all its wallets hold.
    fn sum(&self, operator: &mut Operator) -> i64 {
        let account = |wallet| format!("/v1/programs/{}/accounts/{wallet}", self.name);
        let balances = self.wallets.iter().map(|wallet| {
            let found = operator.get(&account(wallet));
            let balance = found["available"].as_str().expect("a balance").replace('.', "");
            balance.parse::<i64>().expect("digits")
        });
        balances.sum()
    }
}

/// The numbers of both programmes, from the front at one server and from the back at the other, in
/// the same moments. Each is answered twice, and alike.
#[test]
fn numbers_that_cross_get_one_answer() {
    const ASKERS: usize = 8;
    let pair = Pair::shared();
    let programs = ["north", "south"].map(|name| Crossed::new(&pair, name));
    let numbers = usize::try_from(count(40, 1_000)).unwrap();
    let answers = each(2 * ASKERS, |client| {
        let (server, lane) = (client % 2, client / 2);
        let mut order: Vec<_> = (0..numbers * 2).collect();
        if server == 1 {
            order.reverse();
        }
        let mut answers = vec![Value::Null; order.len()];
        let mut merchants = programs.each_ref().map(|program| program.merchant.again());
        merchants.iter_mut().for_each(|merchant| merchant.follow(&pair.front.address(server)));
        for at in order {
            let (number, holder) = (format!("CROSS_{lane}_{at}"), HOLDERS[(lane + at) % 6]);
            let answer = merchants[at % 2].transfer(holder, &number, "In", "0.01");
            answers[at] = answer.expect("an answer");
            assert_eq!(code(&answers[at]), 0, "{}", answers[at]);
        }
        answers
    });
    for servers in answers.chunks(2) {
        assert_eq!(servers[0], servers[1]);
    }
    let mut operator = operator(&pair.servers[1]);
    for program in &programs {
        let moved = i64::try_from(ASKERS * numbers).unwrap();
        assert_eq!(program.sum(&mut operator), 600_000 + moved);
    }
    pair.end();
}

/// Round and round between the wallets of two programmes, one way at one server and the other way
/// at the other: locks are asked for in every order.
#[test]
fn transfers_that_cross_never_meet_a_deadlock() {
    const ASKERS: usize = 16;
    let pair = Pair::shared();
    let programs = ["north", "south"].map(|name| Crossed::new(&pair, name));
    let transfers = usize::try_from(count(60, 2_000)).unwrap();
    each(ASKERS, |client| {
        let (server, mut operator) = (client % 2, operator(&pair.servers[client % 2]));
        for at in 0..transfers {
            let program = &programs[(client / 2 + at) % 2];
            let (from, to) = ((client + at) % 6, (client + at + 1 + at % 5) % 6);
            let (from, to) = if server == 0 { (from, to) } else { (to, from) };
            let body = json!({ "debit": program.wallets[from], "credit": program.wallets[to],
                "amount": "0.03", "asset": "TUSDT" });
            let path = format!("/v1/programs/{}/transfers", program.name);
            let moved = operator.call("POST", &path, Some(&format!("M_{client}_{at}")), &body);
            assert_eq!(moved["outcome"], "completed");
        }
    });
    let mut operator = operator(&pair.servers[0]);
    for program in &programs {
        assert_eq!(program.sum(&mut operator), 600_000, "what left one wallet came to another");
    }
    pair.end();
}
