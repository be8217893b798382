//! How each connection is set up.

use crate::open::Options;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long a connection waits for a lock that this program never holds for long. Only a person
/// with a shell on the file can make it wait at all.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Statements kept prepared by each connection: more than there are.
const STATEMENTS: usize = 192;

/// What a connection may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Write,
    Read,
}

pub fn connect(path: &Path, access: Access, options: &Options) -> rusqlite::Result<Connection> {
    // No flag creates the file: `open` does, with its mode, and nothing else may.
    let rights = match access {
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let flags = rights | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let cache_kib = match access {
        Access::Write => options.writer_cache_kib,
        Access::Read => options.reader_cache_kib,
    };
    // Negative means KiB. Nothing is mapped into memory: an I/O error must be an answer, and
    // under a mapping it is a signal that ends the process.
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // A statement is planned once: else one on a table with a partial index is planned anew for
    // each value that is bound, since a value might be what the index asks for.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Settings of a connection that commits, or that checkpoints what was committed.
pub fn make_durable(connection: &Connection, options: &Options) -> rusqlite::Result<()> {
    // Every commit is synced before it returns.
    connection.pragma_update(None, "synchronous", "full")?;
    // Checkpoints have a thread of their own, so that no commit pays for one.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // A log that a long reader made grow is cut back to what it reaches without one, twice its
    // bound. It is not cut further: writing over blocks that the file already has makes each sync
    // cheaper.
    let limit = i64::try_from(options.wal_limit_bytes.saturating_mul(2)).unwrap_or(i64::MAX);
    connection.pragma_update(None, "journal_size_limit", limit)
}
