//! A writer: batches of units become one durable commit, in two round trips. The money path.
//!
//! Phases of [`PostgresWriter::batch`]:
//! 1. gather: the units name what they read; it becomes one statement per table;
//! 2. first round trip: `begin`, the transaction's id, then the questions in lock order, all sent
//!    at once;
//! 3. fill: each wanted row, or its absence;
//! 4. decide: in memory; a refused unit is undone there. Nothing has been written yet;
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

use crate::cell::arrays;
use crate::connect::{Role, Session, Silent};
use crate::error::{TRANSACTION, fault, is_refusal};
use crate::load::{Ask, Fill, Question};
use crate::open::Parts;
use crate::outcome::{Trace, settle};
use crate::persist::{Change, Changes};
use futures_util::future::{join_all, join3};
use std::collections::HashMap;
use std::sync::Arc;
use store::error::Source;
use store::query::BoxFuture;
use store::schema::TableSpec;
use store::{Rows, StoreError, Unit, Writer};
use tokio::time::timeout;
use tokio_postgres::{Row, Statement};

const BEGIN: &str = "begin isolation level read committed";
const COMMIT: &str = "commit";
const ROLLBACK: &str = "rollback";
const TRANSACTION_ID: &str = "select pg_current_xact_id()::text";
/// Fails, and its transaction with it.
#[cfg(any(test, feature = "faults"))]
const FAIL: &str = "select 1 / 0";

pub struct PostgresWriter {
    parts: Arc<Parts>,
    session: Session,
    prepared: HashMap<&'static str, Statement>,
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
                self.prepared.clear();
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
        Ok(Self { parts, session, prepared: HashMap::new(), clean: true })
    }

    async fn batch(&mut self, units: &mut [Box<dyn Unit>]) -> Result<Left, StoreError> {
        let mut rows = Rows::gather(units);
        let mut ask = Ask::default();
        rows.visit(&mut ask)?;
        let (transaction, answers) = self.load(&ask.questions).await?;
        rows.visit(&mut Fill { answers: &answers })?;
        rows.decide(units);
        let mut changes = Changes::default();
        rows.visit(&mut changes)?;
        if changes.changes.is_empty() {
            return self.roll_back().await;
        }
        let trace = Trace { transaction, event: rows.events.rows().first().cloned() };
        self.persist(&changes.changes, &trace).await
    }

    /// Phase 2.
    async fn load(
        &mut self,
        questions: &[Question],
    ) -> Result<(String, Vec<(&'static TableSpec, Vec<Row>)>), StoreError> {
        self.prepare(questions.iter().map(|question| question.sql).chain([TRANSACTION_ID])).await?;
        let client = &self.session.client;
        let params: Vec<_> = questions.iter().map(|question| arrays(&question.keys)).collect();
        let asked = questions.iter().zip(&params);
        let asked =
            asked.map(|(question, params)| client.query(self.statement(question.sql), params));
        let trip = join3(
            client.batch_execute(BEGIN),
            client.query_one(self.statement(TRANSACTION_ID), &[]),
            join_all(asked),
        );
        let (begun, id, found) = self.in_time(trip).await?;
        begun.map_err(|error| fault(TRANSACTION, error))?;
        let id = id.and_then(|row| row.try_get(0)).map_err(|error| fault(TRANSACTION, error))?;
        let mut answers = Vec::with_capacity(questions.len());
        for (question, rows) in questions.iter().zip(found) {
            let rows = rows.map_err(|error| fault(question.table.name, error))?;
            answers.push((question.table, rows));
        }
        Ok((id, answers))
    }

    /// Phase 5.
    async fn persist(&mut self, changes: &[Change], trace: &Trace) -> Result<Left, StoreError> {
        self.prepare(changes.iter().map(|change| change.sql)).await?;
        let client = &self.session.client;
        let params: Vec<_> = changes.iter().map(|change| arrays(&change.columns)).collect();
        let sent = changes.iter().zip(&params);
        let sent = sent.map(|(change, params)| client.execute(self.statement(change.sql), params));
        let trip = join3(join_all(sent), self.fail_on_order(), client.batch_execute(COMMIT));
        let Ok((written, ordered, committed)) =
            timeout(self.parts.connector.options.round_trip, trip).await
        else {
            return self.settle(trace, Silent.into()).await;
        };
        for (change, written) in changes.iter().zip(written) {
            match written {
                Ok(count) if count == change.rows as u64 => {}
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
        let rolled = self.in_time(self.session.client.batch_execute(ROLLBACK)).await?;
        rolled.map_err(|error| fault(TRANSACTION, error))?;
        Ok(Left::Clean)
    }

    async fn in_time<T>(&self, trip: impl Future<Output = T>) -> Result<T, StoreError> {
        let answered = timeout(self.parts.connector.options.round_trip, trip).await;
        answered.map_err(|_| StoreError::Unavailable(Silent.into()))
    }

    /// What is not prepared yet, in one round trip.
    async fn prepare(&mut self, sql: impl Iterator<Item = &'static str>) -> Result<(), StoreError> {
        let mut missing: Vec<_> = sql.filter(|sql| !self.prepared.contains_key(sql)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let client = &self.session.client;
        let made = self.in_time(join_all(missing.iter().map(|sql| client.prepare(sql)))).await?;
        for (sql, made) in missing.into_iter().zip(made) {
            self.prepared.insert(sql, made.map_err(|error| fault(TRANSACTION, error))?);
        }
        Ok(())
    }

    fn statement(&self, sql: &'static str) -> &Statement {
        self.prepared.get(sql).expect("every statement is prepared before it is sent")
    }
}
