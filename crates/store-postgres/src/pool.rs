//! Read connections: a bounded set, each checked when it is made, none waiting for a writer.
//!
//! A read sees every commit that was acknowledged before it began, since it asks the same server.

use crate::cell::{Cell, params};
use crate::connect::{Connector, Role, Silent, check};
use crate::error::{fault, noun};
use crate::statement::statements;
use deadpool_postgres::{
    ConfigConnectImpl, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod,
    Runtime, Timeouts,
};
use std::time::Duration;
use store::{Noun, StoreError};
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

pub type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

pub struct Readers {
    pool: Pool,
    patience: Duration,
}

impl Readers {
    pub fn new(connector: &Connector) -> Self {
        let options = connector.options.clone();
        let connect = ConfigConnectImpl { tls: connector.tls() };
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(connector.config(Role::Read), connect, recycling);
        let (connecting, patience) = (options.connect_timeout, options.round_trip);
        let readers = options.readers;
        let fit = Hook::async_fn(move |client, _| {
            let options = options.clone();
            Box::pin(async move {
                // The pool's own time for making a connection does not cover this.
                let checking = check(client, Role::Read, &options);
                match timeout(options.connect_timeout, checking).await {
                    Ok(checked) => checked.map_err(|unfit| HookError::message(unfit.to_string())),
                    Err(_) => Err(HookError::message(Silent.to_string())),
                }
            })
        });
        let pool = Pool::builder(manager)
            .max_size(readers)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(patience),
                create: Some(connecting * 2),
                recycle: Some(connecting),
            })
            .post_create(fit)
            .build()
            .expect("a pool with a runtime may have times");
        Self { pool, patience }
    }

    async fn connection(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| StoreError::Unavailable(error.into()))
    }

    pub async fn rows(
        &self,
        table: &'static str,
        sql: &str,
        values: Params<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let connection = self.connection().await?;
        let asked = async {
            let statement = connection.prepare_cached(sql).await?;
            connection.query(&statement, values).await
        };
        match timeout(self.patience, asked).await {
            Ok(found) => found.map_err(|error| fault(table, error)),
            Err(_) => {
                // Whatever it waits for, nobody shall wait behind it.
                drop(Object::take(connection));
                Err(StoreError::Unavailable(Silent.into()))
            }
        }
    }

    /// Every row of a query over all columns of one table, in the table's order.
    pub async fn list<N: Noun>(&self, sql: &str, params: Params<'_>) -> Result<Vec<N>, StoreError> {
        let rows = self.rows(N::TABLE.name, sql, params).await?;
        rows.iter().map(noun).collect()
    }

    /// The row with this key.
    pub async fn find<N: Noun>(&self, key: &[Cell<'_>]) -> Result<Option<N>, StoreError> {
        self.one(&statements(N::TABLE).find, &params(key)).await
    }

    /// The first row of such a query.
    pub async fn one<N: Noun>(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Option<N>, StoreError> {
        let rows = self.rows(N::TABLE.name, sql, params).await?;
        rows.first().map(noun).transpose()
    }
}

#[cfg(test)]
mod tests;
