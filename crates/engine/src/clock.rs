//! The clock, which only the binary's wiring reads.

use domain::time::Time;

/// Where the engine asks for the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Time;
}
