//! Moments, as given by whoever holds a clock; nothing here reads one.

use core::fmt;
use core::time::Duration;

/// A moment: microseconds since 1970-01-01T00:00:00Z. May be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

impl Time {
    pub const ZERO: Self = Self(0);
    pub const MAX: Self = Self(i64::MAX);

    pub const fn from_unix_us(us: i64) -> Self {
        Self(us)
    }

    /// `None` where the milliseconds do not fit.
    pub const fn from_unix_ms(ms: i64) -> Option<Self> {
        match ms.checked_mul(1_000) {
            Some(us) => Some(Self(us)),
            None => None,
        }
    }

    pub const fn unix_us(self) -> i64 {
        self.0
    }

    /// Rounded towards the past.
    pub const fn unix_ms(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Later by `by`, or the end of time.
    pub fn plus(self, by: Duration) -> Self {
        let us = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(us))
    }

    /// How much later `self` is, zero where it is earlier.
    pub fn since(self, earlier: Self) -> Duration {
        let us = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(us).unwrap_or(0))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Time({}us)", self.0)
    }
}

#[cfg(test)]
mod tests;
