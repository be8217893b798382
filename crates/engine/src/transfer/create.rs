//! A transfer between any two accounts of one asset inside a programme.

use super::post::{Holder, OnInsufficient, Post};
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::once::{Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use domain::account::Side;
use domain::id::{AccountId, ProgramId};
use domain::instruction::InstructionKind;
use domain::money::Amount;
use std::future::Future;

/// What is to be moved.
#[derive(Clone, Debug)]
pub struct CreateTransfer {
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: Amount,
    pub on_insufficient: OnInsufficient,
    pub remark: String,
    pub reference: Option<(ReferenceName, Repeats)>,
}

impl Engine {
    /// Debit to credit; the receipt's balances are the debited account's.
    pub fn create_transfer(
        &self,
        program: ProgramId,
        by: By,
        command: CreateTransfer,
    ) -> impl Future<Output = Result<Idempotent<Receipt>, Error>> + Send {
        let verb = Post {
            kind: InstructionKind::Transfer,
            debit: command.debit,
            credit: command.credit,
            amount: command.amount,
            subject: Side::Debit,
            holder: Holder::None,
            on_insufficient: command.on_insufficient,
            remark: command.remark,
        };
        self.run_once(program, by, command.reference, verb)
    }
}

#[cfg(test)]
mod tests;
