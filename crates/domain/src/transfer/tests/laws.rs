//! What holds after any movements at all.

use super::World;
use crate::account::Account;
use crate::asset::Asset;
use crate::hold::{Completion, Hold, HoldState};
use crate::money::{Amount, Money};
use crate::transfer::TransferKind;
use proptest::prelude::*;
use std::collections::BTreeMap;

const ACCOUNTS: [(&str, &str); 5] =
    [("bank", "-"), ("a", "0"), ("bb", "0"), ("credit", "-500"), ("lent", "50")];

#[derive(Clone, Debug)]
enum Step {
    Post(usize, usize, i64),
    Hold(usize, usize, i64, u64),
    Capture(usize, i64, Completion),
    Void(usize),
    Expire(usize),
    Wait(u64),
}

fn minor() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 1..300i64, 1 => 1..=i64::MAX, 1 => Just(i64::MAX)]
}

fn step() -> impl Strategy<Value = Step> {
    let account = || 0..ACCOUNTS.len();
    let completion = proptest::sample::select(Completion::ALL);
    prop_oneof![
        4 => (account(), account(), minor()).prop_map(|(d, c, m)| Step::Post(d, c, m)),
        3 => (account(), account(), minor(), 0..100u64)
            .prop_map(|(d, c, m, life)| Step::Hold(d, c, m, life)),
        3 => (0..8usize, minor(), completion).prop_map(|(h, m, how)| Step::Capture(h, m, how)),
        1 => (0..8usize).prop_map(Step::Void),
        1 => (0..8usize).prop_map(Step::Expire),
        1 => (0..40u64).prop_map(Step::Wait),
    ]
}

fn amount(minor: i64) -> Amount {
    let usd = Asset::find("USD").expect("an asset");
    Amount::new(Money::new(minor, usd)).expect("an amount")
}

/// Holds are named by their number, in the order in which they were placed.
fn take(world: &mut World, step: &Step) -> bool {
    let name = |index: usize| ACCOUNTS[index].0;
    let placed = world.holds.len();
    let old = |number: usize| format!("h{}", number % placed.max(1));
    let done = match *step {
        Step::Post(debit, credit, minor) => world.post(name(debit), name(credit), amount(minor)),
        Step::Hold(debit, credit, minor, life) => {
            let sides = [name(debit), name(credit)];
            world.hold(&format!("h{placed}"), sides, amount(minor), life)
        }
        Step::Capture(hold, minor, how) => {
            let part = amount(minor);
            world.draw(&old(hold), TransferKind::Capture, |hold, _| hold.capture(part, how))
        }
        Step::Void(hold) => world.draw(&old(hold), TransferKind::Void, |hold, _| hold.void()),
        Step::Expire(hold) => world.draw(&old(hold), TransferKind::Expire, Hold::expire),
        Step::Wait(seconds) => world.run(&["wait", &seconds.to_string()]),
    };
    done.is_ok()
}

fn check_account(account: &Account) -> Result<(), TestCaseError> {
    let sums = account.sums;
    for sum in [sums.posted_debits, sums.posted_credits, sums.held_debits, sums.held_credits] {
        prop_assert!(sum >= 0);
    }
    let balance = account.balance().minor;
    prop_assert_eq!(balance, sums.posted_credits - sums.posted_debits);
    prop_assert_eq!(
        i128::from(account.available().minor),
        i128::from(balance) - i128::from(sums.held_debits)
    );
    Ok(())
}

/// Every asset sums to zero, and what is held on one side is held on the other.
fn check_sums(accounts: &BTreeMap<String, Account>) -> Result<(), TestCaseError> {
    let total =
        |of: fn(&Account) -> i64| accounts.values().map(|a| i128::from(of(a))).sum::<i128>();
    prop_assert_eq!(total(|account| account.balance().minor), 0);
    prop_assert_eq!(total(|a| a.sums.held_debits), total(|a| a.sums.held_credits));
    Ok(())
}

fn check_hold(hold: &Hold) -> Result<(), TestCaseError> {
    let whole = hold.amount.minor();
    let open = hold.state == HoldState::Open;
    prop_assert!(hold.captured >= 0 && hold.remaining >= 0);
    // Captured + released = amount: what is neither captured nor left was let go, at the end.
    let released = whole - hold.captured - hold.remaining;
    prop_assert!(released >= 0);
    prop_assert!(!open || (released == 0 && hold.remaining > 0));
    prop_assert!(open || hold.remaining == 0);
    Ok(())
}

proptest! {
    #[test]
    fn books_add_up_after_any_steps(steps in proptest::collection::vec(step(), 1..80)) {
        let mut world = World::new();
        for (name, floor) in ACCOUNTS {
            world.open(name, "USD", floor).expect("it is new");
        }
        for step in &steps {
            let before = world.accounts.clone();
            let done = take(&mut world, step);
            for (name, account) in &world.accounts {
                check_account(account)?;
                let (was, is) = (before[name].available().minor, account.available().minor);
                let floor = account.floor.unwrap_or(i64::MIN);
                prop_assert!(is >= was || is >= floor, "{name} went below its floor");
                prop_assert!(done || *account == before[name]);
                prop_assert!(account.sums.posted_debits >= before[name].sums.posted_debits);
                prop_assert!(account.sums.posted_credits >= before[name].sums.posted_credits);
            }
            check_sums(&world.accounts)?;
            for hold in world.holds.values() {
                check_hold(hold)?;
            }
            let open: i128 = world.holds.values().map(|hold| i128::from(hold.remaining)).sum();
            let held = world.accounts.values().map(|a| i128::from(a.sums.held_debits));
            prop_assert_eq!(open, held.sum::<i128>());
        }
    }
}
