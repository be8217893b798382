//! Primary keys as bytes that sort as the columns do.

use crate::rows::RowKey;
use crate::schema::{Class, TableSpec, Value};
use domain::id::{AccountId, ProgramId};
use domain::transfer::Place;

/// The widest key: an entry's two ids and its version.
const WIDTH: usize = 16 + 16 + 8;

/// One primary key. The keys of one table are all of one width; the rest is filled up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Key([u8; WIDTH]);

struct Builder {
    bytes: [u8; WIDTH],
    len: usize,
}

impl Builder {
    const fn new(fill: u8) -> Self {
        Self { bytes: [fill; WIDTH], len: 0 }
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
        self
    }

    /// The sign is turned over, so that negative numbers sort before the others.
    fn int(self, value: i64) -> Self {
        self.raw(&(value.cast_unsigned() ^ (1 << 63)).to_be_bytes())
    }

    /// A cursor may lie beyond every count that was ever stored.
    fn count(self, value: u64) -> Self {
        self.int(i64::try_from(value).unwrap_or(i64::MAX))
    }

    const fn key(self) -> Key {
        Key(self.bytes)
    }
}

impl Key {
    pub(super) fn row(table: &TableSpec, (program, id): RowKey) -> Self {
        let empty = Builder::new(0);
        match (table.class, table.key) {
            (Class::Control, _) => empty.raw(&id).key(),
            (_, 1) => empty.raw(program.bytes()).key(),
            _ => empty.raw(program.bytes()).raw(&id).key(),
        }
    }

    pub(super) fn place(program: ProgramId, place: Place) -> Self {
        let start = Builder::new(0).raw(program.bytes());
        start.count(place.seq).int(i64::from(place.ordinal)).key()
    }

    pub(super) fn version(program: ProgramId, account: AccountId, version: u64) -> Self {
        let start = Builder::new(0).raw(program.bytes());
        start.raw(account.bytes()).count(version).key()
    }

    /// The highest key that an entry of this account could have.
    pub(super) fn last_version(program: ProgramId, account: AccountId) -> Self {
        let start = Builder::new(0xff).raw(program.bytes());
        start.raw(account.bytes()).key()
    }

    /// The lowest key that a row of this programme could have.
    pub(super) fn first(program: ProgramId) -> Self {
        Builder::new(0).raw(program.bytes()).key()
    }

    /// The highest.
    pub(super) fn last(program: ProgramId) -> Self {
        Builder::new(0xff).raw(program.bytes()).key()
    }

    /// From the values of the key columns.
    pub(super) fn of(values: &[Value<'_>]) -> Self {
        let fold = |key: Builder, value: &Value<'_>| match value {
            Value::Int(value) => key.int(*value),
            Value::Bytes(bytes) => key.raw(bytes),
            Value::Null | Value::Text(_) => panic!("no key column holds a text or nothing"),
        };
        values.iter().fold(Builder::new(0), fold).key()
    }
}
