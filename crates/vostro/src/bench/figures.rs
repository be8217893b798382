//! What was counted, and what follows from it. Whole numbers only: units stand in the names.

use super::cpu::Cpu;
use super::tenths::Tenths;
use gateway::access_log::Monotonic;
use hdrhistogram::{Counter, Histogram};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What an answer costs beyond this is counted as this.
const LATENCY_MAX_US: u64 = 60_000_000;
/// Different errors that are told apart.
const ERRORS_MAX: usize = 8;
/// What further ones are counted under.
const OTHER_ERRORS: &str = "others";

/// What was asked for.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Transfer,
    /// Authenticated and parsed, answered without a write.
    Baseline,
    /// Without HTTP, in the process that has the engine.
    Engine,
    /// Lines of one bulk request.
    Bulk,
}

/// Errors by what they said, and how often.
pub type Errors = BTreeMap<String, u64>;

/// What the connections of one measurement count together.
pub struct Tally {
    latency: Histogram<u64>,
    /// Of what was answered: repeats of an earlier call, and calls that only read.
    repeats: u64,
    reads: u64,
    errors: Errors,
    tenths: Option<Tenths>,
}

impl Tally {
    pub fn new() -> Self {
        let latency = Histogram::new_with_bounds(1, LATENCY_MAX_US, 3);
        let latency = latency.expect("the bounds are good");
        Self { latency, repeats: 0, reads: 0, errors: Errors::new(), tenths: None }
    }

    /// As [`Self::new`], of a known number of answers, from now on: each tenth of them is timed.
    pub fn of(answers: u64, clock: Monotonic) -> Self {
        Self { tenths: Some(Tenths::new(answers, clock)), ..Self::new() }
    }

    /// So many, whose time is not known.
    pub fn succeeded_untimed(&mut self, count: u64) {
        self.latency.saturating_record_n(0, count);
        self.answered(count);
    }

    fn answered(&mut self, count: u64) {
        if let Some(tenths) = &mut self.tenths {
            tenths.answered(count);
        }
    }

    /// What was just told of was answered again.
    pub fn repeated(&mut self) {
        self.repeats += 1;
    }

    /// What was just told of read.
    pub fn read(&mut self) {
        self.reads += 1;
    }

    /// Transfers that are in the store and were not before.
    pub fn stored(&self) -> u64 {
        self.latency.len() - self.repeats - self.reads
    }

    pub fn succeeded(&mut self, latency: Duration) {
        self.latency.saturating_record(micros(latency));
        self.answered(1);
    }

    pub fn failed(&mut self, error: String) {
        let known = self.errors.len() < ERRORS_MAX || self.errors.contains_key(&error);
        let error = if known { error } else { OTHER_ERRORS.to_owned() };
        *self.errors.entry(error).or_default() += 1;
        self.answered(1);
    }

    pub fn transfers(&self) -> u64 {
        self.latency.len()
    }

    pub fn errors(&self) -> u64 {
        self.errors.values().sum()
    }

    pub fn into_errors(self) -> Errors {
        self.errors
    }
}

/// One run of one measurement, or the median of each figure over the runs.
#[derive(Serialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Answers, those of repeats and reads included.
    pub transfers: u64,
    /// Of them, new transfers.
    pub stored: u64,
    pub transfers_per_s: u64,
    /// Of each tenth of the answers, one after the other, where their number was known before: the
    /// last says what is kept up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenths_per_s: Vec<u64>,
    pub p50_us: u64,
    pub p99_us: u64,
    pub p999_us: u64,
    pub max_us: u64,
    /// Per transfer; absent where the system does not tell.
    pub cpu: Option<CpuSplit>,
    pub errors: u64,
    #[serde(skip_serializing_if = "Errors::is_empty")]
    pub error_texts: Errors,
}

/// Processor time per transfer.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CpuSplit {
    pub server_user_ns: u64,
    pub server_system_ns: u64,
    pub load_user_ns: u64,
    pub load_system_ns: u64,
}

impl Figures {
    pub fn new(tally: Tally, elapsed: Duration, server: Option<Cpu>, load: Option<Cpu>) -> Self {
        let transfers = tally.transfers();
        let each = |time: Duration| {
            let ns = time.as_nanos().checked_div(u128::from(transfers)).unwrap_or(0);
            u64::try_from(ns).unwrap_or(u64::MAX)
        };
        let cpu = server.zip(load).map(|(server, load)| CpuSplit {
            server_user_ns: each(server.user),
            server_system_ns: each(server.system),
            load_user_ns: each(load.user),
            load_system_ns: each(load.system),
        });
        let percentile = |permille| percentile_us(&tally.latency, permille);
        Self {
            transfers,
            stored: tally.stored(),
            transfers_per_s: per_second(transfers, elapsed),
            tenths_per_s: tally.tenths.as_ref().map(Tenths::per_second).unwrap_or_default(),
            p50_us: percentile(500),
            p99_us: percentile(990),
            p999_us: percentile(999),
            max_us: tally.latency.max(),
            cpu,
            errors: tally.errors(),
            error_texts: tally.errors,
        }
    }

    /// The median of each figure by itself; errors are added up.
    pub fn median(runs: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> u64| median(runs.iter().map(figure).collect());
        let cpus: Option<Vec<CpuSplit>> = runs.iter().map(|run| run.cpu).collect();
        let cpu = cpus.map(|cpus| {
            let of = |figure: fn(&CpuSplit) -> u64| median(cpus.iter().map(figure).collect());
            CpuSplit {
                server_user_ns: of(|cpu| cpu.server_user_ns),
                server_system_ns: of(|cpu| cpu.server_system_ns),
                load_user_ns: of(|cpu| cpu.load_user_ns),
                load_system_ns: of(|cpu| cpu.load_system_ns),
            }
        });
        let mut error_texts = Errors::new();
        for (text, count) in runs.iter().flat_map(|run| &run.error_texts) {
            *error_texts.entry(text.clone()).or_default() += count;
        }
        let tenths = runs.iter().map(|run| run.tenths_per_s.len()).min().unwrap_or(0);
        let tenth = |at: usize| median(runs.iter().map(|run| run.tenths_per_s[at]).collect());
        Self {
            transfers: of(|run| run.transfers),
            stored: of(|run| run.stored),
            transfers_per_s: of(|run| run.transfers_per_s),
            tenths_per_s: (0..tenths).map(tenth).collect(),
            p50_us: of(|run| run.p50_us),
            p99_us: of(|run| run.p99_us),
            p999_us: of(|run| run.p999_us),
            max_us: of(|run| run.max_us),
            cpu,
            errors: runs.iter().map(|run| run.errors).sum(),
            error_texts,
        }
    }
}

/// One measurement and its runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measured {
    pub kind: Kind,
    pub connections: u32,
    pub runs: Vec<Figures>,
}

impl Measured {
    pub const fn new(kind: Kind, connections: u32) -> Self {
        Self { kind, connections, runs: Vec::new() }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Transfer => "transfer",
            Self::Baseline => "baseline",
            Self::Engine => "engine",
            Self::Bulk => "bulk",
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Transfer | Kind::Baseline => {
                write!(f, "{}, {} connections", self.kind, self.connections)
            }
            Kind::Engine => write!(f, "engine, {} under way", self.connections),
            Kind::Bulk => f.write_str("bulk"),
        }
    }
}

pub fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The value that `permille` of a thousand do not exceed.
pub fn percentile_us<C: Counter>(times: &Histogram<C>, permille: u32) -> u64 {
    #[expect(clippy::float_arithmetic, reason = "the library asks for a quantile as a float")]
    let quantile = f64::from(permille) / 1_000.0;
    times.value_at_quantile(quantile)
}

pub fn per_second(count: u64, elapsed: Duration) -> u64 {
    let rate = (u128::from(count) * 1_000_000_000).checked_div(elapsed.as_nanos());
    u64::try_from(rate.unwrap_or(0)).unwrap_or(u64::MAX)
}

/// The middle value, or the lower mean of the two middle ones; 0 of none.
pub fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    let middle = values.len() / 2;
    match (values.get(middle), values.len() % 2) {
        (None, _) => 0,
        (Some(&value), 1) => value,
        (Some(&upper), _) => values[middle - 1].midpoint(upper),
    }
}

/// How often `b` goes into `a`, in thousandths, rounded down; `None` where `b` is nothing.
pub fn ratio_permille(a: u64, b: u64) -> Option<u64> {
    let ratio = (u128::from(a) * 1_000).checked_div(u128::from(b))?;
    u64::try_from(ratio).ok()
}

#[cfg(test)]
mod tests;
