//! The clocks of the process. Nothing else in the product reads one.

#![expect(clippy::disallowed_methods, reason = "the wiring reads the clock for all others")]

use domain::time::Time;
use engine::Clock;
use gateway::access_log::Monotonic;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The system's clock.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Time::ZERO.plus(since)
    }
}

/// A clock that reads microseconds from a file that a test writes.
#[cfg(feature = "test-control")]
struct FileClock(std::path::PathBuf);

#[cfg(feature = "test-control")]
impl Clock for FileClock {
    fn now(&self) -> Time {
        let text = std::fs::read_to_string(&self.0).expect("the test wrote the clock's file");
        let us = text.trim().parse().expect("the clock's file holds microseconds");
        Time::from_unix_us(us)
    }
}

/// The clock: the system's, or in a test build the test's.
pub fn clock() -> Arc<dyn Clock> {
    #[cfg(feature = "test-control")]
    if let Some(path) = std::env::var_os("VOSTRO_TEST_CLOCK_FILE") {
        return Arc::new(FileClock(path.into()));
    }
    Arc::new(SystemClock)
}

/// Only differences matter; for log lines.
pub fn monotonic() -> Monotonic {
    let start = Instant::now();
    Arc::new(move || start.elapsed())
}
