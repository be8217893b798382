//! Blocks: the keys of a run in order, some hundred in a row of `run_block`.
//!
//! An item is a byte that says how many bytes the key has in common with the key before it, the
//! rest of the key, and the row's number behind the run's first one, in groups of 7 bits, lowest
//! first, all but the last with the high bit set. The first item has its whole key in common with
//! the column `first`. A key is programme, id and, of an entry, the version as a big-endian number
//! with its sign bit turned.

use super::plan::Run;
use super::{Item, KEY_BYTES, Key, Kind, RUN, corrupt};
use crate::error::fault;
use rusqlite::{Connection, Row, params};
use store::StoreError;

/// An item at its longest.
const ITEM_MAX: usize = 1 + KEY_BYTES + 10;

const TABLE: &str = "run_block";

pub const INSERT: &str = "insert into run_block (id, run, first, items) values (?1, ?2, ?3, ?4)";
pub const AT: &str = "select id, first, items from run_block where id = ?1";
/// The block that has a key, if any has.
pub const WITH: &str = "select id, first, items from run_block indexed by run_block_first \
     where run = ?1 and first <= ?2 order by first desc limit 1";
pub const LAST: &str = "select max(id) from run_block where id >= ?1 and id < ?2";
pub const DELETE: &str = "delete from run_block where id = ?1";

/// The id of a block, and of a part of a filter.
pub const fn id(run: i64, part: i64) -> i64 {
    run << 32 | part
}

/// A block that is being filled.
pub struct Block {
    width: usize,
    base: i64,
    first: [u8; KEY_BYTES],
    previous: Key,
    bytes: Vec<u8>,
    bytes_max: usize,
    pub items: usize,
}

impl Block {
    pub fn new(kind: Kind, run: &Run, first: Key, bytes_max: usize) -> Self {
        let (base, width, previous) = (run.first, kind.width(), first);
        let (first, bytes) = (first.to_bytes(), Vec::with_capacity(bytes_max));
        Self { width, base, first, previous, bytes, bytes_max, items: 0 }
    }

    /// Whether another item may be too much. The first one always fits.
    pub const fn is_full(&self) -> bool {
        self.bytes.len() + ITEM_MAX > self.bytes_max
    }

    pub fn push(&mut self, (key, row): Item) {
        let shared = key.shared(&self.previous).min(self.width);
        self.previous = key;
        let key = key.to_bytes();
        self.bytes.push(u8::try_from(shared).expect("a key is short"));
        self.bytes.extend_from_slice(&key[shared..self.width]);
        let mut rest = row.wrapping_sub(self.base).unsigned_abs();
        while rest >= 0x80 {
            self.bytes.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest.to_le_bytes()[0]);
        self.items += 1;
    }

    pub fn write(&self, connection: &Connection, run: i64, part: i64) -> Result<(), StoreError> {
        let fault = |error| fault(RUN, error);
        let mut statement = connection.prepare_cached(INSERT).map_err(fault)?;
        let row = params![id(run, part), run, &self.first[..self.width], self.bytes];
        statement.execute(row).map(drop).map_err(fault)
    }
}

/// The items of a block, one after the other.
struct Items<B> {
    id: i64,
    width: usize,
    base: i64,
    previous: [u8; KEY_BYTES],
    bytes: B,
    at: usize,
}

impl<B: AsRef<[u8]>> Items<B> {
    /// Of the block with this id.
    fn new(kind: Kind, run: &Run, id: i64, first: &[u8], bytes: B) -> Result<Self, StoreError> {
        let width = kind.width();
        let mut previous = [0; KEY_BYTES];
        if first.len() != width {
            return Err(corrupt(TABLE, "first", id));
        }
        previous[..width].copy_from_slice(first);
        Ok(Self { id, width, base: run.first, previous, bytes, at: 0 })
    }

    /// `None` where the bytes are no item.
    fn read(&mut self) -> Option<Item> {
        let bytes = self.bytes.as_ref().get(self.at..)?;
        let (shared, rest) = bytes.split_first()?;
        let shared = usize::from(*shared);
        let (own, rest) = rest.split_at_checked(self.width.checked_sub(shared)?)?;
        self.previous[shared..self.width].copy_from_slice(own);
        let (mut row, mut shift) = (0, 0);
        for (count, byte) in rest.iter().enumerate() {
            row |= i64::from(byte & 0x7f).checked_shl(shift)?;
            if *byte < 0x80 {
                self.at = bytes.len() - rest.len() + self.at + count + 1;
                return Some((Key::from_bytes(&self.previous), self.base.checked_add(row)?));
            }
            shift += 7;
        }
        None
    }

    /// The next item; `None` behind the last one.
    fn next(&mut self) -> Result<Option<Item>, StoreError> {
        if self.at == self.bytes.as_ref().len() {
            return Ok(None);
        }
        self.read().map(Some).ok_or_else(|| corrupt(TABLE, "items", self.id))
    }
}

/// A block that was read.
pub struct Read {
    pub id: i64,
    pub items: Vec<Item>,
}

impl Read {
    fn of(mut items: Items<&[u8]>) -> Result<Self, StoreError> {
        let mut read = Vec::with_capacity(items.bytes.len() / 4);
        while let Some(item) = items.next()? {
            read.push(item);
        }
        Ok(Self { id: items.id, items: read })
    }
}

/// A block that a statement found, by its id, first key and items.
fn block<'r>(kind: Kind, run: &Run, row: &'r Row<'_>) -> Result<Items<&'r [u8]>, StoreError> {
    let id: i64 = row.get(0).map_err(|error| fault(RUN, error))?;
    let blob = |at| row.get_ref(at).ok()?.as_blob().ok();
    let first = blob(1).ok_or_else(|| corrupt(TABLE, "first", id))?;
    let items = blob(2).ok_or_else(|| corrupt(TABLE, "items", id))?;
    Items::new(kind, run, id, first, items)
}

/// What is read of a block by its id; `None` behind a run's last one.
fn at<T>(
    connection: &Connection,
    kind: Kind,
    run: &Run,
    id: i64,
    read: impl FnOnce(Items<&[u8]>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let fault = |error| fault(RUN, error);
    let mut statement = connection.prepare_cached(AT).map_err(fault)?;
    let mut rows = statement.query(params![id]).map_err(fault)?;
    let Some(row) = rows.next().map_err(fault)? else { return Ok(None) };
    read(block(kind, run, row)?).map(Some)
}

/// What is read of the block that has a key, if any of the run has; `None` where all keys are
/// greater.
fn beside<T>(
    connection: &Connection,
    kind: Kind,
    run: &Run,
    key: &Key,
    read: impl FnOnce(Items<&[u8]>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let fault = |error| fault(RUN, error);
    let mut statement = connection.prepare_cached(WITH).map_err(fault)?;
    let sought = key.to_bytes();
    let mut rows = statement.query(params![run.number, &sought[..kind.width()]]).map_err(fault)?;
    let Some(row) = rows.next().map_err(fault)? else { return Ok(None) };
    read(block(kind, run, row)?).map(Some)
}

/// That block.
pub fn with(
    connection: &Connection,
    kind: Kind,
    run: &Run,
    key: &Key,
) -> Result<Option<Read>, StoreError> {
    beside(connection, kind, run, key, Read::of)
}

impl Read {
    /// The row that has this key, if it is in this block.
    pub fn find(&self, key: &Key) -> Option<i64> {
        let at = self.items.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
        Some(self.items[at].1)
    }
}

/// The row that has this key, if the run says so.
pub fn find(
    connection: &Connection,
    kind: Kind,
    run: &Run,
    key: &Key,
) -> Result<Option<i64>, StoreError> {
    // One item is wanted, mostly one that is not there: what a filter took for one.
    let read = |mut items: Items<&[u8]>| {
        while let Some((other, row)) = items.next()? {
            if other >= *key {
                return Ok((other == *key).then_some(row));
            }
        }
        Ok(None)
    };
    Ok(beside(connection, kind, run, key, read)?.flatten())
}

/// The greatest keys from `low` to `high`, greatest first.
pub fn newest(
    connection: &Connection,
    kind: Kind,
    run: &Run,
    (low, high): (&Key, &Key),
    limit: usize,
) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::new();
    let mut next = with(connection, kind, run, high)?;
    while let Some(block) = next {
        let wanted = block.items.iter().rev().filter(|(key, _)| key <= high);
        found.extend(wanted.take_while(|(key, _)| key >= low));
        let more = block.items.first().is_some_and(|(key, _)| key > low);
        if !more || found.len() >= limit || block.id == id(run.number, 0) {
            break;
        }
        next = at(connection, kind, run, block.id - 1, Read::of)?;
    }
    found.truncate(limit);
    Ok(found)
}

/// Deletes a block; whether it was there.
pub fn delete(connection: &Connection, id: i64) -> Result<bool, StoreError> {
    let fault = |error| fault(RUN, error);
    let mut statement = connection.prepare_cached(DELETE).map_err(fault)?;
    Ok(statement.execute(params![id]).map_err(fault)? > 0)
}

/// A run's items in order. A block is copied and not taken apart before its items are wanted, since
/// a merge has one of each run under way.
pub struct Cursor {
    kind: Kind,
    run: Run,
    block: Option<Items<Vec<u8>>>,
    /// An item that was read too early.
    read: Option<Item>,
}

fn copied(items: Items<&[u8]>) -> Result<Items<Vec<u8>>, StoreError> {
    let Items { id, width, base, previous, bytes, at } = items;
    Ok(Items { id, width, base, previous, bytes: bytes.to_vec(), at })
}

impl Cursor {
    /// Starts behind a key, or at the first one.
    pub fn start(
        connection: &Connection,
        kind: Kind,
        run: &Run,
        after: Option<&Key>,
    ) -> Result<Self, StoreError> {
        let mut block = match after {
            Some(key) => beside(connection, kind, run, key, copied)?,
            None => None,
        };
        if block.is_none() {
            block = at(connection, kind, run, id(run.number, 0), copied)?;
        }
        let mut read = None;
        if let (Some(block), Some(after)) = (&mut block, after) {
            read = block.next()?;
            while read.is_some_and(|(key, _)| key <= *after) {
                read = block.next()?;
            }
        }
        Ok(Self { kind, run: run.clone(), block, read })
    }

    pub fn next(&mut self, connection: &Connection) -> Result<Option<Item>, StoreError> {
        if let Some(item) = self.read.take() {
            return Ok(Some(item));
        }
        while let Some(block) = &mut self.block {
            if let Some(item) = block.next()? {
                return Ok(Some(item));
            }
            self.block = at(connection, self.kind, &self.run, block.id + 1, copied)?;
        }
        Ok(None)
    }
}

/// How many blocks a run has in the file, for one that was never finished.
pub fn count(connection: &Connection, run: i64) -> Result<i64, StoreError> {
    parts(connection, LAST, run)
}

/// How many parts a query of the last id finds.
pub fn parts(connection: &Connection, last: &str, run: i64) -> Result<i64, StoreError> {
    let fault = |error| fault(RUN, error);
    let bounds = params![id(run, 0), id(run + 1, 0)];
    let mut last = connection.prepare_cached(last).map_err(fault)?;
    let last: Option<i64> = last.query_row(bounds, |row| row.get(0)).map_err(fault)?;
    Ok(last.map_or(0, |last| last - id(run, 0) + 1))
}
