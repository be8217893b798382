//! Blind index: finds the cardholder of a value that is stored only sealed, and keeps the value
//! with one cardholder.
//!
//! The key is a keyed hash of the value, so neither a phone number nor a document's number stands
//! in clear anywhere. A value that its holder gives up may be taken by another.

use crate::id::{BlindKey, CardholderId, ProgramId};

/// Whose a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlindIndex {
    pub key: BlindKey,
    pub program: ProgramId,
    /// Nobody's, once it was given up.
    pub cardholder: Option<CardholderId>,
    /// 1 when made, one more with each change.
    pub version: u64,
}

impl BlindIndex {
    /// With another holder, or none.
    pub const fn held_by(self, cardholder: Option<CardholderId>) -> Self {
        Self { cardholder, version: self.version + 1, ..self }
    }
}
