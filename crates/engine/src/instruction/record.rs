//! Writes instructions and events, and keeps the receipt that a repeat gets again.

use crate::once::Kept;
use domain::account::{Account, Owner};
use domain::event::{Event, EventKind};
use domain::id::{AccountId, CardholderId, EventId, HoldId, InstructionId};
use domain::instruction::{Decline, Instruction, InstructionKind, Outcome};
use domain::money::Amount;
use domain::stamp::Stamp;
use domain::time::Time;
use store::Scope;

/// Adds a row to the outbox.
pub(crate) fn event(scope: &mut Scope<'_>, stamp: &mut Stamp, kind: EventKind, subject: [u8; 16]) {
    let event = Event {
        id: EventId::from_bytes(stamp.id()),
        program: scope.program(),
        place: scope.place(),
        kind,
        subject,
        at: scope.at(),
    };
    scope.append(event);
}

/// What became of an instruction, as its caller is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Receipt {
    pub instruction: InstructionId,
    pub outcome: Outcome,
    /// Available on the caller's account before and after, in minor units of its asset.
    pub before_minor: i64,
    pub after_minor: i64,
    /// The hold that was placed, where one was.
    pub hold: Option<HoldId>,
    pub at: Time,
}

impl Receipt {
    /// Whether this is what became of an instruction.
    pub(crate) fn tells_of(&self, instruction: &Instruction) -> bool {
        self.instruction == instruction.id
            && self.outcome == instruction.outcome
            && self.before_minor == instruction.before_minor
            && self.after_minor == instruction.after_minor
            && self.at == instruction.at
    }
}

/// The layout of a kept receipt: version, outcome, instruction, before, after, time, then the hold
/// where there is one.
const RECEIPT_V1: u8 = 1;
const RECEIPT_LEN: usize = 2 + 16 + 3 * 8;

impl Kept for Receipt {
    fn keep(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(RECEIPT_LEN + 16);
        bytes.extend_from_slice(&[RECEIPT_V1, self.outcome.code()]);
        bytes.extend_from_slice(self.instruction.bytes());
        for number in [self.before_minor, self.after_minor, self.at.unix_us()] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        if let Some(hold) = &self.hold {
            bytes.extend_from_slice(hold.bytes());
        }
        bytes
    }

    fn restore(bytes: &[u8]) -> Option<Self> {
        let ([version, outcome], rest) = bytes.split_first_chunk::<2>()?;
        let (instruction, rest) = rest.split_first_chunk::<16>()?;
        let (before, rest) = rest.split_first_chunk::<8>()?;
        let (after, rest) = rest.split_first_chunk::<8>()?;
        let (at, rest) = rest.split_first_chunk::<8>()?;
        let hold = match rest.len() {
            0 => None,
            _ => Some(HoldId::from_bytes(rest.try_into().ok()?)),
        };
        (*version == RECEIPT_V1).then_some(())?;
        Some(Self {
            instruction: InstructionId::from_bytes(*instruction),
            outcome: Outcome::from_code(*outcome)?,
            before_minor: i64::from_be_bytes(*before),
            after_minor: i64::from_be_bytes(*after),
            hold,
            at: Time::from_unix_us(i64::from_be_bytes(*at)),
        })
    }

    fn instruction(&self) -> Option<InstructionId> {
        Some(self.instruction)
    }

    fn is_declined(&self) -> bool {
        matches!(self.outcome, Outcome::Declined(_))
    }
}

/// What an instruction says apart from its id, place, time and transfers.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub kind: InstructionKind,
    pub outcome: Outcome,
    pub amount: Amount,
    pub account: AccountId,
    pub counterparty: Option<AccountId>,
    pub cardholder: Option<CardholderId>,
    pub before_minor: i64,
    pub after_minor: i64,
    pub undoes: Option<InstructionId>,
    pub remark: String,
    pub end_to_end_id: Option<String>,
}

/// Appends the instruction and its event.
pub(crate) fn record(
    scope: &mut Scope<'_>,
    stamp: &mut Stamp,
    id: InstructionId,
    transfers: u16,
    record: Record,
) -> Receipt {
    // A store finds a cardholder's instructions by the entries of the account that they moved.
    if let Some(cardholder) = record.cardholder {
        let owner = scope.get::<Account>(record.account).map(|account| account.owner);
        assert_eq!(owner, Some(Owner::Cardholder(cardholder)), "an instruction names its owner");
    }
    let instruction = Instruction {
        id,
        program: scope.program(),
        place: scope.place(),
        kind: record.kind,
        outcome: record.outcome,
        amount: record.amount,
        account: record.account,
        counterparty: record.counterparty,
        cardholder: record.cardholder,
        before_minor: record.before_minor,
        after_minor: record.after_minor,
        reference: None,
        undoes: record.undoes,
        remark: record.remark,
        transfers,
        at: scope.at(),
        end_to_end_id: record.end_to_end_id,
    };
    scope.append(instruction);
    let kind = match record.outcome {
        Outcome::Completed => EventKind::InstructionCompleted,
        Outcome::Declined(Decline::InsufficientFunds) => EventKind::InstructionDeclined,
    };
    event(scope, stamp, kind, *id.bytes());
    Receipt {
        instruction: id,
        outcome: record.outcome,
        before_minor: record.before_minor,
        after_minor: record.after_minor,
        hold: None,
        at: scope.at(),
    }
}
