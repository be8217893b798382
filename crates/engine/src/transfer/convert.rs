//! A transfer between two assets: a linked pair through the programme's Exchange accounts, at the
//! operator's rate, both or neither.
//!
//! Locks: the rate shared, four accounts exclusive. The second transfer keeps the rate, the
//! direction of rounding and the exact product.

use super::book::Book;
use super::post::available;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::instruction::record::Record;
use crate::once::{Fingerprinted, Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::account::{Account, AccountKey, AccountKind};
use domain::asset::Asset;
use domain::id::{AccountId, ProgramId, RateId};
use domain::instruction::{InstructionKind, Outcome};
use domain::money::Amount;
use domain::rate::{ProgramRate, Rounding};
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::transfer;
use store::{Lock, Scope, Wants};
use vault::fingerprint::Canonical;

/// What is to be converted.
#[derive(Clone, Debug)]
pub struct Convert {
    pub debit: AccountId,
    pub credit: AccountId,
    /// In the asset of `debit`.
    pub amount: Amount,
    /// The asset of `credit`.
    pub to: Asset,
    pub rounding: Rounding,
    pub remark: String,
    pub reference: Option<(ReferenceName, Repeats)>,
}

struct Conversion {
    program: ProgramId,
    debit: AccountId,
    credit: AccountId,
    amount: Amount,
    to: Asset,
    rounding: Rounding,
    remark: String,
}

impl Conversion {
    fn exchange(&self, asset: Asset) -> AccountId {
        AccountKey::own(self.program, AccountKind::Exchange, asset).id()
    }

    /// Before the rate is looked for, as the order of refusals says.
    fn check_accounts(&self, scope: &Scope<'_>) -> Result<(), transfer::Refusal> {
        if self.debit == self.credit {
            return Err(transfer::Refusal::SameAccount);
        }
        let asset = |id: AccountId| scope.get::<Account>(id).map(|account| account.asset);
        let debit = asset(self.debit).ok_or(transfer::Refusal::DebitAccountMissing)?;
        let credit = asset(self.credit).ok_or(transfer::Refusal::CreditAccountMissing)?;
        if (debit, credit) == (self.amount.asset(), self.to) {
            Ok(())
        } else {
            Err(transfer::Refusal::AssetMismatch)
        }
    }

    fn rate(&self) -> RateId {
        RateId::of(self.amount.asset(), self.to)
    }
}

impl Verb for Conversion {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<ProgramRate>(self.rate(), Lock::Shared);
        let exchanges = [self.exchange(self.amount.asset()), self.exchange(self.to)];
        for account in [self.debit, self.credit].into_iter().chain(exchanges) {
            wants.want::<Account>(account, Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        super::check_remark(&self.remark)?;
        self.check_accounts(scope)?;
        let rate = scope.get::<ProgramRate>(self.rate()).map(|row| row.rate);
        let rate = rate.ok_or(transfer::Refusal::RateMissing)?;
        let converted = rate.convert(self.amount.money(), self.to, self.rounding);
        let (money, conversion) = converted.ok_or(transfer::Refusal::Overflow)?;
        let received = Amount::new(money).map_err(|_| transfer::Refusal::TooSmallToConvert)?;
        let before_minor = available(scope, self.debit);
        let mut book = Book::open(scope, stamp);
        let from_exchange = self.exchange(self.amount.asset());
        book.post(self.debit, from_exchange, self.amount, None).map_err(Refusal::from)?;
        book.post(self.exchange(self.to), self.credit, received, Some(conversion))
            .map_err(Refusal::from)?;
        let after_minor = available(book.scope(), self.debit);
        Ok(book.record(Record {
            kind: InstructionKind::Convert,
            outcome: Outcome::Completed,
            amount: self.amount,
            account: self.debit,
            counterparty: Some(self.credit),
            cardholder: None,
            before_minor,
            after_minor,
            undoes: None,
            remark: self.remark.clone(),
            end_to_end_id: None,
        }))
    }
}

impl Fingerprinted for Conversion {
    fn canonical(&self) -> Canonical {
        Canonical::new(1, "convert")
            .id(self.debit.bytes())
            .id(self.credit.bytes())
            .text(self.amount.asset().code())
            .i64(self.amount.minor())
            .text(self.to.code())
            .i64(i64::from(self.rounding.code()))
            .text(&self.remark)
    }
}

impl Engine {
    /// The receipt's balances are the debited account's.
    ///
    /// Refuses a missing rate and an amount that rounds to nothing.
    pub async fn convert(
        &self,
        program: ProgramId,
        by: By,
        command: Convert,
    ) -> Result<Idempotent<Receipt>, Error> {
        let verb = Conversion {
            program,
            debit: command.debit,
            credit: command.credit,
            amount: command.amount,
            to: command.to,
            rounding: command.rounding,
            remark: command.remark,
        };
        self.run_once(program, by, command.reference, verb).await
    }
}

#[cfg(test)]
mod tests;
