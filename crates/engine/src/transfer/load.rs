//! Loads a cardholder's wallet from the programme's reserve, or unloads it back.

use super::post::{Holder, OnInsufficient, Post};
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::once::{Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use domain::account::{AccountKey, AccountKind, Side};
use domain::credential::Caller;
use domain::instruction::InstructionKind;
use domain::money::Amount;
use std::future::Future;

/// Which way, as seen from the wallet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    In,
    Out,
}

/// What is to be moved.
#[derive(Clone, Debug)]
pub struct Load {
    pub cardholder_number: String,
    pub direction: Direction,
    pub amount: Amount,
    pub reference: ReferenceName,
    pub repeats: Repeats,
}

impl Engine {
    /// Reserve to wallet, which needs an approved cardholder, or wallet to reserve, which does not.
    /// The receipt's balances are the wallet's.
    ///
    /// Refuses an unknown cardholder, one not approved, a missing account and insufficient funds.
    pub fn load(
        &self,
        caller: Caller,
        command: Load,
    ) -> impl Future<Output = Result<Idempotent<Receipt>, Error>> + Send {
        let program = caller.program;
        let asset = command.amount.asset();
        let holder = self.cardholder_id(program, &command.cardholder_number);
        let wallet = AccountKey::wallet(program, holder, asset).id();
        let reserve = AccountKey::own(program, AccountKind::Reserve, asset).id();
        let verb = match command.direction {
            Direction::In => Post {
                kind: InstructionKind::Load,
                debit: reserve,
                credit: wallet,
                amount: command.amount,
                subject: Side::Credit,
                holder: Holder::Approved(holder),
                on_insufficient: OnInsufficient::Refuse,
                remark: String::new(),
            },
            Direction::Out => Post {
                kind: InstructionKind::Unload,
                debit: wallet,
                credit: reserve,
                amount: command.amount,
                subject: Side::Debit,
                holder: Holder::Known(holder),
                on_insufficient: OnInsufficient::Refuse,
                remark: String::new(),
            },
        };
        let reference = Some((command.reference, command.repeats));
        self.run_once(program, By::Caller(caller), reference, verb)
    }
}

#[cfg(test)]
mod tests;
