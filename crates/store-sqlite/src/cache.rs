//! Rows that the writer has seen, so that a hot row is not looked up for every batch.
//!
//! This process is the file's only writer, so a row is what it last wrote or read. What a batch
//! writes goes in at once, and the whole cache is dropped unless [`Cache::settle`] is called after
//! the commit: a failed batch changes nothing here either. A person with a shell may write to the
//! file all the same; SQLite's `data_version` then says so, and the cache is dropped.
//!
//! Facts are not kept: they are looked for to be absent. Absent rows are not kept either.

use crate::error::fault;
use crate::numbers::Numbers;
use foldhash::fast::FixedState;
use rusqlite::Connection;
use std::any::Any;
use std::collections::HashMap;
use store::rows::{Filed, RowKey};
use store::schema::{Class, TableSpec};
use store::{Keyed, StoreError};

/// Rows of one noun at most. At this number all of them are forgotten.
const ROWS: usize = 65_536;

/// Changes with every commit of somebody else.
const DATA_VERSION: &str = "pragma data_version";

type Map<N> = HashMap<Filed, N, FixedState>;

#[derive(Default)]
pub struct Cache {
    /// A `Map` for each noun.
    maps: Vec<(&'static TableSpec, Box<dyn Any + Send>)>,
    /// What postings name.
    pub numbers: Numbers,
    data_version: i64,
    /// Whether everything in it is committed.
    settled: bool,
}

impl Cache {
    /// Inside the batch's transaction, before its first row is loaded. Whether somebody else may
    /// have written since the last one.
    pub fn begin(&mut self, connection: &Connection) -> Result<bool, StoreError> {
        let fault = |error| fault("(transaction)", error);
        let mut statement = connection.prepare_cached(DATA_VERSION).map_err(fault)?;
        let version = statement.query_row([], |row| row.get(0)).map_err(fault)?;
        let foreign = version != self.data_version;
        if !self.settled || foreign {
            self.maps.clear();
            self.numbers.clear();
        }
        self.data_version = version;
        self.settled = false;
        Ok(foreign)
    }

    /// After the commit, or where there was nothing to commit.
    pub const fn settle(&mut self) {
        self.settled = true;
    }

    /// Whether what was done last is committed.
    pub const fn is_settled(&self) -> bool {
        self.settled
    }

    pub fn get<N: Keyed>(&mut self, key: &RowKey) -> Option<&N> {
        self.map::<N>()?.get(&Filed(*key))
    }

    /// As [`Self::get`], where something else of the cache is in use.
    pub fn peek<N: Keyed>(&self, key: &RowKey) -> Option<&N> {
        let known = self.maps.iter().find(|(table, _)| std::ptr::eq(*table, N::TABLE));
        known?.1.downcast_ref::<Map<N>>()?.get(&Filed(*key))
    }

    pub fn put<N: Keyed>(&mut self, key: RowKey, row: &N) {
        if let Some(map) = self.map::<N>() {
            if map.len() >= ROWS {
                map.clear();
            }
            map.insert(Filed(key), row.clone());
        }
    }

    /// `None` for facts.
    fn map<N: Keyed>(&mut self) -> Option<&mut Map<N>> {
        if N::TABLE.class == Class::Fact {
            return None;
        }
        let known = self.maps.iter().position(|(table, _)| std::ptr::eq(*table, N::TABLE));
        let at = known.unwrap_or_else(|| {
            self.maps.push((N::TABLE, Box::new(Map::<N>::default())));
            self.maps.len() - 1
        });
        self.maps[at].1.downcast_mut()
    }
}
