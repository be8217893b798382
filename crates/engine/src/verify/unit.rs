//! Unit by unit: what one `seq` of one programme wrote, and whether it belongs together.

use super::account::{Accounts, Chained};
use super::hold::Holds;
use super::outbox::{self, one_event};
use super::place::Places;
use super::scan::{Scan, bytes, find, int};
use super::{Finding, Progress, Report, Wrong};
use crate::instruction::Receipt;
use crate::once::{Kept, ReferenceName};
use crate::transfer::reverse::undo_name;
use domain::account::Side;
use domain::chain::{Hash, instruction_digest, transfer_digest};
use domain::event::{Event, EventKind};
use domain::id::{AccountId, InstructionId, ProgramId, ReferenceKey};
use domain::instruction::{Instruction, Outcome};
use domain::reference::Reference;
use domain::time::Time;
use domain::transfer::{Cause, Entry, Transfer, TransferKind};
use std::collections::BTreeMap;
use store::{Noun, Snapshot};
use vault::lookup::LookupKey;

/// Where a programme's units end.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub seq: u64,
    pub at: Time,
}

/// What the walk hands on.
#[derive(Default)]
pub(super) struct Walked {
    pub ends: BTreeMap<ProgramId, End>,
    pub places: Places,
    /// References that the instructions ask for.
    pub references: u64,
}

/// The rows of one unit.
pub(super) struct Unit {
    pub program: ProgramId,
    pub seq: u64,
    pub events: Vec<Event>,
    pub instructions: Vec<Instruction>,
    pub transfers: Vec<Transfer>,
}

pub(super) struct Walk<'a> {
    accounts: &'a mut Accounts,
    holds: &'a mut Holds,
    report: &'a mut Report,
    lookup: Option<&'a LookupKey>,
    walked: Walked,
}

struct Scans {
    events: Scan<Event>,
    instructions: Scan<Instruction>,
    transfers: Scan<Transfer>,
}

/// An instruction that was met: what its transfers' entries are hashed with.
struct Met {
    id: InstructionId,
    digest: Hash,
    reference: Option<ReferenceKey>,
}

/// Takes the rows of one place off a scan that is ordered by (programme, seq, ordinal).
macro_rules! take_at {
    ($scan:expr, $snapshot:expr, $program:expr, $seq:expr) => {{
        let mut rows = Vec::new();
        while let Some(row) = $scan.peek($snapshot).await? {
            if (row.program, row.place.seq) != ($program, $seq) {
                break;
            }
            rows.extend($scan.next($snapshot).await?);
        }
        rows
    }};
}

impl Scans {
    /// The next unit. Its place is the least of the three scans', so that a row without an event
    /// is met as well.
    async fn next(&mut self, snapshot: &mut dyn Snapshot) -> Result<Option<Unit>, Wrong> {
        let event = self.events.peek(snapshot).await?.map(|row| (row.program, row.place.seq));
        let instruction =
            self.instructions.peek(snapshot).await?.map(|row| (row.program, row.place.seq));
        let transfer = self.transfers.peek(snapshot).await?.map(|row| (row.program, row.place.seq));
        let places = [event, instruction, transfer];
        let Some((program, seq)) = places.into_iter().flatten().min() else { return Ok(None) };
        Ok(Some(Unit {
            program,
            seq,
            events: take_at!(self.events, snapshot, program, seq),
            instructions: take_at!(self.instructions, snapshot, program, seq),
            transfers: take_at!(self.transfers, snapshot, program, seq),
        }))
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        accounts: &'a mut Accounts,
        holds: &'a mut Holds,
        report: &'a mut Report,
        lookup: Option<&'a LookupKey>,
    ) -> Self {
        Self { accounts, holds, report, lookup, walked: Walked::default() }
    }

    /// Every unit of every programme, in order.
    pub(super) async fn run(
        mut self,
        snapshot: &mut dyn Snapshot,
        progress: &mut dyn Progress,
    ) -> Result<Walked, Wrong> {
        progress.phase("units", snapshot.count(Event::TABLE).await?);
        let mut scans =
            Scans { events: Scan::new(), instructions: Scan::new(), transfers: Scan::new() };
        while let Some(unit) = scans.next(snapshot).await? {
            self.follow(snapshot, &unit).await?;
            progress.step(u64::try_from(unit.events.len()).unwrap_or(0));
        }
        Ok(self.walked)
    }

    async fn follow(&mut self, snapshot: &mut dyn Snapshot, unit: &Unit) -> Result<(), Wrong> {
        self.in_order(unit)?;
        outbox::follow(snapshot, unit, self.accounts).await?;
        let mut ordinals: Vec<_> = unit.events.iter().map(|row| row.place.ordinal).collect();
        ordinals.extend(unit.instructions.iter().map(|row| row.place.ordinal));
        ordinals.extend(unit.transfers.iter().map(|row| row.place.ordinal));
        let mut met = Vec::with_capacity(unit.instructions.len());
        for instruction in &unit.instructions {
            let reference = self.instruction(snapshot, unit, instruction).await?;
            ordinals.extend(reference.as_ref().map(|row| row.place.ordinal));
            met.push(Met {
                id: instruction.id,
                digest: instruction_digest(instruction, reference.as_ref()),
                reference: instruction.reference,
            });
        }
        for transfer in &unit.transfers {
            self.transfer(snapshot, unit, transfer, &met).await?;
        }
        self.walked.places.unit(unit.program, unit.seq, ordinals)?;
        self.report.units += 1;
        self.report.events += u64::try_from(unit.events.len()).unwrap_or(0);
        Ok(())
    }

    /// No gap in `seq`, no time that goes back, no unit without an event.
    fn in_order(&mut self, unit: &Unit) -> Result<(), Finding> {
        let wrong = |what: &str| {
            Err(Finding::new("event", format!("{} seq {}", unit.program, unit.seq), what))
        };
        let start = End { seq: 0, at: Time::ZERO };
        let end = self.walked.ends.entry(unit.program).or_insert(start);
        if unit.seq != end.seq + 1 {
            return wrong("the programme's events have a gap before it");
        }
        let Some(first) = unit.events.first() else {
            return wrong("the unit wrote no event");
        };
        let times = unit.events.iter().map(|row| row.at);
        let times = times.chain(unit.instructions.iter().map(|row| row.at));
        let mut times = times.chain(unit.transfers.iter().map(|row| row.at));
        if first.at < end.at || times.any(|at| at != first.at) {
            return wrong("its time goes back, or its rows have different times");
        }
        *end = End { seq: unit.seq, at: first.at };
        Ok(())
    }

    /// The instruction's event, count and reference.
    async fn instruction(
        &mut self,
        snapshot: &mut dyn Snapshot,
        unit: &Unit,
        instruction: &Instruction,
    ) -> Result<Option<Reference>, Wrong> {
        let reference = match instruction.reference {
            None => None,
            Some(key) => Some(self.reference(snapshot, instruction, key).await?),
        };
        if let Some(undone) = instruction.undoes {
            let own = reference.as_ref().map(|row| (row.scope.as_str(), row.text.as_str()));
            let name = undo_name(undone);
            if own != Some((&*name.scope, name.text.as_str())) {
                self.undo(snapshot, instruction, &name).await?;
            }
        }
        let cause = Cause::Instruction(instruction.id);
        let own = unit.transfers.iter().filter(|transfer| transfer.cause == cause).count();
        if own != usize::from(instruction.transfers) {
            let row = format!("of instruction {}", instruction.id);
            return Err(Finding::new("transfer", row, "one is missing or added").into());
        }
        let kind = match instruction.outcome {
            Outcome::Completed => EventKind::InstructionCompleted,
            Outcome::Declined(_) if own > 0 => {
                let what = "it is declined and has a transfer";
                return Err(Finding::new("instruction", instruction.id.to_string(), what).into());
            }
            Outcome::Declined(_) => EventKind::InstructionDeclined,
        };
        let fact = format!("instruction {}", instruction.id);
        one_event(unit, kind, instruction.id.bytes(), &fact)?;
        self.report.instructions += 1;
        Ok(reference)
    }

    /// A reference that belongs to the instruction, by a key that the look-up key may confirm.
    async fn reference(
        &mut self,
        snapshot: &mut dyn Snapshot,
        instruction: &Instruction,
        key: ReferenceKey,
    ) -> Result<Reference, Wrong> {
        self.walked.references += 1;
        let wrong = |what: &str| Finding::new("reference", key.to_string(), what);
        let place = vec![bytes(instruction.program.bytes()), bytes(key.bytes())];
        let row = find::<Reference>(snapshot, place).await?;
        let row = row.ok_or_else(|| wrong("it is missing, and its instruction is there"))?;
        if row.instruction != Some(instruction.id) || row.place.seq != instruction.place.seq {
            return Err(wrong("it belongs to another instruction").into());
        }
        let name = ReferenceName { scope: row.scope.clone().into(), text: row.text.clone() };
        if self.lookup.is_some_and(|lookup| name.key(lookup, row.program) != key) {
            return Err(wrong("its key does not follow from its scope and text").into());
        }
        if !Receipt::restore(&row.answer).is_some_and(|kept| kept.tells_of(instruction)) {
            return Err(wrong("its answer is not what became of its instruction").into());
        }
        Ok(row)
    }

    /// The reference that keeps an instruction from being undone twice, where a client's own one
    /// stands in the instruction.
    async fn undo(
        &mut self,
        snapshot: &mut dyn Snapshot,
        instruction: &Instruction,
        name: &ReferenceName,
    ) -> Result<(), Wrong> {
        match self.lookup.map(|lookup| name.key(lookup, instruction.program)) {
            Some(key) => self.reference(snapshot, instruction, key).await.map(drop),
            // Without the key only their number is compared.
            None => {
                self.walked.references += 1;
                Ok(())
            }
        }
    }

    async fn transfer(
        &mut self,
        snapshot: &mut dyn Snapshot,
        unit: &Unit,
        transfer: &Transfer,
        met: &[Met],
    ) -> Result<(), Wrong> {
        let wrong = |what: &str| Finding::new("transfer", transfer.id.to_string(), what);
        let cause = match &transfer.cause {
            Cause::Instruction(id) => {
                let missing = "it is missing, and a transfer names it";
                let missing = || Finding::new("instruction", id.to_string(), missing);
                Some(met.iter().find(|met| met.id == *id).ok_or_else(missing)?)
            }
            Cause::Expiry => {
                let hold = transfer.hold.ok_or_else(|| wrong("it names no hold"))?;
                one_event(unit, EventKind::HoldExpired, hold.bytes(), &format!("hold {hold}"))?;
                None
            }
        };
        self.holds.follow(transfer)?;
        if transfer.conversion.is_some_and(|c| c.rounded() != Some(transfer.amount.minor)) {
            return Err(wrong("its amount is not its rounded product").into());
        }
        let entries = [
            self.entry(snapshot, transfer, transfer.debit, transfer.debit_version).await?,
            self.entry(snapshot, transfer, transfer.credit, transfer.credit_version).await?,
        ];
        belong(&entries, transfer)?;
        let digest = transfer_digest(transfer);
        let hashed_with = cause.map_or(Hash::ZERO, |met| met.digest);
        let mut chained = [Chained::Matches; 2];
        for (chained, entry) in chained.iter_mut().zip(&entries) {
            *chained = self.accounts.follow(entry, digest, hashed_with)?;
            self.report.entries += 1;
        }
        unchanged(chained, &entries, transfer, cause)?;
        self.report.transfers += 1;
        Ok(())
    }

    async fn entry(
        &self,
        snapshot: &mut dyn Snapshot,
        transfer: &Transfer,
        account: AccountId,
        version: u64,
    ) -> Result<Entry, Wrong> {
        let program = transfer.program;
        match self.accounts.asset(program, account) {
            None => {
                let what = "it is missing, and a transfer names it";
                return Err(Finding::new("account", account.to_string(), what).into());
            }
            Some(asset) if asset != transfer.amount.asset => {
                let what = "it is between accounts of another asset";
                return Err(Finding::new("transfer", transfer.id.to_string(), what).into());
            }
            Some(_) => {}
        }
        let key = vec![bytes(program.bytes()), bytes(account.bytes()), int(version)];
        let found = find::<Entry>(snapshot, key).await?;
        let row = || format!("{account} version {version}");
        found.ok_or_else(|| Finding::new("entry", row(), "it is missing").into())
    }
}

/// Whether two entries say what their transfer says. Where both agree with each other and not with
/// it, it is the transfer that was changed.
fn belong(entries: &[Entry; 2], transfer: &Transfer) -> Result<(), Finding> {
    let [debit, credit] = entries;
    let changes = |entry: &Entry| (entry.transfer, entry.place, entry.posted, entry.held);
    let bad = match (says(debit, Side::Debit, transfer), says(credit, Side::Credit, transfer)) {
        (true, true) => return Ok(()),
        (false, false) if changes(debit) == changes(credit) => {
            let what = "it is not what its entries say";
            return Err(Finding::new("transfer", transfer.id.to_string(), what));
        }
        (false, _) => debit,
        (true, false) => credit,
    };
    let row = format!("{} version {}", bad.account, bad.version);
    Err(Finding::new("entry", row, "it is not its transfer's"))
}

fn says(entry: &Entry, side: Side, transfer: &Transfer) -> bool {
    let (posted, held) = match transfer.kind {
        TransferKind::Post => (transfer.amount.minor, 0),
        TransferKind::Hold => (0, transfer.amount.minor),
        TransferKind::Capture => (transfer.amount.minor, transfer.held),
        TransferKind::Void | TransferKind::Expire => (0, -transfer.amount.minor),
    };
    entry.side == side
        && entry.transfer == transfer.id
        && entry.place == transfer.place
        && (entry.posted, entry.held) == (posted, held)
        && transfer.held == held
}

/// One hash that does not match means its entry was changed, two mean what both are hashed with.
fn unchanged(
    chained: [Chained; 2],
    entries: &[Entry; 2],
    transfer: &Transfer,
    cause: Option<&Met>,
) -> Result<(), Finding> {
    let entry = match chained {
        [Chained::Matches, Chained::Matches] => return Ok(()),
        [Chained::Differs, Chained::Matches] => &entries[0],
        [Chained::Matches, Chained::Differs] => &entries[1],
        [Chained::Differs, Chained::Differs] => {
            let Some(met) = cause else {
                let what = "it was changed: the hashes of both entries do not match";
                return Err(Finding::new("transfer", transfer.id.to_string(), what));
            };
            let reference = met.reference.map(|key| format!(" or its reference {key}"));
            let what = format!(
                "it, its transfer {}{} was changed: the hashes of both entries do not match",
                transfer.id,
                reference.unwrap_or_default()
            );
            return Err(Finding::new("instruction", met.id.to_string(), what));
        }
    };
    let row = format!("{} version {}", entry.account, entry.version);
    Err(Finding::new("entry", row, "it was changed: its hash does not match"))
}
