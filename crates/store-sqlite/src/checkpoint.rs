//! The write-ahead log's way back into the database file, on a thread of its own.
//!
//! A commit only appends to the log. After every [`STEP_FRAMES`] the writer tells the thread here,
//! which copies what it can (a passive checkpoint: it waits for nobody and nobody for it) and
//! syncs. Under load the log never runs empty that way, so it would never start over; when it has
//! reached its bound, the writer itself, between two batches, copies the little that is left and
//! starts it over ([`Watch::restart`]).
//!
//! Locks: `busy` is held by whichever of the two is at it, so that the writer waits for the thread
//! and not for a time. If it stops anywhere, the log is simply longer at the next start.

use crate::connection::BUSY_TIMEOUT;
use crate::open::Options;
use rusqlite::Connection;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many new frames (pages of 4 KiB) make a passive checkpoint worth its sync.
const STEP_FRAMES: u64 = 1_000;
const FRAME_BYTES: u64 = 4_096 + 24;

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
        });
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || run(&connection, &own))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// What a new writer keeps an eye on the log with.
    pub fn watch(&self, options: &Options) -> Watch {
        let limit = (options.wal_limit_bytes / FRAME_BYTES).max(1);
        Watch {
            frames: Arc::default(),
            told: 0,
            limit,
            restart_at: limit,
            shared: Arc::clone(&self.shared),
        }
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
        match connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE) {
            Ok((log, copied)) => tracing::trace!(log, copied, "checkpoint"),
            // Nothing is lost: the log keeps what was not copied, and the next one tries again.
            Err(error) => tracing::warn!(%error, "a checkpoint failed"),
        }
    }
}

/// The writer's view of the log.
pub struct Watch {
    /// Frames in the log after the last commit, kept by SQLite's own hook.
    frames: Arc<AtomicU64>,
    /// Frames when the thread was last told.
    told: u64,
    limit: u64,
    /// Frames at which the writer starts the log over.
    restart_at: u64,
    shared: Arc<Shared>,
}

impl Watch {
    /// Registers with the writer's connection.
    pub fn attach(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let frames = Arc::clone(&self.frames);
        connection.wal_hook(Some(move |_: &mut Wal, pages| {
            frames.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
    }

    /// After a commit: tells the thread when enough has gathered.
    pub fn committed(&mut self) {
        let frames = self.frames.load(Ordering::Relaxed);
        if frames < self.told {
            // The log started over.
            self.told = 0;
            self.restart_at = self.limit;
        }
        if frames >= self.told + STEP_FRAMES {
            self.told = frames;
            self.shared.ask(Asked::Checkpoint);
        }
    }

    /// Before a batch: starts the log over when it has reached its bound.
    pub fn restart(&mut self, connection: &Connection) {
        let frames = self.frames.load(Ordering::Relaxed);
        if frames < self.restart_at {
            return;
        }
        let _busy = lock(&self.shared.busy);
        let restarted = connection
            .busy_timeout(RESTART_WAIT)
            .and_then(|()| connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::RESTART));
        if let Err(error) = &restarted {
            tracing::debug!(%error, frames, "the write-ahead log could not start over");
        }
        if let Err(error) = connection.busy_timeout(BUSY_TIMEOUT) {
            tracing::warn!(%error, "the busy timeout could not be set back");
        }
        // Where a long reader is in the way, another quarter is let in before the next try.
        self.restart_at = match restarted {
            Ok(_) => self.limit,
            Err(_) => frames + self.limit / 4,
        };
        if restarted.is_ok() {
            self.frames.store(0, Ordering::Relaxed);
            self.told = 0;
        }
    }
}
