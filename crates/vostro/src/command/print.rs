//! Answers for people: a table of a list, aligned lines of one thing with its parts as tables.

use super::transport::Answer;
use serde_json::{Map, Value};

/// How an answer is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum View {
    /// One thing: these fields first, then what else it has; lists of things as tables below, and
    /// texts of several lines as they are.
    One { first: &'static [&'static str], parts: &'static [Part] },
    /// A page: one row for each, in these columns, and the option that goes on behind it.
    List { columns: &'static [&'static str], next: &'static str },
}

/// A list inside of one thing.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Part {
    pub field: &'static str,
    pub columns: &'static [&'static str],
}

/// The receipt of a call that moves money.
pub(super) const RECEIPT: View = View::One {
    first: &[
        "instruction",
        "outcome",
        "decline",
        "hold",
        "asset",
        "available_before",
        "available_after",
        "at",
    ],
    parts: &[],
};

/// The text, with a new line at its end. An answer that is no object is shown as it is.
pub(super) fn text(view: &View, answer: &Answer) -> String {
    let Ok(Value::Object(object)) = serde_json::from_str(&answer.text) else {
        return format!("{}\n", answer.text);
    };
    match view {
        View::One { first, parts } => one(&object, first, parts, answer.replayed),
        View::List { columns, next } => list(&object, columns, next),
    }
}

fn list(page: &Map<String, Value>, columns: &[&str], next: &str) -> String {
    let rows = page.get("data").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut out = table(columns, rows);
    if rows.is_empty() {
        "none\n".clone_into(&mut out);
    }
    if let Some(cursor) = page.get("next").and_then(Value::as_str) {
        out.push_str(&format!("\nmore: {next} {cursor}\n"));
    }
    out
}

fn one(object: &Map<String, Value>, first: &[&str], parts: &[Part], replayed: bool) -> String {
    let is_part = |name: &str| parts.iter().any(|part| part.field == name);
    let known = first.iter().filter_map(|name| object.get_key_value(*name));
    let others = object.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    let shown = known.chain(others).filter(|(name, _)| !is_part(name));
    let cells = shown.map(|(name, value)| (name.as_str(), cell(value)));
    let (blocks, mut lines): (Vec<_>, Vec<_>) = cells.partition(|(_, text)| text.contains('\n'));
    if replayed {
        lines.push(("replayed", "the first answer again; nothing was done now".to_owned()));
    }
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:width$}  {value}\n");
    let mut out: String = lines.iter().map(line).collect();
    for part in parts {
        if let Some(rows) = object.get(part.field).and_then(Value::as_array) {
            out.push_str(&format!("\n{}\n{}", part.field, table(part.columns, rows)));
        }
    }
    for (name, text) in blocks {
        out.push_str(&format!("\n{name}\n{}\n", text.trim_end()));
    }
    out
}

/// Columns as wide as their widest cell; those of numbers to the right.
fn table(columns: &[&str], rows: &[Value]) -> String {
    let row = |row: &Value| -> Vec<String> {
        columns.iter().map(|name| cell(row.get(*name).unwrap_or(&Value::Null))).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    let column = |at: usize| {
        let width = rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let known = rows.iter().any(|row| row[at] != "-");
        let right = known && rows.iter().all(|row| is_number(&row[at]));
        (width.max(columns[at].len()), right)
    };
    let shape: Vec<(usize, bool)> = (0..columns.len()).map(column).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&shape).map(|(cell, (width, right))| match right {
            true => format!("{cell:>width$}"),
            false => format!("{cell:width$}"),
        });
        let line = padded.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    let head: Vec<String> = columns.iter().map(|name| name.to_uppercase()).collect();
    core::iter::once(line(&head)).chain(rows.iter().map(|row| line(row))).collect()
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    cell == "-" || digits.bytes().all(|c| c.is_ascii_digit() || c == b'.')
}

/// One value in one line.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(","),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| format!("{name}={}", cell(value));
            fields.iter().map(field).collect::<Vec<_>>().join(" ")
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
