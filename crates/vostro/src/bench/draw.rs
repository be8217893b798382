//! Whom the next transfer goes to: everybody alike, some more often than others, or always one.

use clap::ValueEnum;
use serde::Serialize;
use std::sync::Arc;

/// How transfers are spread over cardholders.
#[derive(ValueEnum, Serialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Skew {
    #[default]
    Uniform,
    /// The n-th has a share of 1/n.
    Zipf,
    /// All go to one.
    Hot,
}

impl Skew {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Zipf => "zipf",
            Self::Hot => "hot",
        }
    }
}

/// Draws cardholders.
#[derive(Clone, Debug)]
pub struct Draw {
    count: u32,
    skew: Skew,
    /// The weights up to each, of a Zipf distribution.
    sums: Arc<[u64]>,
}

/// The weight of the first.
const FIRST: u64 = 1 << 32;

impl Draw {
    pub fn new(skew: Skew, count: u32) -> Self {
        let weight = |sum: &mut u64, at: u64| {
            *sum += FIRST / at;
            Some(*sum)
        };
        let sums = match skew {
            Skew::Zipf => (1..=u64::from(count)).scan(0, weight).collect(),
            Skew::Uniform | Skew::Hot => Arc::default(),
        };
        Self { count, skew, sums }
    }

    pub fn next(&self, rng: &mut fastrand::Rng) -> u32 {
        match self.skew {
            Skew::Uniform => rng.u32(..self.count),
            Skew::Hot => 0,
            Skew::Zipf => {
                let drawn = rng.u64(..self.sums.last().copied().unwrap_or(1));
                let at = self.sums.partition_point(|sum| *sum <= drawn);
                u32::try_from(at).unwrap_or(0)
            }
        }
    }
}

#[cfg(test)]
mod tests;
