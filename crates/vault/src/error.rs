//! Why a key or a sealed value was not accepted.

use crate::random::RandomError;

/// None of these repeats what was given, since that may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("a master key is written as 64 hexadecimal digits")]
    Text,
    #[error("not a sealed value of a known version")]
    Malformed,
    #[error("sealed under another key")]
    OtherKey,
    /// A changed byte, a wrong key and a value moved from elsewhere look the same.
    #[error("not sealed by this key for this place, or changed since")]
    Refused,
    #[error("a sealed value would be too long")]
    TooLong,
    #[error("no randomness to seal with")]
    Random(#[from] RandomError),
}
