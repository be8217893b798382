//! `vostro verify`: recomputes the whole store beside a running server or without one.

use crate::cli::{Failure, Place};
use crate::config::{Config, Overrides};
use crate::{logs, open};
use clap::Args;
use domain::id::ProgramId;
use engine::verify::{Progress, Report, Wrong, verify};
use indicatif::{ProgressBar, ProgressStyle};
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

/// One bar at a time on standard error; hidden where that is no terminal.
struct Bar {
    bar: ProgressBar,
    quiet: bool,
}

impl Progress for Bar {
    fn phase(&mut self, name: &'static str, rows: u64) {
        self.bar.finish_and_clear();
        if self.quiet {
            return;
        }
        let style =
            ProgressStyle::with_template("{msg:>12} {wide_bar} {human_pos}/{human_len} {eta}");
        self.bar = ProgressBar::new(rows).with_message(name);
        if let Ok(style) = style {
            self.bar.set_style(style);
        }
    }

    fn step(&mut self, rows: u64) {
        self.bar.inc(rows);
    }
}

/// The look-up key, where the master key is at hand: then texts are checked against keys as well.
async fn lookup(config: &Config, store: &Arc<dyn Store>) -> Result<Option<LookupKey>, Failure> {
    let Ok(master) = open::master_key(config) else { return Ok(None) };
    let rows = store.keys(ProgramId::INSTALLATION).await?;
    Ok(engine::lookup_key(&master, &rows)?)
}

pub fn run(place: &Place, args: &VerifyArgs, json: bool) -> Result<ExitCode, Failure> {
    let config = Config::load(place.config.as_deref(), &Overrides::of(place))?.with_default_data();
    logs::start_quiet();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = open::store_read_only(&config)?;
        let lookup = lookup(&config, &store).await?;
        if lookup.is_none() {
            eprintln!("no master key at hand: keys are not checked against their texts");
        }
        let mut snapshot = store.snapshot().await?;
        let mut bar = Bar { bar: ProgressBar::hidden(), quiet: args.quiet || json };
        let verified = verify(snapshot.as_mut(), lookup.as_ref(), &mut bar).await;
        bar.bar.finish_and_clear();
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
