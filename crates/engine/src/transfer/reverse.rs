//! Undoes an instruction by new transfers the other way round. The old rows stay as they are.
//!
//! What if two reversals race: both read the absence of one reference that is named by the original
//! instruction; its unique key lets one of them through.

use super::book::Book;
use super::post::available;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::instruction::record::Record;
use crate::once::{Fingerprinted, Idempotent, Kept, ReferenceName, Repeats};
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::account::Account;
use domain::id::{InstructionId, ProgramId, ReferenceKey};
use domain::instruction::{Instruction, InstructionKind, InstructionRefusal, Outcome};
use domain::money::Amount;
use domain::reference::Reference;
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::transfer::{Transfer, TransferKind};
use store::{Lock, Scope, Wants};
use vault::fingerprint::Canonical;

/// The scope of the references that say what was undone.
const UNDO_SCOPE: &str = "instruction/undo";

/// The reference that says that an instruction was undone.
pub(crate) fn undo_name(undone: InstructionId) -> ReferenceName {
    ReferenceName { scope: UNDO_SCOPE.into(), text: undone.to_string() }
}

/// What is to be undone.
#[derive(Clone, Debug)]
pub struct Reverse {
    pub instruction: InstructionId,
    pub remark: String,
    pub reference: Option<(ReferenceName, Repeats)>,
}

/// An instruction and its transfers: facts, so they may be read before the unit.
struct Original {
    instruction: Instruction,
    transfers: Vec<Transfer>,
}

impl Original {
    fn check(&self) -> Result<(), InstructionRefusal> {
        let posts = self.transfers.iter().all(|transfer| transfer.kind == TransferKind::Post);
        let reversal = self.instruction.kind == InstructionKind::Reverse;
        let moved = self.instruction.outcome == Outcome::Completed && !self.transfers.is_empty();
        if posts && moved && !reversal { Ok(()) } else { Err(InstructionRefusal::NotReversible) }
    }
}

/// An original that was not found is refused inside the unit, after the caller and the reference,
/// whose answers come first.
struct Undo {
    id: InstructionId,
    original: Option<Original>,
    key: ReferenceKey,
    remark: String,
}

impl Verb for Undo {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Reference>(self.key, Lock::Fixed);
        let Some(original) = &self.original else { return };
        wants.want::<Account>(original.instruction.account, Lock::Exclusive);
        for transfer in &original.transfers {
            wants.want::<Account>(transfer.debit, Lock::Exclusive);
            wants.want::<Account>(transfer.credit, Lock::Exclusive);
        }
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        super::check_remark(&self.remark)?;
        let original = self.original.as_ref().ok_or(InstructionRefusal::Missing)?;
        original.check()?;
        let Original { instruction: undone, transfers } = original;
        if scope.get::<Reference>(self.key).is_some() {
            return Err(InstructionRefusal::AlreadyReversed.into());
        }
        let before_minor = available(scope, undone.account);
        let mut book = Book::open(scope, stamp);
        for transfer in transfers.iter().rev() {
            let amount = Amount::new(transfer.amount).expect("posted amounts are positive");
            book.post(transfer.credit, transfer.debit, amount, None).map_err(Refusal::from)?;
        }
        let after_minor = available(book.scope(), undone.account);
        let receipt = book.record(Record {
            kind: InstructionKind::Reverse,
            outcome: Outcome::Completed,
            amount: undone.amount,
            account: undone.account,
            counterparty: undone.counterparty,
            cardholder: undone.cardholder,
            before_minor,
            after_minor,
            undoes: Some(undone.id),
            remark: self.remark.clone(),
            end_to_end_id: None,
        });
        // Stands unless a client's own reference takes its place.
        scope.name_instructions(self.key);
        let reference = Reference {
            key: self.key,
            program: scope.program(),
            place: scope.place(),
            scope: UNDO_SCOPE.into(),
            text: undone.id.to_string(),
            fingerprint: [0; 32],
            instruction: Some(receipt.instruction),
            answer: receipt.keep(),
            at: scope.at(),
        };
        scope.add(reference);
        Ok(receipt)
    }
}

impl Fingerprinted for Undo {
    fn canonical(&self) -> Canonical {
        Canonical::new(1, "reverse").id(self.id.bytes()).text(&self.remark)
    }
}

impl Engine {
    /// Undoes a completed instruction of posts, once. The receipt's balances are those of the
    /// account that the original acted on.
    ///
    /// Refuses an unknown instruction, one that can't be undone, one that was, and what the
    /// receiving accounts can't pay back.
    pub async fn reverse(
        &self,
        program: ProgramId,
        by: By,
        command: Reverse,
    ) -> Result<Idempotent<Receipt>, Error> {
        let id = command.instruction;
        let original = match self.store.instruction(program, id).await? {
            None => None,
            Some(instruction) => {
                let transfers = self.transfers_of(&instruction).await?;
                Some(Original { instruction, transfers })
            }
        };
        let key = undo_name(id).key(&self.keyring.lookup, program);
        let verb = Undo { id, original, key, remark: command.remark };
        self.run_once(program, by, command.reference, verb).await
    }
}

#[cfg(test)]
mod tests;
