//! A writer: batches of units become one durable commit, in two round trips. The money path.
//!
//! Phases of [`PostgresWriter::batch`]:
//! 1. gather: the units name what they read; it becomes one statement per table;
//! 2. first round trip: `begin`, the transaction's id, then the questions in lock order, all sent
//!    at once;
//! 3. fill: each wanted row, or its absence;
//! 4. decide: in memory; a refused unit is undone there, and what changed is encoded. Nothing has
//!    been written yet, so a value that can't be encoded costs the batch and never a part of it;
//! 5. second round trip: one insert and one update per table, then `commit`, all sent at once.
//!    Where nothing changed the transaction is rolled back instead.
//!
//! Locks: rows in (table, programme, key) order, then the counters in programme order; held from 2
//! to the end of 5. Absences are not locked: the unique key decides, and who comes second runs
//! again and sees the first. Several writers, here and on other servers, meet only in these locks.
//!
//! If it stops in 1 to 4, or before the commit was sent, the server rolls back: nothing happened.
//! If it stops after that, `outcome.rs` asks what became of it. A statement that failed before the
//! commit makes PostgreSQL answer the commit with "rolled back" and no error, so each answer is
//! looked at before the commit's is believed.

use crate::connect::{Role, Session, Silent, Unfit};
use crate::error::{TRANSACTION, fault, is_refusal};
use crate::load::{Ask, Fill, Question};
use crate::open::Parts;
use crate::outcome::{Trace, settle};
use crate::persist::{Change, Changes};
use crate::prepared::Prepared;
use futures_util::future::{join, join_all, join3};
use std::sync::Arc;
use std::time::Duration;
use store::error::Source;
use store::query::BoxFuture;
use store::schema::TableSpec;
use store::{Rows, StoreError, Unit, Writer};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, SimpleQueryMessage, Statement};

/// Both in one message, since each message is answered by itself.
const BEGIN: &str = "begin isolation level read committed; select pg_current_xact_id()";
const COMMIT: &str = "commit";
const ROLLBACK: &str = "rollback";
/// Fails, and its transaction with it.
#[cfg(any(test, feature = "faults"))]
const FAIL: &str = "select 1 / 0";

pub struct PostgresWriter {
    parts: Arc<Parts>,
    session: Session,
    prepared: Prepared,
    /// Whether the last batch left the connection between two transactions.
    clean: bool,
}

impl Writer for PostgresWriter {
    fn commit<'a>(
        &'a mut self,
        units: &'a mut [Box<dyn Unit>],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // The server may have gone and come back while there was nothing to do.
            if !self.clean || self.session.client.is_closed() {
                self.session = self.parts.connector.connect(Role::Write).await?;
                self.prepared = Prepared::default();
            }
            self.clean = false;
            self.clean = self.batch(units).await? == Left::Clean;
            Ok(())
        })
    }
}

/// What a batch that is done leaves of its connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Left {
    Clean,
    /// Its answer never came.
    Lost,
}

impl PostgresWriter {
    pub async fn open(parts: Arc<Parts>) -> Result<Self, StoreError> {
        let session = parts.connector.connect(Role::Write).await?;
        Ok(Self { parts, session, prepared: Prepared::default(), clean: true })
    }

    async fn batch(&mut self, units: &mut [Box<dyn Unit>]) -> Result<Left, StoreError> {
        let mut rows = Rows::gather(units);
        let mut ask = Ask::default();
        rows.visit(&mut ask)?;
        let (transaction, answers) = self.load(&ask.questions).await?;
        rows.visit(&mut Fill { answers: &answers })?;
        rows.decide(units);
        let changes = loop {
            let mut changes = Changes::new(&self.prepared);
            rows.visit(&mut changes)?;
            if changes.missing.is_empty() {
                break changes.changes;
            }
            let missing = changes.missing;
            let client = &self.session.client;
            let patience = self.parts.connector.options.round_trip;
            in_time(patience, self.prepared.add_writes(client, &missing)).await??;
        };
        if changes.is_empty() {
            return self.roll_back().await;
        }
        let trace = Trace { transaction, event: rows.events.rows().first().cloned() };
        self.persist(&changes, &trace).await
    }

    /// Phase 2.
    async fn load(
        &mut self,
        questions: &[Question],
    ) -> Result<(String, Vec<(&'static TableSpec, Vec<Row>)>), StoreError> {
        let asked = questions.iter().map(|question| question.sql);
        let missing: Vec<_> = asked.filter(|sql| self.prepared.read(sql).is_none()).collect();
        let client = &self.session.client;
        let patience = self.parts.connector.options.round_trip;
        if !missing.is_empty() {
            in_time(patience, self.prepared.add_reads(client, missing)).await??;
        }
        let asked = questions.iter().map(|question| async {
            let params: Vec<_> =
                question.keys.iter().map(|key| key as &(dyn ToSql + Sync)).collect();
            client.query(self.read(question.sql), &params).await
        });
        let (id, found) = in_time(patience, join(begin(client), join_all(asked))).await?;
        let id = id?;
        let mut answers = Vec::with_capacity(questions.len());
        for (question, rows) in questions.iter().zip(found) {
            let rows = rows.map_err(|error| fault(question.table.name, error))?;
            answers.push((question.table, rows));
        }
        Ok((id, answers))
    }

    /// Phase 5.
    async fn persist(&self, changes: &[Change<'_>], trace: &Trace) -> Result<Left, StoreError> {
        let client = &self.session.client;
        let sent = changes
            .iter()
            .map(|change| async { client.execute(change.statement, &[&change.rows]).await });
        let trip = join3(join_all(sent), self.fail_on_order(), client.batch_execute(COMMIT));
        let Ok((written, ordered, committed)) =
            timeout(self.parts.connector.options.round_trip, trip).await
        else {
            return self.settle(trace, Silent.into()).await;
        };
        for (change, written) in changes.iter().zip(written) {
            match written {
                Ok(count) if count == change.count as u64 => {}
                // They were locked, so this can't be; what is committed is committed.
                Ok(_) => return Err(StoreError::Unknown(change.table.name.into())),
                // The transaction was over with this; the commit after it did nothing.
                Err(error) if is_refusal(&error) => return Err(fault(change.table.name, error)),
                Err(error) => return self.settle(trace, error.into()).await,
            }
        }
        ordered?;
        match committed {
            Ok(()) => Ok(Left::Clean),
            // A commit that was refused, by a deferred constraint for example, did nothing.
            Err(error) if is_refusal(&error) => Err(fault(TRANSACTION, error)),
            Err(error) => self.settle(trace, error.into()).await,
        }
    }

    /// Spoils the transaction just before its commit, where a test ordered it.
    #[cfg(any(test, feature = "faults"))]
    async fn fail_on_order(&self) -> Result<(), StoreError> {
        if !self.parts.faults.take() {
            return Ok(());
        }
        let failed = self.session.client.batch_execute(FAIL).await;
        failed.map_err(|error| StoreError::Unavailable(error.into()))
    }

    #[cfg(not(any(test, feature = "faults")))]
    async fn fail_on_order(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn settle(&self, trace: &Trace, lost: Source) -> Result<Left, StoreError> {
        settle(&self.parts.connector, trace, lost).await?;
        Ok(Left::Lost)
    }

    async fn roll_back(&self) -> Result<Left, StoreError> {
        let patience = self.parts.connector.options.round_trip;
        let rolled = in_time(patience, self.session.client.batch_execute(ROLLBACK)).await?;
        rolled.map_err(|error| fault(TRANSACTION, error))?;
        Ok(Left::Clean)
    }

    fn read(&self, sql: &'static str) -> &Statement {
        self.prepared.read(sql).expect("every statement is prepared before it is sent")
    }
}

/// Begins a transaction and learns its id.
async fn begin(client: &Client) -> Result<String, StoreError> {
    let answer = client.simple_query(BEGIN).await.map_err(|error| fault(TRANSACTION, error))?;
    let id = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.try_get(0).ok().flatten(),
        _ => None,
    });
    id.map(str::to_owned).ok_or_else(|| StoreError::Unavailable(Unfit::Strange.into()))
}

async fn in_time<T>(patience: Duration, trip: impl Future<Output = T>) -> Result<T, StoreError> {
    let answered = timeout(patience, trip).await;
    answered.map_err(|_| StoreError::Unavailable(Silent.into()))
}
