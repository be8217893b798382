//! The map equals the tree: ARCHITECTURE.md names each crate, and no document names a path that
//! is not there.

use super::Finding;
use crate::tree::Tree;

const MAP: &str = "ARCHITECTURE.md";
const DOCUMENTS: [&str; 3] = [MAP, "README.md", "STYLE.md"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for document in DOCUMENTS {
        match tree.text(document) {
            Some(text) => findings.extend(absent_paths(tree, document, text)),
            None => findings.push(Finding::file(document, "missing")),
        }
    }
    if let Some(map) = tree.text(MAP) {
        findings.extend(unmapped(tree, map));
    }
    findings
}

fn unmapped(tree: &Tree, map: &str) -> Vec<Finding> {
    let named: Vec<&str> = map.lines().flat_map(paths).collect();
    let crates = tree.crates().into_iter().map(|name| format!("crates/{name}"));
    let all = crates.chain(["xtask".to_string()]);
    let missing = all.filter(|path| !named.contains(&path.as_str()));
    missing.map(|path| Finding::file(MAP, format!("the map does not name {path}"))).collect()
}

fn absent_paths(tree: &Tree, document: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let below = |path: &&str| path.starts_with("crates/") || path.starts_with("xtask/");
        for path in paths(line).filter(below).filter(|path| !tree.exists(path)) {
            findings.push(Finding::line(document, at + 1, format!("{path} does not exist")));
        }
    }
    findings
}

/// The words of a line that could be paths, without the punctuation around them. A pattern
/// (`crates/door-<vendor>`, `crates/*`) names no single path and is left out.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    let part_of_pattern = |c: char| "<>*{}…$".contains(c);
    let part_of_path = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    line.split(move |c| !part_of_path(c) && !part_of_pattern(c))
        .filter(move |word| !word.contains(part_of_pattern))
        .map(|word| word.trim_end_matches(['.', '/']).trim_start_matches("./"))
}

#[cfg(test)]
mod tests;
