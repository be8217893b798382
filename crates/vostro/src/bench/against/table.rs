//! What two builds came to, as a table and as JSON.

use super::ran::{Ran, RanMeasurement};
use crate::bench::figures::{Kind, median, ratio_permille};
use crate::bench::report::{Grouped, Thousandths};
use serde::Serialize;
use std::fmt;

/// One figure of both builds.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Medians over the turns.
    pub this: u64,
    pub other: u64,
    /// Of this build's figure to the other's in the same turn, in thousandths: the median over the
    /// turns, the lowest, the highest. Absent where the other's is nothing.
    pub ratio: Option<Spread>,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spread {
    pub median_permille: u64,
    pub lowest_permille: u64,
    pub highest_permille: u64,
}

/// One measurement of both builds.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    pub kind: Kind,
    pub connections: u32,
    pub transfers_per_s: Pair,
    /// Of bulk transfers, the rate of the last tenth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_tenth_per_s: Option<Pair>,
    pub p99_us: Pair,
    /// Processor time per transfer, of user and system.
    pub server_ns: Option<Pair>,
    pub load_ns: Option<Pair>,
}

#[derive(Serialize, Clone, Debug)]
pub struct Comparison {
    /// Of which store; absent where one of the builds does not say.
    pub compared_on: Option<String>,
    pub debug_build: bool,
    pub turns: usize,
    pub comparisons: Vec<Compared>,
    pub bytes_per_transfer: Pair,
}

impl Pair {
    /// Of each turn: this build's figure and the other's.
    fn of(turns: &[[u64; 2]]) -> Self {
        let side = |side: usize| median(turns.iter().map(|turn| turn[side]).collect());
        let ratios = turns.iter().map(|&[this, other]| ratio_permille(this, other));
        let ratios: Option<Vec<u64>> = ratios.collect();
        let spread = |ratios: Vec<u64>| {
            let (lowest, highest) = (ratios.iter().min()?, ratios.iter().max()?);
            let (lowest_permille, highest_permille) = (*lowest, *highest);
            let median_permille = median(ratios);
            Some(Spread { median_permille, lowest_permille, highest_permille })
        };
        Self { this: side(0), other: side(1), ratio: ratios.and_then(spread) }
    }

    /// `None` where one run does not have the figure.
    fn maybe<T>(turns: &[[T; 2]], figure: impl Fn(&T) -> Option<u64>) -> Option<Self> {
        let both = |[this, other]: &[T; 2]| Some([figure(this)?, figure(other)?]);
        turns.iter().map(both).collect::<Option<Vec<_>>>().map(|turns| Self::of(&turns))
    }
}

impl Comparison {
    /// `None` where not all runs measured the same.
    pub fn of(turns: &[[Ran; 2]]) -> Option<Self> {
        let [first, _] = turns.first()?;
        let mut comparisons = Vec::new();
        for at in 0..first.measurements.len() {
            let of_turn = |[this, other]: &[Ran; 2]| {
                Some([this.measurements.get(at)?.clone(), other.measurements.get(at)?.clone()])
            };
            let turns: Option<Vec<_>> = turns.iter().map(of_turn).collect();
            comparisons.push(compared(&turns?)?);
        }
        let all = || turns.iter().flatten();
        let store = &first.settings.store;
        let lengths = all().all(|ran| ran.measurements.len() == first.measurements.len());
        lengths.then_some(Self {
            compared_on: store.clone().filter(|_| all().all(|ran| ran.settings.store == *store)),
            debug_build: all().any(|ran| ran.debug_build),
            turns: turns.len(),
            comparisons,
            bytes_per_transfer: Pair::maybe(turns, |ran| Some(ran.store.bytes_per_transfer))?,
        })
    }
}

fn compared(turns: &[[RanMeasurement; 2]]) -> Option<Compared> {
    let [RanMeasurement { kind, connections, .. }, _] = *turns.first()?;
    let same = |ran: &RanMeasurement| ran.kind == kind && ran.connections == connections;
    if !turns.iter().flatten().all(same) {
        return None;
    }
    let server =
        |ran: &RanMeasurement| ran.median.cpu.map(|cpu| cpu.server_user_ns + cpu.server_system_ns);
    let load =
        |ran: &RanMeasurement| ran.median.cpu.map(|cpu| cpu.load_user_ns + cpu.load_system_ns);
    Some(Compared {
        kind,
        connections,
        transfers_per_s: Pair::maybe(turns, |ran| Some(ran.median.transfers_per_s))?,
        last_tenth_per_s: Pair::maybe(turns, |ran| ran.median.tenths_per_s.last().copied()),
        p99_us: Pair::maybe(turns, |ran| Some(ran.median.p99_us))?,
        server_ns: Pair::maybe(turns, server),
        load_ns: Pair::maybe(turns, load),
    })
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = self.compared_on.as_deref().unwrap_or("stores of which one is not told");
        let turns = if self.turns == 1 { "turn" } else { "turns" };
        writeln!(f, "on {store}, {} {turns} of one run each", self.turns)?;
        if self.debug_build {
            writeln!(f, "debug build: figures mean nothing")?;
        }
        writeln!(f, "\n{:42}this       other    ratio   lowest  highest", "")?;
        for compared in &self.comparisons {
            let Compared { kind, connections, .. } = compared;
            let what = format!("{connections:>7}  {kind:<8}");
            for (name, pair) in [
                ("per second", Some(compared.transfers_per_s)),
                ("last tenth", compared.last_tenth_per_s),
                ("p99 us", Some(compared.p99_us).filter(|pair| pair.ratio.is_some())),
                ("server ns each", compared.server_ns),
                ("load ns each", compared.load_ns),
            ] {
                if let Some(pair) = pair {
                    writeln!(f, "{what}  {name:<16}{pair}")?;
                }
            }
        }
        writeln!(f, "{:>7}  {:<8}  {:<16}{}", "", "store", "bytes each", self.bytes_per_transfer)
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:>9}  {:>10}", Grouped(self.this), Grouped(self.other))?;
        let Some(ratio) = self.ratio else { return Ok(()) };
        for permille in [ratio.median_permille, ratio.lowest_permille, ratio.highest_permille] {
            write!(f, "  {:>7}", Thousandths(permille, 3))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
