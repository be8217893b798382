//! Which store, which keys: from the configuration to an engine.

#![expect(clippy::disallowed_methods, reason = "the wiring reads the environment, once")]

use crate::cli::Failure;
use crate::config::Config;
use crate::{clock, files, random};
use domain::secret::Secret;
use engine::{Engine, EngineOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use store_sqlite::{Options, SqliteStore};
use vault::master::MasterKey;

/// What is missing or not supported.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("no data directory: give --data DIR, or store.data in the configuration")]
    NoData,
    #[error("there is no database at {}: `vostro serve` makes one", .0.display())]
    NoStore(PathBuf),
    #[error("the database {0} is not supported: this build knows sqlite:PATH")]
    Database(String),
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

/// The database's file.
pub fn database(config: &Config) -> Result<PathBuf, PlaceError> {
    match config.store.database.as_deref() {
        None => Ok(data(config)?.join(files::DATABASE)),
        Some(url) => match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
            _ => Err(PlaceError::Database(without_password(url))),
        },
    }
}

/// A URL may carry a password before its host.
fn without_password(url: &str) -> String {
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

/// Opens the store for this process alone.
pub fn store(config: &Config) -> Result<Arc<dyn Store>, Failure> {
    if let Some(data) = &config.store.data {
        files::make_directory(data)?;
    }
    Ok(SqliteStore::open(&database(config)?, Options::default())?)
}

/// As [`store`], where there is one: a command never makes a store.
pub fn store_existing(config: &Config) -> Result<Arc<dyn Store>, Failure> {
    let path = database(config)?;
    if !path.exists() {
        return Err(PlaceError::NoStore(path).into());
    }
    Ok(SqliteStore::open(&path, Options::default())?)
}

/// Opens the store beside whoever has it.
pub fn store_read_only(config: &Config) -> Result<Arc<dyn Store>, Failure> {
    Ok(SqliteStore::open_read_only(&database(config)?)?)
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
        queue_deadline: Duration::from_millis(config.engine.queue_deadline_ms),
        answer_deadline: Duration::from_millis(config.engine.answer_deadline_ms),
        workers: None,
    };
    let (clock, random) = (clock::clock(), random::random());
    Ok(Engine::start(store, clock, random, master, options).await?)
}
