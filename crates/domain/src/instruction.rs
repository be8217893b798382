//! Instructions: what a caller asked to be moved, and what became of it. Append-only.
//!
//! The transfer numbers and lists of the doors are instructions. A correction is a new instruction
//! that names the one that it undoes.

use crate::coded::coded;
use crate::id::{AccountId, CardholderId, InstructionId, ProgramId, ReferenceKey};
use crate::money::Amount;
use crate::time::Time;
use crate::transfer::Place;

/// The longest remark, in bytes: 255 characters of any alphabet.
pub const REMARK_LEN_MAX: usize = 1_020;
/// The longest end-to-end id, in bytes.
pub const END_TO_END_ID_LEN_MAX: usize = 255;

coded! {
    /// What was asked for.
    pub enum InstructionKind {
        /// Money from outside: External to an account.
        Fund = 1 "fund",
        /// Money to the outside: an account to External.
        Payout = 2 "payout",
        /// The programme's reserve to a cardholder's wallet.
        Load = 3 "load",
        /// A cardholder's wallet to the programme's reserve.
        Unload = 4 "unload",
        /// Between two accounts of one asset.
        Transfer = 5 "transfer",
        /// Between two accounts of different assets, through Exchange.
        Convert = 6 "convert",
        /// Reserve an amount.
        Hold = 7 "hold",
        /// Draw on a hold.
        Capture = 8 "capture",
        /// Let a hold go.
        Void = 9 "void",
        /// Undo an earlier instruction.
        Reverse = 10 "reverse",
        /// From one cardholder's wallet to another's.
        Peer = 11 "peer",
        /// Between the issuing accounts of two members of a programme's family, with its fee.
        Family = 12 "family",
        /// Money from outside, to a member's account at the bank.
        Deposit = 13 "deposit",
        /// A member's money at the bank to its issuing account.
        Allocate = 14 "allocate",
    }
}

coded! {
    /// A "no" that is itself a fact and is committed, in order of precedence.
    pub enum Decline {
        InsufficientFunds = 1 "insufficient_funds",
    }
}

/// What became of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Completed,
    Declined(Decline),
}

impl Outcome {
    /// 0 for completed, else the decline's number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Completed => 0,
            Self::Declined(decline) => decline.code(),
        }
    }

    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Completed),
            other => Decline::from_code(other).map(Self::Declined),
        }
    }
}

coded! {
    /// Why an instruction was not accepted, in order of precedence.
    pub enum InstructionRefusal {
        Missing = 1 "instruction_missing",
        /// Only completed instructions whose transfers are all posts can be undone.
        NotReversible = 2 "not_reversible",
        AlreadyReversed = 3 "already_reversed",
        RemarkTooLong = 4 "remark_too_long",
        /// No leg, or more legs than one unit may write.
        BadLegCount = 5 "bad_leg_count",
    }
}

impl InstructionRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// One instruction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instruction {
    pub id: InstructionId,
    pub program: ProgramId,
    pub place: Place,
    pub kind: InstructionKind,
    pub outcome: Outcome,
    /// What was asked to be moved, in the asset of `account`.
    pub amount: Amount,
    /// The account that the caller acted on; its history lists this instruction.
    pub account: AccountId,
    /// The other account, where there is one.
    pub counterparty: Option<AccountId>,
    /// The cardholder whose account it is. What was completed then has an entry on it, under the
    /// same `seq`.
    pub cardholder: Option<CardholderId>,
    /// Available on `account` before, in minor units.
    pub before_minor: i64,
    /// Available on `account` after, in minor units.
    pub after_minor: i64,
    pub reference: Option<ReferenceKey>,
    pub undoes: Option<InstructionId>,
    pub remark: String,
    /// The caller's own name for it, where a door shows that name on what was declined as well, so
    /// that it can't be a reference. Not unique.
    pub end_to_end_id: Option<String>,
    /// How many transfers name this instruction.
    pub transfers: u16,
    pub at: Time,
}
