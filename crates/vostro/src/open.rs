//! Which store, which keys: from the configuration to an engine.

#![expect(clippy::disallowed_methods, reason = "the wiring reads the environment, once")]

use crate::cli::Failure;
use crate::config::{Config, Workers};
use crate::{clock, files, random};
use domain::secret::Secret;
use engine::{Engine, EngineOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use store_postgres::PostgresStore;
use store_sqlite::{Options, RunOptions, SqliteStore};
use vault::master::MasterKey;

/// Clocks further apart than this are told of.
const CLOCKS_APART_WARNING_MS: u64 = 200;

/// What is missing or not supported.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("no data directory: give --data DIR, or store.data in the configuration")]
    NoData,
    #[error("there is no database at {}: `vostro serve` makes one", .0.display())]
    NoStore(PathBuf),
    #[error("the database {0} is not known: give sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Database(String),
    #[error("this is for PostgreSQL: give --database postgres://USER@HOST/DATABASE")]
    NotPostgres,
    #[error(
        "this server's clock and the database's differ by {apart_ms} ms, more than \
         store.clocks_apart_max_ms = {max_ms}; set them"
    )]
    Clock { apart_ms: u64, max_ms: u64 },
    #[error(
        "no master key: set secrets.master_key_file or VOSTRO_MASTER_KEY \
         (`vostro master-key --out FILE` makes one)"
    )]
    NoMasterKey,
    #[error("the master key can't be used")]
    MasterKey(#[source] vault::KeyError),
}

/// The data directory.
pub fn data(config: &Config) -> Result<&Path, PlaceError> {
    config.store.data.as_deref().ok_or(PlaceError::NoData)
}

/// Which store is meant.
pub enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Database {
    /// What its kind is called.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// The database that is configured.
pub fn database(config: &Config) -> Result<Database, PlaceError> {
    let Some(url) = config.store.database.as_deref() else {
        return Ok(Database::Sqlite(data(config)?.join(files::DATABASE)));
    };
    if is_postgres(url) {
        return Ok(Database::Postgres(url.to_owned()));
    }
    match url.strip_prefix("sqlite:") {
        Some(path) if !path.is_empty() => Ok(Database::Sqlite(PathBuf::from(path))),
        _ => Err(PlaceError::Database(without_password(url))),
    }
}

/// Whether it is the address of a PostgreSQL server.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// A URL may carry a password before its host.
pub fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(host)) if host > scheme => {
            format!("{}…{}", &url[..scheme + 3], &url[host..])
        }
        _ => url.to_owned(),
    }
}

/// From the environment, the configured file, or the data directory, where `sandbox` puts it.
pub fn master_key(config: &Config) -> Result<MasterKey, Failure> {
    let text = match std::env::var("VOSTRO_MASTER_KEY") {
        Ok(text) => Secret::new(text),
        Err(_) => match &config.secrets.master_key_file {
            Some(path) => files::read_secret(path)?,
            None => {
                let path = config.store.data.as_ref().map(|data| data.join(files::MASTER_KEY));
                let path = path.filter(|path| path.exists()).ok_or(PlaceError::NoMasterKey)?;
                files::read_secret(&path)?
            }
        },
    };
    Ok(MasterKey::parse(text.expose()).map_err(PlaceError::MasterKey)?)
}

/// Opens the store, and makes or updates its schema: SQLite for this process alone.
pub async fn store(config: &Config) -> Result<Arc<dyn Store>, Failure> {
    if let Some(data) = &config.store.data {
        files::make_directory(data)?;
    }
    match database(config)? {
        Database::Sqlite(path) => Ok(SqliteStore::open(&path, sqlite_options(config))?),
        Database::Postgres(url) => postgres(config, &url).await,
    }
}

/// As [`store`], where there is one: a command never makes a file.
pub async fn store_existing(config: &Config) -> Result<Arc<dyn Store>, Failure> {
    match database(config)? {
        Database::Sqlite(path) if !path.exists() => Err(PlaceError::NoStore(path).into()),
        _ => store(config).await,
    }
}

/// Whether somebody's programmes are in a database on a server; a file is looked for by its name.
pub async fn holds_programs(config: &Config) -> Result<bool, Failure> {
    if !config.store.database.as_deref().is_some_and(is_postgres) {
        return Ok(false);
    }
    Ok(!store(config).await?.programs(None, 1).await?.is_empty())
}

/// Opens the store beside whoever has it.
pub async fn store_read_only(config: &Config) -> Result<Arc<dyn Store>, Failure> {
    match database(config)? {
        Database::Sqlite(path) => Ok(SqliteStore::open_read_only(&path)?),
        Database::Postgres(url) => {
            Ok(PostgresStore::open_read_only(&url, postgres_options(config)?).await?)
        }
    }
}

/// What a stopped server's store takes on its disk.
pub async fn store_bytes(config: &Config) -> Result<u64, Failure> {
    let path = match database(config)? {
        Database::Postgres(url) => {
            let store = PostgresStore::open_read_only(&url, postgres_options(config)?).await?;
            return Ok(store.size_bytes().await?);
        }
        Database::Sqlite(path) => path,
    };
    let mut log = path.clone().into_os_string();
    log.push("-wal");
    // The log is gone after an orderly stop.
    let log = std::fs::metadata(log).map_or(0, |log| log.len());
    Ok(std::fs::metadata(path)?.len() + log)
}

fn sqlite_options(config: &Config) -> Options {
    let rows = usize::try_from(config.store.run_rows.get()).unwrap_or(usize::MAX);
    let runs = RunOptions { rows, ..RunOptions::default() };
    Options { runs, postings: config.store.postings, ..Options::default() }
}

pub fn postgres_options(config: &Config) -> Result<store_postgres::Options, Failure> {
    let defaults = store_postgres::Options::default();
    let authorities = &config.store.certificate_authorities_file;
    Ok(store_postgres::Options {
        workers: config.engine.workers.map_or(defaults.workers, Workers::get),
        allow_unsafe: config.store.allow_unsafe_database,
        certificate_authorities: authorities
            .as_ref()
            .map(std::fs::read)
            .transpose()?
            .unwrap_or_default(),
        ..defaults
    })
}

async fn postgres(config: &Config, url: &str) -> Result<Arc<dyn Store>, Failure> {
    let store = PostgresStore::open(url, postgres_options(config)?).await?;
    compare_clocks(&store, config.store.clocks_apart_max_ms).await?;
    Ok(store)
}

/// Recorded times come from this server's clock and never go back, so a clock that is far ahead
/// would drag every other server's times along.
async fn compare_clocks(store: &PostgresStore, max_ms: u64) -> Result<(), Failure> {
    let clock = clock::clock();
    let before = clock.now().unix_us();
    let theirs = store.server_time_us().await?;
    let after = clock.now().unix_us();
    // Their reading was taken between the two of ours.
    let apart_us = if theirs < before { before - theirs } else { (theirs - after).max(0) };
    let apart_ms = apart_us.unsigned_abs() / 1_000;
    if apart_ms > max_ms {
        return Err(PlaceError::Clock { apart_ms, max_ms }.into());
    }
    if apart_ms > CLOCKS_APART_WARNING_MS {
        tracing::warn!(apart_ms, "this server's clock and the database's differ");
    }
    Ok(())
}

/// Whether another process has the store.
pub fn in_use(error: &Failure) -> bool {
    matches!(error.downcast_ref(), Some(store_sqlite::OpenError::InUse { .. }))
}

/// Starts the engine on a store.
pub async fn engine(config: &Config, store: Arc<dyn Store>) -> Result<Arc<Engine>, Failure> {
    let master = master_key(config)?;
    let options = EngineOptions {
        queue_bound: config.engine.queue_bound,
        batch_max: config.engine.batch_max,
        one_program_per_commit: config.engine.one_program_per_commit,
        queue_deadline: Duration::from_millis(config.engine.queue_deadline_ms),
        answer_deadline: Duration::from_millis(config.engine.answer_deadline_ms),
        workers: None,
    };
    let (clock, random) = (clock::clock(), random::random());
    Ok(Engine::start(store, clock, random, master, options).await?)
}
