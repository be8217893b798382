//! The other side of `vostro bench`: a server with programmes to be loaded, which offers the
//! baseline beside the transfer. It says where it is on standard output, to the process that
//! started it and that the pipe leads to, and stops with it.

use super::draw::{Draw, Skew};
use super::figures::Figures;
use super::inside::{Inside, program_name};
use super::load::Until;
use super::request::cardholder_no;
use crate::cli::{Failure, Place};
use crate::config::{Config, Overrides, Workers};
use crate::wiring::{Bound, KEYSECURE_PREFIX, open_engine, run as run_server, runtime};
use crate::{clock, files, logs, open, random};
use clap::Args;
use domain::account::{AccountKey, AccountKind};
use domain::address::AllowList;
use domain::asset::Asset;
use domain::cardholder::CardholderStatus;
use domain::id::ProgramId;
use domain::money::Amount;
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::secret::Secret;
use engine::Engine;
use engine::cardholder::CreateCardholder;
use engine::credential::CreateCredential;
use engine::program::CreateProgram;
use engine::transfer::Fund;
use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What this binary was built with.
const ALLOCATOR: &str = if cfg!(feature = "mimalloc") { "mimalloc" } else { "system" };
const ASSET: &str = "TUSDT";
/// More than any run can move, a hundredth at a time.
const RESERVE: &str = "1000000000000.00";
/// Cardholders that are made at one time, so that they share commits.
const AT_ONCE: usize = 256;
/// Connections beside those of the load.
const SPARE_CONNECTIONS: usize = 16;

#[derive(Args, Debug)]
pub struct BenchServeArgs {
    #[arg(long)]
    programs: u32,
    #[arg(long)]
    cardholders: u32,
    #[arg(long)]
    connections: u32,
    #[arg(long)]
    http_workers: Option<Workers>,
    #[arg(long)]
    workers: Option<Workers>,
    #[arg(long)]
    batch_max: Option<usize>,
    #[arg(long)]
    fill: u64,
}

/// What the server says once it listens.
#[derive(Serialize, Deserialize, Default)]
pub struct Announcement {
    /// With the path that the door is mounted at.
    pub url: String,
    #[serde(serialize_with = "exposed", deserialize_with = "hidden")]
    pub api_keys: Vec<Secret<String>>,
    /// Which store it is.
    pub store: String,
    pub allocator: String,
    pub http_workers: usize,
    /// Commits at one time.
    pub workers: usize,
    pub batch_max: usize,
    /// How the store was filled before, where it was.
    pub filled: Option<Filled>,
    pub operator: Operator,
}

/// The transfers that were made before the server listened, by the engine without HTTP.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Filled {
    pub transfers_per_s: u64,
    /// Of each tenth of them.
    pub tenths_per_s: Vec<u64>,
}

/// What bulk transfers of the first programme need.
#[derive(Serialize, Deserialize, Clone)]
pub struct Operator {
    pub url: String,
    #[serde(serialize_with = "exposed_one", deserialize_with = "hidden_one")]
    pub token: Secret<String>,
    pub reserve: String,
    pub wallets: Vec<String>,
}

impl Default for Operator {
    fn default() -> Self {
        let none = String::new;
        Self { url: none(), token: Secret::new(none()), reserve: none(), wallets: Vec::new() }
    }
}

fn exposed_one<S: Serializer>(token: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

fn hidden_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<String>, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

/// Only into the pipe to the process that asked for the server.
fn exposed<S: Serializer>(keys: &[Secret<String>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(keys.iter().map(Secret::expose))
}

fn hidden<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Secret<String>>, D::Error> {
    let keys = Vec::<String>::deserialize(deserializer)?;
    Ok(keys.into_iter().map(Secret::new).collect())
}

pub fn run(place: &Place, args: &BenchServeArgs) -> Result<ExitCode, Failure> {
    let config = configure(place, args)?;
    logs::start_quiet();
    let data = open::data(&config)?;
    files::make_directory(data)?;
    files::new_master_key(&data.join(files::MASTER_KEY))?;
    let runtime = runtime(&config)?;
    runtime.block_on(async {
        let made = make(&config, args).await?;
        let store = open::store(&config).await?;
        let workers = store.workers();
        let engine = open::engine(&config, store).await?;
        let bound = Bound::bind(&config).await?;
        let token = vault::api::generate_secret(random::random().as_ref())?;
        let (url, own) = (bound.operator_url.clone(), token.clone());
        announce(&Announcement {
            url: format!("{}{KEYSECURE_PREFIX}", bound.public_url),
            store: open::database(&config)?.word().to_owned(),
            allocator: ALLOCATOR.to_owned(),
            http_workers: config.server.http_workers.get(),
            workers,
            batch_max: config.engine.batch_max,
            operator: Operator { url, token: own, ..made.operator },
            ..made
        })?;
        stop_with_input()?;
        run_server(bound, engine, &config, token, true).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The configuration as it is, with a place, an address and secrets of its own.
fn configure(place: &Place, args: &BenchServeArgs) -> Result<Config, Failure> {
    let free = Some("127.0.0.1:0".to_owned());
    let overrides =
        Overrides { listen: free.clone(), operator_listen: free, ..Overrides::of(place) };
    let mut config = Config::load(place.config.as_deref(), &overrides)?;
    // Never the one that is configured, which is somebody's real one.
    config.store.database.clone_from(&place.database);
    config.secrets = Default::default();
    config.server.public_url = None;
    if let Some(workers) = args.http_workers {
        config.server.http_workers = workers;
    }
    if let Some(units) = args.batch_max {
        config.engine.batch_max = units;
    }
    config.engine.workers = args.workers.or(config.engine.workers);
    let connections = SPARE_CONNECTIONS.saturating_add(args.connections as usize);
    config.server.connections_max = config.server.connections_max.max(connections);
    Ok(config)
}

/// Makes the programmes and closes the store again, so that the measurements begin as after any
/// start, and so that the size on disk is that of what was made. Answers what of the announcement
/// comes from it.
async fn make(config: &Config, args: &BenchServeArgs) -> Result<Announcement, Failure> {
    let engine = open_engine(config).await?;
    let mut api_keys = Vec::new();
    for number in 0..args.programs {
        let program = make_program(&engine, number).await?;
        make_cardholders(&engine, program, args.cardholders).await?;
        let command = CreateCredential {
            door: door_keysecure::DOOR.to_owned(),
            form: engine::credential::CredentialForm::KeyAndSecret,
            label: "bench".to_owned(),
            allow: AllowList::Any,
            expires_at: None,
        };
        api_keys.push(engine.create_credential(program, command).await?.api_key);
    }
    let of = Inside::find(Arc::clone(&engine), args.programs, args.cardholders, asset());
    let inside = of.await?;
    let filled = fill(&inside, args).await?;
    let (reserve, wallets) = inside.first().ok_or(NotFilled(0))?;
    let wallets = wallets.iter().take(WALLETS_MAX).map(ToString::to_string).collect();
    let operator = Operator { reserve: reserve.to_string(), wallets, ..Operator::default() };
    tokio::task::spawn_blocking(move || engine.stop()).await?;
    Ok(Announcement { api_keys, filled, operator, ..Announcement::default() })
}

/// Wallets that bulk transfers go to.
const WALLETS_MAX: usize = 1_000;
/// Transfers under way while the store is filled.
const FILLING: u32 = 1_024;

#[derive(Debug, thiserror::Error)]
#[error("{0} transfers could not be made before the measurement")]
pub struct NotFilled(u64);

async fn fill(inside: &Inside, args: &BenchServeArgs) -> Result<Option<Filled>, NotFilled> {
    if args.fill == 0 {
        return Ok(None);
    }
    let draw = Draw::new(Skew::Uniform, args.cardholders);
    let clock = clock::monotonic();
    let begun = clock();
    let tally = inside.run("fill", FILLING, Until::Count(args.fill), &draw).await;
    let figures = Figures::new(tally, clock().saturating_sub(begun), None, None);
    if figures.errors > 0 {
        return Err(NotFilled(figures.errors));
    }
    let Figures { transfers_per_s, tenths_per_s, .. } = figures;
    Ok(Some(Filled { transfers_per_s, tenths_per_s }))
}

pub fn asset() -> Asset {
    Asset::find(ASSET).expect("the registry knows the door's asset")
}

async fn make_program(engine: &Engine, number: u32) -> Result<ProgramId, Failure> {
    let command = CreateProgram {
        name: program_name(number),
        environment: Environment::Sandbox,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        assets: vec![asset()],
    };
    let program = engine.create_program(command).await?;
    let fund = Fund {
        account: AccountKey::own(program, AccountKind::Reserve, asset()),
        amount: Amount::parse(RESERVE, asset())?,
        remark: "bench".to_owned(),
        reference: None,
    };
    engine.fund(program, fund).await?;
    Ok(program)
}

async fn make_cardholders(
    engine: &Arc<Engine>,
    program: ProgramId,
    count: u32,
) -> Result<(), Failure> {
    let mut making = JoinSet::new();
    for index in 0..count {
        if making.len() >= AT_ONCE
            && let Some(made) = making.join_next().await
        {
            made??;
        }
        let engine = Arc::clone(engine);
        making.spawn(async move {
            let command = CreateCardholder {
                number: Some(cardholder_no(index)),
                unique_number: None,
                status: CardholderStatus::Approved,
                assets: vec![asset()],
            };
            engine.create_cardholder(program, command).await
        });
    }
    while let Some(made) = making.join_next().await {
        made??;
    }
    Ok(())
}

fn announce(announcement: &Announcement) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    serde_json::to_writer(&mut output, announcement)?;
    output.write_all(b"\n")?;
    Ok(output.flush()?)
}

/// Who started this holds the other end of its input, and lets go of it however it ends.
fn stop_with_input() -> Result<(), std::io::Error> {
    let wait = || {
        let mut nothing = [0u8; 64];
        while matches!(std::io::stdin().lock().read(&mut nothing), Ok(1..)) {}
        if let Err(error) = kill_process(getpid(), Signal::TERM) {
            tracing::warn!(%error, "the server could not stop itself");
        }
    };
    std::thread::Builder::new().name("input".to_owned()).spawn(wait).map(|_| ())
}
