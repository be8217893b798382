//! `vostro copy`: a whole store into an empty database of either kind.
//!
//! 1. The source is looked at as of one moment, beside its server or without one, and verified:
//!    nothing wrong is carried on, and before this the target is not touched.
//! 2. Every table's rows go to the target, page by page, in one transaction.
//! 3. The target is verified too, and has as many rows in each table.
//!
//! If it stops before the end of 2, the target is as empty as before.

use crate::cli::{Failure, Place};
use crate::config::{Config, Overrides};
use crate::progress::Bar;
use crate::verify::lookup;
use crate::{logs, open};
use clap::Args;
use engine::verify::{Finding, Progress, Report, Wrong, verify};
use std::process::ExitCode;
use store::schema::TABLES;
use store::{NoImport, Snapshot, Store, StoreError};
use vault::lookup::LookupKey;

/// Rows that are on their way at one time.
const PAGE: u32 = 1_000;

#[derive(Args, Debug)]
pub struct CopyArgs {
    /// The store to copy: sqlite:PATH or postgres://USER@HOST/DATABASE.
    #[arg(long, value_name = "URL")]
    from: String,
    /// The database to fill, which must be empty, as its owner.
    #[arg(long, value_name = "URL")]
    to: String,
    /// Show no progress bar.
    #[arg(long)]
    quiet: bool,
}

/// Why a store was not copied, or not well.
#[derive(Debug, thiserror::Error)]
enum CopyError {
    #[error("a row of the source is wrong, so nothing was copied")]
    Source(#[source] Finding),
    #[error("a row of the target is wrong; it must not be used")]
    Target(#[source] Finding),
    #[error("the target has other rows than the source; it must not be used")]
    Different,
    #[error(
        "whether the copy was committed is not known; run it again: if it was, the target is not \
         empty any more, and `vostro verify` says whether all is there"
    )]
    Unknown(#[source] StoreError),
}

/// Rows of each table, in the order of the tables.
type Counts = Vec<(&'static str, u64)>;

pub fn run(place: &Place, args: &CopyArgs, json: bool) -> Result<ExitCode, Failure> {
    let config = Config::load(place.config.as_deref(), &Overrides::of(place))?.with_default_data();
    let (from, to) = (elsewhere(&config, &args.from)?, elsewhere(&config, &args.to)?);
    logs::start_quiet();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut bar = Bar::new(args.quiet || json);
        let copied = copy(&config, &from, &to, &mut bar).await;
        bar.finish();
        match copied {
            Ok(counts) => {
                print_counts(&counts, json);
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => match error.downcast_ref() {
                Some(CopyError::Source(_) | CopyError::Target(_) | CopyError::Different) => {
                    logs::print_error(&error);
                    Ok(ExitCode::from(1))
                }
                _ => Err(error),
            },
        }
    })
}

/// The same configuration with another database and no directory.
fn elsewhere(config: &Config, url: &str) -> Result<Config, Failure> {
    let mut config = config.clone();
    config.store.data = None;
    config.store.database = Some(url.to_owned());
    open::database(&config)?;
    Ok(config)
}

async fn copy(
    config: &Config,
    from: &Config,
    to: &Config,
    bar: &mut Bar,
) -> Result<Counts, Failure> {
    let source = open::store_read_only(from).await?;
    refuse_filled(to).await?;
    let lookup = lookup(config, &source).await?;
    let mut snapshot = source.snapshot().await?;
    let report = sound(snapshot.as_mut(), lookup.as_ref(), bar, CopyError::Source).await?;
    let counts = count(snapshot.as_mut()).await?;
    let target = open::store(to).await?;
    fill(snapshot.as_mut(), target.as_ref(), &counts, bar).await?;
    let mut copied = target.snapshot().await?;
    let found = sound(copied.as_mut(), lookup.as_ref(), bar, CopyError::Target).await?;
    if found != report || count(copied.as_mut()).await? != counts {
        return Err(CopyError::Different.into());
    }
    Ok(counts)
}

/// Says so before the source is read for long. What can't be asked now is refused when it is
/// opened for filling.
async fn refuse_filled(to: &Config) -> Result<(), Failure> {
    let Ok(target) = open::store_read_only(to).await else { return Ok(()) };
    let mut snapshot = target.snapshot().await?;
    for table in TABLES {
        if !snapshot.scan(table, None, 1).await?.is_empty() {
            return Err(NoImport::NotEmpty { table: table.name }.into());
        }
    }
    Ok(())
}

async fn sound(
    snapshot: &mut dyn Snapshot,
    lookup: Option<&LookupKey>,
    bar: &mut Bar,
    wrong: fn(Finding) -> CopyError,
) -> Result<Report, Failure> {
    match verify(snapshot, lookup, bar).await {
        Ok(report) => Ok(report),
        Err(Wrong::Found(finding)) => Err(wrong(finding).into()),
        Err(error @ Wrong::Store(_)) => Err(error.into()),
    }
}

async fn count(snapshot: &mut dyn Snapshot) -> Result<Counts, StoreError> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push((table.name, snapshot.count(table).await?));
    }
    Ok(counts)
}

fn sum(counts: &Counts) -> u64 {
    counts.iter().map(|(_, rows)| rows).sum()
}

async fn fill(
    source: &mut dyn Snapshot,
    target: &dyn Store,
    counts: &Counts,
    bar: &mut Bar,
) -> Result<(), Failure> {
    let mut import = target.import().await?;
    bar.phase("copying", sum(counts));
    for table in TABLES {
        let mut after = None;
        loop {
            let rows = source.scan(table, after.take(), PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last[..table.key].to_vec());
            bar.step(u64::try_from(rows.len()).unwrap_or(u64::MAX));
            import.rows(table, rows).await?;
        }
    }
    match import.finish().await {
        Err(lost @ StoreError::Unknown(_)) => Err(CopyError::Unknown(lost).into()),
        finished => Ok(finished?),
    }
}

fn print_counts(counts: &Counts, json: bool) {
    if json {
        let rows: serde_json::Map<_, _> =
            counts.iter().map(|(table, rows)| ((*table).to_owned(), (*rows).into())).collect();
        println!("{}", serde_json::json!({ "copied": true, "rows": rows }));
        return;
    }
    let (rows, tables) = (sum(counts), counts.len());
    println!("copied {rows} rows of {tables} tables; both ends verified, with the same rows");
}
