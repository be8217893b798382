//! What each connection is doing, since when, in one atomic word.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// The shortest and longest time between two sweeps.
const TICK_MIN: Duration = Duration::from_millis(5);
const TICK_MAX: Duration = Duration::from_secs(1);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its head is being read.
    Head,
    /// A handler has the request. Handlers have deadlines of their own.
    Handling,
    /// Answered; the next request has not begun.
    Idle,
    /// Closed by us, and read to let the client take the answer.
    Closing,
    /// An answer of any length is under way, and the request may be too. It lasts as long as bytes
    /// come or go.
    Streaming,
}

/// A clock that the accept loop advances: reading it is one load, where a clock is a call.
#[derive(Debug, Default)]
pub(super) struct Ticks {
    now: AtomicU32,
    stopping: AtomicBool,
    /// Tells those who wait for it.
    stop: Notify,
}

impl Ticks {
    pub(super) fn advance(&self) {
        self.now.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.stop.notify_waiters();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(super) async fn stopping(&self) {
        // It hears of what comes after it was made, and it is made before the look.
        let told = self.stop.notified();
        if !self.is_stopping() {
            told.await;
        }
    }
}

/// How many ticks each phase may last; handling has no limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct PhaseLimits {
    tick: Duration,
    head: u32,
    idle: u32,
    closing: u32,
}

impl PhaseLimits {
    pub(super) fn new(head: Duration, idle: Duration, closing: Duration) -> Self {
        let tick = (head.min(idle).min(closing) / 4).clamp(TICK_MIN, TICK_MAX);
        let ticks = |limit: Duration| {
            u32::try_from(limit.as_nanos().div_ceil(tick.as_nanos())).unwrap_or(u32::MAX)
        };
        Self { tick, head: ticks(head), idle: ticks(idle), closing: ticks(closing) }
    }

    pub(super) const fn tick(&self) -> Duration {
        self.tick
    }
}

/// The phase of one connection. One writer at a time: the connection's own task.
#[derive(Debug)]
pub(super) struct Phases {
    /// The tick at which the phase began, shifted by 8, and the phase.
    word: AtomicU64,
    ticks: Arc<Ticks>,
}

impl Phases {
    pub(super) fn new(ticks: Arc<Ticks>) -> Self {
        let phases = Self { word: AtomicU64::new(0), ticks };
        phases.enter(Phase::Head);
        phases
    }

    pub(super) fn enter(&self, phase: Phase) {
        let since = u64::from(self.ticks.now.load(Ordering::Relaxed));
        self.word.store(since << 8 | phase as u64, Ordering::Relaxed);
    }

    /// Bytes came or went.
    pub(super) fn moved(&self) {
        if self.now() == Phase::Streaming {
            self.enter(Phase::Streaming);
        }
    }

    pub(super) fn now(&self) -> Phase {
        match self.word.load(Ordering::Relaxed) & 0xff {
            0 => Phase::Head,
            1 => Phase::Handling,
            2 => Phase::Idle,
            3 => Phase::Closing,
            _ => Phase::Streaming,
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.ticks.is_stopping()
    }

    /// Whether the phase has lasted longer than it may; never before the limit is over.
    pub(super) fn is_late(&self, limits: &PhaseLimits) -> bool {
        let limit = match self.now() {
            Phase::Head => limits.head,
            Phase::Handling => return false,
            Phase::Idle | Phase::Streaming => limits.idle,
            Phase::Closing => limits.closing,
        };
        let since = (self.word.load(Ordering::Relaxed) >> 8) as u32;
        self.ticks.now.load(Ordering::Relaxed).wrapping_sub(since) > limit
    }
}

#[cfg(test)]
mod tests;
