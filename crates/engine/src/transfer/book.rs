//! Writes the transfers of one instruction over the loaded accounts.
//!
//! Both accounts of each movement are put back at once, so that the next leg of the unit sees them
//! and every floor is checked after each entry. A refusal in a later leg undoes the whole unit.

use crate::instruction::Receipt;
use crate::instruction::record::{Record, record};
use domain::account::Account;
use domain::hold::{Draw, Hold};
use domain::id::{AccountId, InstructionId, TransferId};
use domain::money::Amount;
use domain::rate::Conversion;
use domain::stamp::Stamp;
use domain::time::Time;
use domain::transfer::{
    self, Cause, Draft, Entry, Moved, Place, Refusal, Transfer, TransferKind, draw, hold, post,
};
use store::Scope;

/// Of a movement that is not written yet.
const NO_PLACE: Place = Place { seq: 0, ordinal: 0 };

pub(crate) struct Book<'a, 's> {
    scope: &'a mut Scope<'s>,
    stamp: &'a mut Stamp,
    cause: Cause,
    /// The first transfer, which the later ones are linked with.
    first: Option<TransferId>,
    count: u16,
}

impl<'a, 's> Book<'a, 's> {
    /// For a new instruction.
    pub(crate) fn open(scope: &'a mut Scope<'s>, stamp: &'a mut Stamp) -> Self {
        let cause = Cause::Instruction(InstructionId::from_bytes(stamp.id()));
        Self { scope, stamp, cause, first: None, count: 0 }
    }

    /// For a hold whose time is over.
    pub(crate) fn open_expiry(scope: &'a mut Scope<'s>, stamp: &'a mut Stamp) -> Self {
        Self { scope, stamp, cause: Cause::Expiry, first: None, count: 0 }
    }

    pub(crate) fn scope(&mut self) -> &mut Scope<'s> {
        self.scope
    }

    fn pair(&self, debit: AccountId, credit: AccountId) -> Result<(Account, Account), Refusal> {
        if debit == credit {
            return Err(Refusal::SameAccount);
        }
        let debit = self.scope.get::<Account>(debit).ok_or(Refusal::DebitAccountMissing)?;
        let credit = self.scope.get::<Account>(credit).ok_or(Refusal::CreditAccountMissing)?;
        Ok((*debit, *credit))
    }

    /// A transfer that may yet be declined, so it takes no place before it is written.
    fn draft(&mut self, conversion: Option<Conversion>) -> Draft {
        Draft {
            id: TransferId::from_bytes(self.stamp.id()),
            place: NO_PLACE,
            link: self.first,
            cause: self.cause,
            conversion,
            expires_at: None,
            at: self.scope.at(),
        }
    }

    fn write(&mut self, moved: Moved) -> Transfer {
        let Moved { transfer, debit, credit, entries } = moved;
        let place = self.scope.place();
        let transfer = Transfer { place, ..transfer };
        self.scope.put(debit);
        self.scope.put(credit);
        self.scope.append(transfer);
        for entry in entries {
            self.scope.append(Entry { place, ..entry });
        }
        self.first.get_or_insert(transfer.id);
        self.count += 1;
        transfer
    }

    pub(crate) fn post(
        &mut self,
        debit: AccountId,
        credit: AccountId,
        amount: Amount,
        conversion: Option<Conversion>,
    ) -> Result<Transfer, Refusal> {
        let (debit, credit) = self.pair(debit, credit)?;
        let draft = self.draft(conversion);
        let moved = post(draft, &debit, &credit, amount)?;
        Ok(self.write(moved))
    }

    /// Reserves, and hands back the accounts that the hold's row is made with.
    pub(crate) fn hold(
        &mut self,
        debit: AccountId,
        credit: AccountId,
        amount: Amount,
        expires_at: Time,
    ) -> Result<Moved, Refusal> {
        let (debit, credit) = self.pair(debit, credit)?;
        let draft = Draft { expires_at: Some(expires_at), ..self.draft(None) };
        let moved = hold(draft, &debit, &credit, amount)?;
        self.write(moved);
        Ok(moved)
    }

    /// Writes a draw that was decided on `held`, the row as it was before.
    pub(crate) fn draw(
        &mut self,
        kind: TransferKind,
        held: &Hold,
        drawn: Draw,
    ) -> Result<Transfer, transfer::Refusal> {
        let (debit, credit) = self.pair(held.debit, held.credit)?;
        let draft = self.draft(None);
        let moved = draw(draft, kind, held, &debit, &credit, drawn)?;
        Ok(self.write(moved))
    }

    /// Writes the instruction over all that was moved.
    ///
    /// # Panics
    /// On a book that was opened without an instruction.
    pub(crate) fn record(self, what: Record) -> Receipt {
        let Cause::Instruction(id) = self.cause else {
            panic!("an expiry has no instruction");
        };
        record(self.scope, self.stamp, id, self.count, what)
    }
}
