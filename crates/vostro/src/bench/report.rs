//! The outcome, as a table and as JSON.

use super::BenchArgs;
use super::disk::DiskFigures;
use super::draw::Skew;
use super::figures::{Errors, Figures, Kind, Measured, ratio_permille};
use super::memory;
use super::serve::{Announcement, Filled};
use super::server::Server;
use serde::Serialize;
use std::fmt::{self, Write};

/// What was asked for.
#[derive(Serialize, Clone, Debug)]
pub struct Settings {
    /// `sqlite` or `postgres`.
    pub store: String,
    pub allocator: String,
    pub programs: u32,
    /// Of each programme.
    pub cardholders: u32,
    pub seconds: u32,
    pub runs: u32,
    pub warm: u64,
    pub http_workers: usize,
    /// Commits at one time.
    pub workers: usize,
    /// Units of one commit at most.
    pub batch_max: usize,
    /// Transfers that were made before the server started.
    pub fill: u64,
    pub skew: Skew,
    /// Of a hundred requests.
    pub duplicates: u32,
    pub reads: u32,
}

impl Settings {
    /// What was asked for, and what the server says that it has.
    pub fn new(args: &BenchArgs, server: &Announcement) -> Self {
        Self {
            store: server.store.clone(),
            allocator: server.allocator.clone(),
            programs: args.programs,
            cardholders: args.cardholders,
            seconds: args.seconds,
            runs: args.runs,
            warm: args.warm,
            http_workers: server.http_workers,
            workers: server.workers,
            batch_max: server.batch_max,
            fill: args.fill,
            skew: args.skew,
            duplicates: args.duplicates,
            reads: args.reads,
        }
    }
}

/// The most memory that each process had, up to the end of the measurements over HTTP.
#[derive(Serialize, Clone, Copy, Debug)]
pub struct Memory {
    pub server_peak_bytes: u64,
    pub load_peak_bytes: u64,
}

impl Memory {
    /// `None` where the system does not tell.
    pub fn now(server: &Server) -> Option<Self> {
        let load_peak_bytes = memory::peak_bytes(std::process::id())?;
        Some(Self { server_peak_bytes: server.memory_peak_bytes()?, load_peak_bytes })
    }
}

/// What was measured, and on what.
#[derive(Serialize, Clone, Debug)]
pub struct About {
    pub settings: Settings,
    pub disk: DiskFigures,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled: Option<Filled>,
    pub memory: Option<Memory>,
}

/// What is in the store once the server has stopped.
#[derive(Serialize, Clone, Copy, Debug)]
pub struct StoreFigures {
    /// Transfers whose answer was a success, warming included.
    pub acknowledged: u64,
    pub stored: u64,
    /// In all tables.
    pub rows: u64,
    pub bytes: u64,
    /// What the file grew by, for each transfer since the server started.
    pub bytes_per_transfer: u64,
    /// All of the file, for each transfer in it.
    pub bytes_of_all: u64,
    /// How long it took to open the whole store, where the engine was measured.
    pub opened_ms: Option<u64>,
}

/// One measurement: the median of each figure, and every run.
#[derive(Serialize, Clone, Debug)]
pub struct Measurement {
    pub kind: Kind,
    pub connections: u32,
    pub median: Figures,
    pub runs: Vec<Figures>,
}

/// How the throughput of two measurements compares, in thousandths.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Ratio {
    /// Transfers with the most connections, against those with the fewest.
    Connections { kind: Kind, most: u32, fewest: u32, permille: u64 },
    /// Transfers against the baseline.
    Baseline { connections: u32, permille: u64 },
}

#[derive(Serialize, Clone, Debug)]
pub struct Report {
    pub version: &'static str,
    pub debug_build: bool,
    pub cores: usize,
    #[serde(flatten)]
    pub about: About,
    pub measurements: Vec<Measurement>,
    pub ratios: Vec<Ratio>,
    #[serde(skip_serializing_if = "Errors::is_empty")]
    pub warming_errors: Errors,
    pub store: StoreFigures,
}

impl Report {
    pub fn new(
        about: About,
        measured: Vec<Measured>,
        warming_errors: Errors,
        store: StoreFigures,
    ) -> Self {
        let measurement = |measured: Measured| Measurement {
            kind: measured.kind,
            connections: measured.connections,
            median: Figures::median(&measured.runs),
            runs: measured.runs,
        };
        let measurements: Vec<_> = measured.into_iter().map(measurement).collect();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            debug_build: cfg!(debug_assertions),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            about,
            ratios: ratios(&measurements),
            measurements,
            warming_errors,
            store,
        }
    }

    /// Nothing failed, and what was acknowledged is there.
    pub fn is_sound(&self) -> bool {
        let failed = |measurement: &Measurement| measurement.median.errors > 0;
        self.warming_errors.is_empty()
            && !self.measurements.iter().any(failed)
            && self.store.acknowledged == self.store.stored
    }
}

fn ratios(measurements: &[Measurement]) -> Vec<Ratio> {
    let find = |kind, connections| {
        let same = |m: &&Measurement| m.kind == kind && m.connections == connections;
        measurements.iter().find(same).map(|m| m.median.transfers_per_s)
    };
    let mut ratios = Vec::new();
    let numbers = || measurements.iter().map(|m| m.connections);
    if let (Some(most), Some(fewest)) = (numbers().max(), numbers().min())
        && most > fewest
    {
        for kind in [Kind::Transfer, Kind::Baseline] {
            let both = find(kind, most).zip(find(kind, fewest));
            let permille = both.and_then(|(most, fewest)| ratio_permille(most, fewest));
            ratios.extend(permille.map(|permille| Ratio::Connections {
                kind,
                most,
                fewest,
                permille,
            }));
        }
    }
    for m in measurements.iter().filter(|m| m.kind == Kind::Transfer) {
        let connections = m.connections;
        let baseline = find(Kind::Baseline, connections);
        let permille = baseline.and_then(|base| ratio_permille(m.median.transfers_per_s, base));
        ratios.extend(permille.map(|permille| Ratio::Baseline { connections, permille }));
    }
    ratios
}

/// A number of thousandths as a decimal with as many places, rounded down.
pub struct Thousandths(pub u64, pub usize);

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, places) = *self;
        let mut text = format!("{}.{:03}", value / 1_000, value % 1_000);
        text.truncate(text.len() + places - 3);
        f.pad(&text)
    }
}

/// A whole number with a comma between thousands.
pub struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

fn plural(count: u64, noun: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{} {noun}{end}", Grouped(count))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let About { settings, disk, .. } = &self.about;
        let &Settings { programs, cardholders, seconds, runs, warm, .. } = settings;
        let &Settings { http_workers, workers, batch_max, .. } = settings;
        let &Settings { fill, skew, duplicates, reads, .. } = settings;
        writeln!(
            f,
            "vostro {} bench on {}: {}, {}, {}, allocator {}",
            self.version,
            settings.store,
            plural(self.cores as u64, "core"),
            plural(http_workers as u64, "HTTP worker"),
            plural(workers as u64, "store worker"),
            settings.allocator,
        )?;
        writeln!(
            f,
            "{} of {} s, {}, {} each, warmed by {}",
            plural(runs.into(), "run"),
            seconds,
            plural(programs.into(), "programme"),
            plural(cardholders.into(), "cardholder"),
            plural(warm, "transfer"),
        )?;
        if fill > 0 || skew != Skew::Uniform || duplicates + reads > 0 {
            writeln!(
                f,
                "{} before; {} over cardholders; of 100 requests {duplicates} repeat, {reads} read",
                plural(fill, "transfer"),
                skew.word(),
            )?;
        }
        writeln!(f, "commits of at most {}", plural(batch_max as u64, "unit"))?;
        if self.debug_build {
            writeln!(f, "debug build: figures mean nothing")?;
        }
        writeln!(
            f,
            "disk: 4 KiB append and fdatasync: p50 {} ms, p99 {} ms",
            Thousandths(disk.fdatasync_p50_us, 2),
            Thousandths(disk.fdatasync_p99_us, 2)
        )?;
        self.write_table(f)?;
        self.write_ratios(f)?;
        self.write_tenths(f)?;
        self.write_store(f)?;
        self.write_errors(f)
    }
}

impl Report {
    fn write_table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        writeln!(f, "{:37}latency in ms{:16}server us     load us", "", "")?;
        write!(f, "connections            per second    p50     p99   p99.9  errors")?;
        writeln!(f, "  user   sys   user   sys")?;
        for measurement in &self.measurements {
            let figures = &measurement.median;
            write!(
                f,
                "{:>11}  {:<8}  {:>11}  {:>5}  {:>6}  {:>6}  {:>6}",
                measurement.connections,
                measurement.kind,
                Grouped(figures.transfers_per_s),
                Thousandths(figures.p50_us, 2),
                Thousandths(figures.p99_us, 2),
                Thousandths(figures.p999_us, 2),
                figures.errors,
            )?;
            if let Some(cpu) = figures.cpu {
                for (ns, gap) in [
                    (cpu.server_user_ns, " "),
                    (cpu.server_system_ns, " "),
                    (cpu.load_user_ns, "  "),
                    (cpu.load_system_ns, " "),
                ] {
                    write!(f, "{gap}{:>5}", Thousandths(ns, 1))?;
                }
            }
            f.write_char('\n')?;
        }
        writeln!(f)
    }

    fn write_ratios(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ratio in &self.ratios {
            match *ratio {
                Ratio::Connections { kind, most, fewest, permille } => writeln!(
                    f,
                    "{kind}: {most} connections do {} times what {fewest} does",
                    Thousandths(permille, 2)
                )?,
                Ratio::Baseline { connections, permille } => writeln!(
                    f,
                    "transfer: {} of the baseline with {}",
                    Thousandths(permille, 3),
                    plural(connections.into(), "connection")
                )?,
            }
        }
        Ok(())
    }

    /// What of a long way is kept up at its end.
    fn write_tenths(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |name: &str, rate: u64, tenths: &[u64]| {
            let slowest = tenths.iter().min()?;
            let (rate, last) = (Grouped(rate), Grouped(*tenths.last()?));
            let slowest = Grouped(*slowest);
            Some(format!("{name}: {rate} per second, the last tenth {last}, the slowest {slowest}"))
        };
        let filled = self.about.filled.iter();
        let filled = filled.filter_map(|f| line("filled", f.transfers_per_s, &f.tenths_per_s));
        let bulk = self.measurements.iter().map(|measured| &measured.median);
        let bulk = bulk.filter_map(|f| line("bulk", f.transfers_per_s, &f.tenths_per_s));
        for line in filled.chain(bulk) {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }

    fn write_store(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = self.store;
        let what = if store.acknowledged == store.stored { "all stored" } else { "WRONG" };
        writeln!(
            f,
            "store: {} acknowledged, {} stored ({what}); {}, {}, {} per transfer",
            plural(store.acknowledged, "transfer"),
            Grouped(store.stored),
            plural(store.rows, "row"),
            plural(store.bytes, "byte"),
            Grouped(store.bytes_per_transfer)
        )?;
        if let Some(memory) = self.about.memory {
            writeln!(
                f,
                "memory: at most {} of the server, {} of the load",
                plural(memory.server_peak_bytes, "byte"),
                plural(memory.load_peak_bytes, "byte"),
            )?;
        }
        if let Some(ms) = store.opened_ms {
            writeln!(
                f,
                "opened in {} ms; {} on disk for each transfer in it",
                Grouped(ms),
                plural(store.bytes_of_all, "byte")
            )?;
        }
        Ok(())
    }

    fn write_errors(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (text, count) in &self.warming_errors {
            writeln!(f, "error while warming, {count} times: {text}")?;
        }
        for measurement in &self.measurements {
            for (text, count) in &measurement.median.error_texts {
                let (kind, connections) = (measurement.kind, measurement.connections);
                writeln!(f, "error, {kind} with {connections}, {count} times: {text}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
