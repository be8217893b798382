//! Recomputes everything that a store says of money, from the facts alone, and names the first row
//! that is wrong.
//!
//! Walks each programme unit by unit in `seq` order: its rows must have no gap, its facts their
//! events and its events their rows, its instructions their references, its transfers their two
//! entries, and each entry must follow the one before it on its account in version, sums, floor and
//! hash. Then what was recomputed is compared with the current-state rows: accounts, holds,
//! counters; every asset must sum to zero; and no entry or reference may be left over or missing.
//!
//! Reads one snapshot, so it can run beside a server. Memory grows with accounts and holds, not
//! with transfers.

mod account;
mod hold;
mod left;
mod outbox;
mod place;
mod scan;
mod unit;

#[cfg(test)]
mod tests;

use crate::verify::account::Accounts;
use crate::verify::hold::Holds;
use crate::verify::unit::Walk;
use store::{Snapshot, StoreError};
use vault::lookup::LookupKey;

/// How far it is; a progress bar.
pub trait Progress: Send {
    /// A new phase, and how many rows it will look at.
    fn phase(&mut self, name: &'static str, rows: u64);
    /// More rows were looked at.
    fn step(&mut self, rows: u64);
}

/// What was looked at and found good.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Report {
    pub programs: u64,
    pub accounts: u64,
    pub units: u64,
    pub instructions: u64,
    pub transfers: u64,
    pub entries: u64,
    pub events: u64,
    pub references: u64,
    pub holds: u64,
}

/// The first row that is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{table} {row}: {what}")]
pub struct Finding {
    pub table: &'static str,
    /// The row's key.
    pub row: String,
    pub what: String,
}

impl Finding {
    fn new(table: &'static str, row: impl Into<String>, what: impl Into<String>) -> Self {
        Self { table, row: row.into(), what: what.into() }
    }
}

/// Why a store was not found good.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("a row is wrong")]
    Found(#[source] Finding),
    #[error("the store could not be read")]
    Store(#[source] StoreError),
}

impl From<Finding> for Wrong {
    fn from(finding: Finding) -> Self {
        Self::Found(finding)
    }
}

impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt { table, column, row, .. } => {
                Self::Found(Finding::new(table, row, format!("{column} can't be read")))
            }
            other => Self::Store(other),
        }
    }
}

/// Verifies a whole store. With the look-up key, the keys of references and cardholders are
/// recomputed from their texts too.
pub async fn verify(
    snapshot: &mut dyn Snapshot,
    lookup: Option<&LookupKey>,
    progress: &mut dyn Progress,
) -> Result<Report, Wrong> {
    let mut report = Report::default();
    let mut accounts = Accounts::load(snapshot, progress).await?;
    report.accounts = accounts.len();
    let mut holds = Holds::default();
    let walk = Walk::new(&mut accounts, &mut holds, &mut report, lookup);
    let mut walked = walk.run(snapshot, progress).await?;
    report.programs = u64::try_from(walked.ends.len()).unwrap_or(u64::MAX);
    accounts.compare()?;
    accounts.zero_sums()?;
    report.holds = holds.compare(snapshot, progress).await?;
    left::entries(snapshot, &accounts, &mut report, progress).await?;
    left::counters(snapshot, &walked.ends).await?;
    left::cardholders(snapshot, lookup, &mut walked).await?;
    left::sub_accounts(snapshot, lookup, &mut walked).await?;
    left::references(snapshot, lookup, &mut walked, &mut report, progress).await?;
    left::programs(snapshot, lookup).await?;
    left::credentials(snapshot).await?;
    left::leases(snapshot).await?;
    Ok(report)
}
