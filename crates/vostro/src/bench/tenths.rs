//! When each tenth of a known number of answers was there: what is fast at first and slow at last
//! has a good mean, and nobody wants it.

use super::figures::per_second;
use gateway::access_log::Monotonic;
use std::time::Duration;

const PARTS: u64 = 10;

pub struct Tenths {
    clock: Monotonic,
    /// Answers that there will be.
    all: u64,
    answered: u64,
    /// The beginning, then the end of each part that is over.
    ends: Vec<Duration>,
}

impl Tenths {
    pub fn new(all: u64, clock: Monotonic) -> Self {
        let ends = vec![clock()];
        Self { clock, all, answered: 0, ends }
    }

    /// The clock is read only where a part ends.
    pub fn answered(&mut self, count: u64) {
        self.answered += count;
        while let Some(end) = self.end(self.ends.len() as u64)
            && self.answered >= end
        {
            self.ends.push((self.clock)());
        }
    }

    /// The answers up to the end of the n-th part; none where there is no such part, and where
    /// there are not enough for parts.
    fn end(&self, part: u64) -> Option<u64> {
        (part <= PARTS && self.all >= PARTS).then(|| share(self.all, part))
    }

    /// The rates of the parts that are over.
    pub fn per_second(&self) -> Vec<u64> {
        let length = |part: u64| share(self.all, part) - share(self.all, part - 1);
        let rate = |(ends, part): (&[Duration], u64)| {
            per_second(length(part), ends[1].saturating_sub(ends[0]))
        };
        self.ends.windows(2).zip(1..).map(rate).collect()
    }
}

/// As many tenths of all, rounded down.
const fn share(all: u64, tenths: u64) -> u64 {
    (all as u128 * tenths as u128 / PARTS as u128) as u64
}

#[cfg(test)]
mod tests;
