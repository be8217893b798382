//! Money from outside and back: between External and an account. Operator only.

use super::post::{Holder, OnInsufficient, Post};
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::once::{Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use domain::account::{AccountKey, AccountKind, Owner, Side};
use domain::id::ProgramId;
use domain::instruction::InstructionKind;
use domain::money::Amount;

/// What is to be moved in or out.
#[derive(Clone, Debug)]
pub struct Fund {
    /// The account inside; its asset is the amount's.
    pub account: AccountKey,
    pub amount: Amount,
    pub remark: String,
    pub reference: Option<ReferenceName>,
}

impl Fund {
    fn holder(&self) -> Holder {
        match self.account.owner {
            Owner::Cardholder(id) => Holder::Known(id),
            Owner::Program | Owner::SubAccount(_) | Owner::Card(_) => Holder::None,
        }
    }
}

impl Engine {
    /// External to the account.
    pub async fn fund(
        &self,
        program: ProgramId,
        command: Fund,
    ) -> Result<Idempotent<Receipt>, Error> {
        let external = AccountKey::own(program, AccountKind::External, command.amount.asset());
        let verb = Post {
            kind: InstructionKind::Fund,
            debit: external.id(),
            credit: command.account.id(),
            amount: command.amount,
            subject: Side::Credit,
            holder: command.holder(),
            on_insufficient: OnInsufficient::Refuse,
            remark: command.remark,
        };
        let reference = command.reference.map(|name| (name, Repeats::Replay));
        self.run_once(program, By::Operator, reference, verb).await
    }

    /// The account to External, down to the account's floor.
    pub async fn pay_out(
        &self,
        program: ProgramId,
        command: Fund,
    ) -> Result<Idempotent<Receipt>, Error> {
        let external = AccountKey::own(program, AccountKind::External, command.amount.asset());
        let verb = Post {
            kind: InstructionKind::Payout,
            debit: command.account.id(),
            credit: external.id(),
            amount: command.amount,
            subject: Side::Debit,
            holder: command.holder(),
            on_insufficient: OnInsufficient::Refuse,
            remark: command.remark,
        };
        let reference = command.reference.map(|name| (name, Repeats::Replay));
        self.run_once(program, By::Operator, reference, verb).await
    }
}

#[cfg(test)]
mod tests;
