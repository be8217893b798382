//! Balances in plain maps: four numbers for each account.

use domain::account::{AccountKey, AccountKind, Sums};
use domain::asset::Asset;
use domain::id::{AccountId, ProgramId};
use domain::transfer::Refusal;
use std::collections::BTreeMap;

/// One account: its asset, its floor, its numbers.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Sheet {
    pub asset: Asset,
    pub floor: Option<i64>,
    pub sums: Sums,
    /// Movements so far.
    pub version: u64,
}

/// One posted movement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scenario) struct Moved {
    pub debit: AccountId,
    pub credit: AccountId,
    pub minor: i64,
}

#[derive(Clone, Debug)]
pub(in crate::scenario) struct Books {
    pub program: ProgramId,
    pub sheets: BTreeMap<AccountId, Sheet>,
}

impl Books {
    pub(in crate::scenario) const fn new(program: ProgramId) -> Self {
        Self { program, sheets: BTreeMap::new() }
    }

    pub(in crate::scenario) fn open(&mut self, key: AccountKey) {
        let floor = match key.kind {
            AccountKind::External
            | AccountKind::Settlement
            | AccountKind::Exchange
            | AccountKind::Shortfall => None,
            _ => Some(0),
        };
        let sheet = Sheet { asset: key.asset, floor, sums: Sums::default(), version: 0 };
        self.sheets.insert(key.id(), sheet);
    }

    /// Zero where there is no such account.
    pub(super) fn available(&self, id: AccountId) -> i64 {
        self.sheets.get(&id).map_or(0, |sheet| {
            sheet.sums.posted_credits - sheet.sums.posted_debits - sheet.sums.held_debits
        })
    }

    pub(super) fn check(
        &self,
        debit: AccountId,
        credit: AccountId,
        debit_asset: Asset,
        credit_asset: Asset,
    ) -> Result<(), Refusal> {
        if debit == credit {
            return Err(Refusal::SameAccount);
        }
        let debit = self.sheets.get(&debit).ok_or(Refusal::DebitAccountMissing)?;
        let credit = self.sheets.get(&credit).ok_or(Refusal::CreditAccountMissing)?;
        if debit.asset != debit_asset || credit.asset != credit_asset {
            return Err(Refusal::AssetMismatch);
        }
        Ok(())
    }

    /// Moves `posted` and changes what is held by `held`, on both sides.
    pub(super) fn change(
        &mut self,
        debit: AccountId,
        credit: AccountId,
        posted: i64,
        held: i64,
    ) -> Result<(), Refusal> {
        let paid = debited(&self.sheets[&debit], posted, held);
        let received = credited(&self.sheets[&credit], posted, held);
        match (paid, received) {
            (Ok(paid), Ok(received)) => {
                self.sheets.insert(debit, paid);
                self.sheets.insert(credit, received);
                Ok(())
            }
            (Err(one), Err(other)) => Err(one.min(other)),
            (Err(refusal), _) | (_, Err(refusal)) => Err(refusal),
        }
    }

    pub(super) fn post(
        &mut self,
        debit: AccountId,
        credit: AccountId,
        minor: i64,
        asset: Asset,
    ) -> Result<Moved, Refusal> {
        self.check(debit, credit, asset, asset)?;
        self.change(debit, credit, minor, 0)?;
        Ok(Moved { debit, credit, minor })
    }
}

fn debited(sheet: &Sheet, posted: i64, held: i64) -> Result<Sheet, Refusal> {
    let mut next = sheet.clone();
    let sums = &mut next.sums;
    sums.posted_debits = sums.posted_debits.checked_add(posted).ok_or(Refusal::Overflow)?;
    sums.held_debits = sums.held_debits.checked_add(held).ok_or(Refusal::Overflow)?;
    let balance = sums.posted_credits - sums.posted_debits;
    let left = balance.checked_sub(sums.held_debits).ok_or(Refusal::Overflow)?;
    let before = sheet.sums.posted_credits - sheet.sums.posted_debits - sheet.sums.held_debits;
    if left < before && sheet.floor.is_some_and(|floor| left < floor) {
        return Err(Refusal::InsufficientFunds);
    }
    next.version += 1;
    Ok(next)
}

fn credited(sheet: &Sheet, posted: i64, held: i64) -> Result<Sheet, Refusal> {
    let mut next = sheet.clone();
    let sums = &mut next.sums;
    sums.posted_credits = sums.posted_credits.checked_add(posted).ok_or(Refusal::Overflow)?;
    sums.held_credits = sums.held_credits.checked_add(held).ok_or(Refusal::Overflow)?;
    next.version += 1;
    Ok(next)
}
