//! What the walk did not pass: rows left over, counters, references, directory.

use super::account::Accounts;
use super::scan::{Scan, bytes, find, int, key_text};
use super::unit::End;
use super::{Finding, Progress, Report, Wrong};
use domain::cardholder::Cardholder;
use domain::credential::{Credential, DirectoryEntry};
use domain::id::ProgramId;
use domain::instruction::Instruction;
use domain::program::Counter;
use domain::reference::Reference;
use domain::transfer::Entry;
use std::collections::BTreeMap;
use store::schema::Value;
use store::{Noun, Snapshot};
use vault::lookup::LookupKey;

/// Every entry was led to by a transfer.
pub(super) async fn entries(
    snapshot: &mut dyn Snapshot,
    accounts: &Accounts,
    report: &mut Report,
    progress: &mut dyn Progress,
) -> Result<(), Wrong> {
    let stored = snapshot.count(Entry::TABLE).await?;
    if stored == report.entries {
        return Ok(());
    }
    // Only now is it worth looking for which.
    progress.phase("entries", stored);
    let mut scan = Scan::<Entry>::new();
    while let Some(entry) = scan.next(snapshot).await? {
        let known = accounts.version(entry.program, entry.account);
        if known.is_none_or(|version| entry.version > version) {
            let row = format!("{} version {}", entry.account, entry.version);
            return Err(Finding::new("entry", row, "no transfer leads to it").into());
        }
        progress.step(1);
    }
    let what = format!("{stored} rows are stored and {} are led to", report.entries);
    Err(Finding::new("entry", "-", what).into())
}

/// Each programme's counter stands at its last unit.
pub(super) async fn counters(
    snapshot: &mut dyn Snapshot,
    ends: &BTreeMap<ProgramId, End>,
) -> Result<(), Wrong> {
    let mut counted = 0;
    let mut scan = Scan::<Counter>::new();
    while let Some(row) = scan.next(snapshot).await? {
        let end = ends.get(&row.program);
        if !end.is_some_and(|end| end.seq == row.seq && end.at == row.last) {
            let what = "it does not stand at the programme's last unit";
            return Err(Finding::new("counter", row.program.to_string(), what).into());
        }
        counted += 1;
    }
    if counted == ends.len() {
        return Ok(());
    }
    Err(Finding::new("counter", "-", "a programme's counter is missing").into())
}

/// Each reference belongs to the instruction of its unit, and its key follows from its text.
pub(super) async fn references(
    snapshot: &mut dyn Snapshot,
    lookup: Option<&LookupKey>,
    report: &mut Report,
    progress: &mut dyn Progress,
) -> Result<(), Wrong> {
    progress.phase("references", snapshot.count(Reference::TABLE).await?);
    let mut scan = Scan::<Reference>::new();
    while let Some(row) = scan.next(snapshot).await? {
        let wrong = |what: &str| Finding::new("reference", row.key.to_string(), what);
        if let Some(lookup) = lookup {
            let parts: [&[u8]; 4] =
                [b"reference", row.program.bytes(), row.scope.as_bytes(), row.text.as_bytes()];
            if lookup.lookup(&parts) != *row.key.bytes() {
                return Err(wrong("its key does not follow from its scope and text").into());
            }
        }
        if row.instruction.is_some() && !has_instruction(snapshot, &row).await? {
            return Err(wrong("its instruction is missing").into());
        }
        report.references += 1;
        progress.step(1);
    }
    Ok(())
}

async fn has_instruction(snapshot: &mut dyn Snapshot, row: &Reference) -> Result<bool, Wrong> {
    let before = row.place.seq.saturating_sub(1);
    let end_of_unit = Value::Int(i64::from(u32::MAX));
    let mut scan =
        Scan::<Instruction>::after(vec![bytes(row.program.bytes()), int(before), end_of_unit]);
    while let Some(instruction) = scan.next(snapshot).await? {
        if (instruction.program, instruction.place.seq) != (row.program, row.place.seq) {
            break;
        }
        if Some(instruction.id) == row.instruction {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A cardholder's id follows from its number.
pub(super) async fn cardholders(
    snapshot: &mut dyn Snapshot,
    lookup: Option<&LookupKey>,
) -> Result<(), Wrong> {
    let Some(lookup) = lookup else { return Ok(()) };
    let mut scan = Scan::<Cardholder>::new();
    while let Some(row) = scan.next(snapshot).await? {
        let parts: [&[u8]; 3] = [b"cardholder", row.program.bytes(), row.number.as_bytes()];
        if lookup.lookup(&parts) != *row.id.bytes() {
            let what = "its id does not follow from its number";
            return Err(Finding::new("cardholder", row.id.to_string(), what).into());
        }
    }
    Ok(())
}

/// The directory leads to each credential.
pub(super) async fn credentials(snapshot: &mut dyn Snapshot) -> Result<(), Wrong> {
    let mut scan = Scan::<Credential>::new();
    while let Some(row) = scan.next(snapshot).await? {
        let key = vec![bytes(row.key.bytes())];
        let entry = find::<DirectoryEntry>(snapshot, key.clone()).await?;
        let leads = entry
            .is_some_and(|entry| entry.program == row.program && entry.target == *row.id.bytes());
        if !leads {
            let row = key_text(DirectoryEntry::TABLE, &key);
            let what = "it is missing, or does not lead to its credential";
            return Err(Finding::new("directory", row, what).into());
        }
    }
    Ok(())
}
