//! Finds and lists instructions, with the reference that each was named by.

use crate::error::Error;
use crate::once::ReferenceName;
use crate::start::Engine;
use domain::id::{AccountId, InstructionId, ProgramId};
use domain::instruction::{Instruction, InstructionKind, Outcome};
use domain::reference::Reference;
use domain::time::Time;
use domain::transfer::{Cause, Place, Transfer};
use store::InstructionFilter;

/// Which instructions; every condition must hold. Newest first.
#[derive(Clone, Default, Debug)]
pub struct ListInstructions {
    pub account: Option<AccountId>,
    pub id: Option<InstructionId>,
    pub reference: Option<ReferenceName>,
    /// Empty for all kinds.
    pub kinds: Vec<InstructionKind>,
    /// Empty for all outcomes.
    pub outcomes: Vec<Outcome>,
    pub end_to_end_id: Option<String>,
    /// The counterparty, of those that have an end-to-end id.
    pub payee: Option<AccountId>,
    /// Recorded at this time or later.
    pub from: Option<Time>,
    /// Recorded before this time.
    pub until: Option<Time>,
    /// Only rows before this place, the last of the page before: rows that come meanwhile never
    /// shift a page.
    pub before: Option<Place>,
    /// Rows to pass over, for doors that count pages.
    pub skip: u64,
    pub limit: u32,
}

/// An instruction and the reference that names it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub instruction: Instruction,
    pub reference: Option<Reference>,
}

impl Engine {
    pub async fn find_instruction(
        &self,
        program: ProgramId,
        id: InstructionId,
    ) -> Result<Option<Listed>, Error> {
        match self.store.instruction(program, id).await? {
            None => Ok(None),
            Some(instruction) => self.with_reference(instruction).await.map(Some),
        }
    }

    /// Without the references that name them.
    pub async fn bare_instructions(
        &self,
        program: ProgramId,
        list: ListInstructions,
    ) -> Result<Vec<Instruction>, Error> {
        let filter = InstructionFilter {
            account: list.account,
            id: list.id,
            reference: list.reference.map(|name| self.reference_key(program, &name)),
            kinds: list.kinds,
            outcomes: list.outcomes,
            end_to_end_id: list.end_to_end_id,
            payee: list.payee,
            from: list.from,
            until: list.until,
            before: list.before,
            skip: list.skip,
            limit: list.limit,
        };
        Ok(self.store.instructions(program, filter).await?)
    }

    /// With the reference that each was named by.
    pub async fn instructions(
        &self,
        program: ProgramId,
        list: ListInstructions,
    ) -> Result<Vec<Listed>, Error> {
        let found = self.bare_instructions(program, list).await?;
        let mut listed = Vec::with_capacity(found.len());
        for instruction in found {
            listed.push(self.with_reference(instruction).await?);
        }
        Ok(listed)
    }

    /// The transfers that the unit at a `seq` wrote.
    pub async fn transfers_at(&self, program: ProgramId, seq: u64) -> Result<Vec<Transfer>, Error> {
        Ok(self.store.transfers(program, seq).await?)
    }

    /// The transfers of an instruction, in order.
    pub async fn transfers_of(&self, instruction: &Instruction) -> Result<Vec<Transfer>, Error> {
        let mut transfers =
            self.store.transfers(instruction.program, instruction.place.seq).await?;
        let cause = Cause::Instruction(instruction.id);
        transfers.retain(|transfer| transfer.cause == cause);
        Ok(transfers)
    }

    async fn with_reference(&self, instruction: Instruction) -> Result<Listed, Error> {
        let reference = match instruction.reference {
            None => None,
            Some(key) => self.store.reference(instruction.program, key).await?,
        };
        Ok(Listed { instruction, reference })
    }
}

#[cfg(test)]
mod tests;
