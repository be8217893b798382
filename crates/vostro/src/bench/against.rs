//! Two builds in turns: this one, and another `vostro`.
//!
//! A run is a whole `vostro bench` in a process of its own, with the options that were given, on a
//! new store: a directory of its own, and on PostgreSQL a database beside the one that is given,
//! both removed after it. So a build is measured with all that belongs to it, its load generator
//! included, and a layout of the store that the other one can't read is no hindrance. One run of
//! each is a turn; the first of a turn is the second of the next one, so a machine that slows down,
//! or a disk that fills, harms neither more than the other.
//!
//! Reported are the medians of both, and over the turns the median, the lowest and the highest
//! ratio of this build's figure to the other's: ratios within a turn are of the same minute.

mod ran;
mod stores;
mod table;

use super::BenchArgs;
use crate::cli::{Failure, Place};
use crate::config::Config;
use indicatif::ProgressBar;
use ran::Ran;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use stores::{Made, Stores};
use table::Comparison;
use tokio::task::spawn_blocking;

/// What `vostro --version` begins with.
const NAME: &[u8] = b"vostro ";

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum AgainstError {
    #[error("--against: there is no program {}", path.display())]
    Missing {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("--against: {} can't be started", path.display())]
    Start {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("--against: {} is not vostro: --version does not say so", .0.display())]
    NotVostro(PathBuf),
    #[error("the benchmark of {} ended with {status}", path.display())]
    Ended { path: PathBuf, status: ExitStatus },
    #[error("the benchmark of {} printed no report that can be read", path.display())]
    NoReport {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("the two builds did not measure the same")]
    NotTheSame,
}

pub fn run(
    place: &Place,
    args: &BenchArgs,
    other: &Path,
    config: &Config,
    json: bool,
) -> Result<ExitCode, Failure> {
    let other = find(other)?;
    let this = std::env::current_exe()?;
    let mut stores = Stores::new(place, config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let comparison = runtime.block_on(async {
        let compared = tokio::select! {
            compared = compare(place, args, [&this, &other], &mut stores, json) => compared,
            // The run under way is stopped on drop.
            _ = tokio::signal::ctrl_c() => Err(super::BenchError::Interrupted.into()),
        };
        let removed = stores.remove().await;
        let compared = compared?;
        removed.map(|()| compared)
    })?;
    if let Some(file) = &args.append {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
        writeln!(file, "{}", serde_json::to_string(&comparison)?)?;
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&comparison)?);
    } else {
        println!("this vostro against {}", other.display());
        print!("{comparison}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The other program, which is asked who it is before minutes are spent on it.
fn find(path: &Path) -> Result<PathBuf, AgainstError> {
    let found = path.canonicalize();
    let found = found.map_err(|source| AgainstError::Missing { path: path.to_owned(), source })?;
    let asked = Command::new(&found).arg("--version").stdin(Stdio::null()).output();
    let said = asked.map_err(|source| AgainstError::Start { path: found.clone(), source })?;
    if said.status.success() && said.stdout.starts_with(NAME) {
        Ok(found)
    } else {
        Err(AgainstError::NotVostro(found))
    }
}

async fn compare(
    place: &Place,
    args: &BenchArgs,
    programs: [&Path; 2],
    stores: &mut Stores,
    json: bool,
) -> Result<Comparison, Failure> {
    let bar = super::bar(2 * u64::from(args.runs), json);
    let mut turns = Vec::new();
    for turn in 0..args.runs {
        bar.set_message(format!("turn {} of {}", turn + 1, args.runs));
        turns.push(in_turn(place, args, programs, stores, turn % 2 == 1, &bar).await?);
    }
    bar.finish_and_clear();
    Ok(Comparison::of(&turns).ok_or(AgainstError::NotTheSame)?)
}

/// One run of each, this build's and the other's, whichever comes first.
async fn in_turn(
    place: &Place,
    args: &BenchArgs,
    [this, other]: [&Path; 2],
    stores: &mut Stores,
    other_first: bool,
    bar: &ProgressBar,
) -> Result<[Ran; 2], Failure> {
    let mut run = async |program: &Path| {
        let ran = one(program, arguments(place, args, &stores.make().await?)).await?;
        stores.remove().await?;
        bar.inc(1);
        Ok::<_, Failure>(ran)
    };
    if other_first {
        let other = run(other).await?;
        Ok([run(this).await?, other])
    } else {
        Ok([run(this).await?, run(other).await?])
    }
}

/// What one run of either build is called with. An option that was not given, and that a build from
/// before it would not know, is left out.
fn arguments(place: &Place, args: &BenchArgs, store: &Made) -> Vec<OsString> {
    let Place { config, data: _, database: _, allow_unsafe_database } = place;
    // All by name, so that a new option is not forgotten here.
    let BenchArgs {
        connections,
        programs,
        cardholders,
        batch_max,
        seconds,
        fill,
        skew,
        duplicates,
        reads,
        engine,
        bulk,
        append: _,
        warm,
        runs: _,
        no_baseline,
        http_workers,
        workers,
        against: _,
    } = args;
    let list =
        |numbers: &[u32]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let mut all: Vec<OsString> = vec!["--json".into(), "--data".into(), (&store.home).into()];
    if let Some(config) = config {
        all.extend(["--config".into(), config.into()]);
    }
    if let Some(database) = &store.database {
        all.extend(["--database".into(), database.into()]);
    }
    all.extend(allow_unsafe_database.then(|| "--allow-unsafe-database".into()));
    all.extend(["bench", "--runs", "1"].map(OsString::from));
    let engine = (!engine.is_empty()).then(|| list(engine));
    let options = [
        ("--connections", Some(list(connections))),
        ("--programs", Some(programs.to_string())),
        ("--cardholders", Some(cardholders.to_string())),
        ("--seconds", Some(seconds.to_string())),
        ("--fill", Some(fill.to_string())),
        ("--skew", Some(skew.word().to_owned())),
        ("--duplicates", Some(duplicates.to_string())),
        ("--reads", Some(reads.to_string())),
        ("--warm", Some(warm.to_string())),
        ("--batch-max", batch_max.map(|units| units.to_string())),
        ("--engine", engine),
        ("--bulk", bulk.map(|lines| lines.to_string())),
        ("--http-workers", http_workers.map(|workers| workers.get().to_string())),
        ("--workers", workers.map(|workers| workers.get().to_string())),
    ];
    for (name, value) in options {
        if let Some(value) = value {
            all.extend([name.into(), value.into()]);
        }
    }
    all.extend(no_baseline.then(|| "--no-baseline".into()));
    all
}

/// A benchmark under way, which ends where it is dropped.
struct UnderWay(Option<Child>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // Asked, so that it stops its server and leaves no process behind. One that has ended
            // by itself can't be asked.
            let _ = kill_process(Pid::from_child(&child), Signal::INT);
            let _ = child.wait();
        }
    }
}

/// One run of one build.
async fn one(program: &Path, arguments: Vec<OsString>) -> Result<Ran, Failure> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    let started = command.spawn();
    let path = || program.to_owned();
    let mut child = started.map_err(|source| AgainstError::Start { path: path(), source })?;
    let output = child.stdout.take();
    let mut under_way = UnderWay(Some(child));
    let read = spawn_blocking(move || {
        let mut text = String::new();
        output.map(|mut output| output.read_to_string(&mut text)).transpose()?;
        Ok::<_, std::io::Error>(text)
    });
    let text = read.await??;
    // It has closed its output, so it is about to end.
    let status = under_way.0.take().map(|mut child| child.wait()).transpose()?;
    if let Some(status) = status.filter(|status| !status.success()) {
        // A report of what failed, where there is one.
        eprint!("{text}");
        return Err(AgainstError::Ended { path: path(), status }.into());
    }
    let ran = serde_json::from_str(&text);
    Ok(ran.map_err(|source| AgainstError::NoReport { path: path(), source })?)
}

#[cfg(test)]
mod tests;
