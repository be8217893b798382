//! Which units are postings: every field of every row is asked for.

use domain::account::{Side, Sums};
use domain::event::{Event, EventKind};
use domain::instruction::{Instruction, Outcome};
use domain::reference::Reference;
use domain::transfer::{Cause, Entry, Place, Transfer, TransferKind};

/// How long a unit may wait between its id and its record, in microseconds, to be a posting: a
/// posting is looked for by its id in so much of its programme's time.
pub const DELAY_US_MAX: i64 = 1_000_000;

/// Ordinals of a posting's rows.
const TRANSFER: u32 = 0;
const INSTRUCTION: u32 = 1;
const EVENT: u32 = 2;
const REFERENCE: u32 = 3;

/// What a posting's row says.
pub struct Posting<'r> {
    pub instruction: &'r Instruction,
    pub debit: &'r Entry,
    pub credit: &'r Entry,
    /// Whether the instruction's account is the one that is credited.
    pub credited: bool,
    pub reference: Option<Named<'r>>,
}

pub struct Named<'r> {
    pub row: &'r Reference,
    /// The answer, or what is before what the row says anyway.
    pub answer: &'r [u8],
    pub tail: bool,
}

/// The rows of one unit.
pub struct UnitRows<'r> {
    pub instruction: &'r Instruction,
    pub transfer: &'r Transfer,
    pub debit: &'r Entry,
    pub credit: &'r Entry,
    pub event: &'r Event,
    pub reference: Option<&'r Reference>,
}

/// An id of the same stamp, some ids further.
fn is_later(id: &[u8; 16], of: &[u8; 16], by: u8) -> bool {
    // The counter's upper bits, below the version's, are 0 for the first ids of a stamp.
    let mut expected = *of;
    expected[7] = 1 + by;
    of[6] == 0x70 && of[7] == 1 && *id == expected
}

/// Milliseconds in the first six bytes of an id, as microseconds.
pub fn clock_us(id: &[u8; 16]) -> i64 {
    let ms = id[..6].iter().fold(0_i64, |ms, byte| ms << 8 | i64::from(*byte));
    ms.saturating_mul(1_000)
}

fn available(sums: &Sums) -> Option<i64> {
    let balance = sums.posted_credits.checked_sub(sums.posted_debits)?;
    balance.checked_sub(sums.held_debits)
}

impl UnitRows<'_> {
    /// Whether an entry says no more than its transfer, its side and what is kept of it.
    fn is_told(&self, entry: &Entry, side: Side) -> bool {
        let transfer = self.transfer;
        let (account, version) = match side {
            Side::Debit => (transfer.debit, transfer.debit_version),
            Side::Credit => (transfer.credit, transfer.credit_version),
        };
        entry.side == side
            && (entry.program, entry.account) == (transfer.program, account)
            && entry.version == version
            && entry.transfer == transfer.id
            && entry.place == transfer.place
            && entry.posted == transfer.amount.minor
            && entry.held == 0
    }

    /// Whether a transfer says no more than its instruction, and which side is whose.
    fn moves_as_asked(&self, credited: bool) -> bool {
        let (asked, moved) = (self.instruction, self.transfer);
        let (account, counterparty) =
            if credited { (moved.credit, moved.debit) } else { (moved.debit, moved.credit) };
        is_later(moved.id.bytes(), asked.id.bytes(), 1)
            && moved.program == asked.program
            && moved.place == Place { seq: asked.place.seq, ordinal: TRANSFER }
            && moved.kind == TransferKind::Post
            && account == asked.account
            && Some(counterparty) == asked.counterparty
            && moved.amount == asked.amount.money()
            && moved.held == 0
            && (moved.hold, moved.expires_at, moved.link) == (None, None, None)
            && moved.cause == Cause::Instruction(asked.id)
            && moved.conversion.is_none()
            && moved.at == asked.at
    }

    fn is_reported(&self) -> bool {
        let (asked, event) = (self.instruction, self.event);
        is_later(event.id.bytes(), asked.id.bytes(), 2)
            && event.program == asked.program
            && event.place == Place { seq: asked.place.seq, ordinal: EVENT }
            && event.kind == EventKind::InstructionCompleted
            && event.subject == *asked.id.bytes()
            && event.at == asked.at
    }

    /// Whether an instruction says no more than what is kept of it, and the amounts that follow
    /// from its account's entry.
    fn is_plain(&self, credited: bool) -> bool {
        let asked = self.instruction;
        let delay = asked.at.unix_us().checked_sub(clock_us(asked.id.bytes()));
        let (after, before) = if credited {
            let after = available(&self.credit.after);
            (after, after.and_then(|after| after.checked_sub(asked.amount.minor())))
        } else {
            let after = available(&self.debit.after);
            (after, after.and_then(|after| after.checked_add(asked.amount.minor())))
        };
        asked.place.ordinal == INSTRUCTION
            && asked.outcome == Outcome::Completed
            && asked.undoes.is_none()
            && asked.transfers == 1
            && asked.end_to_end_id.is_none()
            && (before, after) == (Some(asked.before_minor), Some(asked.after_minor))
            && delay.is_some_and(|delay| (0..DELAY_US_MAX).contains(&delay))
    }
}

/// What an answer mostly ends with.
fn tail(of: &Instruction) -> [u8; 40] {
    let mut tail = [0; 40];
    tail[..16].copy_from_slice(of.id.bytes());
    let numbers = [of.before_minor, of.after_minor, of.at.unix_us()];
    for (place, number) in tail[16..].as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
        *place = number.to_be_bytes();
    }
    tail
}

impl<'r> Named<'r> {
    fn of(row: &'r Reference, asked: &Instruction) -> Option<Self> {
        let plain = row.program == asked.program
            && Some(row.key) == asked.reference
            && row.place == Place { seq: asked.place.seq, ordinal: REFERENCE }
            && row.instruction == Some(asked.id)
            && row.at == asked.at;
        let (answer, tail) = match row.answer.strip_suffix(&tail(asked)) {
            Some(before) => (before, true),
            None => (&row.answer[..], false),
        };
        plain.then_some(Self { row, answer, tail })
    }
}

impl<'r> Posting<'r> {
    /// `None` where one row would not say all.
    pub fn of(rows: &UnitRows<'r>) -> Option<Self> {
        let (asked, moved) = (rows.instruction, rows.transfer);
        let credited = asked.account == moved.credit;
        let said = rows.is_plain(credited)
            && rows.moves_as_asked(credited)
            && rows.is_reported()
            && rows.is_told(rows.debit, Side::Debit)
            && rows.is_told(rows.credit, Side::Credit);
        let named = rows.reference.map(|row| Named::of(row, asked));
        let reference = match (asked.reference, named) {
            (None, None) => None,
            (Some(_), Some(named)) => Some(named?),
            // It names one that was there before.
            _ => return None,
        };
        let (debit, credit) = (rows.debit, rows.credit);
        said.then_some(Self { instruction: asked, debit, credit, credited, reference })
    }
}
