//! Whole tables, page by page: as text to compare two stores, and checked against their columns.

use crate::error::StoreError;
use crate::query::{AnyRow, Snapshot};
use crate::rows::Noun;
use crate::schema::{BadColumn, RowReader, RowWriter, TABLES, TableSpec, Value};
use core::fmt::Write;

/// Rows a page; small enough that most cases have more than one.
const PAGE: u32 = 7;

/// All rows of a table in key order.
pub async fn rows(
    snapshot: &mut dyn Snapshot,
    table: &'static TableSpec,
) -> Result<Vec<AnyRow>, StoreError> {
    pages(snapshot, table, PAGE).await
}

/// As [`rows`], with pages of another size.
pub async fn pages(
    snapshot: &mut dyn Snapshot,
    table: &'static TableSpec,
    limit: u32,
) -> Result<Vec<AnyRow>, StoreError> {
    let mut all: Vec<AnyRow> = Vec::new();
    loop {
        let after = all.last().map(|row| row[..table.key].to_vec());
        let page = snapshot.scan(table, after, limit).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// All rows of a noun in key order.
pub async fn nouns<N: Noun>(snapshot: &mut dyn Snapshot) -> Result<Vec<N>, StoreError> {
    let rows = rows(snapshot, N::TABLE).await?;
    let corrupt = |bad: BadColumn, row: &AnyRow| StoreError::Corrupt {
        table: N::TABLE.name,
        column: bad.0,
        row: line(row),
        source: Box::new(bad),
    };
    rows.iter().map(|row| typed(row).map_err(|bad| corrupt(bad, row))).collect()
}

/// A row's values as its noun.
pub fn typed<N: Noun>(values: &AnyRow) -> Result<N, BadColumn> {
    N::read(&mut RowReader::new(N::TABLE, values))
}

/// A noun's values as its row.
pub fn values<N: Noun>(row: &N) -> AnyRow {
    let mut out = RowWriter::default();
    row.write(&mut out);
    out.into_values().into_iter().map(Value::into_owned).collect()
}

/// The values of a noun's key columns.
pub fn key_of<N: Noun>(row: &N) -> AnyRow {
    let mut values = values(row);
    values.truncate(N::TABLE.key);
    values
}

/// Every row of every table, one a line: two stores with the same content give the same text.
pub async fn dump(snapshot: &mut dyn Snapshot) -> Result<String, StoreError> {
    let mut text = String::new();
    for table in TABLES {
        for row in rows(snapshot, table).await? {
            text.push_str(table.name);
            text.push_str(": ");
            text.push_str(&line(&row));
            text.push('\n');
        }
    }
    Ok(text)
}

fn line(row: &AnyRow) -> String {
    let words: Vec<String> = row.iter().map(word).collect();
    words.join(" ")
}

fn word(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Bytes(bytes) => bytes.iter().fold("x".to_owned(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes everything");
            hex
        }),
    }
}

/// What of the rows is not as their tables say: order, width, types, nulls.
pub async fn faults(snapshot: &mut dyn Snapshot) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    for table in TABLES {
        let name = table.name;
        let all = rows(snapshot, table).await?;
        let ordered = |pair: &[AnyRow]| pair[0][..table.key] < pair[1][..table.key];
        if !all.windows(2).all(ordered) {
            faults.push(format!("{name} is not scanned in key order"));
        }
        let count = snapshot.count(table).await?;
        if count != u64::try_from(all.len()).unwrap_or(u64::MAX) {
            faults.push(format!("{name} counts {count} rows and has {}", all.len()));
        }
        for row in &all {
            let found = snapshot.find(table, row[..table.key].to_vec()).await?;
            if found.as_ref() != Some(row) {
                faults.push(format!("{name} is scanned and not found: {}", line(row)));
            }
            faults.extend(row_faults(table, row));
        }
    }
    Ok(faults)
}

fn row_faults(table: &TableSpec, row: &AnyRow) -> Vec<String> {
    if row.len() != table.columns.len() {
        return vec![format!("{} has rows of another width", table.name)];
    }
    let columns = table.columns.iter().zip(row);
    columns
        .filter(|(column, value)| !column.admits(value))
        .map(|(column, value)| format!("{}.{} holds {}", table.name, column.name, word(value)))
        .collect()
}
