//! Inside a programme's family: between the issuing accounts of two members, with a fee; from
//! outside to a member's account at the bank; from the bank to issuing.
//!
//! Locks: the members shared, so that nobody is stopped meanwhile; all accounts exclusive. Transfer
//! and fee stand or fall together. A member that is not active takes part in nothing. Too little
//! money is refused and leaves nothing, the reference included. If it stops before the commit,
//! nothing happened. If it is asked twice, `Once` around it answers.

use super::book::Book;
use super::check_remark;
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
use domain::id::{AccountId, ProgramId, SubAccountId};
use domain::instruction::{InstructionKind, Outcome};
use domain::money::Amount;
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::sub_account::{SubAccount, SubAccountRefusal};
use domain::transfer;
use store::{Lock, Scope, Wants};
use vault::fingerprint::Canonical;

/// Where money is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Outside,
    Banking(SubAccountId),
    Issuing(SubAccountId),
}

/// What is to be moved, and from where to where.
#[derive(Clone, Debug)]
pub struct FamilyTransfer {
    pub from: Place,
    pub to: Place,
    pub amount: Amount,
    /// Paid by who sends, on top, to the programme's fees.
    pub fee: Option<Amount>,
    pub remark: String,
    /// What else a repeat must say the same, in one form however it was written. Not kept.
    pub also: Vec<u8>,
    pub reference: Option<(ReferenceName, Repeats)>,
}

struct Family {
    program: ProgramId,
    kind: InstructionKind,
    from: Place,
    to: Place,
    amount: Amount,
    fee: Option<Amount>,
    remark: String,
    also: Vec<u8>,
}

const fn member(place: Place) -> Option<SubAccountId> {
    match place {
        Place::Outside => None,
        Place::Banking(id) | Place::Issuing(id) => Some(id),
    }
}

const fn word(place: Place) -> &'static str {
    match place {
        Place::Outside => "outside",
        Place::Banking(_) => "banking",
        Place::Issuing(_) => "issuing",
    }
}

impl Family {
    /// The accounts that a place may be: which of them depends on the member's kind, so all are
    /// read.
    fn candidates(&self, place: Place) -> Vec<AccountKey> {
        let asset = self.amount.asset();
        let own = |kind| AccountKey::own(self.program, kind, asset);
        let of =
            |kind, id| AccountKey { owner: domain::account::Owner::SubAccount(id), ..own(kind) };
        match place {
            Place::Outside => vec![own(AccountKind::External)],
            Place::Banking(id) => {
                vec![own(AccountKind::Banking), of(AccountKind::Banking, id)]
            }
            Place::Issuing(id) => {
                vec![own(AccountKind::Reserve), of(AccountKind::SubAccount, id)]
            }
        }
    }

    fn account(&self, scope: &Scope<'_>, place: Place) -> Result<AccountId, SubAccountRefusal> {
        let asset: Asset = self.amount.asset();
        let found = |id| scope.get::<SubAccount>(id).ok_or(SubAccountRefusal::Missing);
        let key = match place {
            Place::Outside => {
                return Ok(AccountKey::own(self.program, AccountKind::External, asset).id());
            }
            Place::Banking(id) => {
                let member = found(id)?;
                member.check_active()?;
                member.banking(asset)
            }
            Place::Issuing(id) => {
                let member = found(id)?;
                member.check_active()?;
                member.issuing(asset)
            }
        };
        let id = key.ok_or(SubAccountRefusal::NoBalance)?.id();
        scope.get::<Account>(id).ok_or(SubAccountRefusal::NoBalance)?;
        Ok(id)
    }

    fn fees(&self) -> AccountId {
        AccountKey::own(self.program, AccountKind::Fees, self.amount.asset()).id()
    }
}

impl Verb for Family {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        for place in [self.from, self.to] {
            if let Some(id) = member(place) {
                wants.want::<SubAccount>(id, Lock::Shared);
            }
            for key in self.candidates(place) {
                wants.want::<Account>(key.id(), Lock::Exclusive);
            }
        }
        if self.fee.is_some() {
            wants.want::<Account>(self.fees(), Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        check_remark(&self.remark)?;
        let debit = self.account(scope, self.from)?;
        let credit = self.account(scope, self.to)?;
        if debit == credit {
            return Err(transfer::Refusal::SameAccount.into());
        }
        let outside = self.from == Place::Outside;
        let (account, counterparty) = if outside { (credit, debit) } else { (debit, credit) };
        let before_minor = available(scope, account);
        let mut book = Book::open(scope, stamp);
        book.post(debit, credit, self.amount, None).map_err(Refusal::from)?;
        if let Some(fee) = self.fee {
            book.post(debit, self.fees(), fee, None).map_err(Refusal::from)?;
        }
        let after_minor = available(book.scope(), account);
        Ok(book.record(Record {
            kind: self.kind,
            outcome: Outcome::Completed,
            amount: self.amount,
            account,
            counterparty: Some(counterparty),
            cardholder: None,
            before_minor,
            after_minor,
            undoes: None,
            remark: self.remark.clone(),
            end_to_end_id: None,
        }))
    }
}

impl Fingerprinted for Family {
    /// Not the fee, which is the operator's to change between a call and its repeat.
    fn canonical(&self) -> Canonical {
        let none = SubAccountId::from_bytes([0; 16]);
        let start = Canonical::new(1, self.kind.word());
        let places = [self.from, self.to].map(|place| (word(place), member(place)));
        let canonical = places.iter().fold(start, |canonical, (word, place)| {
            canonical.text(word).id(place.as_ref().unwrap_or(&none).bytes())
        });
        let canonical = canonical.text(self.amount.asset().code()).i64(self.amount.minor());
        canonical.text(&self.remark).bytes(&self.also)
    }
}

impl Engine {
    /// Moves money inside a family. The receipt's balances are the sender's, or of a deposit the
    /// receiver's.
    ///
    /// Refuses an unknown member, one that is not active, one without a balance in the asset, and
    /// insufficient funds.
    pub async fn family_transfer(
        &self,
        program: ProgramId,
        by: By,
        command: FamilyTransfer,
    ) -> Result<Idempotent<Receipt>, Error> {
        let FamilyTransfer { from, to, amount, fee, remark, also, reference } = command;
        let kind = match (from, to) {
            (Place::Outside, Place::Issuing(_)) => InstructionKind::Fund,
            (Place::Outside, _) => InstructionKind::Deposit,
            (Place::Banking(_), _) => InstructionKind::Allocate,
            (Place::Issuing(_), _) => InstructionKind::Family,
        };
        let verb = Family { program, kind, from, to, amount, fee, remark, also };
        self.run_once(program, by, reference, verb).await
    }
}

#[cfg(test)]
mod tests;
