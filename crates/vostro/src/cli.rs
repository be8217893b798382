//! The command line: what may be typed, and which file does it.

use crate::bench::BenchArgs;
use crate::bench::serve::BenchServeArgs;
use crate::command::Command;
use crate::copy::CopyArgs;
use crate::database::DatabaseCommand;
use crate::import::Import;
use crate::sandbox::SandboxArgs;
use crate::verify::VerifyArgs;
use crate::{bench, command, copy, database, files, import, reach, sandbox, serve, verify};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A self-hosted card-issuing and funds-transfer platform.
#[derive(Parser, Debug)]
#[command(name = "vostro", version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    place: Place,
    /// Print answers as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: What,
}

/// Where the store is, for every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The data directory.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The database, where it is not DIR/vostro.db: sqlite:PATH or postgres://USER@HOST/DATABASE.
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Use a PostgreSQL that is set to lose what it acknowledged.
    #[arg(long, global = true)]
    pub allow_unsafe_database: bool,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Start with demo programmes, funded and ready, and print commands to paste.
    Sandbox(SandboxArgs),
    /// Start on a configuration file.
    Serve,
    /// Recompute all balances, chains and references; exit 0 if all is right, 1 if a row is wrong.
    Verify(VerifyArgs),
    /// Copy a whole store into an empty database, and verify both ends.
    Copy(CopyArgs),
    /// Prepare a PostgreSQL database: schema, the server's role, several machines.
    #[command(subcommand)]
    Database(DatabaseCommand),
    /// Measure the transfer over HTTP beside a baseline, on a new store.
    Bench(BenchArgs),
    /// The server that bench measures.
    #[command(hide = true)]
    BenchServe(BenchServeArgs),
    /// Bring in what a file has, exactly once.
    #[command(subcommand)]
    Import(Import),
    /// Write a new master key to a file that must not exist.
    MasterKey {
        /// The file to write, readable by its owner only.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    #[command(flatten)]
    Operate(Command),
}

/// What went wrong before or outside of the thing asked for.
pub type Failure = Box<dyn std::error::Error>;

/// Parses the command line and does what it says.
pub fn run() -> Result<ExitCode, Failure> {
    let cli = Cli::parse();
    match cli.what {
        What::Sandbox(args) => sandbox::run(&cli.place, args),
        What::Serve => serve::run(&cli.place),
        What::Verify(args) => verify::run(&cli.place, &args, cli.json),
        What::Copy(args) => copy::run(&cli.place, &args, cli.json),
        What::Import(what) => import::run(&cli.place, what, cli.json),
        What::Database(command) => database::run(&cli.place, command, cli.json),
        What::Bench(args) => bench::run(&cli.place, &args, cli.json),
        What::BenchServe(args) => bench::serve::run(&cli.place, &args),
        What::MasterKey { out } => {
            files::new_master_key(&out)?;
            println!("wrote {}", out.display());
            Ok(ExitCode::SUCCESS)
        }
        What::Operate(command) => operate(&cli.place, command, cli.json),
    }
}

fn operate(place: &Place, command: Command, json: bool) -> Result<ExitCode, Failure> {
    reach::with(place, async |transport| command::run(command, transport, json).await)
}
