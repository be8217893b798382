//! The statements of one writer's connection: each is prepared once, when it is first needed.

use crate::batch::Layout;
use crate::error::{TRANSACTION, fault};
use futures_util::future::try_join_all;
use std::collections::HashMap;
use store::StoreError;
use store::schema::TableSpec;
use tokio_postgres::{Client, Statement};

#[derive(Default)]
pub struct Prepared {
    reads: HashMap<&'static str, Statement>,
    writes: HashMap<&'static str, (Statement, Layout)>,
}

impl Prepared {
    pub fn read(&self, sql: &'static str) -> Option<&Statement> {
        self.reads.get(sql)
    }

    /// A statement that takes a table's rows, and how they must be written for it.
    pub fn write(&self, sql: &'static str) -> Option<(&Statement, &Layout)> {
        self.writes.get(sql).map(|(statement, layout)| (statement, layout))
    }

    /// Prepares these, in one round trip where no row type is new.
    pub async fn add_reads(
        &mut self,
        client: &Client,
        mut missing: Vec<&'static str>,
    ) -> Result<(), StoreError> {
        missing.sort_unstable();
        missing.dedup();
        let made = try_join_all(missing.iter().map(|sql| client.prepare(sql))).await;
        let made = made.map_err(|error| fault(TRANSACTION, error))?;
        self.reads.extend(missing.into_iter().zip(made));
        Ok(())
    }

    pub async fn add_writes(
        &mut self,
        client: &Client,
        missing: &[(&'static TableSpec, &'static str)],
    ) -> Result<(), StoreError> {
        let made = try_join_all(missing.iter().map(|(_, sql)| client.prepare(sql))).await;
        let made = made.map_err(|error| fault(TRANSACTION, error))?;
        for ((table, sql), statement) in missing.iter().zip(made) {
            let layout = Layout::of(table, &statement);
            let layout = layout.map_err(|other| StoreError::Unavailable(other.into()))?;
            self.writes.insert(sql, (statement, layout));
        }
        Ok(())
    }
}
