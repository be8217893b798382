//! How each connection is made, set up and asked whether it is safe to trust.

use crate::open::{OpenError, Options};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The oldest version whose behaviour was tried.
const VERSION_MIN: u32 = 150_000;

/// What a session asks the server to end by itself: a server of ours that is gone or cut off must
/// not keep rows locked. Between the messages of one request a transaction is not idle, so there
/// only the probes of TCP find out.
const SESSION: &str = "-c lock_timeout=3s -c idle_in_transaction_session_timeout=5s \
     -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 \
     -c client_connection_check_interval=2s -c application_name=vostro -c jit=off \
     -c client_min_messages=warning";

/// A batch reads by key only. Plans made while the tables were empty would scan them for ever, so
/// no plan may scan, hash or merge.
const WRITER: &str = " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off \
     -c plan_cache_mode=force_generic_plan";

/// What is asked of a connection before it is used, in this order.
const ASK: &str = "select current_setting('fsync'), current_setting('full_page_writes'), \
     current_setting('synchronous_commit'), current_setting('server_version_num'), \
     pg_is_in_recovery(), current_setting('transaction_read_only')";

const SIZE: &str = "select pg_database_size(current_database())";
const NOW: &str = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    Write,
    Read,
}

/// Why a connection can't be used, though the server answers.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    #[error(
        "PostgreSQL has {setting} = {value}, so what it acknowledged may not survive a crash; \
         set it right, or allow an unsafe database"
    )]
    Unsafe { setting: &'static str, value: String },
    #[error("PostgreSQL is {found}, at least 15 is needed")]
    TooOld { found: String },
    #[error("PostgreSQL takes no writes: it is a standby, or read-only")]
    ReadOnly,
    #[error("PostgreSQL's answer was not understood")]
    Strange,
}

/// No answer came within the time for it.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL gave no answer in time")]
pub struct Silent;

/// Makes connections to one database.
pub struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    pub options: Options,
}

/// A connection and the task that drives it, which ends with it: a client alone would leave the
/// socket open for as long as the other side is silent.
pub struct Session {
    pub client: Client,
    task: AbortHandle,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connector {
    pub fn new(url: &str, options: Options) -> Result<Self, OpenError> {
        let mut config: Config = url.parse().map_err(OpenError::Url)?;
        config.connect_timeout(options.connect_timeout);
        config.keepalives_idle(Duration::from_secs(5));
        config.keepalives_interval(Duration::from_secs(2));
        config.keepalives_retries(3);
        config.tcp_user_timeout(options.round_trip);
        let tls = tls(&options, config.get_ssl_mode())?;
        Ok(Self { config, tls, options })
    }

    /// The configuration of connections for this use.
    pub fn config(&self, role: Role) -> Config {
        let mut config = self.config.clone();
        let given = self.config.get_options().map(|given| format!("{given} ")).unwrap_or_default();
        let planner = if role == Role::Write { WRITER } else { "" };
        config.options(format!("{given}{SESSION}{planner}"));
        config
    }

    pub fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }

    /// A fit connection, within the time for connecting.
    pub async fn connect(&self, role: Role) -> Result<Session, StoreError> {
        let opening = async {
            let connected = self.config(role).connect(self.tls()).await;
            let (client, connection) =
                connected.map_err(|error| StoreError::Unavailable(error.into()))?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection to PostgreSQL ended");
                }
            });
            let session = Session { client, task: task.abort_handle() };
            check(&session.client, role, &self.options)
                .await
                .map_err(|unfit| StoreError::Unavailable(unfit.into()))?;
            Ok(session)
        };
        match timeout(self.options.connect_timeout * 2, opening).await {
            Ok(opened) => opened,
            Err(_) => Err(StoreError::Unavailable(Silent.into())),
        }
    }
}

/// Verifies the server's certificate wherever TLS is spoken at all.
fn tls(options: &Options, mode: SslMode) -> Result<MakeRustlsConnect, OpenError> {
    let mut roots = RootCertStore::empty();
    if mode != SslMode::Disable {
        let system = rustls_native_certs::load_native_certs();
        for error in system.errors {
            tracing::debug!(%error, "a certificate authority of the system was left out");
        }
        roots.add_parsable_certificates(system.certs);
        for certificate in CertificateDer::pem_slice_iter(&options.certificate_authorities) {
            let certificate = certificate.map_err(OpenError::Pem)?;
            roots.add(certificate).map_err(OpenError::Certificate)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(OpenError::Certificate)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Asks a connection whether what it acknowledges lasts, and whether it takes writes.
pub async fn check(client: &Client, role: Role, options: &Options) -> Result<(), Unfit> {
    let answer = client.simple_query(ASK).await.map_err(|_| Unfit::Strange)?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let row = row.ok_or(Unfit::Strange)?;
    let text = |index: usize| row.try_get(index).ok().flatten().ok_or(Unfit::Strange);
    let version: u32 = text(3)?.parse().map_err(|_| Unfit::Strange)?;
    if version < VERSION_MIN {
        return Err(Unfit::TooOld { found: (version / 10_000).to_string() });
    }
    for (index, setting) in ["fsync", "full_page_writes", "synchronous_commit"].iter().enumerate() {
        if text(index)? == "off" {
            if !options.allow_unsafe {
                return Err(Unfit::Unsafe { setting, value: "off".to_owned() });
            }
            tracing::warn!(setting, "PostgreSQL is set to lose what it acknowledged; allowed");
        }
    }
    if role == Role::Write && (text(4)? == "t" || text(5)? == "on") {
        return Err(Unfit::ReadOnly);
    }
    Ok(())
}

/// The server's clock, in microseconds since 1970.
pub async fn server_time_us(client: &Client) -> Result<i64, StoreError> {
    number(client, NOW).await
}

/// What the database takes on the server's disk.
pub async fn size_bytes(client: &Client) -> Result<u64, StoreError> {
    number(client, SIZE).await.map(i64::unsigned_abs)
}

async fn number(client: &Client, sql: &str) -> Result<i64, StoreError> {
    let row = client.query_one(sql, &[]).await;
    let row = row.map_err(|error| StoreError::Unavailable(error.into()))?;
    row.try_get(0).map_err(|error| StoreError::Unavailable(error.into()))
}
