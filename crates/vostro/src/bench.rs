//! `vostro bench`: closed-loop load on the merchants' transfer, over real HTTP, from this process
//! on a server in a process of its own, beside a baseline.
//!
//! The baseline is the same request, authenticated and parsed, and answered without a write: what
//! this machine and this HTTP stack could do at best. Both are measured in turns, run by run, so
//! that a noisy machine disturbs both alike. The reported figure is the median over the runs.
//!
//! Phases: a fresh data directory; the disk's own speed; the server ([`server`], whose other side
//! is [`serve`]); tokens; warming; the runs ([`load`]); the server stops in order; then the store
//! is opened beside and counted, so that what was acknowledged is compared with what is there.

mod against;
mod bulk;
mod cpu;
mod disk;
mod draw;
mod figures;
mod inside;
mod load;
mod memory;
mod report;
mod request;
mod response;
pub mod serve;
mod server;
mod tenths;

use crate::cli::{Failure, Place};
use crate::config::{Config, Overrides, Workers};
use crate::wiring::open_engine;
use crate::{clock, files, logs, open};
use clap::Args;
use cpu::Cpu;
use draw::{Draw, Skew};
use figures::{Figures, Kind, Measured};
use indicatif::{ProgressBar, ProgressStyle};
use inside::Inside;
use load::{Load, Mix, Stage, Until};
use report::{About, Memory, Report, Settings, StoreFigures};
use server::{Server, Start};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::schema::TABLES;
use tempfile::TempDir;

#[derive(Args, Debug, Clone)]
pub struct BenchArgs {
    /// Connections that each wait for their answer; one measurement for each number.
    #[arg(long, value_delimiter = ',', default_value = "1,64", value_name = "N,…")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=load::CONNECTIONS_MAX))]
    connections: Vec<u32>,
    /// Programmes, which the connections are spread over.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    programs: u32,
    /// Cardholders of each programme, drawn evenly for each transfer.
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=request::HOLDERS_MAX))]
    cardholders: u32,
    /// Units of one commit at most; 1 switches batching off.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    batch_max: Option<u32>,
    /// Length of one measurement.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// Transfers that the store has before the server starts, made without HTTP.
    #[arg(long, default_value_t = 0, value_name = "N")]
    fill: u64,
    /// How transfers are spread over cardholders.
    #[arg(long, default_value = "uniform")]
    skew: Skew,
    /// Of a hundred requests, how many repeat the connection's last transfer.
    #[arg(long, default_value_t = 0, value_name = "PERCENT")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=50))]
    duplicates: u32,
    /// Of a hundred requests, how many read a cardholder's balances.
    #[arg(long, default_value_t = 0, value_name = "PERCENT")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=50))]
    reads: u32,
    /// Also measure the engine without HTTP, with so many transfers under way.
    #[arg(long, value_delimiter = ',', value_name = "N,…")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=65_536))]
    engine: Vec<u32>,
    /// Also measure one bulk request of so many lines.
    #[arg(long, value_name = "LINES")]
    bulk: Option<u64>,
    /// Also append the report to this file, as one line of JSON.
    #[arg(long, value_name = "FILE")]
    append: Option<PathBuf>,
    /// Transfers before the first measurement.
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    warm: u64,
    /// Runs of all measurements; the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=999))]
    runs: u32,
    /// Measure the transfer only.
    #[arg(long)]
    no_baseline: bool,
    /// The server's HTTP threads, where they are to be other than configured.
    #[arg(long, value_name = "N")]
    http_workers: Option<Workers>,
    /// Commits at one time, where they are to be other than configured; SQLite has one.
    #[arg(long, value_name = "N")]
    workers: Option<Workers>,
    /// Another vostro, to be compared with: the same benchmark of both in turns, each run on a new
    /// store.
    #[arg(long, value_name = "PROGRAM")]
    against: Option<PathBuf>,
}

/// Why there was no benchmark.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    #[error("bench makes a file of its own: give --data DIR, or the --database of a PostgreSQL")]
    Database,
    #[error("the database holds programmes: give bench an empty one")]
    NotEmpty,
    #[error("{} holds a database: bench makes a new one", .0.display())]
    NotFresh(PathBuf),
    #[error("interrupted")]
    Interrupted,
}

/// Where the store is made; a temporary one goes when this goes.
enum Home {
    Given(PathBuf),
    Temporary(TempDir),
}

impl Home {
    /// The given directory, kept afterwards; else a temporary one on the disk of the data that is
    /// configured.
    fn make(place: &Place, config: &Config) -> Result<Self, Failure> {
        if let Some(data) = &place.data {
            files::make_directory(data)?;
            if data.join(files::DATABASE).exists() {
                return Err(BenchError::NotFresh(data.clone()).into());
            }
            return Ok(Self::Given(data.clone()));
        }
        let configured = config.store.data.as_deref().filter(|data| data.is_dir());
        let above = configured.unwrap_or(Path::new("."));
        let made = tempfile::Builder::new().prefix("vostro-bench-").tempdir_in(above)?;
        Ok(Self::Temporary(made))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(made) => made.path(),
        }
    }
}

pub fn run(place: &Place, args: &BenchArgs, json: bool) -> Result<ExitCode, Failure> {
    logs::start_quiet();
    if place.database.as_deref().is_some_and(|url| !open::is_postgres(url)) {
        return Err(BenchError::Database.into());
    }
    let overrides = Overrides::of(place);
    let config = Config::load(place.config.as_deref(), &overrides)?.with_default_data();
    if cfg!(debug_assertions) {
        eprintln!("debug build: figures mean nothing");
    }
    if let Some(other) = &args.against {
        return against::run(place, args, other, &config, json);
    }
    let home = Home::make(place, &config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        tokio::select! {
            report = bench(place, args, home.path(), json) => report,
            // What it leaves by this way (the server, the directory) is undone on drop.
            _ = tokio::signal::ctrl_c() => Err(BenchError::Interrupted.into()),
        }
    })?;
    if let Some(file) = &args.append {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
        writeln!(file, "{}", serde_json::to_string(&report)?)?;
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn bench(
    place: &Place,
    args: &BenchArgs,
    home: &Path,
    json: bool,
) -> Result<Report, Failure> {
    let disk = disk::measure(home)?;
    let mut config = Config::load(place.config.as_deref(), &Overrides::of(place))?;
    config.store.data = Some(home.to_owned());
    config.store.database.clone_from(&place.database);
    // Of the engine that is measured here, as of the server.
    config.engine.workers = args.workers.or(config.engine.workers);
    if let Some(units) = args.batch_max {
        config.engine.batch_max = usize::try_from(units)?;
    }
    if open::holds_programs(&config).await? {
        return Err(BenchError::NotEmpty.into());
    }
    let most = args.connections.iter().copied().max().unwrap_or(1);
    let start = Start {
        place: Place { data: Some(home.to_owned()), ..place.clone() },
        programs: args.programs,
        cardholders: args.cardholders,
        connections: most,
        http_workers: args.http_workers,
        workers: args.workers,
        batch_max: args.batch_max,
        fill: args.fill,
    };
    let server = Server::start(&start).await?;
    let bytes_before = open::store_bytes(&config).await?;
    let draw = Draw::new(args.skew, args.cardholders);
    let load = Load::prepare(&server, draw.clone()).await?;
    let warming = Stage::new(0, Kind::Transfer, most, Until::Count(args.warm));
    let warmed = load.run(&warming).await?;
    let mut measured = measure(&load, &server, args, json).await?;
    if let Some(lines) = args.bulk {
        measured.push(measure_bulk(&server, args.runs, lines, &draw).await?);
    }
    let settings = Settings::new(args, server.announced());
    let filled = server.announced().filled.clone();
    let memory = Memory::now(&server);
    server.stop().await?;
    let opened = measure_engine(&config, args, &draw, &mut measured).await?;

    let of_kind = measured.iter().filter(|measured| measured.kind != Kind::Baseline);
    let stored: u64 = of_kind.flat_map(|m| &m.runs).map(|figures| figures.stored).sum();
    let acknowledged = args.fill + warmed.stored() + stored;
    let mut store = count(&config, args.programs, bytes_before, args.fill, acknowledged).await?;
    store.opened_ms = opened.map(figures::millis);
    let about = About { settings, disk, filled, memory };
    Ok(Report::new(about, measured, warmed.into_errors(), store))
}

/// All measurements, in turns; what comes first changes from run to run.
async fn measure(
    load: &Load,
    server: &Server,
    args: &BenchArgs,
    json: bool,
) -> Result<Vec<Measured>, Failure> {
    let mut measured = Vec::new();
    for &connections in &args.connections {
        measured.push(Measured::new(Kind::Transfer, connections));
        if !args.no_baseline {
            measured.push(Measured::new(Kind::Baseline, connections));
        }
    }
    let until = Until::Time(Duration::from_secs(u64::from(args.seconds)));
    let mix = Mix { duplicates: args.duplicates, reads: args.reads };
    let bar = bar(u64::from(args.runs) * measured.len() as u64, json);
    let (mut number, clock) = (0, clock::monotonic());
    for run in 0..args.runs {
        for at in 0..measured.len() {
            // A pair is a transfer and its baseline.
            let swapped = !args.no_baseline && run % 2 == 1;
            let measured = &mut measured[if swapped { at ^ 1 } else { at }];
            number += 1;
            let stage = Stage::new(number, measured.kind, measured.connections, until);
            let stage = if measured.kind == Kind::Transfer { stage.mixed(mix) } else { stage };
            bar.set_message(measured.to_string());
            let (server_before, own_before) = (server.cpu(), cpu::own());
            let begun = clock();
            let tally = load.run(&stage).await?;
            let elapsed = clock().saturating_sub(begun);
            let server_cpu = cpu::between(server_before, server.cpu());
            let own_cpu = cpu::between(own_before, cpu::own());
            measured.runs.push(Figures::new(tally, elapsed, server_cpu, own_cpu));
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(measured)
}

/// Each run is one request.
async fn measure_bulk(
    server: &Server,
    runs: u32,
    lines: u64,
    draw: &Draw,
) -> Result<Measured, Failure> {
    let mut measured = Measured::new(Kind::Bulk, 1);
    let clock = clock::monotonic();
    for run in 0..runs {
        let (server_before, own_before) = (server.cpu(), cpu::own());
        let begun = clock();
        let tally = bulk::run(&server.announced().operator, run, lines, draw).await?;
        let elapsed = clock().saturating_sub(begun);
        let server_cpu = cpu::between(server_before, server.cpu());
        let own_cpu = cpu::between(own_before, cpu::own());
        measured.runs.push(Figures::new(tally, elapsed, server_cpu, own_cpu));
    }
    Ok(measured)
}

/// On the store that the server has left, in this process; and how long it took to open it.
async fn measure_engine(
    config: &Config,
    args: &BenchArgs,
    draw: &Draw,
    measured: &mut Vec<Measured>,
) -> Result<Option<Duration>, Failure> {
    if args.engine.is_empty() {
        return Ok(None);
    }
    let clock = clock::monotonic();
    let begun = clock();
    let engine = open_engine(config).await?;
    let opened = clock().saturating_sub(begun);
    let asset = serve::asset();
    let inside = Inside::find(Arc::clone(&engine), args.programs, args.cardholders, asset).await?;
    let until = Until::Time(Duration::from_secs(u64::from(args.seconds)));
    for &under_way in &args.engine {
        let mut each = Measured::new(Kind::Engine, under_way);
        for run in 0..args.runs {
            let (own_before, begun) = (cpu::own(), clock());
            let stage = format!("engine-{under_way}-{run}");
            let tally = inside.run(&stage, under_way, until, draw).await;
            let elapsed = clock().saturating_sub(begun);
            // It is all one process, so nothing of it is the load's.
            let own = cpu::between(own_before, cpu::own());
            each.runs.push(Figures::new(tally, elapsed, own, own.map(|_| Cpu::default())));
        }
        measured.push(each);
    }
    drop(inside);
    tokio::task::spawn_blocking(move || engine.stop()).await?;
    Ok(Some(opened))
}

/// On standard error, and only if that is a terminal.
fn bar(steps: u64, json: bool) -> ProgressBar {
    if json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(steps);
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg:>24} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// What is there once the server has stopped.
async fn count(
    config: &Config,
    programs: u32,
    bytes_before: u64,
    filled: u64,
    acknowledged: u64,
) -> Result<StoreFigures, Failure> {
    let bytes = open::store_bytes(config).await?;
    let store = open::store_read_only(config).await?;
    let mut snapshot = store.snapshot().await?;
    let mut rows = 0;
    for table in TABLES {
        rows += snapshot.count(table).await?;
    }
    // Each programme's reserve was funded by one.
    let transfers = snapshot.count(&store::transfer::TRANSFER).await?;
    let stored = transfers.saturating_sub(u64::from(programs));
    // What was there before the server started has its bytes there too.
    let grown = bytes.saturating_sub(bytes_before);
    let bytes_per_transfer = grown.checked_div(stored.saturating_sub(filled)).unwrap_or(0);
    let bytes_of_all = bytes.checked_div(stored).unwrap_or(0);
    let opened_ms = None;
    Ok(StoreFigures {
        acknowledged,
        stored,
        rows,
        bytes,
        bytes_per_transfer,
        bytes_of_all,
        opened_ms,
    })
}
