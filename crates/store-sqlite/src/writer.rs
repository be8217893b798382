//! The writer: batches of units become one durable commit. The money path.
//!
//! Phases of [`SqliteWriter::batch`], all on the calling worker's own thread, which they block:
//! 0. the write-ahead log starts over, where it has reached its bound;
//! 1. gather: the units name what they read;
//! 2. `begin immediate`: the file's write lock. Nobody else writes, so it is free;
//! 3. load: each wanted row, from the cache or by one prepared look-up for its key, table by table
//!    in the port's order;
//! 4. decide: in memory; a refused unit is undone there. Nothing has reached SQL yet;
//! 5. persist: postings, other inserts and updates, and a bounded part of the sorted runs that are
//!    being written (`posting.rs`, `persist.rs`, `runs.rs`). Where nothing changed the transaction
//!    is rolled back instead, and no sync is paid for;
//! 6. `commit`: the pages go to the log, which is synced before it returns;
//! 7. the keys of what was appended go to the tails, which readers see from then on.
//!
//! Locks: one writer exists at a time ([`open`] refuses a second), the file's write lock is held
//! from 2 to 6, the keeper's from 1 to 7, which nobody else wants. Readers hold none that matters
//! here, but a tail's, for one look.
//!
//! If it stops in 0 to 5, the transaction is rolled back, by us or by the next opening, and
//! nothing happened. If it stops in 6, the batch is whole in the log or it is not there: the frame
//! that completes it is written last, and frames carry checksums. An error of `commit` itself does
//! not say which: see [`SqliteWriter::commit_failed`]. Units are answered by the caller, after 6.
//!
//! What a batch leaves in memory are the cache, which counts only once 6 returned (`cache.rs`), and
//! the tails and the plan of runs, which change in 7. Where 6 does not say what became of it, they
//! are read from the file by the next batch.

use crate::cache::Cache;
use crate::checkpoint::Watch;
use crate::connection::{Access, connect, make_durable};
use crate::error::fault;
use crate::load::Load;
use crate::open::{Parts, Server};
use crate::persist::Persist;
use crate::posting::Poster;
use crate::runs::keeper::{Appended, Keeper};
use crate::runs::{Kind, heads};
use rusqlite::{Connection, Error, ErrorCode};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::query::BoxFuture;
use store::{Rows, StoreError, Unit, Writer};

pub const BEGIN: &str = "begin immediate";
pub const COMMIT: &str = "commit";
const ROLLBACK: &str = "rollback";

/// What faults of the transaction itself are filed under.
pub const TRANSACTION: &str = "(transaction)";

/// Why there is no writer.
#[derive(Debug, thiserror::Error)]
pub enum NoWriter {
    #[error("the store was opened for reading only")]
    ReadOnly,
    #[error("another writer is open, and this store has one at a time")]
    Taken,
}

/// Fields are dropped in this order: the connection before the right to have one.
pub struct SqliteWriter {
    /// `None` after a commit whose outcome is unknown, until the next batch.
    pub connection: Option<Connection>,
    cache: Cache,
    pub watch: Watch,
    turn: Turn,
}

/// The right to write, given back on drop.
struct Turn(Arc<Parts>);

impl Turn {
    fn take(parts: Arc<Parts>) -> Result<Self, NoWriter> {
        let server = parts.server.as_ref().ok_or(NoWriter::ReadOnly)?;
        if server.writing.swap(true, Ordering::AcqRel) {
            return Err(NoWriter::Taken);
        }
        Ok(Self(parts))
    }

    fn server(&self) -> &Server {
        server(&self.0)
    }
}

/// What a store has whose turn to write was taken.
pub fn server(parts: &Parts) -> &Server {
    parts.server.as_ref().expect("a turn is taken from a server only")
}

impl Drop for SqliteWriter {
    /// Brings the rows of accounts up to what their entries say, for whoever looks at a file that
    /// nobody serves. It changes nothing that is known: if it stops or fails, nothing is lost.
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let parts = self.parts();
        let keeper = server(&parts).keeper();
        if !self.cache.is_settled() || !connection.is_autocommit() {
            return;
        }
        let written = run(&connection, BEGIN)
            .map_err(|error| fault(TRANSACTION, error))
            .and_then(|()| heads::write_all(&connection, &keeper.plan(Kind::Entry).tails))
            .and_then(|()| run(&connection, COMMIT).map_err(|error| fault(TRANSACTION, error)));
        if let Err(error) = written {
            tracing::warn!(%error, "the rows of accounts were left as they are");
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.server().writing.store(false, Ordering::Release);
    }
}

/// Opens the one writer. It opens a file, which is short, on the thread of the worker that asks.
pub fn open(parts: &Arc<Parts>) -> Result<SqliteWriter, StoreError> {
    let turn = Turn::take(Arc::clone(parts)).map_err(|why| StoreError::Unavailable(why.into()))?;
    let watch = turn.server().checkpointer.watch(&parts.options);
    let mut writer = SqliteWriter { connection: None, cache: Cache::default(), watch, turn };
    writer.connection = Some(writer.connect()?);
    Ok(writer)
}

impl Writer for SqliteWriter {
    fn commit<'a>(
        &'a mut self,
        units: &'a mut [Box<dyn Unit>],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        // It never waits, it blocks: each worker is a thread of its own.
        Box::pin(async move { self.batch(units) })
    }
}

impl SqliteWriter {
    pub fn parts(&self) -> Arc<Parts> {
        Arc::clone(&self.turn.0)
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let parts = &self.turn.0;
        let open = || {
            let mut connection = connect(&parts.path, Access::Write, &parts.options)?;
            make_durable(&connection, &parts.options)?;
            self.watch.attach(&mut connection)?;
            #[cfg(any(test, feature = "faults"))]
            crate::faults::Faults::attach(&self.turn.server().faults, &mut connection)?;
            Ok(connection)
        };
        open().map_err(|error| fault(TRANSACTION, error))
    }

    fn batch(&mut self, units: &mut [Box<dyn Unit>]) -> Result<(), StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        self.watch.restart(&connection);
        let parts = self.parts();
        let server = server(&parts);
        #[cfg(any(test, feature = "faults"))]
        server.faults.limit(&connection).map_err(|error| fault(TRANSACTION, error))?;
        let mut keeper = server.keeper();
        let postings = parts.options.postings;
        match write(&connection, &mut self.cache, &mut keeper, postings, units) {
            // After an error here the connection is not used again.
            Ok(written) => self.finish(&connection, written, &mut keeper)?,
            Err(error) => {
                roll_back(&connection);
                self.connection = Some(connection);
                return Err(error);
            }
        }
        server.published.put(&keeper);
        self.cache.settle();
        self.watch.committed();
        self.connection = Some(connection);
        Ok(())
    }

    /// Phase 6.
    pub fn finish(
        &self,
        connection: &Connection,
        written: Written,
        keeper: &mut Keeper,
    ) -> Result<(), StoreError> {
        let (finished, keys) = match written {
            Written::Nothing => (run(connection, ROLLBACK), None),
            Written::Rows(keys) => {
                keeper.committing();
                (run(connection, COMMIT), Some(keys))
            }
        };
        #[cfg(any(test, feature = "faults"))]
        let finished = self.turn.server().faults.report(finished);
        finished.map_err(|error| Self::commit_failed(connection, error))?;
        if let Some(keys) = keys {
            keeper.committed(keys);
        }
        Ok(())
    }

    /// A commit that was refused, or that found no room for its last frame, left nothing that a
    /// recovery would take. After any other error it may have: when the sync failed, the frames
    /// may still have reached the disk, and whoever opens the file next may find them whole. Then
    /// nothing is run again before somebody has looked; asking again, with the same reference, is
    /// how a caller looks.
    fn commit_failed(connection: &Connection, error: Error) -> StoreError {
        roll_back(connection);
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation | ErrorCode::DiskFull) => {
                StoreError::Unavailable(error.into())
            }
            Some(ErrorCode::DatabaseBusy) => StoreError::Contention,
            _ => StoreError::Unknown(error.into()),
        }
    }
}

/// What phases 1 to 5 left to commit.
pub enum Written {
    Nothing,
    Rows(Appended),
}

fn write(
    connection: &Connection,
    cache: &mut Cache,
    keeper: &mut Keeper,
    postings: bool,
    units: &mut [Box<dyn Unit>],
) -> Result<Written, StoreError> {
    let mut rows = Rows::gather(units);
    run(connection, BEGIN).map_err(|error| fault(TRANSACTION, error))?;
    let foreign = cache.begin(connection)?;
    keeper.begin(connection, foreign)?;
    rows.visit(&mut Load { connection, cache, keeper })?;
    rows.decide(units);
    let logs = rows.take_logs();
    let poster = Poster::new(connection, cache, postings, keeper.next_row());
    let (posted, rest) = poster.post(logs, &rows.references)?;
    rows.put_logs(rest);
    let mut persist = Persist::new(connection, cache, keeper, &rows, posted);
    rows.visit(&mut persist)?;
    let (written, keys) = persist.written();
    if written == 0 {
        return Ok(Written::Nothing);
    }
    keeper.work(connection, &keys)?;
    Ok(Written::Rows(keys))
}

pub fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(|_| ())
}

/// Some errors have rolled back already; then there is nothing to do.
fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = run(connection, ROLLBACK)
    {
        tracing::warn!(%error, "a rollback failed; the connection is closed by its owner");
    }
}
