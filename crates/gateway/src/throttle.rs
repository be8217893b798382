//! How often somebody may call: a bucket of so many calls for each key, which fills evenly within
//! a minute.
//!
//! A whole minute's calls may come at once; from then on there is one more each time that the
//! minute's part of one call has passed. Who is refused uses nothing up. What is kept of a key is
//! one moment. Counts are in memory, so each server counts for itself, and a server that starts
//! begins anew. They are behind one lock, which is held for one look-up; a door without a limit has
//! none.

use domain::time::Time;
use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// The limit of each key. `K` is what a door knows its callers by, once they have proved it: who
/// chooses keys freely has a new bucket each time.
#[derive(Debug)]
pub struct Throttle<K> {
    /// In which one call comes back.
    each: Duration,
    /// In which an empty bucket is full again.
    whole: Duration,
    keys_max: usize,
    /// When the bucket will be full.
    full_at: Mutex<HashMap<K, Time>>,
}

/// One call too many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooMany {
    /// Whole seconds after which one more is let through, at least one.
    pub retry_after_s: u32,
}

impl<K: Eq + Hash> Throttle<K> {
    /// No more than `keys_max` are remembered: beyond it all begin with full buckets again.
    pub fn per_minute(calls: NonZeroU32, keys_max: usize) -> Self {
        // In whole microseconds, as moments are; the bucket's own time follows from it, so that it
        // holds this many to the last one.
        let each_us = MINUTE.as_micros() / u128::from(calls.get());
        let each = Duration::from_micros(u64::try_from(each_us).unwrap_or(u64::MAX).max(1));
        Self { each, whole: each * calls.get(), keys_max, full_at: Mutex::default() }
    }

    /// Counts a call that comes now, or refuses it and counts nothing.
    pub fn take(&self, key: K, now: Time) -> Result<(), TooMany> {
        let mut full_at = self.full_at.lock().expect("nothing panics while it holds the buckets");
        let lacking = match full_at.get_mut(&key) {
            // A clock that was set back keeps nobody out for longer than an empty bucket does.
            Some(full) => {
                *full = (*full).min(now.plus(self.whole));
                full.since(now)
            }
            None => {
                self.make_room(&mut full_at, now);
                Duration::ZERO
            }
        };
        let lacking = lacking + self.each;
        if let Some(wait @ 1..) = lacking.checked_sub(self.whole).map(|wait| wait.as_micros()) {
            let seconds = wait.div_ceil(1_000_000);
            return Err(TooMany { retry_after_s: u32::try_from(seconds).unwrap_or(u32::MAX) });
        }
        full_at.insert(key, now.plus(lacking));
        Ok(())
    }

    /// At most half is left, so that the next search is as many keys away as this one costs.
    fn make_room(&self, full_at: &mut HashMap<K, Time>, now: Time) {
        if full_at.len() < self.keys_max {
            return;
        }
        full_at.retain(|_, full| *full > now);
        if full_at.len() > self.keys_max / 2 {
            full_at.clear();
        }
    }
}

#[cfg(test)]
mod tests;
