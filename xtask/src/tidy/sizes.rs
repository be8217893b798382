//! Sizes: 100 columns, files of at most 600 lines, functions of at most 70.
//!
//! What was larger stands in `xtask/ratchet.toml` with its size, which may only come down: growth
//! over the entry fails, and so does an entry that the file has left behind.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::Finding;
use crate::scan;
use crate::tree::Tree;

const COLUMNS: usize = 100;
const RATCHET: &str = "xtask/ratchet.toml";

/// A kind of size: its limit, and how far an entry may stand above what it is for.
struct Limit {
    section: &'static str,
    lines: usize,
    slack: usize,
}

const FILES: Limit = Limit { section: "files", lines: 600, slack: 20 };
const FUNCTIONS: Limit = Limit { section: "functions", lines: 70, slack: 5 };

pub fn check(tree: &Tree) -> Vec<Finding> {
    let ratchet = match tree.text(RATCHET).unwrap_or_default().parse::<Table>() {
        Ok(table) => table,
        Err(e) => return vec![Finding::file(RATCHET, e.to_string())],
    };
    let (mut findings, mut files, mut functions) = (Vec::new(), Sizes::new(), Sizes::new());
    for (path, source) in tree.rust() {
        findings.extend(columns(path, source));
        files.insert(path.to_string(), (source.lines().count(), 1));
        for function in scan::functions(&scan::code(source)) {
            let key = format!("{path}::{}", function.name);
            let longest = functions.entry(key).or_insert((0, 1));
            *longest = (*longest).max((function.lines, function.line));
        }
    }
    let known: BTreeSet<&str> = [FILES.section, FUNCTIONS.section].into();
    let strange = ratchet.keys().filter(|key| !known.contains(key.as_str()));
    findings.extend(strange.map(|key| Finding::file(RATCHET, format!("no such section: {key}"))));
    findings.extend(limited(&FILES, &files, &ratchet));
    findings.extend(limited(&FUNCTIONS, &functions, &ratchet));
    findings
}

/// What is measured (a path, or `path::function`), its lines, and the line where it begins.
type Sizes = BTreeMap<String, (usize, usize)>;

/// An address can't be broken, so a line with one may be longer.
fn columns(path: &str, source: &str) -> Vec<Finding> {
    let lines = source.lines().enumerate().filter(|(_, line)| !line.contains("://"));
    let long = lines.filter(|(_, line)| line.chars().count() > COLUMNS);
    long.map(|(at, line)| {
        let message = format!("{} columns, at most {COLUMNS}", line.chars().count());
        Finding::line(path, at + 1, message)
    })
    .collect()
}

fn limited(limit: &Limit, sizes: &Sizes, ratchet: &Table) -> Vec<Finding> {
    let section = ratchet.get(limit.section).and_then(Value::as_table);
    let entries: BTreeMap<&str, usize> = section.into_iter().flatten().filter_map(entry).collect();
    let mut findings = Vec::new();
    for (name, &(lines, begins)) in sizes {
        let allowed = entries.get(name.as_str()).copied().unwrap_or(limit.lines);
        if lines > allowed {
            let path = name.split("::").next().unwrap_or(name);
            let what = name.split("::").nth(1).unwrap_or("the file");
            let message = format!("{what} has {lines} lines, at most {allowed}");
            findings.push(Finding::line(path, begins, message));
        }
    }
    for (name, allowed) in entries {
        let lines = sizes.get(name).map_or(0, |(lines, _)| *lines);
        if lines <= limit.lines {
            let message = format!("{name} needs no entry any more: remove it");
            findings.push(Finding::file(RATCHET, message));
        } else if lines + limit.slack < allowed {
            let message = format!("{name} has shrunk: lower the ratchet from {allowed} to {lines}");
            findings.push(Finding::file(RATCHET, message));
        }
    }
    findings
}

fn entry<'a>((name, value): (&'a String, &'a Value)) -> Option<(&'a str, usize)> {
    Some((name, usize::try_from(value.as_integer()?).ok()?))
}

#[cfg(test)]
mod tests;
