//! Several transfers that stand or fall together, as one instruction.

use super::book::Book;
use super::post::available;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::instruction::record::Record;
use crate::once::{Fingerprinted, Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::account::Account;
use domain::id::{AccountId, ProgramId};
use domain::instruction::{InstructionKind, InstructionRefusal, Outcome};
use domain::money::Amount;
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};
use vault::fingerprint::Canonical;

/// The most legs of one instruction.
pub const LEGS_MAX: usize = 64;

/// One movement of the group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leg {
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: Amount,
}

/// The whole group. The first leg's debited account is the one acted on.
#[derive(Clone, Debug)]
pub struct LinkedTransfers {
    pub legs: Vec<Leg>,
    pub remark: String,
    pub reference: Option<(ReferenceName, Repeats)>,
}

struct Linked {
    legs: Vec<Leg>,
    remark: String,
}

impl Verb for Linked {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        for leg in &self.legs {
            wants.want::<Account>(leg.debit, Lock::Exclusive);
            wants.want::<Account>(leg.credit, Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        super::check_remark(&self.remark)?;
        let Some(first) = self.legs.first().filter(|_| self.legs.len() <= LEGS_MAX) else {
            return Err(InstructionRefusal::BadLegCount.into());
        };
        let before_minor = available(scope, first.debit);
        let mut book = Book::open(scope, stamp);
        for leg in &self.legs {
            book.post(leg.debit, leg.credit, leg.amount, None).map_err(Refusal::from)?;
        }
        let after_minor = available(book.scope(), first.debit);
        Ok(book.record(Record {
            kind: InstructionKind::Transfer,
            outcome: Outcome::Completed,
            amount: first.amount,
            account: first.debit,
            counterparty: Some(first.credit),
            cardholder: None,
            before_minor,
            after_minor,
            undoes: None,
            remark: self.remark.clone(),
            end_to_end_id: None,
        }))
    }
}

impl Fingerprinted for Linked {
    fn canonical(&self) -> Canonical {
        let start = Canonical::new(1, "linked").text(&self.remark);
        self.legs.iter().fold(start, |canonical, leg| {
            canonical
                .id(leg.debit.bytes())
                .id(leg.credit.bytes())
                .text(leg.amount.asset().code())
                .i64(leg.amount.minor())
        })
    }
}

impl Engine {
    /// All or none; the receipt's balances are those of the first leg's debited account.
    pub async fn create_linked(
        &self,
        program: ProgramId,
        by: By,
        command: LinkedTransfers,
    ) -> Result<Idempotent<Receipt>, Error> {
        let verb = Linked { legs: command.legs, remark: command.remark };
        self.run_once(program, by, command.reference, verb).await
    }
}

#[cfg(test)]
mod tests;
