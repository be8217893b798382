//! What clients were told of their transfers, and whether lists and balances agree with it.

use crate::merchant::{Merchant, code, transfer_body};
use fastrand::Rng;
use serde_json::Value;
use std::collections::BTreeMap;

const INSUFFICIENT: i64 = 3002;

/// One transfer as it was asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub number: String,
    pub holder: &'static str,
    pub direction: &'static str,
    pub minor: i64,
}

impl Asked {
    pub fn random(rng: &mut Rng, holders: &[&'static str], number: String) -> Self {
        let direction = if rng.u8(0..5) < 3 { "In" } else { "Out" };
        Self {
            number,
            holder: holders[rng.usize(0..holders.len())],
            direction,
            minor: rng.i64(1..500),
        }
    }

    pub fn body(&self) -> String {
        transfer_body(self.holder, &self.number, self.direction, &amount(self.minor))
    }

    pub fn ask(&self, merchant: &mut Merchant) -> std::io::Result<Value> {
        merchant.call("POST", "/account/transfer", self.body())
    }

    /// The row of the list, or none.
    pub fn listed(&self, merchant: &mut Merchant) -> Vec<Value> {
        merchant.list(&[("transfer_unique_no", &self.number)], 0, 10)
    }

    /// What it changes on the wallet.
    fn change(&self) -> i64 {
        if self.direction == "In" { self.minor } else { -self.minor }
    }
}

/// Two decimals.
pub fn amount(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn minor(amount: &Value) -> i64 {
    let text = amount.as_str().unwrap_or_else(|| panic!("no amount: {amount}"));
    let (whole, cents) = text.split_once('.').expect("two decimals");
    format!("{whole}{cents}").parse().expect("digits")
}

/// Everything that was acknowledged so far.
pub struct Books {
    holders: &'static [&'static str],
    done: BTreeMap<String, (Asked, Value)>,
}

impl Books {
    /// Of cardholders with empty wallets.
    pub fn of(holders: &'static [&'static str]) -> Self {
        Self { holders, done: BTreeMap::new() }
    }

    pub fn len(&self) -> usize {
        self.done.len()
    }

    /// Notes an answer that acknowledges a transfer.
    pub fn note(&mut self, asked: Asked, answer: Value) {
        assert_eq!(code(&answer), 0, "{asked:?}: {answer}");
        let before = self.done.insert(asked.number.clone(), (asked, answer));
        assert!(before.is_none(), "{before:?} has a number of its own");
    }

    /// Asks for what is not known, and looks each of them up.
    pub fn settle(&mut self, merchant: &mut Merchant, written: Vec<(Asked, Option<Value>)>) {
        for (asked, answer) in written {
            let answer = answer.unwrap_or_else(|| {
                let first = asked.ask(merchant).expect("the new server answers");
                let again = asked.ask(merchant).expect("the new server answers");
                assert_eq!(first, again, "{asked:?} has one answer");
                first
            });
            let found = asked.listed(merchant);
            match code(&answer) {
                0 => {
                    assert_eq!(found.len(), 1, "{asked:?} is there exactly once");
                    assert_same(&asked, &answer, &found[0]);
                    self.note(asked, answer);
                }
                INSUFFICIENT if asked.direction == "Out" => {
                    assert_eq!(found, Vec::<Value>::new(), "{asked:?} was refused");
                }
                _ => panic!("{asked:?}: {answer}"),
            }
        }
    }

    fn balance(&self, holder: &str) -> i64 {
        let done = self.done.values().filter(|(asked, _)| asked.holder == holder);
        done.map(|(asked, _)| asked.change()).sum()
    }

    pub fn assert_balances(&self, merchant: &mut Merchant) {
        for holder in self.holders {
            let shown = Value::from(merchant.balance(holder));
            assert_eq!(minor(&shown), self.balance(holder), "{holder}");
        }
    }

    /// Each cardholder's list holds what was acknowledged, and each row begins where the one
    /// before has ended.
    pub fn assert_history(&self, merchant: &mut Merchant) {
        let mut listed = 0;
        for holder in self.holders {
            let mut balance = 0;
            for row in merchant.list_all(&[("cardholder_no", holder)]).iter().rev() {
                let number = row["transfer_unique_no"].as_str().expect("a number");
                let known = self.done.get(number);
                let (asked, answer) = known.unwrap_or_else(|| panic!("nobody was told of {row}"));
                assert_same(asked, answer, row);
                assert_eq!(minor(&row["before_balance"]), balance, "{number}");
                balance += asked.change();
                assert_eq!(minor(&row["after_balance"]), balance, "{number}");
                listed += 1;
            }
        }
        assert_eq!(listed, self.done.len(), "nothing is missing");
    }
}

/// The list shows what was asked for and what was answered.
fn assert_same(asked: &Asked, answer: &Value, row: &Value) {
    for name in ["transfer_no", "transfer_unique_no", "before_balance", "after_balance"] {
        assert_eq!(answer["data"][name], row[name], "{asked:?}");
    }
    assert_eq!(row["cardholder_no"], asked.holder);
    assert_eq!(row["type"], asked.direction);
    assert_eq!(row["status"], "Success");
    assert_eq!(minor(&row["balance"]), asked.minor);
}
