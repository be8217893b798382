//! What can go wrong below a decision, as data.

use crate::rows::Noun;
use crate::schema::{BadColumn, RowReader, TableSpec, Value};
use std::fmt::Write;

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

impl StoreError {
    /// What callers are told of it.
    pub const fn failed(&self) -> Failed {
        match self {
            Self::Contention => Failed::Busy,
            Self::Unavailable(_) => Failed::Unavailable,
            Self::Unknown(_) => Failed::Unknown,
            Self::Conflict(_) | Self::Corrupt { .. } => Failed::Internal,
        }
    }

    /// A row that was read and can't be what this program wrote.
    pub fn corrupt(table: &'static TableSpec, row: &[Value<'_>], bad: BadColumn) -> Self {
        Self::Corrupt {
            table: table.name,
            column: bad.0,
            row: key_text(table, row),
            source: bad.into(),
        }
    }
}

/// Values of a row, in the order of its table, as their noun.
pub fn noun<N: Noun>(values: &[Value<'_>]) -> Result<N, StoreError> {
    let mut reader = RowReader::new(N::TABLE, values);
    N::read(&mut reader).map_err(|bad| StoreError::corrupt(N::TABLE, values, bad))
}

/// The key of a row: bytes in hexadecimal, numbers in decimal, a slash between columns.
pub fn key_text(table: &TableSpec, row: &[Value<'_>]) -> String {
    let mut text = String::new();
    for value in row.iter().take(table.key) {
        if !text.is_empty() {
            text.push('/');
        }
        match value {
            Value::Null => text.push_str("null"),
            Value::Int(number) => write!(text, "{number}").expect("a String takes all text"),
            Value::Text(part) => text.push_str(part),
            Value::Bytes(bytes) => {
                for byte in bytes.as_ref() {
                    write!(text, "{byte:02x}").expect("a String takes all text");
                }
            }
        }
    }
    text
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
