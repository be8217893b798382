//! The write-ahead log's way back into the database file, on a thread of its own.
//!
//! A commit only appends to the log. When a part of its bound has gathered, the writer tells the
//! thread here, which copies what is there (a passive checkpoint: it waits for nobody and nobody
//! for it) and syncs. The more commits one checkpoint covers, the fewer pages it copies twice.
//!
//! Under load the log never runs empty that way, so it would never start over. When it has reached
//! its bound, the thread copies again until little is left, and then the writer itself, between
//! two batches, copies that little and starts the log over ([`Watch::restart`]). At twice the bound
//! it no longer waits for the thread to catch up. Only a long reader makes the log longer.
//!
//! Locks: `busy` is held by whichever of the two is at it, so that the writer waits for the thread
//! and not for a time. If it stops anywhere, the log is simply longer at the next start.

use crate::connection::BUSY_TIMEOUT;
use crate::open::Options;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A page and its header.
const FRAME_BYTES: u64 = 4_096 + 24;

/// What the thread tries to leave to the writer at most: 4 MiB, some milliseconds of copying.
const LITTLE_FRAMES: u64 = 1_024;
/// In how many passes it tries. Each takes less time than the one before, since less is left.
const PASSES: u32 = 3;

/// How long the writer waits for readers to leave the log. They are short; a long one (a backup,
/// a verification) must not stop the commits, so the log grows meanwhile.
const RESTART_WAIT: Duration = Duration::from_millis(100);

/// What the thread was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    Checkpoint,
    Stop,
}

/// What the thread and the writer share.
struct Shared {
    asked: Mutex<Asked>,
    changed: Condvar,
    busy: Mutex<()>,
    /// Frames in the log after the last commit, kept by SQLite's own hook.
    frames: AtomicU64,
    /// Frames of these that are in the database file too.
    copied: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing here can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn ask(&self, what: Asked) {
        let mut asked = lock(&self.asked);
        if *asked != Asked::Stop {
            *asked = what;
            self.changed.notify_one();
        }
    }

    /// Frames that are only in the log.
    fn left(&self) -> u64 {
        let frames = self.frames.load(Ordering::Relaxed);
        let copied = self.copied.load(Ordering::Relaxed);
        // More copied than there is was said of the log before it started over.
        frames.checked_sub(copied).unwrap_or(frames)
    }

    /// Waits; false when it is over.
    fn wait(&self) -> bool {
        let mut asked = lock(&self.asked);
        while *asked == Asked::Nothing {
            asked = self.changed.wait(asked).unwrap_or_else(PoisonError::into_inner);
        }
        if *asked == Asked::Stop {
            return false;
        }
        *asked = Asked::Nothing;
        true
    }
}

/// The thread, stopped and joined on drop.
pub struct Checkpointer {
    shared: Arc<Shared>,
    /// Taken on drop.
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub fn start(connection: Connection) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            asked: Mutex::new(Asked::Nothing),
            changed: Condvar::new(),
            busy: Mutex::new(()),
            frames: AtomicU64::new(0),
            copied: AtomicU64::new(0),
        });
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || run(&connection, &own))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// What a new writer keeps an eye on the log with.
    pub fn watch(&self, options: &Options) -> Watch {
        let limit = (options.wal_limit_bytes / FRAME_BYTES).max(4);
        Watch { told: 0, limit, held_until: 0, shared: Arc::clone(&self.shared) }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.shared.ask(Asked::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread panicked");
        }
    }
}

fn run(connection: &Connection, shared: &Shared) {
    while shared.wait() {
        let _busy = lock(&shared.busy);
        for _ in 0..PASSES {
            match connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE) {
                Ok((log, copied)) => {
                    tracing::trace!(log, copied, "checkpoint");
                    shared.copied.store(u64::try_from(copied).unwrap_or(0), Ordering::Relaxed);
                }
                // Somebody else is at it, or is closing the file.
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                    tracing::debug!(%error, "no checkpoint now");
                    break;
                }
                // Nothing is lost: the log keeps what was not copied, and the next one tries again.
                Err(error) => {
                    tracing::warn!(%error, "a checkpoint failed");
                    break;
                }
            }
            if shared.left() <= LITTLE_FRAMES {
                break;
            }
        }
    }
}

/// The writer's view of the log.
pub struct Watch {
    /// Frames when the thread was last told.
    told: u64,
    /// Frames at which the log shall start over.
    limit: u64,
    /// Frames below which it is not tried again, since a long reader was in the way.
    held_until: u64,
    shared: Arc<Shared>,
}

impl Watch {
    /// Registers with the writer's connection.
    pub fn attach(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let shared = Arc::clone(&self.shared);
        connection.wal_hook(Some(move |_: &mut Wal, pages| {
            shared.frames.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
    }

    /// After a commit: tells the thread when enough has gathered.
    pub fn committed(&mut self) {
        let frames = self.shared.frames.load(Ordering::Relaxed);
        if frames < self.told {
            // The log started over by itself: it had been copied whole, and nobody read it.
            self.started_over();
        }
        let step = if frames < self.limit { self.limit / 4 } else { LITTLE_FRAMES };
        if frames >= self.told + step {
            self.told = frames;
            self.shared.ask(Asked::Checkpoint);
        }
    }

    fn started_over(&mut self) {
        self.told = 0;
        self.held_until = 0;
        self.shared.copied.store(0, Ordering::Relaxed);
    }

    /// Before a batch: starts the log over, when it has reached its bound and little is left.
    pub fn restart(&mut self, connection: &Connection) {
        let frames = self.shared.frames.load(Ordering::Relaxed);
        let little = self.shared.left() <= LITTLE_FRAMES;
        let due = frames >= self.limit && little || frames >= 2 * self.limit;
        if !due || frames < self.held_until {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let _busy = lock(&shared.busy);
        let restarted = connection
            .busy_timeout(RESTART_WAIT)
            .and_then(|()| connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::RESTART));
        if let Err(error) = connection.busy_timeout(BUSY_TIMEOUT) {
            tracing::warn!(%error, "the busy timeout could not be set back");
        }
        match restarted {
            Ok(_) => {
                shared.frames.store(0, Ordering::Relaxed);
                self.started_over();
            }
            // A long reader is in the way: another quarter is let in before the next try.
            Err(error) => {
                tracing::debug!(%error, frames, "the write-ahead log could not start over");
                self.held_until = frames + self.limit / 4;
            }
        }
    }
}
