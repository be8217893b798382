//! Cardholders: who holds cards and a wallet. Personal data is not here yet.

use crate::coded::coded;
use crate::id::{CardholderId, ProgramId};
use crate::time::Time;

/// The longest number of a cardholder, ours or the merchant's, in bytes.
pub const NUMBER_LEN_MAX: usize = 64;

coded! {
    /// Where a cardholder's verification stands.
    pub enum CardholderStatus {
        Pending = 1 "pending",
        InProgress = 2 "in_progress",
        Approved = 3 "approved",
        Rejected = 4 "rejected",
    }
}

coded! {
    /// Why something about a cardholder was refused, in order of precedence.
    pub enum CardholderRefusal {
        BadNumber = 1 "bad_cardholder_number",
        Missing = 2 "cardholder_missing",
        AlreadyExists = 3 "cardholder_already_exists",
        NotApproved = 4 "cardholder_not_approved",
    }
}

impl CardholderRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        match self {
            Self::Missing | Self::NotApproved => true,
            Self::BadNumber | Self::AlreadyExists => false,
        }
    }
}

/// A cardholder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cardholder {
    /// The keyed hash of `number`, so that a number needs no look-up.
    pub id: CardholderId,
    pub program: ProgramId,
    /// Ours, unique in the programme; opaque to everyone.
    pub number: String,
    /// The merchant's own, unique in the programme where given.
    pub unique_number: Option<String>,
    pub status: CardholderStatus,
    /// 1 when made, one more with each change.
    pub version: u64,
    pub created_at: Time,
}

impl Cardholder {
    /// The cardholder with another status.
    pub fn with_status(self, status: CardholderStatus) -> Self {
        Self { status, version: self.version + 1, ..self }
    }

    /// `In` and cards need an approved cardholder.
    pub fn check_approved(&self) -> Result<(), CardholderRefusal> {
        match self.status {
            CardholderStatus::Approved => Ok(()),
            CardholderStatus::Pending
            | CardholderStatus::InProgress
            | CardholderStatus::Rejected => Err(CardholderRefusal::NotApproved),
        }
    }
}

#[cfg(test)]
mod tests;
