//! What one durable write costs on the disk under a directory: the floor of a transfer alone.

use super::figures::{micros, percentile_us};
use crate::clock;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

const SAMPLES: u32 = 200;
const BLOCK: [u8; 4_096] = [0x5a; 4_096];
const FILE: &str = "disk.probe";

/// An append of 4 KiB to a growing file, then `fdatasync`.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiskFigures {
    pub samples: u32,
    pub fdatasync_p50_us: u64,
    pub fdatasync_p99_us: u64,
}

pub fn measure(directory: &Path) -> Result<DiskFigures, crate::cli::Failure> {
    let path = directory.join(FILE);
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    let clock = clock::monotonic();
    let mut times = Histogram::<u32>::new(3)?;
    for _ in 0..SAMPLES {
        let begun = clock();
        file.write_all(&BLOCK)?;
        file.sync_data()?;
        times.record(micros(clock().saturating_sub(begun)))?;
    }
    std::fs::remove_file(&path)?;
    Ok(DiskFigures {
        samples: SAMPLES,
        fdatasync_p50_us: percentile_us(&times, 500),
        fdatasync_p99_us: percentile_us(&times, 990),
    })
}
