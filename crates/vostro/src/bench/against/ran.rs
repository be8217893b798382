//! Of a report, what is compared. Keys that an older build does not write are absent.

use crate::bench::figures::{CpuSplit, Kind};
use serde::Deserialize;

#[derive(Deserialize, Clone, Debug)]
pub struct Ran {
    pub debug_build: bool,
    #[serde(default)]
    pub settings: RanSettings,
    pub measurements: Vec<RanMeasurement>,
    pub store: RanStore,
}

#[derive(Deserialize, Clone, Default, Debug)]
pub struct RanSettings {
    #[serde(default)]
    pub store: Option<String>,
}

/// Of one run, so the median is the figure itself.
#[derive(Deserialize, Clone, Debug)]
pub struct RanMeasurement {
    pub kind: Kind,
    pub connections: u32,
    pub median: RanFigures,
}

#[derive(Deserialize, Clone, Debug)]
pub struct RanFigures {
    pub transfers_per_s: u64,
    #[serde(default)]
    pub tenths_per_s: Vec<u64>,
    pub p99_us: u64,
    pub cpu: Option<CpuSplit>,
}

#[derive(Deserialize, Clone, Debug)]
pub struct RanStore {
    pub bytes_per_transfer: u64,
}
