//! Faults in rows that are only ever appended.

use super::{Full, Plant, each_is_found};
use domain::account::Side;
use domain::event::{Event, EventKind};
use domain::id::{EventId, InstructionId, ReferenceKey, TransferId};
use domain::instruction::{Decline, Instruction, InstructionKind, Outcome};
use domain::reference::Reference;
use domain::time::Time;
use domain::transfer::{Cause, Entry, Transfer, TransferKind};

const fn plant(
    what: &'static str,
    table: &'static str,
    row: fn(&Full) -> String,
    plant: fn(&Full, &mut crate::scenario::Copied),
) -> Plant {
    Plant { what, by_key: false, table, row, plant }
}

fn load(full: &Full) -> String {
    full.instruction(InstructionKind::Load).id.to_string()
}

fn load_transfer(full: &Full) -> String {
    full.transfer(InstructionKind::Load).id.to_string()
}

fn load_reference(full: &Full) -> String {
    full.instruction(InstructionKind::Load).reference.unwrap().to_string()
}

/// The entry on the wallet that the load credited.
fn load_entry(full: &Full) -> String {
    let transfer = full.transfer(InstructionKind::Load);
    format!("{} version {}", transfer.credit, transfer.credit_version)
}

fn load_unit(full: &Full) -> String {
    format!("{} seq {}", full.programme.id, full.instruction(InstructionKind::Load).place.seq)
}

fn nothing(_: &Full) -> String {
    String::new()
}

fn is_entry(row: &Entry, transfer: &Transfer, side: Side) -> bool {
    row.transfer == transfer.id && row.side == side
}

#[tokio::test]
async fn in_transfers() {
    each_is_found(&[
        plant("a changed amount", "transfer", load_transfer, |full, copied| {
            let id = full.transfer(InstructionKind::Load).id;
            copied.edit(|row: &Transfer| row.id == id, |row| row.amount.minor += 1);
        }),
        plant("debit and credit swapped", "transfer", load_transfer, |full, copied| {
            let id = full.transfer(InstructionKind::Load).id;
            let swap = |row: &mut Transfer| {
                core::mem::swap(&mut row.debit, &mut row.credit);
                core::mem::swap(&mut row.debit_version, &mut row.credit_version);
            };
            copied.edit(|row: &Transfer| row.id == id, swap);
        }),
        plant("a missing transfer", "transfer", load, |full, copied| {
            let id = full.transfer(InstructionKind::Load).id;
            copied.delete(|row: &Transfer| row.id == id);
        }),
        plant("a transfer of nobody", "instruction", nothing, |full, copied| {
            let id = full.transfer(InstructionKind::Load).id;
            let cause = Cause::Instruction(InstructionId::from_bytes([9; 16]));
            copied.edit(|row: &Transfer| row.id == id, |row| row.cause = cause);
            let id = full.instruction(InstructionKind::Load).id;
            copied.edit(|row: &Instruction| row.id == id, |row| row.transfers = 0);
        }),
        plant(
            "another link",
            "instruction",
            |full| full.instruction(InstructionKind::Convert).id.to_string(),
            |full, copied| {
                let seq = full.instruction(InstructionKind::Convert).place.seq;
                let linked = |row: &Transfer| row.place.seq == seq && row.link.is_some();
                copied.edit(linked, |row| row.link = Some(TransferId::from_bytes([9; 16])));
            },
        ),
        plant("a conversion at another rate", "transfer", nothing, |_, copied| {
            let converted = |row: &Transfer| row.conversion.is_some();
            copied.edit(converted, |row| {
                row.conversion.as_mut().unwrap().product_numerator *= 2;
            });
        }),
        plant("a draw on another hold", "transfer", nothing, |full, copied| {
            let open = full.copied.all::<Transfer>();
            let mut placed = open.iter().filter(|row| row.kind == TransferKind::Hold);
            let first = placed.next().unwrap().hold;
            let void = |row: &Transfer| row.kind == TransferKind::Void;
            copied.edit(void, |row| row.hold = first);
        }),
        plant("an expiry changed", "transfer", nothing, |_, copied| {
            let expiry = |row: &Transfer| row.kind == TransferKind::Expire;
            copied.edit(expiry, |row| row.link = Some(TransferId::from_bytes([9; 16])));
        }),
    ])
    .await;
}

#[tokio::test]
async fn in_entries() {
    each_is_found(&[
        plant("a deleted entry", "entry", load_entry, |full, copied| {
            let transfer = full.transfer(InstructionKind::Load);
            copied.delete(|row: &Entry| is_entry(row, &transfer, Side::Credit));
        }),
        plant("a changed amount", "entry", load_entry, |full, copied| {
            let transfer = full.transfer(InstructionKind::Load);
            copied
                .edit(|row: &Entry| is_entry(row, &transfer, Side::Credit), |row| row.posted += 1);
        }),
        plant("a changed sum", "entry", load_entry, |full, copied| {
            let transfer = full.transfer(InstructionKind::Load);
            let credit = |row: &Entry| is_entry(row, &transfer, Side::Credit);
            copied.edit(credit, |row| row.after.posted_credits += 1);
        }),
        plant("a changed hash", "entry", load_entry, |full, copied| {
            let transfer = full.transfer(InstructionKind::Load);
            let credit = |row: &Entry| is_entry(row, &transfer, Side::Credit);
            copied.edit(credit, |row| row.hash = domain::chain::Hash::ZERO);
        }),
        plant(
            "two entries of an account swapped",
            "entry",
            |full| full.programme.reserve().id().to_string(),
            |full, copied| {
                let reserve = full.programme.reserve().id();
                let swap = |row: &mut Entry| row.version = if row.version == 2 { 3 } else { 2 };
                copied.edit(
                    |row: &Entry| row.account == reserve && [2, 3].contains(&row.version),
                    swap,
                );
            },
        ),
        plant("the sides of a pair swapped", "transfer", load_transfer, |full, copied| {
            let id = full.transfer(InstructionKind::Load).id;
            copied.edit(
                |row: &Entry| row.transfer == id,
                |row| {
                    row.side = if row.side == Side::Debit { Side::Credit } else { Side::Debit };
                },
            );
        }),
        plant(
            "the tail of one account cut off",
            "entry",
            |full| full.programme.wallet("U1", "TUSDT").id().to_string(),
            |full, copied| {
                let wallet = full.programme.wallet("U1", "TUSDT").id();
                copied.delete(|row: &Entry| row.account == wallet && row.version >= 2);
            },
        ),
        plant(
            "an entry that no transfer leads to",
            "entry",
            |full| format!("{} version 3", full.programme.wallet("U1", "TUSDT").id()),
            |full, copied| {
                let wallet = full.programme.wallet("U1", "TUSDT").id();
                let newest = copied.one(|row: &Entry| row.account == wallet && row.version == 2);
                copied.add(&Entry { version: 3, ..newest });
            },
        ),
    ])
    .await;
}

#[tokio::test]
async fn in_instructions() {
    each_is_found(&[
        plant(
            "a changed remark",
            "instruction",
            |full| full.instruction(InstructionKind::Transfer).id.to_string(),
            |full, copied| {
                let id = full.instruction(InstructionKind::Transfer).id;
                copied.edit(|row: &Instruction| row.id == id, |row| row.remark.push('!'));
            },
        ),
        plant("a changed account", "instruction", load, |full, copied| {
            let id = full.instruction(InstructionKind::Load).id;
            let reserve = full.programme.reserve().id();
            copied.edit(|row: &Instruction| row.id == id, |row| row.account = reserve);
        }),
        plant("a changed balance", "reference", load_reference, |full, copied| {
            let id = full.instruction(InstructionKind::Load).id;
            copied.edit(|row: &Instruction| row.id == id, |row| row.after_minor += 1);
        }),
        plant("a decline that became a success", "event", nothing, |_, copied| {
            let declined = |row: &Instruction| row.outcome != Outcome::Completed;
            copied.edit(declined, |row| row.outcome = Outcome::Completed);
            // Its kept answer is changed as well, so that only the outbox tells.
            copied.edit(
                |row: &Reference| row.text == "poor",
                |row| row.answer[1] = Outcome::Completed.code(),
            );
        }),
        plant(
            "a success that became a decline",
            "instruction",
            |full| full.instruction(InstructionKind::Fund).id.to_string(),
            |full, copied| {
                let id = full.instruction(InstructionKind::Fund).id;
                let declined = Outcome::Declined(Decline::InsufficientFunds);
                copied.edit(|row: &Instruction| row.id == id, |row| row.outcome = declined);
            },
        ),
        plant("a missing instruction", "instruction", load, |full, copied| {
            let id = full.instruction(InstructionKind::Load).id;
            copied.delete(|row: &Instruction| row.id == id);
        }),
        plant("a missing decline", "instruction", nothing, |_, copied| {
            copied.delete(|row: &Instruction| row.outcome != Outcome::Completed);
        }),
        plant("a place taken twice", "event", nothing, |_, copied| {
            let declined = |row: &Instruction| row.outcome != Outcome::Completed;
            let id = copied.one(declined).id;
            let event = copied.one(|row: &Event| row.subject == *id.bytes());
            copied.edit(declined, |row| row.place = event.place);
        }),
    ])
    .await;
}

#[tokio::test]
async fn in_references() {
    each_is_found(&[
        plant("a missing reference", "reference", load_reference, |full, copied| {
            let key = full.instruction(InstructionKind::Load).reference;
            copied.delete(|row: &Reference| Some(row.key) == key);
        }),
        plant("a changed answer", "reference", load_reference, |full, copied| {
            let key = full.instruction(InstructionKind::Load).reference;
            copied.edit(|row: &Reference| Some(row.key) == key, |row| row.answer[30] ^= 1);
        }),
        plant("a changed fingerprint", "instruction", load, |full, copied| {
            let key = full.instruction(InstructionKind::Load).reference;
            copied.edit(|row: &Reference| Some(row.key) == key, |row| row.fingerprint[0] ^= 1);
        }),
        plant("a reference of another instruction", "reference", load_reference, |full, copied| {
            let key = full.instruction(InstructionKind::Load).reference;
            let other = full.instruction(InstructionKind::Fund).id;
            copied.edit(
                |row: &Reference| Some(row.key) == key,
                |row| {
                    row.instruction = Some(other);
                },
            );
        }),
        plant("a reference of no instruction", "reference", nothing, |full, copied| {
            let key = full.instruction(InstructionKind::Load).reference;
            let mut forged = copied.one(|row: &Reference| Some(row.key) == key);
            forged.key = ReferenceKey::from_bytes([9; 16]);
            copied.add(&forged);
        }),
        plant("a reference of a missing instruction", "reference", nothing, |full, copied| {
            let key = full.instruction(InstructionKind::Load).reference;
            let mut forged = copied.one(|row: &Reference| Some(row.key) == key);
            forged.key = ReferenceKey::from_bytes([9; 16]);
            forged.instruction = Some(InstructionId::from_bytes([9; 16]));
            copied.add(&forged);
        }),
    ])
    .await;
}

#[tokio::test]
async fn in_references_that_no_instruction_names() {
    each_is_found(&[
        plant("a missing undo beside a client's reference", "reference", nothing, |_, copied| {
            let named: Vec<_> = copied
                .all::<Instruction>()
                .into_iter()
                .filter(|row| row.undoes.is_some())
                .map(|row| row.reference.unwrap())
                .collect();
            copied.delete(|row: &Reference| {
                row.scope == "instruction/undo" && !named.contains(&row.key)
            });
        }),
        plant("a missing unique number", "reference", nothing, |_, copied| {
            copied.delete(|row: &Reference| row.scope == "cardholder/unique_number");
        }),
    ])
    .await;
}

#[tokio::test]
async fn in_references_by_the_key() {
    let by_key = |what, table, row, plant| Plant { what, by_key: true, table, row, plant };
    each_is_found(&[
        by_key("another holder's unique number", "reference", nothing, |_, copied| {
            let unique = |row: &Reference| row.scope == "cardholder/unique_number";
            copied.edit(unique, |row| row.answer[0] ^= 1);
        }),
        by_key("a changed unique number", "reference", nothing, |_, copied| {
            let unique = |row: &Reference| row.scope == "cardholder/unique_number";
            copied.edit(unique, |row| row.text.push('!'));
        }),
    ])
    .await;
    each_is_found(&[plant("a changed text", "reference", load_reference, |full, copied| {
        let key = full.instruction(InstructionKind::Load).reference;
        copied.edit(|row: &Reference| Some(row.key) == key, |row| row.text.push('!'));
    })])
    .await;
}

#[tokio::test]
async fn in_the_outbox() {
    each_is_found(&[
        plant("a missing event", "event", load_unit, |full, copied| {
            let id = full.event(InstructionKind::Load).id;
            copied.delete(|row: &Event| row.id == id);
        }),
        plant("an event of another instruction", "instruction", nothing, |full, copied| {
            let id = full.event(InstructionKind::Load).id;
            copied.edit(|row: &Event| row.id == id, |row| row.subject = [9; 16]);
        }),
        plant("a fact told twice", "event", load_unit, |full, copied| {
            let event = full.event(InstructionKind::Load);
            let mut again = event;
            again.id = EventId::from_bytes([9; 16]);
            again.place.ordinal += 2;
            copied.add(&again);
        }),
        plant("a missing opening of an account", "event", nothing, |_, copied| {
            let opened = |row: &Event| row.kind == EventKind::AccountOpened;
            let last = copied.all::<Event>().into_iter().rfind(opened).unwrap();
            copied.delete(|row: &Event| row.id == last.id);
        }),
        plant("a missing making of a cardholder", "event", nothing, |_, copied| {
            copied.delete(|row: &Event| row.kind == EventKind::CardholderCreated);
        }),
        plant("a missing expiry", "event", nothing, |_, copied| {
            copied.delete(|row: &Event| row.kind == EventKind::HoldExpired);
        }),
        plant("an expiry that was none", "transfer", nothing, |_, copied| {
            let set = |row: &Event| row.kind == EventKind::RateSet;
            copied.edit(set, |row| row.kind = EventKind::HoldExpired);
        }),
        plant("a time that goes back", "event", load_unit, |full, copied| {
            let seq = full.instruction(InstructionKind::Load).place.seq;
            let programme = full.programme.id;
            copied.edit(
                |row: &Event| row.program == programme && row.place.seq == seq,
                |row| row.at = Time::from_unix_us(1),
            );
        }),
        plant(
            "a unit cut out of the middle",
            "event",
            |full| full.programme.id.to_string(),
            |full, copied| {
                let seq = full.instruction(InstructionKind::Load).place.seq;
                let programme = full.programme.id;
                copied.delete(|row: &Event| row.program == programme && row.place.seq == seq);
                copied.delete(|row: &Instruction| row.program == programme && row.place.seq == seq);
                copied.delete(|row: &Transfer| row.program == programme && row.place.seq == seq);
                copied.delete(|row: &Entry| row.program == programme && row.place.seq == seq);
            },
        ),
    ])
    .await;
}
