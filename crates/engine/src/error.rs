//! What a caller of the engine is told when it is not what was asked for.

use domain::credential::Denied;
use domain::refusal::Refusal;
use store::Failed;
// Part of `Error`, so whoever matches on that needs its name.
pub use store::StoreError;

/// Every outcome but the answer. Doors map each to their own code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A business "no" that left nothing behind.
    #[error("refused: {}", .0.word())]
    Refused(Refusal),
    /// What was named does not exist, or not for this caller.
    #[error("not found")]
    NotFound,
    /// The caller is not served.
    #[error("denied: {}", .0.word())]
    Denied(Denied),
    /// The reference was used for something else, or repeats are errors in this programme.
    #[error("the reference was used before")]
    Conflict,
    /// Not run; trying again soon may succeed.
    #[error("busy")]
    Busy,
    /// Not run: the server is stopping.
    #[error("stopping")]
    Stopping,
    /// Whether it ran is not known; asking again with the same reference settles it.
    #[error("the outcome is not known")]
    Unknown,
    /// The store failed; nothing was written.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// Nothing was written; trying later may succeed.
    #[error("the store is not available")]
    Unavailable,
    /// A bug, a corrupt row or a key that does not open; nothing was written.
    #[error("internal fault: {0}")]
    Internal(&'static str),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Busy => Self::Busy,
            Failed::Stopped => Self::Stopping,
            Failed::Unavailable => Self::Unavailable,
            Failed::Unknown => Self::Unknown,
            Failed::Internal => Self::Internal("a unit of work failed"),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the master key is not the one that this store's keys were wrapped with")]
    WrongMasterKey,
    #[error("a stored key could not be opened")]
    Key(#[source] vault::KeyError),
    #[error("the system gave no random bytes")]
    Random(#[source] vault::random::RandomError),
    #[error("a worker thread could not be started")]
    Worker(#[source] std::io::Error),
    #[error("the installation's keys could not be made or read")]
    Store(#[source] Error),
}
