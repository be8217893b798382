//! Phase 3 of a batch: every wanted row, from the cache or by one prepared look-up for its key.
//!
//! A reference is looked for in memory and in the runs; an account's row is brought to its newest
//! entry, which may be in memory only.

use crate::cache::Cache;
use crate::error::fault;
use crate::runs::keeper::Keeper;
use crate::runs::{Key, Kind, heads};
use crate::statement::{find, noun, statements};
use domain::account::Account;
use rusqlite::{Connection, params};
use std::any::Any;
use store::rows::{RowKey, Visit};
use store::{Keyed, Lock, Log, Logged, StoreError, Table};

/// Fills the tables of a batch.
pub struct Load<'c> {
    pub connection: &'c Connection,
    pub cache: &'c mut Cache,
    pub keeper: &'c Keeper,
}

impl Visit for Load<'_> {
    type Error = StoreError;

    fn table<N: Keyed>(&mut self, table: &mut Table<N>) -> Result<(), StoreError> {
        let wanted = table.wanted();
        if wanted.is_empty() {
            return Ok(());
        }
        if let Some(kind) = Kind::of(N::TABLE) {
            return self.by_runs(table, kind, &wanted);
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
                statement.raw_bind_parameter(index + 1, &part[..]).map_err(fault)?;
            }
            let mut found = statement.raw_query();
            let found = found.next().map_err(fault)?.map(noun::<N>).transpose()?;
            let found = found.map(|row| self.brought_up(row)).transpose()?;
            if let Some(row) = &found {
                self.cache.put(key, row);
            }
            table.fill(key, found);
        }
        Ok(())
    }

    fn log<N: Logged>(&mut self, _: &mut Log<N>) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Load<'_> {
    /// Of facts, which the cache has not.
    fn by_runs<N: Keyed>(
        &self,
        table: &mut Table<N>,
        kind: Kind,
        wanted: &[(RowKey, Lock)],
    ) -> Result<(), StoreError> {
        let sought = |(key, _): &(RowKey, Lock)| Key::of(key.0.bytes(), &key.1);
        let sought: Vec<_> = wanted.iter().map(sought).collect();
        let rows = self.keeper.plan(kind).find_all(self.connection, &sought)?;
        for ((key, _), row) in wanted.iter().zip(rows) {
            let found = match row {
                Some(row) => find::<N>(self.connection, params![row])?,
                None => None,
            };
            // A row that somebody edited is not the one that was looked for.
            table.fill(*key, found.filter(|found| Table::key_of(found) == *key));
        }
        Ok(())
    }

    fn brought_up<N: Keyed>(&self, mut row: N) -> Result<N, StoreError> {
        let any: &mut dyn Any = &mut row;
        if let Some(account) = any.downcast_mut::<Account>() {
            let newest = self.keeper.plan(Kind::Entry).head(account);
            heads::bring_up(self.connection, account, newest)?;
        }
        Ok(row)
    }
}
