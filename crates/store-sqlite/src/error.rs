//! What SQLite reports, as the port's faults. Recognised by code, never by text.

use rusqlite::{Error, ErrorCode, ffi};
use store::error::key_text;
use store::schema::{BadColumn, Identity, TableSpec, Value};
use store::{Constraint, StoreError};

/// A fault of a read, or of anything that is not the write of a row.
pub fn fault(table: &'static str, error: Error) -> StoreError {
    match error.sqlite_error_code() {
        // Nobody else writes, so this is a person with a shell; the batch can be run again.
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Contention,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt {
            table,
            column: "(page)",
            row: "(unknown)".to_owned(),
            source: error.into(),
        },
        _ => StoreError::Unavailable(error.into()),
    }
}

/// A fault of writing one row, whose values are given.
pub fn write_fault(table: &'static TableSpec, row: &[Value<'_>], error: Error) -> StoreError {
    let Some(code) = error.sqlite_error() else {
        return fault(table.name, error);
    };
    match code.extended_code {
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_ROWID => clash(table),
        _ if code.code == ErrorCode::ConstraintViolation => StoreError::Corrupt {
            table: table.name,
            column: "(constraint)",
            row: key_text(table, row),
            source: error.into(),
        },
        _ => fault(table.name, error),
    }
}

/// A key that a row has already.
pub fn clash(table: &'static TableSpec) -> StoreError {
    StoreError::Conflict(match table.identity {
        Identity::Natural => Constraint::Natural(table),
        Identity::Generated => Constraint::Generated(table),
    })
}

/// A row that was loaded under the same lock and is not there any more.
pub fn vanished(table: &'static TableSpec, row: &[Value<'_>]) -> StoreError {
    StoreError::corrupt(table, row, BadColumn("(row)"))
}
