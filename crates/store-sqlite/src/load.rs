//! Phase 3 of a batch: every wanted row, from the cache or by one prepared look-up for its key.

use crate::cache::Cache;
use crate::error::fault;
use crate::statement::{noun, statements};
use rusqlite::Connection;
use store::rows::Visit;
use store::{Keyed, Log, Logged, StoreError, Table};

/// Fills the tables of a batch.
pub struct Load<'c> {
    pub connection: &'c Connection,
    pub cache: &'c mut Cache,
}

impl Visit for Load<'_> {
    type Error = StoreError;

    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        let wanted = table.wanted();
        if wanted.is_empty() {
            return Ok(());
        }
        let fault = |error| fault(N::TABLE.name, error);
        let find = &statements(N::TABLE).find;
        let mut statement = self.connection.prepare_cached(find).map_err(fault)?;
        for (key, _) in wanted {
            if let Some(row) = self.cache.get::<N>(&key) {
                table.fill(key, Some(row.clone()));
                continue;
            }
            for (index, part) in N::TABLE.key_parts(&key).iter().enumerate() {
                let bound = statement.raw_bind_parameter(index + 1, &part[..]);
                bound.map_err(fault)?;
            }
            let mut found = statement.raw_query();
            let row = found.next().map_err(fault)?.map(noun::<N>).transpose()?;
            if let Some(row) = &row {
                self.cache.put(key, row);
            }
            table.fill(key, row);
        }
        Ok(())
    }

    fn log<N: Logged>(&mut self, _: &mut Log<N>) -> Result<(), StoreError> {
        Ok(())
    }
}
