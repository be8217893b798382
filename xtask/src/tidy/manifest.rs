//! Each dependency is declared once, in the root manifest, under a comment saying what it is for.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::Finding;
use crate::tree::Tree;

const ROOT: &str = "Cargo.toml";
const README: &str = "README.md";
const RUN: &str = "default-members = [\"crates/vostro\"]";
const SECTION: &str = "[workspace.dependencies]";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.text(ROOT) else {
        return vec![Finding::file(ROOT, "missing")];
    };
    let declared = declared(text);
    let mut findings = uncommented(&declared);
    let mut used = BTreeSet::new();
    for (path, text) in tree.texts().filter(|(path, _)| path.ends_with("/Cargo.toml")) {
        match text.parse::<Table>() {
            Ok(manifest) => findings.extend(own_versions(path, &manifest, &mut used)),
            Err(e) => findings.push(Finding::file(path, e.to_string())),
        }
    }
    findings.extend(runs(tree, text));
    let unused = declared.iter().filter(|entry| !used.contains(entry.name));
    findings.extend(unused.map(|entry| {
        Finding::line(ROOT, entry.line, format!("no crate uses {}; remove it", entry.name))
    }));
    findings
}

/// The README's first command names no program, so the workspace must have one to run.
fn runs(tree: &Tree, text: &str) -> Option<Finding> {
    let told = tree.text(README).is_some_and(|readme| readme.contains("\ncargo run --release -- "));
    let message = || format!("README says `cargo run`, which needs the line {RUN}");
    (told && !text.lines().any(|line| line == RUN)).then(|| Finding::file(ROOT, message()))
}

/// A line of the section that declares a dependency.
struct Entry<'a> {
    name: &'a str,
    line: usize,
    /// One of our own crates: they stand together under one comment.
    own: bool,
    above: Above,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Above {
    Comment,
    Own,
    Other,
}

fn declared(text: &str) -> Vec<Entry<'_>> {
    let (mut entries, mut inside, mut above, mut depth) = (Vec::new(), false, Above::Other, 0);
    for (at, line) in text.lines().enumerate() {
        if depth == 0 && line.starts_with('[') {
            inside = line == SECTION;
            continue;
        }
        let declares = depth == 0 && line.starts_with(|c: char| c.is_ascii_alphanumeric());
        if inside
            && declares
            && let Some((key, value)) = line.split_once('=')
        {
            let name = key.trim().split('.').next().unwrap_or_default();
            let own = value.contains("path = \"crates/");
            entries.push(Entry { name, line: at + 1, own, above });
            above = if own { Above::Own } else { Above::Other };
        } else {
            above = if line.starts_with("# ") { Above::Comment } else { Above::Other };
        }
        depth += line.matches('[').count();
        depth -= line.matches(']').count().min(depth);
    }
    entries
}

fn uncommented(entries: &[Entry<'_>]) -> Vec<Finding> {
    let told = |entry: &&Entry<'_>| match entry.above {
        Above::Comment => true,
        Above::Own => entry.own,
        Above::Other => false,
    };
    let untold = entries.iter().filter(|entry| !told(entry));
    untold
        .map(|entry| {
            let message = format!("{} needs a comment line above: what is it for?", entry.name);
            Finding::line(ROOT, entry.line, message)
        })
        .collect()
}

/// A version of its own would be a dependency that no comment explains.
fn own_versions(path: &str, manifest: &Table, used: &mut BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, value) in sections(manifest) {
        for (name, entry) in value {
            used.insert(name.clone());
            if entry.get("workspace").and_then(Value::as_bool) != Some(true) {
                let message =
                    format!("{name} in {key}: declare it in the root, use workspace = true");
                findings.push(Finding::file(path, message));
            }
        }
    }
    findings
}

fn sections(manifest: &Table) -> Vec<(&str, &Table)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(|t| t.values()).filter_map(Value::as_table);
    let all = tables.chain([manifest]).flatten();
    let dependencies = all.filter(|(key, _)| key.ends_with("dependencies"));
    dependencies.filter_map(|(key, value)| Some((key.as_str(), value.as_table()?))).collect()
}

#[cfg(test)]
mod tests;
