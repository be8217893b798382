//! Unit by unit: what one `seq` of one programme wrote, and whether it belongs together.

use super::account::Accounts;
use super::hold::Holds;
use super::scan::{Scan, bytes, find, int};
use super::{Finding, Progress, Report, Wrong};
use domain::chain::{Hash, instruction_digest, transfer_digest};
use domain::event::{Event, EventKind};
use domain::id::{AccountId, InstructionId, ProgramId};
use domain::instruction::{Instruction, Outcome};
use domain::reference::Reference;
use domain::time::Time;
use domain::transfer::{Cause, Entry, Transfer, TransferKind};
use std::collections::BTreeMap;
use store::{Noun, Snapshot};

/// Where a programme's units end.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub seq: u64,
    pub at: Time,
}

/// The rows of one unit.
struct Unit {
    program: ProgramId,
    seq: u64,
    events: Vec<Event>,
    instructions: Vec<Instruction>,
    transfers: Vec<Transfer>,
}

pub(super) struct Walk<'a> {
    accounts: &'a mut Accounts,
    holds: &'a mut Holds,
    report: &'a mut Report,
    ends: BTreeMap<ProgramId, End>,
}

struct Scans {
    events: Scan<Event>,
    instructions: Scan<Instruction>,
    transfers: Scan<Transfer>,
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
    ) -> Self {
        Self { accounts, holds, report, ends: BTreeMap::new() }
    }

    /// Every unit of every programme, in order.
    pub(super) async fn run(
        mut self,
        snapshot: &mut dyn Snapshot,
        progress: &mut dyn Progress,
    ) -> Result<BTreeMap<ProgramId, End>, Wrong> {
        progress.phase("units", snapshot.count(Event::TABLE).await?);
        let mut scans =
            Scans { events: Scan::new(), instructions: Scan::new(), transfers: Scan::new() };
        while let Some(unit) = scans.next(snapshot).await? {
            self.follow(snapshot, &unit).await?;
            progress.step(u64::try_from(unit.events.len()).unwrap_or(0));
        }
        Ok(self.ends)
    }

    async fn follow(&mut self, snapshot: &mut dyn Snapshot, unit: &Unit) -> Result<(), Wrong> {
        self.in_order(unit)?;
        let mut causes = Vec::with_capacity(unit.instructions.len());
        for instruction in &unit.instructions {
            causes.push((instruction.id, self.instruction(snapshot, unit, instruction).await?));
        }
        for transfer in &unit.transfers {
            self.transfer(snapshot, unit, transfer, &causes).await?;
        }
        self.report.units += 1;
        self.report.events += u64::try_from(unit.events.len()).unwrap_or(0);
        Ok(())
    }

    /// No gap in `seq`, no time that goes back, no unit without an event.
    fn in_order(&mut self, unit: &Unit) -> Result<(), Finding> {
        let wrong = |what: &str| {
            Err(Finding::new("event", format!("{} seq {}", unit.program, unit.seq), what))
        };
        let end = self.ends.entry(unit.program).or_insert(End { seq: 0, at: Time::ZERO });
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

    /// The instruction's reference, event and count; its digest.
    async fn instruction(
        &mut self,
        snapshot: &mut dyn Snapshot,
        unit: &Unit,
        instruction: &Instruction,
    ) -> Result<Hash, Wrong> {
        let wrong = |what: &str| Finding::new("instruction", instruction.id.to_string(), what);
        let reference = match instruction.reference {
            None => None,
            Some(key) => {
                let key = vec![bytes(unit.program.bytes()), bytes(key.bytes())];
                let row = find::<Reference>(snapshot, key).await?;
                let row = row.ok_or_else(|| wrong("its reference is missing"))?;
                if row.instruction != Some(instruction.id) || row.place.seq != unit.seq {
                    return Err(wrong("its reference belongs to another instruction").into());
                }
                Some(row)
            }
        };
        let cause = Cause::Instruction(instruction.id);
        let own = unit.transfers.iter().filter(|transfer| transfer.cause == cause).count();
        if own != usize::from(instruction.transfers) {
            return Err(wrong("a transfer of it is missing or added").into());
        }
        let kind = match instruction.outcome {
            Outcome::Completed => EventKind::InstructionCompleted,
            Outcome::Declined(_) if own > 0 => {
                return Err(wrong("it is declined and has a transfer").into());
            }
            Outcome::Declined(_) => EventKind::InstructionDeclined,
        };
        one_event(unit, kind, instruction.id.bytes()).map_err(|what| wrong(&what))?;
        self.report.instructions += 1;
        Ok(instruction_digest(instruction, reference.as_ref()))
    }

    async fn transfer(
        &mut self,
        snapshot: &mut dyn Snapshot,
        unit: &Unit,
        transfer: &Transfer,
        causes: &[(InstructionId, Hash)],
    ) -> Result<(), Wrong> {
        let wrong = |what: &str| Finding::new("transfer", transfer.id.to_string(), what);
        let cause = match &transfer.cause {
            Cause::Instruction(id) => {
                let known = causes.iter().find(|(known, _)| known == id);
                known.ok_or_else(|| wrong("its instruction is missing"))?.1
            }
            Cause::Expiry => {
                let hold = transfer.hold.ok_or_else(|| wrong("it names no hold"))?;
                one_event(unit, EventKind::HoldExpired, hold.bytes())
                    .map_err(|what| wrong(&what))?;
                Hash::ZERO
            }
        };
        self.holds.follow(transfer)?;
        if transfer.conversion.is_some_and(|c| c.rounded() != Some(transfer.amount.minor)) {
            return Err(wrong("its amount is not its rounded product").into());
        }
        let digest = transfer_digest(transfer);
        let sides = [
            (transfer.debit, transfer.debit_version, domain::account::Side::Debit),
            (transfer.credit, transfer.credit_version, domain::account::Side::Credit),
        ];
        for (account, version, side) in sides {
            let entry = self.entry(snapshot, transfer, account, version).await?;
            if entry.side != side || !belongs(&entry, transfer) {
                let row = format!("{account} version {version}");
                return Err(Finding::new("entry", row, "it is not its transfer's").into());
            }
            self.accounts.follow(&entry, digest, cause)?;
            self.report.entries += 1;
        }
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
        let row = || format!("{account} version {version}");
        if self.accounts.asset(transfer.program, account) != Some(transfer.amount.asset) {
            let what = "its account is missing or of another asset";
            return Err(Finding::new("entry", row(), what).into());
        }
        let key = vec![bytes(transfer.program.bytes()), bytes(account.bytes()), int(version)];
        let found = find::<Entry>(snapshot, key).await?;
        found.ok_or_else(|| Finding::new("entry", row(), "it is missing").into())
    }
}

/// The fact's one event in the outbox.
fn one_event(unit: &Unit, kind: EventKind, subject: &[u8; 16]) -> Result<(), String> {
    let events = unit.events.iter();
    match events.filter(|event| event.kind == kind && event.subject == *subject).count() {
        1 => Ok(()),
        count => Err(format!("it has {count} events of its kind and not one")),
    }
}

/// Whether an entry says what its transfer says.
fn belongs(entry: &Entry, transfer: &Transfer) -> bool {
    let (posted, held) = match transfer.kind {
        TransferKind::Post => (transfer.amount.minor, 0),
        TransferKind::Hold => (0, transfer.amount.minor),
        TransferKind::Capture => (transfer.amount.minor, transfer.held),
        TransferKind::Void | TransferKind::Expire => (0, -transfer.amount.minor),
    };
    entry.transfer == transfer.id
        && entry.place == transfer.place
        && (entry.posted, entry.held) == (posted, held)
        && transfer.held == held
}
