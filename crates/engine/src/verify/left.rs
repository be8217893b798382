//! What the walk did not pass: rows left over, counters, references, directory, leases.

use super::account::Accounts;
use super::scan::{Scan, bytes, find, int, key_text};
use super::unit::{End, Walked};
use super::{Finding, Progress, Report, Wrong};
use crate::cardholder::create::{number_key, unique_name};
use crate::once::ReferenceName;
use crate::program::create::directory_key;
use crate::sub_account::create::master_name;
use domain::cardholder::Cardholder;
use domain::credential::{Credential, DirectoryEntry};
use domain::id::{DirectoryKey, LeaseId, ProgramId};
use domain::instruction::Instruction;
use domain::lease::Lease;
use domain::program::{Counter, Program};
use domain::reference::Reference;
use domain::sub_account::{SubAccount, SubAccountKind};
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
    let wrong = |program: ProgramId, what: &str| {
        Err(Wrong::from(Finding::new("counter", program.to_string(), what)))
    };
    for (program, end) in ends {
        let row = find::<Counter>(snapshot, vec![bytes(program.bytes())]).await?;
        match row {
            None => return wrong(*program, "it is missing"),
            Some(row) if (row.seq, row.last) != (end.seq, end.at) => {
                return wrong(*program, "it does not stand at the programme's last unit");
            }
            Some(_) => {}
        }
    }
    let mut scan = Scan::<Counter>::new();
    while let Some(row) = scan.next(snapshot).await? {
        if !ends.contains_key(&row.program) {
            return wrong(row.program, "the programme's units are missing");
        }
    }
    Ok(())
}

/// Each reference belongs to the instruction of its unit, its key follows from its text, and none
/// is missing.
pub(super) async fn references(
    snapshot: &mut dyn Snapshot,
    lookup: Option<&LookupKey>,
    walked: &mut Walked,
    report: &mut Report,
    progress: &mut dyn Progress,
) -> Result<(), Wrong> {
    progress.phase("references", snapshot.count(Reference::TABLE).await?);
    let mut scan = Scan::<Reference>::new();
    while let Some(row) = scan.next(snapshot).await? {
        let wrong = |what: &str| Finding::new("reference", row.key.to_string(), what);
        let name = ReferenceName { scope: row.scope.clone().into(), text: row.text.clone() };
        if lookup.is_some_and(|lookup| name.key(lookup, row.program) != row.key) {
            return Err(wrong("its key does not follow from its scope and text").into());
        }
        if row.instruction.is_some() && !has_instruction(snapshot, &row).await? {
            return Err(wrong("its instruction is missing").into());
        }
        walked.places.reference(&row);
        report.references += 1;
        progress.step(1);
    }
    walked.places.closed()?;
    if report.references == walked.references {
        return Ok(());
    }
    let (stored, asked) = (report.references, walked.references);
    let what = format!("{stored} rows are stored, and {asked} are asked for by other rows");
    Err(Finding::new("reference", "-", what).into())
}

async fn has_instruction(snapshot: &mut dyn Snapshot, row: &Reference) -> Result<bool, Wrong> {
    let before = row.place.seq.saturating_sub(1);
    let end_of_unit = Value::Int(i64::from(u32::MAX));
    let mut scan =
        Scan::<Instruction>::few_after(vec![bytes(row.program.bytes()), int(before), end_of_unit]);
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

/// A cardholder's id follows from its number, and its unique number is taken.
pub(super) async fn cardholders(
    snapshot: &mut dyn Snapshot,
    lookup: Option<&LookupKey>,
    walked: &mut Walked,
) -> Result<(), Wrong> {
    let mut scan = Scan::<Cardholder>::new();
    while let Some(row) = scan.next(snapshot).await? {
        walked.references += u64::from(row.unique_number.is_some());
        let Some(lookup) = lookup else { continue };
        if number_key(lookup, row.program, &row.number) != row.id {
            let what = "its id does not follow from its number";
            return Err(Finding::new("cardholder", row.id.to_string(), what).into());
        }
        let Some(number) = &row.unique_number else { continue };
        let key = unique_name(number).key(lookup, row.program);
        let place = vec![bytes(row.program.bytes()), bytes(key.bytes())];
        let taken = find::<Reference>(snapshot, place).await?;
        if taken.is_none_or(|reference| reference.answer != row.id.bytes()) {
            let what = format!("it does not say that cardholder {} has the number", row.id);
            return Err(Finding::new("reference", key.to_string(), what).into());
        }
    }
    Ok(())
}

/// The call that made a sub-account is kept, and that a family's master is the only one.
pub(super) async fn sub_accounts(
    snapshot: &mut dyn Snapshot,
    lookup: Option<&LookupKey>,
    walked: &mut Walked,
) -> Result<(), Wrong> {
    let mut scan = Scan::<SubAccount>::new();
    while let Some(row) = scan.next(snapshot).await? {
        let master = row.kind == SubAccountKind::Master;
        walked.references += u64::from(row.reference.is_some()) + u64::from(master);
        let sole = lookup.filter(|_| master).map(|lookup| master_name().key(lookup, row.program));
        for key in row.reference.into_iter().chain(sole) {
            let place = vec![bytes(row.program.bytes()), bytes(key.bytes())];
            let kept = find::<Reference>(snapshot, place).await?;
            if kept.is_none_or(|reference| !reference.answer.starts_with(row.id.bytes())) {
                let what = format!("it does not say that it is of sub-account {}", row.id);
                return Err(Finding::new("reference", key.to_string(), what).into());
            }
        }
    }
    Ok(())
}

/// The directory leads to each programme by its name.
pub(super) async fn programs(
    snapshot: &mut dyn Snapshot,
    lookup: Option<&LookupKey>,
) -> Result<(), Wrong> {
    let Some(lookup) = lookup else { return Ok(()) };
    let mut scan = Scan::<Program>::new();
    while let Some(row) = scan.next(snapshot).await? {
        let key = directory_key(lookup, &row.name);
        leads(snapshot, key, row.id, &[0; 16], "programme").await?;
    }
    Ok(())
}

/// The directory leads to each credential.
pub(super) async fn credentials(snapshot: &mut dyn Snapshot) -> Result<(), Wrong> {
    let mut scan = Scan::<Credential>::new();
    while let Some(row) = scan.next(snapshot).await? {
        leads(snapshot, row.key, row.program, row.id.bytes(), "credential").await?;
    }
    Ok(())
}

/// A lease is the installation's, under the id that follows from its name.
pub(super) async fn leases(snapshot: &mut dyn Snapshot) -> Result<(), Wrong> {
    let mut scan = Scan::<Lease>::new();
    while let Some(row) = scan.next(snapshot).await? {
        let wrong = |what: &str| Err(Finding::new("lease", row.id.to_string(), what).into());
        if LeaseId::of(&row.name) != row.id {
            return wrong("its id does not follow from its name");
        }
        if row.program != ProgramId::INSTALLATION {
            return wrong("it belongs to a programme");
        }
    }
    Ok(())
}

async fn leads(
    snapshot: &mut dyn Snapshot,
    key: DirectoryKey,
    program: ProgramId,
    target: &[u8; 16],
    noun: &str,
) -> Result<(), Wrong> {
    let key = vec![bytes(key.bytes())];
    let entry = find::<DirectoryEntry>(snapshot, key.clone()).await?;
    if entry.is_some_and(|entry| entry.program == program && entry.target == *target) {
        return Ok(());
    }
    let row = key_text(DirectoryEntry::TABLE, &key);
    let what = format!("it is missing, or does not lead to its {noun}");
    Err(Finding::new("directory", row, what).into())
}
