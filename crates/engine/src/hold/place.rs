//! Reserves an amount of one account for another.

use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::instruction::record::Record;
use crate::once::{Fingerprinted, Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use crate::transfer::book::Book;
use crate::transfer::post::available;
use crate::verb::{Stop, Verb};
use domain::account::Account;
use domain::hold::{Hold, HoldRefusal, LIFE_DEFAULT, LIFE_MAX};
use domain::id::{AccountId, ProgramId};
use domain::instruction::{InstructionKind, Outcome};
use domain::money::Amount;
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use std::time::Duration;
use store::{Lock, Scope, Wants};
use vault::fingerprint::Canonical;

/// What is to be reserved.
#[derive(Clone, Debug)]
pub struct PlaceHold {
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: Amount,
    /// Seven days where absent, 31 at most.
    pub life: Option<Duration>,
    pub remark: String,
    pub reference: Option<(ReferenceName, Repeats)>,
}

struct Place {
    debit: AccountId,
    credit: AccountId,
    amount: Amount,
    life: Duration,
    remark: String,
}

impl Verb for Place {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Account>(self.debit, Lock::Exclusive);
        wants.want::<Account>(self.credit, Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        crate::transfer::check_remark(&self.remark)?;
        let (at, expires_at) = (scope.at(), scope.at().plus(self.life));
        // Before the funds are looked at, as the order of refusals says.
        if expires_at <= at || expires_at > at.plus(LIFE_MAX) {
            return Err(HoldRefusal::BadExpiry.into());
        }
        let before_minor = available(scope, self.debit);
        let mut book = Book::open(scope, stamp);
        let moved = book.hold(self.debit, self.credit, self.amount, expires_at);
        let moved = moved.map_err(Refusal::from)?;
        let hold = Hold::place(&moved.transfer, &moved.debit, &moved.credit, self.amount)?;
        book.scope().add(hold);
        let after_minor = available(book.scope(), self.debit);
        let receipt = book.record(Record {
            kind: InstructionKind::Hold,
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
        });
        Ok(Receipt { hold: Some(hold.id), ..receipt })
    }
}

impl Fingerprinted for Place {
    fn canonical(&self) -> Canonical {
        Canonical::new(1, "hold")
            .id(self.debit.bytes())
            .id(self.credit.bytes())
            .text(self.amount.asset().code())
            .i64(self.amount.minor())
            .i64(i64::try_from(self.life.as_micros()).unwrap_or(i64::MAX))
            .text(&self.remark)
    }
}

impl Engine {
    /// Lowers what is available on `debit` until the hold's end. The receipt names the hold.
    pub async fn place_hold(
        &self,
        program: ProgramId,
        by: By,
        command: PlaceHold,
    ) -> Result<Idempotent<Receipt>, Error> {
        let verb = Place {
            debit: command.debit,
            credit: command.credit,
            amount: command.amount,
            life: command.life.unwrap_or(LIFE_DEFAULT),
            remark: command.remark,
        };
        self.run_once(program, by, command.reference, verb).await
    }
}
