//! Opening: the lock beside the file, the file itself, its schema; and the store's shared parts.
//!
//! Order for a server: the file is there, with its mode → its real path → the lock → connections
//! → migrations → the tails of what is in no run → the checkpoint thread. Dropping
//! the last part of a store undoes it in reverse; the lock goes last. The lock belongs to an open
//! file, so the system lets it go however the process ends, and a lock file left behind locks
//! nothing.

use crate::checkpoint::Checkpointer;
use crate::connection::{Access, connect, make_durable};
use crate::migrate::{MIGRATIONS, check, migrate};
use crate::readers::Readers;
use crate::runs::RunOptions;
use crate::runs::keeper::{Keeper, Published};
use crate::runs::view::Tails;
use crate::writer::{BEGIN, COMMIT};
use rusqlite::Connection;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::StoreError;

/// Sizes, all with defaults that suit a server of its own.
#[derive(Clone, Debug)]
pub struct Options {
    /// Read connections at most; further reads wait for one.
    pub readers: usize,
    /// The write-ahead log starts over at this size, unless a long reader keeps it.
    pub wal_limit_bytes: u64,
    /// Page cache of the writer, and of each reader.
    pub writer_cache_kib: u32,
    pub reader_cache_kib: u32,
    pub runs: RunOptions,
    /// Whether what most units write becomes one row. Otherwise every noun has a row of its own.
    pub postings: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            // The longer the log, the fewer pages are copied from it twice, and the fewer syncs of
            // the file stand in the way of those of the log.
            wal_limit_bytes: 512 << 20,
            // No larger: when a commit has moved pages about, SQLite looks at every cached page for
            // those behind the file's end. At 128 MiB that was a quarter of the writer's time.
            writer_cache_kib: 8 << 10,
            reader_cache_kib: 8 << 10,
            runs: RunOptions::default(),
            postings: true,
        }
    }
}

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the database is in use by another process, which holds the lock on {}; \
         one server at a time may open it",
        lock.display()
    )]
    InUse { lock: PathBuf },
    #[error("there is no database at {}", path.display())]
    Missing { path: PathBuf },
    #[error(
        "the database has schema version {found}, this program knows {known}: \
         it was written by a newer program, so start that one"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "the database has schema version {found}, this program needs {known}: \
         start the server once to bring it up to date"
    )]
    Older { found: i64, known: i64 },
    #[error("the file is a database of some other program")]
    Foreign,
    #[error("{} can't be opened", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("migration {name} failed")]
    Migration {
        name: &'static str,
        #[source]
        source: rusqlite::Error,
    },
    #[error("the file system can't hold a write-ahead log: SQLite stays in mode {mode}")]
    NoWal { mode: String },
    #[error("SQLite can't open the database")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the rows that are in no sorted run can't be read")]
    Runs(#[from] StoreError),
}

/// One database file. See the crate's head.
pub struct SqliteStore {
    pub(crate) parts: Arc<Parts>,
}

/// What the store, its writer, running queries and snapshots share. Fields are dropped in this
/// order: connections before the thread, and the lock once nothing touches the file any more.
pub struct Parts {
    pub readers: Readers,
    pub path: PathBuf,
    pub options: Options,
    /// What only a server has.
    pub server: Option<Server>,
}

pub struct Server {
    pub checkpointer: Checkpointer,
    /// The writer's alone, from the beginning of a batch to its end.
    keeper: Mutex<Keeper>,
    pub published: Published,
    /// Whether the one writer is out.
    pub writing: AtomicBool,
    #[cfg(any(test, feature = "faults"))]
    pub faults: Arc<crate::faults::Faults>,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Server {
    /// Whoever panicked over it has left it to be read anew, or unchanged.
    pub fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parts {
    /// What is in no run yet, as far as a server says so. Taken before a snapshot is opened.
    pub fn tails(&self) -> Tails {
        self.server.as_ref().map(|server| server.published.take()).unwrap_or_default()
    }
}

impl SqliteStore {
    /// Opens the file for one server, makes it where it is missing, and brings it up to date.
    pub fn open(path: &Path, options: Options) -> Result<Arc<Self>, OpenError> {
        create_missing(path)?;
        // Two names of one file must meet in one lock.
        let path = path.canonicalize().map_err(|source| io_fault(path, source))?;
        let lock = take_lock(&path)?;
        let mut connection = connect(&path, Access::Write, &options)?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        if mode != "wal" {
            return Err(OpenError::NoWal { mode });
        }
        make_durable(&connection, &options)?;
        migrate(&mut connection, MIGRATIONS)?;
        let keeper = keeper(&connection, options.runs)?;
        let checkpointer =
            Checkpointer::start(connection).map_err(|source| io_fault(&path, source))?;
        let server = Server {
            checkpointer,
            published: Published::new(keeper.tails()),
            keeper: Mutex::new(keeper),
            writing: AtomicBool::new(false),
            #[cfg(any(test, feature = "faults"))]
            faults: Arc::default(),
            _lock: lock,
        };
        Ok(Self::assemble(path, options, Some(server)))
    }

    /// Opens the file for reading only, whether or not a server has it open. A server that was
    /// killed leaves a write-ahead log, whose commits are seen too. The database file is neither
    /// created nor changed; SQLite keeps its `-wal` and `-shm` files beside it.
    pub fn open_read_only(path: &Path) -> Result<Arc<Self>, OpenError> {
        let path = path.canonicalize().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => OpenError::Missing { path: path.to_owned() },
            _ => io_fault(path, source),
        })?;
        let options = Options::default();
        check(&connect(&path, Access::Read, &options)?)?;
        Ok(Self::assemble(path, options, None))
    }

    fn assemble(path: PathBuf, options: Options, server: Option<Server>) -> Arc<Self> {
        let parts = Parts { readers: Readers::new(options.readers), path, options, server };
        Arc::new(Self { parts: Arc::new(parts) })
    }
}

fn keeper(connection: &Connection, options: RunOptions) -> Result<Keeper, OpenError> {
    connection.execute_batch(BEGIN)?;
    let keeper = Keeper::open(connection, options)?;
    connection.execute_batch(COMMIT)?;
    Ok(keeper)
}

fn io_fault(path: &Path, source: io::Error) -> OpenError {
    OpenError::Io { path: path.to_owned(), source }
}

/// Only its owner may read the file. SQLite gives its own files beside it the same mode.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// An existing file is not even opened: closing it again would let go of every lock that SQLite
/// holds on it in this process.
fn create_missing(path: &Path) -> Result<(), OpenError> {
    match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(file) => {
            file.sync_all().map_err(|source| io_fault(path, source))?;
            sync_directory(path)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(io_fault(path, source)),
    }
}

/// Makes the file's name durable.
fn sync_directory(path: &Path) -> Result<(), OpenError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)
            .and_then(|directory| directory.sync_all())
            .map_err(|source| io_fault(parent, source)),
        _ => Ok(()),
    }
}

fn take_lock(path: &Path) -> Result<File, OpenError> {
    let mut name = OsString::from(path);
    name.push(".lock");
    let lock = PathBuf::from(name);
    let file = private(OpenOptions::new().write(true).create(true).truncate(false))
        .open(&lock)
        .map_err(|source| io_fault(&lock, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { lock }),
        Err(TryLockError::Error(source)) => Err(io_fault(&lock, source)),
    }
}
