//! Opening: the address, the first connection, the schema, the pool of readers.

use crate::connect::{Connector, Role, Session, Unfit, server_time_us, size_bytes};
use crate::migrate::{MIGRATIONS, check, migrate};
use crate::pool::Readers;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio_postgres::Error;

/// Sizes and times, all with defaults that suit a database nearby.
#[derive(Clone, Debug)]
pub struct Options {
    /// Workers that commit at one time, each with a connection: about one per database core.
    pub workers: usize,
    /// Read connections at most; further reads wait for one.
    pub readers: usize,
    /// Serve although the database may lose what it acknowledged.
    pub allow_unsafe: bool,
    /// Certificate authorities beside the system's, as PEM.
    pub certificate_authorities: Vec<u8>,
    pub connect_timeout: Duration,
    /// How long one round trip of a batch, or one read, may take.
    pub round_trip: Duration,
    /// How long the outcome of an unknown commit is looked for.
    pub settle: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 2,
            readers: 8,
            allow_unsafe: false,
            certificate_authorities: Vec::new(),
            connect_timeout: Duration::from_secs(2),
            round_trip: Duration::from_secs(5),
            settle: Duration::from_secs(6),
        }
    }
}

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the address of the database is not understood")]
    Url(#[source] Error),
    #[error("the certificates can't be used")]
    Certificate(#[source] rustls::Error),
    #[error("the certificate authorities are no PEM")]
    Pem(#[source] rustls::pki_types::pem::Error),
    #[error("PostgreSQL can't be reached")]
    Unreachable(#[source] StoreError),
    #[error("the database can't be used")]
    Unfit(#[source] Unfit),
    #[error(
        "the database has schema version {found}, this program knows {known}: \
         it was written by a newer program, so start that one"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "the database has schema version {found}, this program needs {known}: \
         start a server with the right to change it, or run `vostro database migrate`"
    )]
    Older { found: i64, known: i64 },
    #[error("the database is not empty and not this program's")]
    Foreign,
    #[error("migration {name} failed")]
    Migration {
        name: &'static str,
        #[source]
        source: Error,
    },
    #[error("PostgreSQL refused a statement")]
    Refused(#[from] Error),
}

/// One database. See the crate's head.
pub struct PostgresStore {
    pub(crate) parts: Arc<Parts>,
}

/// What the store, its writers and snapshots share.
pub struct Parts {
    pub connector: Connector,
    pub readers: Readers,
    #[cfg(any(test, feature = "faults"))]
    pub faults: crate::faults::Faults,
}

impl PostgresStore {
    /// Opens a database for serving: brings its schema up to date under a lock that other servers
    /// wait for.
    pub async fn open(url: &str, options: Options) -> Result<Arc<Self>, OpenError> {
        let connector = Connector::new(url, options)?;
        let mut session = first(&connector, Role::Write).await?;
        migrate(&mut session.client, MIGRATIONS).await?;
        Self::assemble(connector)
    }

    /// Opens a database that must be up to date, for reading only.
    pub async fn open_read_only(url: &str, options: Options) -> Result<Arc<Self>, OpenError> {
        let connector = Connector::new(url, options)?;
        let session = first(&connector, Role::Read).await?;
        check(&session.client).await?;
        Self::assemble(connector)
    }

    fn assemble(connector: Connector) -> Result<Arc<Self>, OpenError> {
        let readers = Readers::new(&connector);
        let parts = Parts {
            connector,
            readers,
            #[cfg(any(test, feature = "faults"))]
            faults: crate::faults::Faults::default(),
        };
        Ok(Arc::new(Self { parts: Arc::new(parts) }))
    }

    /// What the database takes on the server's disk.
    pub async fn size_bytes(&self) -> Result<u64, StoreError> {
        let session = self.parts.connector.connect(Role::Read).await?;
        size_bytes(&session.client).await
    }

    /// The server's clock, in microseconds since 1970.
    pub async fn server_time_us(&self) -> Result<i64, StoreError> {
        let session = self.parts.connector.connect(Role::Read).await?;
        server_time_us(&session.client).await
    }
}

pub async fn first(connector: &Connector, role: Role) -> Result<Session, OpenError> {
    connector.connect(role).await.map_err(|error| match error {
        StoreError::Unavailable(source) => match source.downcast::<Unfit>() {
            Ok(unfit) => OpenError::Unfit(*unfit),
            Err(source) => OpenError::Unreachable(StoreError::Unavailable(source)),
        },
        other => OpenError::Unreachable(other),
    })
}
