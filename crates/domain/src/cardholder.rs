//! Cardholders: who holds cards and a wallet.
//!
//! What is known of a person is kept sealed in the cardholder's row and nowhere else. What it is
//! found and compared by are keyed hashes beside it, see [`crate::blind_index`].

use crate::coded::coded;
use crate::id::{BlindKey, CardholderId, ProgramId};
use crate::secret::Secret;
use crate::time::Time;
use core::fmt;

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
        /// What the caller says of the person is not what is kept.
        IdentityMismatch = 5 "identity_mismatch",
    }
}

impl CardholderRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        match self {
            Self::Missing | Self::NotApproved | Self::IdentityMismatch => true,
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
    pub identity: Option<Identity>,
    /// 1 when made, one more with each change.
    pub version: u64,
    pub created_at: Time,
}

/// Who the cardholder is, as stores keep it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The [`Person`], sealed under the programme's data key.
    pub sealed: Vec<u8>,
    /// The blind key of calling code and phone number.
    pub phone: BlindKey,
    /// The blind key of the document's kind and number.
    pub document: BlindKey,
}

coded! {
    /// What a person proved themself with.
    pub enum DocumentKind {
        Passport = 1 "passport",
        DriverLicense = 2 "driver_license",
        IdCard = 3 "id_card",
    }
}

/// The longest name and document number, in bytes.
pub const PERSON_TEXT_LEN_MAX: usize = 512;

/// What is known of a person. It does not print, and its texts are wiped when dropped.
#[derive(Clone)]
pub struct Person {
    /// Digits, without a sign.
    pub calling_code: Secret<String>,
    /// Digits.
    pub phone_number: Secret<String>,
    pub document_kind: DocumentKind,
    pub document_number: Secret<String>,
    /// Empty where it is not known.
    pub first_name: Secret<String>,
    /// Empty where it is not known.
    pub last_name: Secret<String>,
    /// `YYYY-MM-DD`.
    pub date_of_birth: Secret<String>,
    /// ISO 3166-1, three letters.
    pub issuing_country: Secret<String>,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person([personal])")
    }
}

impl Cardholder {
    /// The cardholder as somebody else is known to be.
    pub fn with_identity(self, identity: Identity) -> Self {
        Self { identity: Some(identity), version: self.version + 1, ..self }
    }

    /// Whether the cardholder is who a caller says: known to the merchant by `unique_number`, with
    /// the document of this blind key.
    pub fn check_identity(
        &self,
        unique_number: &str,
        document: BlindKey,
    ) -> Result<(), CardholderRefusal> {
        let named = self.unique_number.as_deref() == Some(unique_number);
        let documented = self.identity.as_ref().is_some_and(|known| known.document == document);
        if named && documented { Ok(()) } else { Err(CardholderRefusal::IdentityMismatch) }
    }

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
