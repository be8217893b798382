//! What stands in double braces.

use crate::app::stamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// The clock and all that has a name.
#[derive(Clone, Debug)]
pub struct Variables {
    now_ms: i64,
    named: BTreeMap<String, String>,
}

/// A piece of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    Text(&'a str),
    /// What stood in braces.
    Name(&'a str),
}

/// A line in pieces.
pub fn parts(line: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some((text, (name, after))) = rest
        .split_once("{{")
        .and_then(|(text, after)| after.split_once("}}").map(|inside| (text, inside)))
    {
        parts.push(Part::Text(text));
        parts.push(Part::Name(name));
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts
}

impl Variables {
    pub fn at(now_ms: i64) -> Self {
        Self { now_ms, named: BTreeMap::new() }
    }

    pub fn set_clock(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
    }

    pub fn extend(&mut self, named: Vec<(String, String)>) {
        self.named.extend(named);
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.named.insert(name.to_owned(), value.to_owned());
    }

    /// Every text, number and word of an answer, by its way in it: `made.credentials.0.id`.
    pub fn set_all(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(field, one)| self.set_all(&format!("{name}.{field}"), one))
            }
            Value::Array(rows) => rows
                .iter()
                .enumerate()
                .for_each(|(at, one)| self.set_all(&format!("{name}.{at}"), one)),
            Value::String(text) => self.set(name, text),
            other => self.set(name, &other.to_string()),
        }
    }

    /// What a name stands for.
    pub fn find(&self, name: &str) -> Result<String, String> {
        let apart = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i64>().ok() };
        if let Some(ms) = name.strip_prefix("now").and_then(apart) {
            return Ok((self.now_ms + ms).to_string());
        }
        if let Some(seconds) = name.strip_prefix("stamp").and_then(apart) {
            return Ok(stamp(self.now_ms + seconds * 1_000));
        }
        if let Some(Ok(letters)) = name.strip_prefix("filler:").map(str::parse) {
            return Ok("x".repeat(letters));
        }
        self.named.get(name).cloned().ok_or_else(|| format!("nothing is called {name:?}\n"))
    }

    /// The text with all names replaced.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        let filled = parts(text).into_iter().map(|part| match part {
            Part::Text(text) => Ok(text.to_owned()),
            Part::Name(name) => self.find(name),
        });
        filled.collect()
    }
}

#[cfg(test)]
mod tests;
