//! What PostgreSQL and the connection to it report, as the port's faults. Recognised by SQLSTATE
//! and by the name of a constraint, never by text.

use crate::cell;
use store::schema::{Identity, TABLES, TableSpec, Value};
use store::{Constraint, Noun, StoreError};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Error, Row};

/// What faults of a transaction itself are filed under.
pub const TRANSACTION: &str = "(transaction)";

/// A fault before anything could have been committed.
pub fn fault(table: &'static str, error: Error) -> StoreError {
    let Some(reported) = error.as_db_error() else {
        return StoreError::Unavailable(error.into());
    };
    match reported.code() {
        &SqlState::T_R_SERIALIZATION_FAILURE
        | &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::LOCK_NOT_AVAILABLE => StoreError::Contention,
        &SqlState::UNIQUE_VIOLATION => match clash(reported) {
            Some(constraint) => StoreError::Conflict(constraint),
            None => StoreError::Unavailable(error.into()),
        },
        &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => StoreError::Corrupt {
            table,
            column: "(page)",
            row: "(unknown)".to_owned(),
            source: error.into(),
        },
        code if code.code().starts_with("22") || code.code().starts_with("23") => {
            StoreError::Corrupt {
                table,
                column: "(value)",
                row: "(unknown)".to_owned(),
                source: error.into(),
            }
        }
        _ => StoreError::Unavailable(error.into()),
    }
}

/// Which unique key was taken. Each natural key is its table's primary one.
fn clash(error: &DbError) -> Option<Constraint> {
    let table = TABLES.iter().copied().find(|table| Some(table.name) == error.table())?;
    let primary = error
        .constraint()
        .is_some_and(|name| name.strip_suffix("_pkey").is_some_and(|named| named == table.name));
    Some(match table.identity {
        Identity::Natural if primary => Constraint::Natural(table),
        Identity::Natural | Identity::Generated => Constraint::Generated(table),
    })
}

/// Whether the server said no, and lives: then the statement did nothing. After a fault of the
/// connection, or an error that ends the session, nobody knows.
pub fn is_refusal(error: &Error) -> bool {
    error.as_db_error().is_some_and(|reported| {
        !matches!(reported.severity(), "FATAL" | "PANIC") && reported.code().code() != "08006"
    })
}

/// A row as its noun.
pub fn noun<N: Noun>(row: &Row) -> Result<N, StoreError> {
    store::error::noun(&values(N::TABLE, row)?)
}

/// The values of a row, borrowed from the driver's own memory.
pub fn values<'r>(table: &'static TableSpec, row: &'r Row) -> Result<Vec<Value<'r>>, StoreError> {
    cell::values(table, row).map_err(|(values, bad)| StoreError::corrupt(table, &values, bad))
}
