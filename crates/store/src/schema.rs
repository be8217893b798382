//! What every backend must keep: tables, columns and values, described once.

use crate::rows::RowKey;
use domain::chain::Hash;
use domain::id::ProgramId;
use domain::time::Time;
use std::borrow::Cow;

/// How a noun may be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Appended, never updated or deleted.
    Fact,
    /// Restorable from facts, so a backend may write it lazily.
    Projection,
    /// Updated in place in the same commit.
    Record,
    /// Known outside of programmes: the two control tables.
    Control,
}

/// Where a noun's key comes from, which decides what a clash means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Identity {
    /// Derived from what the row is; its absence is read before it is added.
    Natural,
    /// Made by a unit's stamp, or the row's place.
    Generated,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// 16 bytes.
    Id,
    /// 32 bytes.
    Hash,
    /// Any bytes.
    Bytes,
    Text,
    /// 64 bits, signed.
    Int,
    /// A code of an enum, 0 to 255.
    Small,
}

/// One column. The order of a table's columns is the order of its values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: ColumnKind,
    pub nullable: bool,
}

impl Column {
    /// Whether a value is one that the column may hold.
    pub fn admits(&self, value: &Value<'_>) -> bool {
        match (self.kind, value) {
            (_, Value::Null) => self.nullable,
            (ColumnKind::Id, Value::Bytes(bytes)) => bytes.len() == 16,
            (ColumnKind::Hash, Value::Bytes(bytes)) => bytes.len() == 32,
            (ColumnKind::Small, Value::Int(code)) => u8::try_from(*code).is_ok(),
            (ColumnKind::Bytes, Value::Bytes(_))
            | (ColumnKind::Text, Value::Text(_))
            | (ColumnKind::Int, Value::Int(_)) => true,
            _ => false,
        }
    }
}

/// One table. The first `key` columns are its primary key.
#[derive(PartialEq, Eq, Debug)]
pub struct TableSpec {
    pub name: &'static str,
    pub class: Class,
    pub identity: Identity,
    pub key: usize,
    pub columns: &'static [Column],
}

impl TableSpec {
    /// The values of the key columns: control rows have no programme, a programme's only row of a
    /// kind has nothing else.
    pub fn key_parts<'k>(&self, (program, id): &'k RowKey) -> Vec<&'k [u8; 16]> {
        match (self.class, self.key) {
            (Class::Control, _) => vec![id],
            (_, 1) => vec![program.bytes()],
            _ => vec![program.bytes(), id],
        }
    }

    pub fn key_columns(&self) -> &'static [Column] {
        &self.columns[..self.key]
    }
}

/// Every table, in the order in which rows are locked and written.
pub static TABLES: &[&TableSpec] = &[
    &crate::program::PROGRAM,
    &crate::credential::DIRECTORY,
    &crate::key::KEY,
    &crate::program::SETTINGS,
    &crate::credential::CREDENTIAL,
    &crate::signature_key::SIGNATURE_KEY,
    &crate::rate::RATE,
    &crate::cardholder::CARDHOLDER,
    &crate::blind_index::BLIND_INDEX,
    &crate::sub_account::SUB_ACCOUNT,
    &crate::account::ACCOUNT,
    &crate::hold::HOLD,
    &crate::endpoint::ENDPOINT,
    &crate::delivery::DELIVERY,
    &crate::lease::LEASE,
    &crate::program::COUNTER,
    &crate::reference::REFERENCE,
    &crate::instruction::INSTRUCTION,
    &crate::transfer::TRANSFER,
    &crate::transfer::ENTRY,
    &crate::event::EVENT,
];

pub const fn column(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind, nullable: false }
}

pub const fn nullable(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind, nullable: true }
}

/// One value of one column.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

impl Value<'_> {
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Int(value) => Value::Int(value),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// Takes a row apart, column by column, in the order of its table.
#[derive(Default)]
pub struct RowWriter<'a>(Vec<Value<'a>>);

impl<'a> RowWriter<'a> {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn values(&self) -> &[Value<'a>] {
        &self.0
    }

    pub fn into_values(self) -> Vec<Value<'a>> {
        self.0
    }

    pub fn id(&mut self, id: &'a [u8; 16]) {
        self.0.push(Value::Bytes(Cow::Borrowed(id)));
    }

    pub fn optional_id(&mut self, id: Option<&'a [u8; 16]>) {
        self.0.push(id.map_or(Value::Null, |id| Value::Bytes(Cow::Borrowed(id))));
    }

    pub fn hash(&mut self, hash: &'a [u8; 32]) {
        self.0.push(Value::Bytes(Cow::Borrowed(hash)));
    }

    pub fn bytes(&mut self, bytes: &'a [u8]) {
        self.0.push(Value::Bytes(Cow::Borrowed(bytes)));
    }

    pub fn optional_bytes(&mut self, bytes: Option<&'a [u8]>) {
        self.0.push(bytes.map_or(Value::Null, |bytes| Value::Bytes(Cow::Borrowed(bytes))));
    }

    pub fn owned_id(&mut self, id: [u8; 16]) {
        self.0.push(Value::Bytes(Cow::Owned(id.to_vec())));
    }

    pub fn text(&mut self, text: &'a str) {
        self.0.push(Value::Text(Cow::Borrowed(text)));
    }

    pub fn owned_text(&mut self, text: String) {
        self.0.push(Value::Text(Cow::Owned(text)));
    }

    pub fn optional_text(&mut self, text: Option<&'a str>) {
        self.0.push(text.map_or(Value::Null, |text| Value::Text(Cow::Borrowed(text))));
    }

    pub fn int(&mut self, value: i64) {
        self.0.push(Value::Int(value));
    }

    pub fn optional_int(&mut self, value: Option<i64>) {
        self.0.push(value.map_or(Value::Null, Value::Int));
    }

    /// # Panics
    /// Beyond 2^63: such a count can't be reached by counting.
    pub fn count(&mut self, value: u64) {
        self.0.push(Value::Int(i64::try_from(value).expect("counts stay below 2^63")));
    }

    pub fn small(&mut self, code: u8) {
        self.0.push(Value::Int(i64::from(code)));
    }

    pub fn optional_small(&mut self, code: Option<u8>) {
        self.0.push(code.map_or(Value::Null, |code| Value::Int(i64::from(code))));
    }

    pub fn null(&mut self) {
        self.0.push(Value::Null);
    }
}

/// A column that does not hold what it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("column {0} does not hold what it must")]
pub struct BadColumn(pub &'static str);

/// Puts a row together from its values, in the order of its table.
pub struct RowReader<'r> {
    values: &'r [Value<'r>],
    columns: &'static [Column],
    next: usize,
}

impl<'r> RowReader<'r> {
    pub fn new(table: &'static TableSpec, values: &'r [Value<'r>]) -> Self {
        Self { values, columns: table.columns, next: 0 }
    }

    fn take(&mut self) -> Result<(&'r Value<'r>, BadColumn), BadColumn> {
        let bad = BadColumn(self.columns.get(self.next).map_or("(too many)", |c| c.name));
        let value = self.values.get(self.next).ok_or(bad)?;
        self.next += 1;
        Ok((value, bad))
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], BadColumn> {
        match self.take()? {
            (Value::Bytes(bytes), bad) => bytes.as_ref().try_into().map_err(|_| bad),
            (_, bad) => Err(bad),
        }
    }

    pub fn id(&mut self) -> Result<[u8; 16], BadColumn> {
        self.fixed()
    }

    pub fn program(&mut self) -> Result<ProgramId, BadColumn> {
        self.fixed().map(ProgramId::from_bytes)
    }

    pub fn optional_id(&mut self) -> Result<Option<[u8; 16]>, BadColumn> {
        match self.values.get(self.next) {
            Some(Value::Null) => {
                self.next += 1;
                Ok(None)
            }
            _ => self.fixed().map(Some),
        }
    }

    pub fn hash(&mut self) -> Result<Hash, BadColumn> {
        self.fixed().map(Hash::from_bytes)
    }

    pub fn hash_bytes(&mut self) -> Result<[u8; 32], BadColumn> {
        self.fixed()
    }

    pub fn bytes(&mut self) -> Result<Vec<u8>, BadColumn> {
        match self.take()? {
            (Value::Bytes(bytes), _) => Ok(bytes.to_vec()),
            (_, bad) => Err(bad),
        }
    }

    pub fn optional_bytes(&mut self) -> Result<Option<Vec<u8>>, BadColumn> {
        match self.take()? {
            (Value::Null, _) => Ok(None),
            (Value::Bytes(bytes), _) => Ok(Some(bytes.to_vec())),
            (_, bad) => Err(bad),
        }
    }

    pub fn text(&mut self) -> Result<&'r str, BadColumn> {
        match self.take()? {
            (Value::Text(text), _) => Ok(text.as_ref()),
            (_, bad) => Err(bad),
        }
    }

    pub fn optional_text(&mut self) -> Result<Option<&'r str>, BadColumn> {
        match self.take()? {
            (Value::Null, _) => Ok(None),
            (Value::Text(text), _) => Ok(Some(text.as_ref())),
            (_, bad) => Err(bad),
        }
    }

    pub fn int(&mut self) -> Result<i64, BadColumn> {
        match self.take()? {
            (Value::Int(value), _) => Ok(*value),
            (_, bad) => Err(bad),
        }
    }

    pub fn optional_int(&mut self) -> Result<Option<i64>, BadColumn> {
        match self.take()? {
            (Value::Null, _) => Ok(None),
            (Value::Int(value), _) => Ok(Some(*value)),
            (_, bad) => Err(bad),
        }
    }

    pub fn count(&mut self) -> Result<u64, BadColumn> {
        let bad = self.bad();
        u64::try_from(self.int()?).map_err(|_| bad)
    }

    pub fn time(&mut self) -> Result<Time, BadColumn> {
        self.int().map(Time::from_unix_us)
    }

    /// A code, read by its enum.
    pub fn coded<T>(&mut self, read: impl Fn(u8) -> Option<T>) -> Result<T, BadColumn> {
        let bad = self.bad();
        u8::try_from(self.int()?).ok().and_then(read).ok_or(bad)
    }

    /// A text, read by its type.
    pub fn parsed<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Result<T, BadColumn> {
        let bad = self.bad();
        read(self.text()?).ok_or(bad)
    }

    /// Whether the next `count` columns are all null, in which case they are passed over.
    pub fn skip_nulls(&mut self, count: usize) -> Result<bool, BadColumn> {
        let values = self.values.get(self.next..self.next + count).ok_or(self.bad())?;
        let absent = values.iter().all(|value| *value == Value::Null);
        if absent {
            self.next += count;
        }
        Ok(absent)
    }

    /// The column about to be read, for faults that only the noun can see.
    pub fn bad(&self) -> BadColumn {
        BadColumn(self.columns.get(self.next).map_or("(too many)", |c| c.name))
    }
}

#[cfg(test)]
mod tests;
