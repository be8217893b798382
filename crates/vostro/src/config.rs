//! The configuration: a TOML file, overridden key by key from the environment, then by options.
//!
//! Every key is listed in [`KEYS`] and described in docs/configuration.md, which a test compares.
//! A key that is not known is refused, in the file and in the environment.

#![expect(clippy::disallowed_methods, reason = "the wiring reads the environment, once")]

use crate::cli::Place;
use crate::open;
use serde::Deserialize;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use store_sqlite::RunOptions;

/// Every key, as `section.key`. The environment's name is `VOSTRO_SECTION_KEY`.
pub const KEYS: &[&str] = &[
    "server.listen",
    "server.operator_listen",
    "server.public_url",
    "server.http_workers",
    "server.connections_max",
    "server.trusted_proxies",
    "store.data",
    "store.database",
    "store.allow_unsafe_database",
    "store.certificate_authorities_file",
    "store.clocks_apart_max_ms",
    "store.run_rows",
    "store.postings",
    "secrets.master_key_file",
    "secrets.operator_token_file",
    "engine.queue_bound",
    "engine.batch_max",
    "engine.one_program_per_commit",
    "engine.queue_deadline_ms",
    "engine.answer_deadline_ms",
    "engine.workers",
    "sweep.period_ms",
    "webhooks.period_ms",
    "webhooks.allow_private_receivers",
    "keysecure.timestamp_window_ms",
    "keysecure.timestamp_future_tolerance_ms",
    "wonder.transfer_paths",
    "wonder.currencies",
    "wonder.ref_id_reuse",
    "wonder.refusal_status",
    "wonder.request_time_window_s",
    "wonder.nonces_max",
    "uqpay.token_life_s",
    "uqpay.transfer_fees",
    "uqpay.currencies",
    "uqpay.webhook_timestamp",
    "uqpay.rate_limit_token_per_min",
    "uqpay.rate_limit_per_min",
    "log.format",
    "log.filter",
];

/// Names of the environment that are no keys of the file.
const OTHER_NAMES: &[&str] =
    &["VOSTRO_MASTER_KEY", "VOSTRO_OPERATOR_TOKEN", "VOSTRO_FULL", "VOSTRO_WITHOUT_POSTGRES"];
/// Names that only a test build reads.
const TEST_PREFIX: &str = "VOSTRO_TEST_";

#[derive(Deserialize, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub server: ServerConfig,
    pub store: StoreConfig,
    pub secrets: SecretsConfig,
    pub engine: EngineConfig,
    pub sweep: SweepConfig,
    pub webhooks: WebhooksConfig,
    pub keysecure: KeysecureConfig,
    pub wonder: WonderConfig,
    pub uqpay: UqpayConfig,
    pub log: LogConfig,
}

/// Threads, or connections, that work at one time.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(try_from = "usize")]
pub struct Workers(usize);

/// None, or more than any machine has a use for.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not between 1 and {max}", max = Workers::MAX)]
pub struct BadWorkers(usize);

impl Workers {
    pub const ONE: Self = Self(1);
    /// A mistyped number must not ask the system for a million threads.
    pub const MAX: usize = 256;

    pub const fn get(self) -> usize {
        self.0
    }
}

impl TryFrom<usize> for Workers {
    type Error = BadWorkers;

    fn try_from(count: usize) -> Result<Self, BadWorkers> {
        if (1..=Self::MAX).contains(&count) { Ok(Self(count)) } else { Err(BadWorkers(count)) }
    }
}

impl std::str::FromStr for Workers {
    type Err = Box<dyn std::error::Error + Send + Sync>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse::<usize>()?.try_into()?)
    }
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    pub listen: String,
    pub operator_listen: String,
    pub public_url: Option<String>,
    pub http_workers: Workers,
    pub connections_max: usize,
    pub trusted_proxies: Vec<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8480".to_owned(),
            operator_listen: "127.0.0.1:8481".to_owned(),
            public_url: None,
            http_workers: Workers::ONE,
            connections_max: 4096,
            trusted_proxies: Vec::new(),
        }
    }
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    pub data: Option<PathBuf>,
    pub database: Option<String>,
    pub allow_unsafe_database: bool,
    pub certificate_authorities_file: Option<PathBuf>,
    pub clocks_apart_max_ms: u64,
    pub run_rows: NonZeroU32,
    pub postings: bool,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            data: None,
            database: None,
            allow_unsafe_database: false,
            certificate_authorities_file: None,
            clocks_apart_max_ms: 2_000,
            run_rows: const { NonZeroU32::new(RunOptions::ROWS).expect("it is not zero") },
            postings: true,
        }
    }
}

#[derive(Deserialize, Clone, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub struct SecretsConfig {
    pub master_key_file: Option<PathBuf>,
    pub operator_token_file: Option<PathBuf>,
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct EngineConfig {
    pub queue_bound: usize,
    pub batch_max: usize,
    pub one_program_per_commit: bool,
    pub queue_deadline_ms: u64,
    pub answer_deadline_ms: u64,
    /// What the store asks for, where it is not given.
    pub workers: Option<Workers>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            queue_bound: 16_384,
            batch_max: 1_024,
            one_program_per_commit: false,
            queue_deadline_ms: 5_000,
            answer_deadline_ms: 15_000,
            workers: None,
        }
    }
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct SweepConfig {
    /// Without a pause the sweep would ask the store all the time.
    pub period_ms: NonZeroU64,
}

impl Default for SweepConfig {
    fn default() -> Self {
        Self { period_ms: const { NonZeroU64::new(1_000).expect("a second is not zero") } }
    }
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct WebhooksConfig {
    pub period_ms: NonZeroU64,
    /// Of the installation, never of a programme.
    pub allow_private_receivers: bool,
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        let period_ms = const { NonZeroU64::new(1_000).expect("a second is not zero") };
        Self { period_ms, allow_private_receivers: false }
    }
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct KeysecureConfig {
    pub timestamp_window_ms: u64,
    pub timestamp_future_tolerance_ms: u64,
}

impl Default for KeysecureConfig {
    fn default() -> Self {
        Self { timestamp_window_ms: 60_000, timestamp_future_tolerance_ms: 0 }
    }
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum RefIdReuse {
    Refuse,
    Allow,
}

/// The status of business errors: `code` says which it is in either case.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(try_from = "u16")]
pub enum RefusalStatus {
    Ok,
    BadRequest,
}

/// Neither 200 nor 400.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not 200 or 400")]
pub struct BadStatus(u16);

impl TryFrom<u16> for RefusalStatus {
    type Error = BadStatus;

    fn try_from(status: u16) -> Result<Self, BadStatus> {
        match status {
            200 => Ok(Self::Ok),
            400 => Ok(Self::BadRequest),
            other => Err(BadStatus(other)),
        }
    }
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct WonderConfig {
    pub transfer_paths: Vec<String>,
    pub currencies: Vec<String>,
    pub ref_id_reuse: RefIdReuse,
    pub refusal_status: RefusalStatus,
    pub request_time_window_s: u32,
    pub nonces_max: usize,
}

impl Default for WonderConfig {
    fn default() -> Self {
        Self {
            transfer_paths: door_wonder::TRANSFER_PATHS.map(str::to_owned).to_vec(),
            currencies: ["USD", "HKD"].map(str::to_owned).to_vec(),
            ref_id_reuse: RefIdReuse::Refuse,
            refusal_status: RefusalStatus::BadRequest,
            request_time_window_s: 1_800,
            nonces_max: 262_144,
        }
    }
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct UqpayConfig {
    pub token_life_s: u32,
    /// Such as `0.25 SGD`.
    pub transfer_fees: Vec<String>,
    pub currencies: Vec<String>,
    pub webhook_timestamp: TimestampUnit,
    /// None where it is zero, as below.
    pub rate_limit_token_per_min: u32,
    pub rate_limit_per_min: u32,
}

/// What the timestamps of webhooks count.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum TimestampUnit {
    Milliseconds,
    Seconds,
}

impl Default for UqpayConfig {
    fn default() -> Self {
        Self {
            token_life_s: 1_800,
            transfer_fees: Vec::new(),
            currencies: ["SGD", "USD"].map(str::to_owned).to_vec(),
            webhook_timestamp: TimestampUnit::Milliseconds,
            rate_limit_token_per_min: 0,
            rate_limit_per_min: 0,
        }
    }
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    pub format: LogFormat,
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

/// What the command line says over file and environment.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub data: Option<PathBuf>,
    pub database: Option<String>,
    pub listen: Option<String>,
    pub operator_listen: Option<String>,
    pub allow_unsafe_database: bool,
}

impl Overrides {
    pub fn of(place: &Place) -> Self {
        let (data, database) = (place.data.clone(), place.database.clone());
        let allow_unsafe_database = place.allow_unsafe_database;
        Self { data, database, allow_unsafe_database, ..Self::default() }
    }
}

/// Why the configuration was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {} can't be read", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the configuration file {} is not valid", path.display())]
    Syntax {
        path: PathBuf,
        #[source]
        source: Box<toml::de::Error>,
    },
    #[error("the environment variable {name} is no key of the configuration")]
    UnknownVariable { name: String },
    #[error("the configuration is not valid")]
    Invalid(#[source] Box<toml::de::Error>),
}

/// Where the sandbox and the operator's commands look if nobody says otherwise.
const DEFAULT_DATA: &str = "vostro-data";

impl Config {
    /// For everything but `serve`, which must be told. Beside a database elsewhere, too, a server
    /// keeps files of its own; a file given as the database is all there is.
    pub fn with_default_data(mut self) -> Self {
        let elsewhere = self.store.database.as_deref().is_none_or(open::is_postgres);
        if self.store.data.is_none() && elsewhere {
            self.store.data = Some(PathBuf::from(DEFAULT_DATA));
        }
        self
    }

    /// Reads file, environment and options, in this order.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let text = match file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::File { path: path.to_owned(), source })?,
        };
        let mut config = Self::read(&text, file.unwrap_or(Path::new("-")), environment)?;
        config.apply(overrides);
        Ok(config)
    }

    fn read(
        text: &str,
        path: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let syntax = |source| ConfigError::Syntax { path: path.to_owned(), source };
        // Once as it is, so that a fault names its line; then again under the environment.
        toml::from_str::<Self>(text).map_err(|error| syntax(Box::new(error)))?;
        let mut table: toml::Table = text.parse().map_err(|error| syntax(Box::new(error)))?;
        for (name, value) in environment {
            if !name.starts_with("VOSTRO_") || OTHER_NAMES.contains(&name.as_str()) {
                continue;
            }
            if cfg!(feature = "test-control") && name.starts_with(TEST_PREFIX) {
                continue;
            }
            let known = KEYS.iter().find(|key| variable(key) == name);
            let Some((section, key)) = known.and_then(|key| key.split_once('.')) else {
                return Err(ConfigError::UnknownVariable { name });
            };
            let section = table.entry(section).or_insert_with(|| toml::Table::new().into());
            if let Some(section) = section.as_table_mut() {
                section.insert(key.to_owned(), typed(&value));
            }
        }
        table.try_into().map_err(|error| ConfigError::Invalid(Box::new(error)))
    }

    fn apply(&mut self, overrides: &Overrides) {
        if let Some(data) = &overrides.data {
            self.store.data = Some(data.clone());
        }
        self.store.allow_unsafe_database |= overrides.allow_unsafe_database;
        if let Some(database) = &overrides.database {
            self.store.database = Some(database.clone());
        }
        if let Some(listen) = &overrides.listen {
            self.server.listen.clone_from(listen);
        }
        if let Some(listen) = &overrides.operator_listen {
            self.server.operator_listen.clone_from(listen);
        }
    }
}

/// The environment's name of a key.
pub fn variable(key: &str) -> String {
    format!("VOSTRO_{}", key.to_ascii_uppercase().replace('.', "_"))
}

/// A value of the environment as the file would have it: a number, yes or no, a list of texts, or a
/// text.
fn typed(value: &str) -> toml::Value {
    if let Ok(yes) = value.parse::<bool>() {
        return yes.into();
    }
    if let Ok(number) = value.parse::<i64>() {
        return number.into();
    }
    if value.starts_with('[')
        && let Ok(mut table) = format!("list = {value}").parse::<toml::Table>()
        && let Some(list) = table.remove("list")
    {
        return list;
    }
    value.into()
}

#[cfg(test)]
mod tests;
