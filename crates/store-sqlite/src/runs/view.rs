//! How readers find rows: in the tails that the writer published, in the rows that are newer than
//! those, and in the runs, all as of one snapshot.
//!
//! The tails are taken first and the snapshot is opened second, so every row that the tails know is
//! in the snapshot or newer than it, and the newer ones are left out. What the snapshot has behind
//! the tails, usually nothing, is read here. Without a server there are no tails, and all the rows
//! behind the last run are.

use super::job::Merge;
use super::plan::{self, Run};
use super::tail::Tail;
use super::{Item, Key, Kind, block, bulk, last_row};
use foldhash::fast::FixedState;
use rusqlite::Connection;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use store::StoreError;

/// Accounts whose blocks are remembered. Those of many accounts are small.
const NEAR: usize = 2_048;

/// Tails of each kind, oldest first.
pub type Tails = [Vec<Arc<Tail>>; 2];

/// One snapshot's way to the rows. Made after the tails were taken, used inside one transaction.
#[derive(Default)]
pub struct View {
    tails: Tails,
    looks: [OnceCell<Look>; 2],
}

/// One kind's.
struct Look {
    kind: Kind,
    /// Newest rows first.
    runs: Vec<Run>,
    /// Newest rows first.
    tails: Vec<Arc<Tail>>,
    /// Their keys in order, for whoever reads all of them.
    sorted: OnceCell<Vec<Arc<[Item]>>>,
    /// The snapshot's last row.
    last: i64,
    /// The run that the last row was found in: the next one is likely there too.
    hint: Cell<usize>,
    /// Blocks that an account's last entry was found in: the next version is likely beside it.
    near: RefCell<HashMap<Key, block::Read, FixedState>>,
}

impl Look {
    fn open(
        connection: &Connection,
        kind: Kind,
        published: &[Arc<Tail>],
    ) -> Result<Self, StoreError> {
        let mut runs = plan::whole(connection, kind)?;
        runs.reverse();
        let covered = plan::covered(&runs);
        let last = last_row(connection)?;
        let known = published.last().map_or(0, |tail| tail.last_row()).max(covered);
        let mut tails: Vec<_> = published.iter().rev().map(Arc::clone).collect();
        if known < last {
            let (own, _) = bulk::read(connection, kind, known, (0, usize::MAX))?;
            tails.insert(0, Arc::new(own));
        }
        let (sorted, hint, near) = (OnceCell::new(), Cell::new(0), RefCell::default());
        Ok(Self { kind, runs, tails, sorted, last, hint, near })
    }

    fn find(&self, connection: &Connection, key: &Key) -> Result<Option<i64>, StoreError> {
        let account = key.without_version();
        let beside = self.near.borrow().get(&account).and_then(|block| block.find(key));
        if beside.is_some() {
            return Ok(beside);
        }
        let known = self.tails.iter().find_map(|tail| tail.find(key));
        if let Some(row) = known.filter(|row| *row <= self.last) {
            return Ok(Some(row));
        }
        let hint = self.hint.get();
        let others = (0..self.runs.len()).filter(|at| *at != hint);
        for at in self.runs.get(hint).map(|_| hint).into_iter().chain(others) {
            let Some(block) = block::with(connection, self.kind, &self.runs[at], key)? else {
                continue;
            };
            if let Some(row) = block.find(key) {
                self.hint.set(at);
                self.remember(account, block);
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn remember(&self, account: Key, block: block::Read) {
        if self.kind == Kind::Entry {
            let mut near = self.near.borrow_mut();
            if near.len() >= NEAR {
                near.clear();
            }
            near.insert(account, block);
        }
    }

    fn newest(
        &self,
        connection: &Connection,
        (low, high): (&Key, &Key),
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let in_tails = self.tails.iter().map(|tail| tail.newest(low, high, self.last, limit));
        let mut found: Vec<Item> = in_tails.flatten().collect();
        for run in &self.runs {
            found.extend(block::newest(connection, self.kind, run, (low, high), limit)?);
        }
        // A tail's keys may be in a run already.
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup_by_key(|(key, _)| *key);
        found.truncate(limit);
        Ok(found)
    }

    fn after(
        &self,
        connection: &Connection,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let sorted = self.sorted.get_or_init(|| {
            let tails = self.tails.iter();
            tails.map(|tail| tail.in_order()).collect()
        });
        let mut found = Vec::new();
        for items in sorted {
            let from = after.map_or(0, |after| items.partition_point(|(key, _)| key <= after));
            let known = items[from..].iter().filter(|(_, row)| *row <= self.last);
            found.extend(known.take(limit).copied());
        }
        let mut merge = Merge::start(connection, self.kind, &self.runs, after)?;
        for _ in 0..limit {
            let Some(item) = merge.next(connection)? else { break };
            found.push(item);
        }
        found.sort_unstable();
        found.dedup_by_key(|(key, _)| *key);
        found.truncate(limit);
        Ok(found)
    }
}

impl View {
    pub fn new(tails: Tails) -> Self {
        Self { tails, looks: Default::default() }
    }

    fn look(&self, connection: &Connection, kind: Kind) -> Result<&Look, StoreError> {
        let cell = &self.looks[kind as usize];
        if let Some(look) = cell.get() {
            return Ok(look);
        }
        let look = Look::open(connection, kind, &self.tails[kind as usize])?;
        Ok(cell.get_or_init(|| look))
    }

    /// The row with this key.
    pub fn find(
        &self,
        connection: &Connection,
        kind: Kind,
        key: &Key,
    ) -> Result<Option<i64>, StoreError> {
        self.look(connection, kind)?.find(connection, key)
    }

    /// The greatest keys from the first to the second, greatest first.
    pub fn newest(
        &self,
        connection: &Connection,
        kind: Kind,
        between: (&Key, &Key),
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.look(connection, kind)?.newest(connection, between, limit)
    }

    /// The keys behind one, or the first ones, in order.
    pub fn after(
        &self,
        connection: &Connection,
        kind: Kind,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.look(connection, kind)?.after(connection, after, limit)
    }

    /// An account's newest entry among those that are in no run.
    pub fn head(
        &self,
        connection: &Connection,
        (low, high): (&Key, &Key),
    ) -> Result<Option<Item>, StoreError> {
        let look = self.look(connection, Kind::Entry)?;
        let heads = look.tails.iter().map(|tail| tail.newest(low, high, look.last, 1));
        Ok(heads.flatten().max())
    }
}
