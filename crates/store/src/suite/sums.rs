//! The auditor: recomputes everything that can be recomputed, from the rows alone.
//!
//! It shares no code with the decisions that it checks but the chain's canonical bytes, which have
//! vectors of their own. It says what is wrong in words for a test; the answer of sound books is
//! empty.

mod chains;
mod holds;
mod outbox;
mod places;

use super::dump::nouns;
use crate::error::StoreError;
use crate::query::Snapshot;
use domain::account::Account;
use domain::asset::Asset;
use domain::event::Event;
use domain::hold::Hold;
use domain::id::{AccountId, InstructionId, ProgramId, ReferenceKey, TransferId};
use domain::instruction::{Instruction, Outcome};
use domain::program::Counter;
use domain::reference::Reference;
use domain::transfer::{Cause, Entry, Transfer};
use std::collections::BTreeMap;

/// The rows of one moment, by their keys.
struct Books {
    accounts: BTreeMap<(ProgramId, AccountId), Account>,
    /// By account and version.
    entries: Vec<Entry>,
    transfers: BTreeMap<(ProgramId, TransferId), Transfer>,
    instructions: BTreeMap<(ProgramId, InstructionId), Instruction>,
    references: BTreeMap<(ProgramId, ReferenceKey), Reference>,
    holds: Vec<Hold>,
    counters: BTreeMap<ProgramId, Counter>,
    events: Vec<Event>,
}

/// What does not add up; empty for sound books.
pub async fn faults(snapshot: &mut dyn Snapshot) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    let transfers = nouns::<Transfer>(snapshot).await?;
    let instructions = nouns::<Instruction>(snapshot).await?;
    let (moved, asked) = (transfers.len(), instructions.len());
    let books = Books {
        accounts: by(nouns(snapshot).await?, |row: &Account| (row.program, row.id)),
        entries: nouns(snapshot).await?,
        transfers: by(transfers, |row| (row.program, row.id)),
        instructions: by(instructions, |row| (row.program, row.id)),
        references: by(nouns(snapshot).await?, |row: &Reference| (row.program, row.key)),
        holds: nouns(snapshot).await?,
        counters: by(nouns(snapshot).await?, |row: &Counter| row.program),
        events: nouns(snapshot).await?,
    };
    if books.transfers.len() != moved || books.instructions.len() != asked {
        faults.push("an id was made twice".to_owned());
    }
    books.zero_sums(&mut faults);
    books.pairs(&mut faults);
    books.instructions(&mut faults);
    chains::check(&books, &mut faults);
    holds::check(&books, &mut faults);
    places::check(&books, &mut faults);
    outbox::check(&books, &mut faults);
    Ok(faults)
}

fn by<K: Ord, N>(rows: Vec<N>, key: impl Fn(&N) -> K) -> BTreeMap<K, N> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

impl Books {
    /// Every asset sums to zero inside every programme, held sums too.
    fn zero_sums(&self, faults: &mut Vec<String>) {
        let mut totals: BTreeMap<(ProgramId, Asset), (i128, i128)> = BTreeMap::new();
        for account in self.accounts.values() {
            let total = totals.entry((account.program, account.asset)).or_default();
            let sums = &account.sums;
            total.0 += i128::from(sums.posted_credits) - i128::from(sums.posted_debits);
            total.1 += i128::from(sums.held_credits) - i128::from(sums.held_debits);
        }
        for ((program, asset), total) in totals {
            if total != (0, 0) {
                faults.push(format!("{asset} of {program} sums to {total:?}"));
            }
        }
    }

    /// Each transfer has exactly its two entries, and no entry is without a transfer.
    fn pairs(&self, faults: &mut Vec<String>) {
        let mut found: BTreeMap<(ProgramId, TransferId), Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            let of = (entry.program, entry.transfer);
            found.entry(of).or_default().push(entry);
        }
        for (key, transfer) in &self.transfers {
            let entries = found.remove(key).unwrap_or_default();
            if !is_pair(transfer, &entries) {
                faults.push(format!("{} does not have its two entries", transfer.id));
            }
        }
        for (_, transfer) in found.into_keys() {
            faults.push(format!("{transfer} has entries and is no transfer"));
        }
    }

    /// Instructions count their transfers, and name a reference that names them.
    fn instructions(&self, faults: &mut Vec<String>) {
        let mut counts: BTreeMap<(ProgramId, InstructionId), u16> = BTreeMap::new();
        for transfer in self.transfers.values() {
            let Cause::Instruction(id) = transfer.cause else {
                continue;
            };
            let key = (transfer.program, id);
            *counts.entry(key).or_default() += 1;
            let cause = self.instructions.get(&key);
            if cause.is_none_or(|cause| cause.place.seq != transfer.place.seq) {
                faults.push(format!("{} has no instruction in its unit", transfer.id));
            }
        }
        for (key, row) in &self.instructions {
            let count = counts.get(key).copied().unwrap_or_default();
            if row.transfers != count {
                faults.push(format!("{} counts {} of {count}", row.id, row.transfers));
            }
            if matches!(row.outcome, Outcome::Declined(_)) && count > 0 {
                faults.push(format!("{} was declined and moved something", row.id));
            }
            let named = row.reference.map(|key| self.references.get(&(row.program, key)));
            if named.is_some_and(|named| named.is_none_or(|it| it.place.seq != row.place.seq)) {
                faults.push(format!("{} has no reference in its unit", row.id));
            }
        }
        for row in self.references.values() {
            let cause = row.instruction.map(|id| self.instructions.get(&(row.program, id)));
            let named = |cause: &Instruction| cause.reference == Some(row.key);
            if cause.is_some_and(|cause| !cause.is_some_and(named)) {
                faults.push(format!("{} names an instruction in vain", row.key));
            }
        }
    }
}

fn is_pair(transfer: &Transfer, entries: &[&Entry]) -> bool {
    use domain::account::Side;
    let [one, other] = entries else {
        return false;
    };
    let (debit, credit) = match one.side {
        Side::Debit => (one, other),
        Side::Credit => (other, one),
    };
    let same = |entry: &Entry| {
        let posted = posted(transfer);
        entry.place == transfer.place && (entry.posted, entry.held) == (posted, transfer.held)
    };
    (debit.side, credit.side) == (Side::Debit, Side::Credit)
        && (debit.account, debit.version) == (transfer.debit, transfer.debit_version)
        && (credit.account, credit.version) == (transfer.credit, transfer.credit_version)
        && same(debit)
        && same(credit)
}

/// What a transfer adds to both posted sums.
fn posted(transfer: &Transfer) -> i64 {
    use domain::transfer::TransferKind::{Capture, Expire, Hold, Post, Void};
    match transfer.kind {
        Post | Capture => transfer.amount.minor,
        Hold | Void | Expire => 0,
    }
}

#[cfg(test)]
mod tests;
