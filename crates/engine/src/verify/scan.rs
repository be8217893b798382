//! Typed rows out of a snapshot, page by page.

use super::{Finding, Wrong};
use std::collections::VecDeque;
use std::marker::PhantomData;
use store::query::AnyRow;
use store::schema::{RowReader, TableSpec, Value};
use store::{Noun, Snapshot};

/// Rows of one page.
const PAGE: u32 = 2_048;
/// Rows of a page where one unit's are looked for.
const FEW: u32 = 4;

/// A row's key as people read it.
pub(super) fn key_text(table: &'static TableSpec, row: &[Value<'_>]) -> String {
    let value = |value: &Value<'_>| match value {
        Value::Null => "-".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let parts: Vec<_> = row.iter().take(table.key).map(value).collect();
    parts.join("/")
}

/// One row as its noun.
pub(super) fn read<N: Noun>(row: &AnyRow) -> Result<N, Wrong> {
    N::read(&mut RowReader::new(N::TABLE, row)).map_err(|bad| {
        Wrong::Found(Finding::new(N::TABLE.name, key_text(N::TABLE, row), bad.to_string()))
    })
}

/// The row with this key.
pub(super) async fn find<N: Noun>(
    snapshot: &mut dyn Snapshot,
    key: Vec<Value<'static>>,
) -> Result<Option<N>, Wrong> {
    match snapshot.find(N::TABLE, key).await? {
        None => Ok(None),
        Some(row) => read(&row).map(Some),
    }
}

pub(super) fn bytes(id: &[u8]) -> Value<'static> {
    Value::Bytes(id.to_vec().into())
}

pub(super) fn int(number: u64) -> Value<'static> {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// All rows of a noun in key order, one at a time.
pub(super) struct Scan<N> {
    page: VecDeque<AnyRow>,
    limit: u32,
    after: Option<Vec<Value<'static>>>,
    over: bool,
    noun: PhantomData<fn() -> N>,
}

impl<N: Noun> Scan<N> {
    pub(super) fn new() -> Self {
        Self { page: VecDeque::new(), limit: PAGE, after: None, over: false, noun: PhantomData }
    }

    /// Starts behind a key, which need not be there, and looks at a few rows only.
    pub(super) fn few_after(key: Vec<Value<'static>>) -> Self {
        Self { after: Some(key), limit: FEW, ..Self::new() }
    }

    async fn fill(&mut self, snapshot: &mut dyn Snapshot) -> Result<(), Wrong> {
        if !self.page.is_empty() || self.over {
            return Ok(());
        }
        let rows = snapshot.scan(N::TABLE, self.after.take(), self.limit).await?;
        self.over = rows.len() < usize::try_from(self.limit).unwrap_or(usize::MAX);
        self.after = rows.last().map(|row| row[..N::TABLE.key].to_vec());
        self.page = rows.into();
        Ok(())
    }

    pub(super) async fn next(&mut self, snapshot: &mut dyn Snapshot) -> Result<Option<N>, Wrong> {
        self.fill(snapshot).await?;
        self.page.pop_front().map(|row| read(&row)).transpose()
    }

    /// The next row without taking it.
    pub(super) async fn peek(&mut self, snapshot: &mut dyn Snapshot) -> Result<Option<N>, Wrong> {
        self.fill(snapshot).await?;
        self.page.front().map(read).transpose()
    }
}
