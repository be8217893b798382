//! Sorted runs: how rows are found that are only appended, without an index that each commit has
//! to keep at random places.
//!
//! References and entries are appended to rowid tables, in postings or by themselves, and nothing
//! more. Their keys are kept in
//! memory, in a *tail* ([`tail`]). When a tail has `rows` keys it is frozen, and its keys are
//! written in order, a few blocks with each later commit ([`job`]), as a *run*: blocks of keys and
//! row numbers ([`block`]) and, for references, a filter that says which keys can't be in it
//! ([`filter`]). When `fanout` runs of one level are there, they are merged into one of the next
//! level, a few blocks with each later commit too. So every page that a commit writes lies at the
//! right edge of its table, and a look-up asks memory, then some filters, then one or two blocks.
//!
//! An account's row is written with the run of its newest entry, not with each movement
//! ([`heads`]): until then the newest entry in the tail says its sums, which whoever reads the row
//! puts in.
//!
//! Phases of a run, each a part of some commit: (1) a row in `run` with state 0; (2) blocks, and
//! the rows of the accounts that they lead to; (3) parts of the filter; (4) state 1, and for a
//! merged run state 2 of those that it was made of, in the same commit. From then on it counts.
//! (5) Blocks of runs in state 2 are deleted, a few with each commit, and then their row.
//!
//! What if it stops: runs in state 0 are deleted like those in state 2, and begun again, since the
//! next opening reads the tail again, from the rows behind the last run in state 1. A batch whose
//! commit fails takes its part of a run with it. Memory follows the file and never leads it: the
//! plan of what to write next is copied, the copy works, and it replaces the first only once the
//! commit returned ([`plan`], [`keeper`]). Where the outcome is unknown, or somebody else wrote,
//! all of it is read anew.
//!
//! Locks: the one writer owns the plan. A tail is shared with readers under a lock that is held for
//! one look or for one batch's keys. Readers take the published tails first and open their snapshot
//! second, and look for themselves at the few rows that are newer than the tails: see [`view`].
//! So a snapshot is whole with or without a server beside it.

pub mod block;
pub mod bulk;
pub mod filter;
pub mod heads;
pub mod job;
pub mod keeper;
pub mod plan;
pub mod tail;
pub mod view;

#[cfg(test)]
mod tests;

use crate::error::fault;
use rusqlite::{Connection, Row};
use std::hash::{Hash, Hasher};
use store::StoreError;
use store::reference::REFERENCE;
use store::schema::{BadColumn, TableSpec, Value};
use store::transfer::ENTRY;

/// How large tails and runs grow, and how fast they are written.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Keys in memory before they are written as a run.
    pub rows: usize,
    /// Runs of one level that are merged into one of the next.
    pub fanout: usize,
    /// Bytes of a block at most.
    pub block_bytes: usize,
    /// Keys that a commit writes to runs, besides some for each that it appends.
    pub commit_keys: u32,
}

impl RunOptions {
    /// `rows`, unless somebody asks for another number.
    pub const ROWS: u32 = 131_072;

    pub(crate) const DEFAULT: Self = Self {
        // No target that Vostro runs on has a smaller word.
        rows: Self::ROWS as usize,
        fanout: 16,
        // A block fills a page of 4,096 bytes, with the other columns of its row.
        block_bytes: 3_960,
        commit_keys: 64,
    };

    /// Keys that a tail has room for from the start: its own, and those of the commit that ends it.
    const fn room(&self) -> usize {
        // Whoever asks for more has a table that grows.
        let most = Self::DEFAULT.rows;
        let rows = if self.rows < most { self.rows } else { most };
        rows + 1_024
    }
}

impl Default for RunOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whose rows are found by runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Reference = 0,
    Entry = 1,
}

/// The bytes of the longest key: programme, id, version.
const KEY_BYTES: usize = 40;

/// The key of a row, in words that sort as the row's key columns do: two of the programme, two of
/// the id, and the version of an entry. Words, since a tail compares little else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key([u64; KEY_BYTES / 8]);

/// Ids are hashes, and few versions of an account are hashed with it: this tells keys apart.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [high, low, id_high, id_low, version] = self.0;
        state.write_u64(id_high ^ high);
        state.write_u64(id_low ^ low.rotate_left(32) ^ version);
    }
}

/// A key, and the number of the row that has it.
pub type Item = (Key, i64);

impl Key {
    pub const FIRST: Self = Self([0; KEY_BYTES / 8]);

    /// The same for all entries of an account; the key of a reference.
    pub fn of(program: &[u8; 16], id: &[u8; 16]) -> Self {
        let words = |id: &[u8; 16]| {
            let id = u128::from_be_bytes(*id);
            // The cast takes the lower word.
            ((id >> 64) as u64, id as u64)
        };
        let (program, id) = (words(program), words(id));
        Self([program.0, program.1, id.0, id.1, 0])
    }

    fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        let mut words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_be_bytes(*word));
        Self(std::array::from_fn(|_| words.next().unwrap_or(0)))
    }

    /// As it is stored.
    fn to_bytes(self) -> [u8; KEY_BYTES] {
        let mut bytes = [0; KEY_BYTES];
        for (place, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self.0) {
            *place = word.to_be_bytes();
        }
        bytes
    }

    /// How many bytes both begin with.
    fn shared(&self, other: &Self) -> usize {
        let mut shared = 0;
        for (own, other) in self.0.iter().zip(other.0) {
            let differing = own ^ other;
            if differing != 0 {
                // 7 at most, so nothing is lost.
                return shared + (differing.leading_zeros() / 8) as usize;
            }
            shared += 8;
        }
        shared
    }

    pub const fn with_version(mut self, version: i64) -> Self {
        // With its sign turned, a negative number sorts before a positive one.
        self.0[4] = (version ^ i64::MIN).cast_unsigned();
        self
    }

    pub const fn without_version(mut self) -> Self {
        self.0[4] = 0;
        self
    }

    pub const fn version(&self) -> i64 {
        self.0[4].cast_signed() ^ i64::MIN
    }

    /// Programme and id.
    pub fn parts(self) -> ([u8; 16], [u8; 16]) {
        let part = |high: u64, low: u64| (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
        (part(self.0[0], self.0[1]), part(self.0[2], self.0[3]))
    }

    /// Whether both are of one programme and id.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.0[..4] == other.0[..4]
    }
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Reference, Self::Entry];

    /// The kind of a table, if its rows are found by runs.
    pub fn of(table: &'static TableSpec) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| std::ptr::eq(kind.table(), table))
    }

    pub fn table(self) -> &'static TableSpec {
        match self {
            Self::Reference => &REFERENCE,
            Self::Entry => &ENTRY,
        }
    }

    pub const fn code(self) -> i64 {
        self as i64
    }

    /// Bytes of a key that differ at all.
    const fn width(self) -> usize {
        match self {
            Self::Reference => 32,
            Self::Entry => KEY_BYTES,
        }
    }

    /// The key that begins a row, or that stands by itself. `None` where the values are no key.
    pub fn key(self, values: &[Value<'_>]) -> Option<Key> {
        let id = |value: &Value<'_>| match value {
            Value::Bytes(bytes) => <[u8; 16]>::try_from(bytes.as_ref()).ok(),
            _ => None,
        };
        let key = Key::of(&id(values.first()?)?, &id(values.get(1)?)?);
        match (self, values.get(2)) {
            (Self::Reference, _) => Some(key),
            (Self::Entry, Some(Value::Int(version))) => Some(key.with_version(*version)),
            (Self::Entry, _) => None,
        }
    }

    /// The key that stands in a row from this column on.
    pub fn key_at(self, row: &Row<'_>, at: usize) -> Option<Key> {
        let id = |at| row.get_ref(at).ok()?.as_blob().ok()?.try_into().ok();
        let key = Key::of(&id(at)?, &id(at + 1)?);
        match self {
            Self::Reference => Some(key),
            Self::Entry => Some(key.with_version(row.get(at + 2).ok()?)),
        }
    }

    /// Numbers and keys of the rows behind one.
    pub const fn rows_after(self) -> &'static str {
        match self {
            Self::Reference => {
                "select row, program, key from reference where row > ?1 order by row"
            }
            Self::Entry => {
                "select row, program, account, version from entry where row > ?1 order by row"
            }
        }
    }
}

/// The number of the newest row of all, whatever it is, or 0. Numbers grow from commit to commit.
pub const LAST_ROW: &str = "select max(coalesce((select max(row) from posting), 0), \
     coalesce((select max(row) from entry_row), 0), \
     coalesce((select max(row) from reference_row), 0))";

pub fn last_row(connection: &Connection) -> Result<i64, StoreError> {
    let fault = |error| fault("(row)", error);
    let mut statement = connection.prepare_cached(LAST_ROW).map_err(fault)?;
    statement.query_row([], |row| row.get(0)).map_err(fault)
}

/// A row of `rows_after`.
fn item(kind: Kind, row: &Row<'_>) -> Option<Item> {
    Some((kind.key_at(row, 1)?, row.get(0).ok()?))
}

/// What faults of the runs' own tables are filed under.
pub const RUN: &str = "run";

/// A run that is not what was written.
pub fn corrupt(table: &'static str, column: &'static str, row: i64) -> StoreError {
    StoreError::Corrupt { table, column, row: row.to_string(), source: BadColumn(column).into() }
}
