//! The outbox: one event for each instruction and each expiry, in the unit that wrote them.

use super::Books;
use domain::event::EventKind;
use domain::id::ProgramId;
use domain::instruction::Outcome;
use domain::transfer::TransferKind;
use std::collections::BTreeMap;

/// What an event says, and of which unit.
type Word = (ProgramId, u64, EventKind, [u8; 16]);

pub(super) fn check(books: &Books, faults: &mut Vec<String>) {
    let mut told: BTreeMap<Word, u32> = BTreeMap::new();
    for event in books.events.iter().filter(|event| owed_for(event.kind)) {
        let word = (event.program, event.place.seq, event.kind, event.subject);
        *told.entry(word).or_default() += 1;
    }
    for word in owed(books) {
        if told.remove(&word) != Some(1) {
            faults.push(format!("not one event: {word:?}"));
        }
    }
    for word in told.into_keys() {
        faults.push(format!("an event of nothing: {word:?}"));
    }
}

/// The kinds whose rows say that they are due.
const fn owed_for(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::InstructionCompleted | EventKind::InstructionDeclined | EventKind::HoldExpired
    )
}

fn owed(books: &Books) -> Vec<Word> {
    let mut words = Vec::new();
    for row in books.instructions.values() {
        let kind = match row.outcome {
            Outcome::Completed => EventKind::InstructionCompleted,
            Outcome::Declined(_) => EventKind::InstructionDeclined,
        };
        words.push((row.program, row.place.seq, kind, *row.id.bytes()));
    }
    let expired = |kind| kind == TransferKind::Expire;
    for row in books.transfers.values().filter(|row| expired(row.kind)) {
        if let Some(hold) = row.hold {
            words.push((row.program, row.place.seq, EventKind::HoldExpired, *hold.bytes()));
        }
    }
    words
}
