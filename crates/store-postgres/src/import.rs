//! An import: one transaction that has every table for itself.
//!
//! The tables are locked before they are asked whether they are empty, so of two imports at once
//! the second waits, and then finds rows or gives up; a server's commits wait likewise, its reads
//! do not. Such a lock is the right of the tables' owner, not of a server's role.
//!
//! A connection that ends before the commit takes everything with it. If it ends in the commit,
//! the outcome is unknown, and looking whether the store is empty settles it.

use crate::batch::{Layout, RowArray};
use crate::connect::{Role, Session, Silent};
use crate::error::{TRANSACTION, fault, is_refusal};
use crate::open::Parts;
use crate::statement::statements;
use std::time::Duration;
use store::StoreError;
use store::error::Source;
use store::import::{HadFailed, Import, NoImport, check};
use store::query::{Answer, AnyRow};
use store::schema::{TABLES, TableSpec};
use tokio::time::timeout;
use tokio_postgres::Error;

/// Between two pages the source may take its time.
const BEGIN: &str = "begin; set local idle_in_transaction_session_timeout = 0";
const COMMIT: &str = "commit";

/// How long one page, or the commit, may take: both are far larger than a batch's.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct PostgresImport {
    session: Session,
    /// Whether rows were refused: a commit would then say nothing, and do nothing.
    failed: bool,
}

async fn in_time<T>(trip: impl Future<Output = Result<T, Error>>) -> Result<T, Lost> {
    match timeout(PATIENCE, trip).await {
        Ok(answered) => answered.map_err(Lost::Failed),
        Err(_) => Err(Lost::Silent),
    }
}

/// Why there is no answer.
enum Lost {
    Failed(Error),
    Silent,
}

impl Lost {
    /// Before the commit was sent.
    fn harmless(self, table: &'static str) -> StoreError {
        match self {
            Self::Failed(error) => fault(table, error),
            Self::Silent => StoreError::Unavailable(Silent.into()),
        }
    }

    fn of_commit(self) -> StoreError {
        match self {
            Self::Failed(error) if is_refusal(&error) => fault(TRANSACTION, error),
            Self::Failed(error) => StoreError::Unknown(error.into()),
            Self::Silent => StoreError::Unknown(Silent.into()),
        }
    }
}

impl PostgresImport {
    pub async fn begin(parts: &Parts) -> Result<Self, NoImport> {
        let session = parts.connector.connect(Role::Write).await?;
        let client = &session.client;
        let names: Vec<_> = TABLES.iter().map(|table| table.name).collect();
        let lock = format!("{BEGIN}; lock table {} in exclusive mode", names.join(", "));
        let locked = in_time(client.batch_execute(&lock)).await;
        locked.map_err(|lost| lost.harmless(TRANSACTION))?;
        for table in TABLES {
            let row = in_time(client.query_one(&statements(table).any, &[])).await;
            let row = row.map_err(|lost| lost.harmless(table.name))?;
            if row.try_get(0).map_err(|error| fault(table.name, error))? {
                return Err(NoImport::NotEmpty { table: table.name });
            }
        }
        Ok(Self { session, failed: false })
    }

    async fn insert(&self, table: &'static TableSpec, rows: Vec<AnyRow>) -> Result<(), StoreError> {
        check(table, &rows)?;
        let client = &self.session.client;
        let unavailable = |source: Source| StoreError::Unavailable(source);
        let made = in_time(client.prepare(&statements(table).insert)).await;
        let made = made.map_err(|lost| lost.harmless(table.name))?;
        let layout = Layout::of(table, &made).map_err(|other| unavailable(other.into()))?;
        let mut array = RowArray::new(&layout);
        for row in rows {
            array.push(&row).map_err(|bad| unavailable(bad.into()))?;
        }
        let sent = in_time(client.execute(&made, &[&array])).await;
        sent.map(|_| ()).map_err(|lost| lost.harmless(table.name))
    }
}

impl Import for PostgresImport {
    fn rows(&mut self, table: &'static TableSpec, rows: Vec<AnyRow>) -> Answer<'_, ()> {
        Box::pin(async move {
            if std::mem::replace(&mut self.failed, true) {
                return Err(HadFailed.into());
            }
            self.insert(table, rows).await?;
            self.failed = false;
            Ok(())
        })
    }

    fn finish(self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async move {
            if self.failed {
                return Err(HadFailed.into());
            }
            let committed = in_time(self.session.client.batch_execute(COMMIT)).await;
            committed.map_err(Lost::of_commit)
        })
    }
}
