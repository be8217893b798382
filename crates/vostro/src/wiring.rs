//! Puts engine, doors and listeners together, and runs them until told to stop.
//!
//! The order of stopping: no new connections, no new background work; requests under way are
//! answered; the engine finishes what its workers have taken and refuses what waits; the store is
//! closed last.

use crate::cli::Failure;
use crate::config::{Config, RefIdReuse, RefusalStatus, TimestampUnit, UqpayConfig, WonderConfig};
use crate::{clock, files, open, random};
use axum::Router;
use domain::address::Cidr;
use domain::asset::Asset;
use domain::money::Amount;
use domain::secret::Secret;
use engine::credential::CredentialForm;
use engine::deliver::{Render, Renderers};
use engine::{Deliver, DeliverOptions, Engine, Sweep, SweepOptions};
use gateway::body::Limits;
use gateway::edge::Edge;
use gateway::request_id::RequestIds;
use gateway::server::{ServerLimits, serve};
use gateway::webhook::{Receivers, WebhookSender};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Where the merchants' door of this vendor is mounted.
pub const KEYSECURE_PREFIX: &str = "/open-api/v1";

/// An address to listen on could not be had.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}")]
pub struct ListenError {
    address: String,
    #[source]
    source: std::io::Error,
}

/// The merchants' side: every vendor's door.
pub fn public_edge(
    engine: &Arc<Engine>,
    config: &Config,
    rehearsal: bool,
) -> Result<Arc<Edge>, Failure> {
    let proxies = config.server.trusted_proxies.iter().map(|text| text.parse::<Cidr>());
    let trusted_proxies = proxies.collect::<Result<Vec<_>, _>>()?;
    let options = door_keysecure::DoorOptions {
        timestamp_window_ms: config.keysecure.timestamp_window_ms,
        timestamp_future_tolerance_ms: config.keysecure.timestamp_future_tolerance_ms,
        trusted_proxies: trusted_proxies.clone(),
        rehearsal,
        ..door_keysecure::DoorOptions::new(clock::clock())
    };
    let keysecure = door_keysecure::router(Arc::clone(engine), options);
    let uqpay_proxies = trusted_proxies.clone();
    let options = wonder_options(&config.wonder, trusted_proxies)?;
    let wonder = door_wonder::router(Arc::clone(engine), options)?;
    let options = uqpay_options(&config.uqpay, uqpay_proxies)?;
    let uqpay = door_uqpay::router(Arc::clone(engine), options);
    let router = Router::new().nest(KEYSECURE_PREFIX, keysecure);
    let router = router.nest(door_wonder::PREFIX, wonder);
    let [plain, sandbox] = door_uqpay::PREFIXES;
    let router = router.nest(plain, uqpay.clone()).nest(sandbox, uqpay);
    let ids = RequestIds::new(random::seed(random::random().as_ref()));
    let edge = Edge::new(router, ids, clock::monotonic());
    let edge = edge.door(KEYSECURE_PREFIX, door_keysecure::faults());
    let edge = edge.door(door_wonder::PREFIX, door_wonder::faults());
    let edge = edge.door(plain, door_uqpay::faults());
    Ok(Arc::new(edge.door(sandbox, door_uqpay::faults())))
}

/// A currency of the configuration that no registry knows.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no asset of the registry")]
pub struct UnknownCurrency(String);

/// Not an amount and a currency.
#[derive(Debug, thiserror::Error)]
#[error("uqpay.transfer_fees: {0:?} is no amount and currency, such as \"0.25 SGD\"")]
pub struct BadFee(String);

fn uqpay_options(
    config: &UqpayConfig,
    trusted_proxies: Vec<Cidr>,
) -> Result<door_uqpay::DoorOptions, Failure> {
    let currency = |code: &String| Asset::find(code).ok_or_else(|| UnknownCurrency(code.clone()));
    let read = |text: &String| {
        let (amount, code) = text.split_once(' ')?;
        Amount::parse(amount, Asset::find(code)?).ok()
    };
    let fee = |text: &String| read(text).ok_or_else(|| BadFee(text.clone()));
    Ok(door_uqpay::DoorOptions {
        token_life: Duration::from_secs(u64::from(config.token_life_s)),
        transfer_fees: config.transfer_fees.iter().map(fee).collect::<Result<_, _>>()?,
        currencies: config.currencies.iter().map(currency).collect::<Result<_, _>>()?,
        trusted_proxies,
        token_calls_per_min: NonZeroU32::new(config.rate_limit_token_per_min),
        calls_per_min: NonZeroU32::new(config.rate_limit_per_min),
        ..door_uqpay::DoorOptions::new(clock::clock())
    })
}

fn wonder_options(
    config: &WonderConfig,
    trusted_proxies: Vec<Cidr>,
) -> Result<door_wonder::DoorOptions, UnknownCurrency> {
    let currency = |code: &String| Asset::find(code).ok_or_else(|| UnknownCurrency(code.clone()));
    Ok(door_wonder::DoorOptions {
        transfer_paths: config.transfer_paths.clone(),
        currencies: config.currencies.iter().map(currency).collect::<Result<_, _>>()?,
        ref_id_reuse: match config.ref_id_reuse {
            RefIdReuse::Refuse => door_wonder::RefIdReuse::Refuse,
            RefIdReuse::Allow => door_wonder::RefIdReuse::Allow,
        },
        refuse_with_200: config.refusal_status == RefusalStatus::Ok,
        request_time_window: Duration::from_secs(u64::from(config.request_time_window_s)),
        nonces_max: config.nonces_max,
        trusted_proxies,
        ..door_wonder::DoorOptions::new(clock::clock())
    })
}

/// Who writes to endpoints, by the format's name.
fn formats(config: &Config) -> Renderers {
    let unit = match config.uqpay.webhook_timestamp {
        TimestampUnit::Milliseconds => door_uqpay::webhook::TimestampUnit::Milliseconds,
        TimestampUnit::Seconds => door_uqpay::webhook::TimestampUnit::Seconds,
    };
    let standard: Arc<dyn Render> = Arc::new(operator::webhook::StandardWebhooks);
    let uqpay: Arc<dyn Render> = Arc::new(door_uqpay::webhook::Webhooks::new(unit));
    Renderers::from([(operator::webhook::RENDERER, standard), (door_uqpay::DOOR, uqpay)])
}

/// The one who posts what is written.
fn deliver(engine: &Arc<Engine>, config: &Config, formats: Renderers) -> Result<Deliver, Failure> {
    let options = DeliverOptions::default();
    let receivers = match config.webhooks.allow_private_receivers {
        true => Receivers::Any,
        false => Receivers::Public,
    };
    let trust = gateway::client::tls::system()?;
    let sender = WebhookSender::new(trust, receivers, options.attempt_deadline);
    Ok(Deliver::new(Arc::clone(engine), Arc::new(sender), formats, options))
}

/// The operator's side.
pub fn operator_edge(engine: &Arc<Engine>, config: &Config, token: Secret<String>) -> Arc<Edge> {
    let options = operator::OperatorOptions {
        token,
        doors: vec![
            operator::DoorCredentials {
                name: door_keysecure::DOOR,
                form: CredentialForm::KeyAndSecret,
            },
            operator::DoorCredentials { name: door_wonder::DOOR, form: CredentialForm::PublicId },
            operator::DoorCredentials {
                name: door_uqpay::DOOR,
                form: CredentialForm::KeyAndSecret,
            },
        ],
        formats: formats(config),
        limits: Limits::default(),
    };
    let router = operator::router(Arc::clone(engine), options);
    let ids = RequestIds::new(random::seed(random::random().as_ref()));
    Arc::new(Edge::new(router, ids, clock::monotonic()).door("", operator::faults()))
}

async fn listen(address: &str) -> Result<TcpListener, ListenError> {
    let source = |source| ListenError { address: address.to_owned(), source };
    TcpListener::bind(address).await.map_err(source)
}

/// A server that listens but does not serve yet. From now on a signal stops it in order, so that
/// nobody who was told that it is there can kill it by asking it to stop.
pub struct Bound {
    public: TcpListener,
    operator: TcpListener,
    signals: Signals,
    pub public_url: String,
    pub operator_url: String,
}

impl Bound {
    pub async fn bind(config: &Config) -> Result<Self, Failure> {
        let signals = Signals::catch()?;
        let public = listen(&config.server.listen).await?;
        let operator = listen(&config.server.operator_listen).await?;
        let url = |address: SocketAddr| format!("http://{address}");
        let own = url(public.local_addr()?);
        let public_url = config.server.public_url.clone().unwrap_or(own);
        let operator_url = url(operator.local_addr()?);
        Ok(Self { public, operator, signals, public_url, operator_url })
    }
}

/// Told to stop by a signal, or by the one who holds the sender.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // A sender that is gone is a reason to stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// SIGTERM and SIGINT, caught.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn catch() -> std::io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { terminate, interrupt })
    }

    /// Passes the first of them on.
    async fn pass_to(mut self, stop: watch::Sender<bool>) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        tracing::info!("stopping");
        let _ = stop.send(true);
    }
}

/// Serves both listeners and does the background work until a signal, then stops in order.
pub async fn run(
    bound: Bound,
    engine: Arc<Engine>,
    config: &Config,
    token: Secret<String>,
    rehearsal: bool,
) -> Result<(), Failure> {
    let public = public_edge(&engine, config, rehearsal)?;
    let operator = operator_edge(&engine, config, token);
    let deliver = deliver(&engine, config, formats(config))?;
    let limits =
        ServerLimits { connections: config.server.connections_max, ..ServerLimits::default() };
    let (stop, told) = watch::channel(false);
    let signals = tokio::spawn(bound.signals.pass_to(stop));
    let merchants = tokio::spawn(serve(bound.public, public, limits, stopped(told.clone())));
    let operators = tokio::spawn(serve(bound.operator, operator, limits, stopped(told.clone())));
    let sweep = Sweep::new(Arc::clone(&engine), SweepOptions::default());
    let period = Duration::from_millis(config.sweep.period_ms.get());
    let sweep = tokio::spawn(sweep.run(period, stopped(told.clone())));
    let period = Duration::from_millis(config.webhooks.period_ms.get());
    let deliver = tokio::spawn(deliver.run(period, stopped(told)));
    let cut_off = merchants.await?.cut_off + operators.await?.cut_off;
    if cut_off > 0 {
        tracing::warn!(cut_off, "requests were not answered before the time to stop was over");
    }
    signals.await?;
    sweep.await?;
    deliver.await?;
    let engine_stopped = Arc::clone(&engine);
    tokio::task::spawn_blocking(move || engine_stopped.stop()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Tells the operator's commands where this server is; removed when it stops.
pub struct Announced<'a>(&'a Path);

impl<'a> Announced<'a> {
    pub fn write(path: &'a Path, bound: &Bound, token_file: &Path) -> Result<Self, Failure> {
        // Read by commands that run elsewhere.
        let token_file = std::path::absolute(token_file)?;
        let text = serde_json::json!({
            "public_url": bound.public_url,
            "operator_url": bound.operator_url,
            "operator_token_file": token_file,
            "pid": std::process::id(),
        });
        files::replace(path, &format!("{text:#}\n"))?;
        Ok(Self(path))
    }
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        // A file that stays behind is read only by a command that finds the store in use.
        let _ = files::remove(self.0);
    }
}

/// A runtime for `http_workers` threads. One of them needs no other to be woken, and no lock is
/// taken over what only it has; several share their work.
pub fn runtime(config: &Config) -> std::io::Result<tokio::runtime::Runtime> {
    match config.server.http_workers.get() {
        1 => tokio::runtime::Builder::new_current_thread().enable_all().build(),
        threads => {
            tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
        }
    }
}

/// Everything of a server that is not the sandbox's own.
pub async fn open_engine(config: &Config) -> Result<Arc<Engine>, Failure> {
    let store = open::store(config).await?;
    open::engine(config, store).await
}
