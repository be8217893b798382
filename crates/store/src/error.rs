//! What can go wrong below a decision, as data.

use crate::schema::TableSpec;

/// The source of a fault, as the backend's driver gave it.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// A fault of the store. None of them is a business answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else was there at the same time; the batch can be run again as it is.
    #[error("the store was contended")]
    Contention,
    /// A unique key was taken.
    #[error("a unique key of {} was taken", .0.table().name)]
    Conflict(Constraint),
    /// Nothing was written; trying later may succeed.
    #[error("the store is not available")]
    Unavailable(#[source] Source),
    /// Whether the batch was committed is not known; asking again settles it.
    #[error("the outcome of a commit is not known")]
    Unknown(#[source] Source),
    /// A row that can't be what this program wrote.
    #[error("row {row} of {table} is corrupt in {column}")]
    Corrupt {
        table: &'static str,
        column: &'static str,
        row: String,
        #[source]
        source: Source,
    },
}

/// Which unique key.
#[derive(Clone, Copy, Debug)]
pub enum Constraint {
    /// A key whose absence was read: somebody else was first, and a re-run sees their row.
    Natural(&'static TableSpec),
    /// A key made by us: a clash is corruption and is never retried.
    Generated(&'static TableSpec),
}

impl Constraint {
    pub const fn table(&self) -> &'static TableSpec {
        match self {
            Self::Natural(table) | Self::Generated(table) => table,
        }
    }
}

/// Why a unit was not committed, or may not have been. What its caller is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failed {
    /// Not run: too much is waiting, or its time was over before a worker took it.
    Busy,
    /// Not run: the server is stopping.
    Stopped,
    /// Nothing was written; trying later may succeed.
    Unavailable,
    /// Whether it was committed is not known; asking again settles it.
    Unknown,
    /// A bug or a corrupt row; nothing of this unit was written.
    Internal,
}
