//! What a unit of work was given when it was queued: one clock reading and one seed.
//!
//! A decision may be run again, on other rows, and must then make the same ids; so ids come from
//! the stamp alone and never from the attempt.

use crate::time::Time;

/// The reading and the seed, and how many ids were made of them in this run.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    clock: Time,
    seed: u64,
    made: u16,
}

/// Ids that one unit may make: the counter's 12 bits.
pub const IDS_PER_UNIT_MAX: u16 = 4_095;

impl Stamp {
    /// `seed` comes from the system's random generator, or from a test.
    pub const fn new(clock: Time, seed: u64) -> Self {
        Self { clock, seed, made: 0 }
    }

    /// The clock when the unit was queued.
    pub const fn clock(&self) -> Time {
        self.clock
    }

    /// What ids are made of; for what is drawn beside them, such as a jitter.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Starts over, so that a re-run makes the same ids.
    pub const fn rewind(&mut self) {
        self.made = 0;
    }

    /// 16 bytes shaped as a UUID of version 7: milliseconds, counter, seed. Ordered by time.
    ///
    /// # Panics
    /// When a unit makes more than [`IDS_PER_UNIT_MAX`] ids: a bug of its verb, which bounds its
    /// input.
    pub fn id(&mut self) -> [u8; 16] {
        assert!(self.made < IDS_PER_UNIT_MAX, "a unit of work made too many ids");
        self.made += 1;
        let ms = u64::try_from(self.clock.unix_ms()).unwrap_or(0) & 0xffff_ffff_ffff;
        let high = (ms << 16) | 0x7000 | u64::from(self.made);
        let low = (self.seed & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        let mut out = [0u8; 16];
        out[..8].copy_from_slice(&high.to_be_bytes());
        out[8..].copy_from_slice(&low.to_be_bytes());
        out
    }
}

#[cfg(test)]
mod tests;
