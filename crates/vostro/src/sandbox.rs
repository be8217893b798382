//! `vostro sandbox`: a server with demo programmes, funded and ready.
//!
//! Everything it makes is named by a reference or a number of its own, so starting again on the
//! same data directory finds it and adds nothing.

mod demo;
mod print;

use crate::cli::{Failure, Place};
use crate::config::{Config, Overrides};
use crate::wiring::{Announced, Bound, open_engine, run as run_server, runtime};
use crate::{files, logs, open, serve};
use clap::Args;
use serde_json::Value;
use std::num::NonZeroU64;
use std::path::Path;
use std::process::ExitCode;

#[derive(Args, Debug, Clone)]
pub struct SandboxArgs {
    /// Where merchants connect; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where operators connect; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS")]
    operator_listen: Option<String>,
    /// Throw the sandbox's data away first.
    #[arg(long)]
    reset: bool,
}

/// The directory is not one that `sandbox` made.
#[derive(Debug, thiserror::Error)]
#[error("{0} holds a database and no sandbox.json: it is not a sandbox and is left alone")]
pub struct NotASandbox(String);

/// The database is not one that `sandbox` filled from here.
#[derive(Debug, thiserror::Error)]
#[error(
    "the database holds programmes, and {0} no sandbox.json: it is not a sandbox and is left alone"
)]
pub struct OthersDatabase(String);

/// Throwing away a database on a server is for who runs that server.
#[derive(Debug, thiserror::Error)]
#[error(
    "--reset throws away files only: drop the PostgreSQL database, and the data directory with it"
)]
pub struct ResetElsewhere;

/// Who tries it out looks for a webhook as soon as the call is answered.
const WEBHOOKS_PERIOD_MS: NonZeroU64 = NonZeroU64::new(100).expect("it is not zero");

/// What `--reset` throws away. Nothing else in the directory is touched.
const OWN_FILES: [&str; 7] = [
    files::DATABASE,
    "vostro.db-wal",
    "vostro.db-shm",
    files::MASTER_KEY,
    files::OPERATOR_TOKEN,
    files::SERVER,
    files::SANDBOX,
];

pub fn run(place: &Place, args: SandboxArgs) -> Result<ExitCode, Failure> {
    let overrides = Overrides {
        listen: args.listen.clone(),
        operator_listen: args.operator_listen.clone(),
        ..Overrides::of(place)
    };
    let mut config = Config::load(place.config.as_deref(), &overrides)?.with_default_data();
    // Who tries it out listens on the same machine.
    config.webhooks.allow_private_receivers = true;
    config.webhooks.period_ms = config.webhooks.period_ms.min(WEBHOOKS_PERIOD_MS);
    logs::start(&config.log);
    let data = open::data(&config)?.to_owned();
    runtime(&config)?.block_on(async {
        prepare(&data, &config, args.reset).await?;
        start(place, &config, &data).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The directory, the master key, and the mark of a sandbox, in this order.
async fn prepare(data: &Path, config: &Config, reset: bool) -> Result<(), Failure> {
    if reset && config.store.database.as_deref().is_some_and(open::is_postgres) {
        return Err(ResetElsewhere.into());
    }
    files::make_directory(data)?;
    let marked = data.join(files::SANDBOX).exists();
    if data.join(files::DATABASE).exists() && !marked {
        return Err(NotASandbox(data.display().to_string()).into());
    }
    if !marked && open::holds_programs(config).await? {
        return Err(OthersDatabase(data.display().to_string()).into());
    }
    if reset {
        // The lock says whether a server still runs on it.
        drop(open::store(config).await?);
        for name in OWN_FILES {
            files::remove(&data.join(name))?;
        }
    }
    if files::read(&data.join(files::SANDBOX))?.is_none() {
        files::write_new(&data.join(files::SANDBOX), "{}\n")?;
    }
    let key = data.join(files::MASTER_KEY);
    if !key.exists() && config.secrets.master_key_file.is_none() {
        files::new_master_key(&key)?;
    }
    Ok(())
}

async fn start(place: &Place, config: &Config, data: &Path) -> Result<(), Failure> {
    let engine = open_engine(config).await?;
    let (token, token_file) = serve::operator_token(config)?;
    let bound = Bound::bind(config).await?;
    let path = data.join(files::SANDBOX);
    let before = files::read(&path)?.unwrap_or_default();
    let before: Value = serde_json::from_str(&before).unwrap_or_default();
    let mut contract = demo::prepare(&engine, &before).await?;
    contract.locate(&bound.public_url, &bound.operator_url, &token);
    files::replace(&path, &format!("{:#}\n", contract.to_json()?))?;
    let server = data.join(files::SERVER);
    let announced = Announced::write(&server, &bound, &token_file)?;
    print::ready(&contract, &path, place)?;
    run_server(bound, engine, config, token, false).await?;
    drop(announced);
    Ok(())
}
