//! Keys that are in no run yet, in memory.

use super::{Item, Key};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The keys of the rows behind one row up to another. Only the newest tail of a kind grows. A tree
/// grows by a node at a time: a hash table would now and then move all that it has, in a commit.
pub struct Tail {
    /// Its rows are behind this one.
    after: i64,
    last: AtomicI64,
    keys: RwLock<BTreeMap<Key, i64>>,
}

impl Tail {
    pub fn new(after: i64) -> Self {
        Self { after, last: AtomicI64::new(after), keys: RwLock::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Key, i64>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<Key, i64>> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the keys of all rows up to `last`, which are committed.
    pub fn add(&self, items: impl IntoIterator<Item = Item>, last: i64) {
        let mut keys = self.write();
        keys.extend(items);
        // Under the lock: whoever reads it afterwards finds the keys.
        self.last.store(last, Ordering::Release);
    }

    pub const fn after_row(&self) -> i64 {
        self.after
    }

    pub fn last_row(&self) -> i64 {
        self.last.load(Ordering::Acquire)
    }

    pub fn len(&self) -> usize {
        self.read().len()
    }

    pub fn find(&self, key: &Key) -> Option<i64> {
        self.read().get(key).copied()
    }

    /// The greatest keys from `low` to `high`, greatest first, of rows up to `last`.
    pub fn newest(&self, low: &Key, high: &Key, last: i64, limit: usize) -> Vec<Item> {
        let keys = self.read();
        let range = keys.range(low..=high).rev().filter(|(_, row)| **row <= last);
        range.take(limit).map(|(key, row)| (*key, *row)).collect()
    }

    /// The keys behind one, or the first ones, of rows up to `last`.
    pub fn after(&self, after: Option<&Key>, last: i64, limit: usize) -> Vec<Item> {
        let keys = self.read();
        let low = after.map_or(Bound::Unbounded, Bound::Excluded);
        let range = keys.range::<Key, _>((low, Bound::Unbounded));
        let range = range.filter(|(_, row)| **row <= last);
        range.take(limit).map(|(key, row)| (*key, *row)).collect()
    }
}
