//! Snapshots: a connection of its own with one open read transaction.

use crate::cell::{self, Cell, params};
use crate::connect::{Role, Session};
use crate::error::{TRANSACTION, fault, values};
use crate::open::Parts;
use crate::pool::Params;
use crate::statement::statements;
use std::sync::Arc;
use store::query::{Answer, AnyRow};
use store::schema::{TableSpec, Value};
use store::{Snapshot, StoreError};
use tokio_postgres::Row;

/// The view is that of the first statement, which is in it. Between two pages the reader of a
/// snapshot may think for as long as it likes.
const BEGIN: &str = "begin isolation level repeatable read read only; \
     set local idle_in_transaction_session_timeout = 0; select 1";

pub struct PostgresSnapshot {
    session: Session,
}

impl PostgresSnapshot {
    pub async fn open(parts: Arc<Parts>) -> Result<Self, StoreError> {
        let session = parts.connector.connect(Role::Read).await?;
        let begun = session.client.batch_execute(BEGIN).await;
        begun.map_err(|error| fault(TRANSACTION, error))?;
        Ok(Self { session })
    }

    async fn rows(
        &self,
        table: &'static TableSpec,
        sql: &str,
        values: Params<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let found = self.session.client.query(sql, values).await;
        found.map_err(|error| fault(table.name, error))
    }
}

fn any(table: &'static TableSpec, row: &Row) -> Result<AnyRow, StoreError> {
    Ok(values(table, row)?.into_iter().map(Value::into_owned).collect())
}

fn cells(key: Vec<Value<'static>>) -> Vec<Cell<'static>> {
    key.into_iter().map(Cell).collect()
}

impl Snapshot for PostgresSnapshot {
    fn scan(
        &mut self,
        table: &'static TableSpec,
        after: Option<Vec<Value<'static>>>,
        limit: u32,
    ) -> Answer<'_, Vec<AnyRow>> {
        Box::pin(async move {
            let statements = statements(table);
            let sql = if after.is_some() { &statements.next } else { &statements.first };
            let mut given = cells(after.unwrap_or_default());
            given.push(cell::int(i64::from(limit)));
            let rows = self.rows(table, sql, &params(&given)).await?;
            rows.iter().map(|row| any(table, row)).collect()
        })
    }

    fn find(
        &mut self,
        table: &'static TableSpec,
        key: Vec<Value<'static>>,
    ) -> Answer<'_, Option<AnyRow>> {
        Box::pin(async move {
            let given = cells(key);
            let rows = self.rows(table, &statements(table).find, &params(&given)).await?;
            rows.first().map(|row| any(table, row)).transpose()
        })
    }

    fn count(&mut self, table: &'static TableSpec) -> Answer<'_, u64> {
        Box::pin(async move {
            let rows = self.rows(table, &statements(table).count, &[]).await?;
            let count = rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(0));
            count.map(i64::unsigned_abs).map_err(|error| fault(table.name, error))
        })
    }
}
