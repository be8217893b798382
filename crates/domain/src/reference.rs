//! References: a client's own name for a call, kept for ever with the answer it got. Append-only.
//!
//! The key is a keyed hash of programme, door, scope and text, so every key is 16 bytes; the text
//! is a column for people. A reference is written only in the commit of the effect it names.

use crate::id::{InstructionId, ProgramId, ReferenceKey};
use crate::time::Time;
use crate::transfer::Place;

/// The longest reference of any door, in bytes.
pub const TEXT_LEN_MAX: usize = 255;

/// A reference with its fingerprint and its first answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    pub key: ReferenceKey,
    pub program: ProgramId,
    pub place: Place,
    /// Door, and what the door scopes its references by.
    pub scope: String,
    pub text: String,
    /// HMAC of the parsed command under the programme's fingerprint key.
    pub fingerprint: [u8; 32],
    /// The instruction that the call became, where it became one.
    pub instruction: Option<InstructionId>,
    /// The first answer, in the form that its verb keeps.
    pub answer: Vec<u8>,
    pub at: Time,
}
