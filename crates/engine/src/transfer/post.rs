//! The verb under fund, pay out, load, unload and transfer: one posted movement between two
//! accounts, recorded as one instruction.
//!
//! Locks: the cardholder shared, where one is named; both accounts exclusive. If it stops before
//! the commit, nothing happened. If it is asked twice, `Once` around it answers.

use super::book::Book;
use crate::instruction::Receipt;
use crate::instruction::record::Record;
use crate::once::Fingerprinted;
use crate::verb::{Stop, Verb};
use domain::account::{Account, Side};
use domain::cardholder::{Cardholder, CardholderRefusal};
use domain::id::{AccountId, CardholderId};
use domain::instruction::{Decline, InstructionKind, Outcome};
use domain::money::Amount;
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::transfer;
use store::{Lock, Scope, Wants};
use vault::fingerprint::Canonical;

/// What becomes of a movement that the payer can't cover.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnInsufficient {
    /// A refusal: nothing is left behind.
    Refuse,
    /// A declined instruction without a transfer.
    Decline,
}

/// What a cardholder must be for the movement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Holder {
    None,
    Known(CardholderId),
    Approved(CardholderId),
}

impl Holder {
    pub(crate) const fn id(self) -> Option<CardholderId> {
        match self {
            Self::None => None,
            Self::Known(id) | Self::Approved(id) => Some(id),
        }
    }

    pub(crate) fn check(self, scope: &Scope<'_>) -> Result<(), CardholderRefusal> {
        let Some(id) = self.id() else { return Ok(()) };
        let holder = scope.get::<Cardholder>(id).ok_or(CardholderRefusal::Missing)?;
        match self {
            Self::Approved(_) => holder.check_approved(),
            Self::None | Self::Known(_) => Ok(()),
        }
    }
}

pub(crate) struct Post {
    pub kind: InstructionKind,
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: Amount,
    /// Which of the two accounts the caller acts on.
    pub subject: Side,
    pub holder: Holder,
    pub on_insufficient: OnInsufficient,
    pub remark: String,
}

impl Post {
    const fn subject(&self) -> (AccountId, AccountId) {
        match self.subject {
            Side::Debit => (self.debit, self.credit),
            Side::Credit => (self.credit, self.debit),
        }
    }
}

/// Available on an account, in minor units; zero where it is missing.
pub(crate) fn available(scope: &Scope<'_>, account: AccountId) -> i64 {
    scope.get::<Account>(account).map_or(0, |account| account.available().minor)
}

impl Verb for Post {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        if let Some(id) = self.holder.id() {
            wants.want::<Cardholder>(id, Lock::Shared);
        }
        wants.want::<Account>(self.debit, Lock::Exclusive);
        wants.want::<Account>(self.credit, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        super::check_remark(&self.remark)?;
        self.holder.check(scope)?;
        let (account, counterparty) = self.subject();
        let before_minor = available(scope, account);
        let mut book = Book::open(scope, stamp);
        let outcome = match book.post(self.debit, self.credit, self.amount, None) {
            Ok(_) => Outcome::Completed,
            Err(transfer::Refusal::InsufficientFunds)
                if self.on_insufficient == OnInsufficient::Decline =>
            {
                Outcome::Declined(Decline::InsufficientFunds)
            }
            Err(refusal) => return Err(Refusal::from(refusal).into()),
        };
        let after_minor = available(book.scope(), account);
        Ok(book.record(Record {
            kind: self.kind,
            outcome,
            amount: self.amount,
            account,
            counterparty: Some(counterparty),
            cardholder: self.holder.id(),
            before_minor,
            after_minor,
            undoes: None,
            remark: self.remark.clone(),
            end_to_end_id: None,
        }))
    }
}

impl Fingerprinted for Post {
    fn canonical(&self) -> Canonical {
        Canonical::new(1, self.kind.word())
            .id(self.debit.bytes())
            .id(self.credit.bytes())
            .text(self.amount.asset().code())
            .i64(self.amount.minor())
            .i64(i64::from(self.on_insufficient == OnInsufficient::Decline))
            .text(&self.remark)
    }
}
