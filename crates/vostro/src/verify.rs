//! `vostro verify`: recomputes the whole store beside a running server or without one.

use crate::cli::{Failure, Place};
use crate::config::{Config, Overrides};
use crate::progress::Bar;
use crate::{logs, open};
use clap::Args;
use domain::id::ProgramId;
use engine::verify::{Report, Wrong, verify};
use std::process::ExitCode;
use std::sync::Arc;
use store::Store;
use vault::lookup::LookupKey;

#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Show no progress bar.
    #[arg(long)]
    quiet: bool,
}

/// The look-up key, where the master key is at hand: then texts are checked against keys as well.
pub async fn lookup(config: &Config, store: &Arc<dyn Store>) -> Result<Option<LookupKey>, Failure> {
    let Ok(master) = open::master_key(config) else {
        eprintln!("no master key at hand: keys are not checked against their texts");
        return Ok(None);
    };
    let rows = store.keys(ProgramId::INSTALLATION).await?;
    Ok(engine::lookup_key(&master, &rows)?)
}

pub fn run(place: &Place, args: &VerifyArgs, json: bool) -> Result<ExitCode, Failure> {
    let config = Config::load(place.config.as_deref(), &Overrides::of(place))?.with_default_data();
    logs::start_quiet();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = open::store_read_only(&config).await?;
        let lookup = lookup(&config, &store).await?;
        let mut snapshot = store.snapshot().await?;
        let mut bar = Bar::new(args.quiet || json);
        let verified = verify(snapshot.as_mut(), lookup.as_ref(), &mut bar).await;
        bar.finish();
        match verified {
            Ok(report) => {
                print_report(&report, json);
                Ok(ExitCode::SUCCESS)
            }
            Err(Wrong::Found(finding)) => {
                if json {
                    let (table, row, what) = (finding.table, finding.row, finding.what);
                    let text = serde_json::json!({
                        "verified": false, "table": table, "row": row, "what": what
                    });
                    println!("{text}");
                } else {
                    println!("WRONG: {finding}");
                }
                Ok(ExitCode::from(1))
            }
            Err(wrong @ Wrong::Store(_)) => Err(wrong.into()),
        }
    })
}

fn print_report(report: &Report, json: bool) {
    if json {
        let text = serde_json::json!({
            "verified": true,
            "programs": report.programs,
            "accounts": report.accounts,
            "units": report.units,
            "instructions": report.instructions,
            "transfers": report.transfers,
            "entries": report.entries,
            "events": report.events,
            "references": report.references,
            "holds": report.holds,
        });
        println!("{text}");
        return;
    }
    println!(
        "verified: {} programmes, {} accounts, {} units, {} instructions, {} transfers, \
         {} entries, {} events, {} references, {} holds",
        report.programs,
        report.accounts,
        report.units,
        report.instructions,
        report.transfers,
        report.entries,
        report.events,
        report.references,
        report.holds
    );
}
