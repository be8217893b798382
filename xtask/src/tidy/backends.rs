//! Backends are twins: the same nouns in files of the same names, the same numbered migrations.
//!
//! A noun is a file that the port has too; what a backend needs for itself (its lock, its pool)
//! has no namesake there and is its own affair.

use std::collections::BTreeSet;

use super::Finding;
use crate::tree::Tree;

pub fn check(tree: &Tree) -> Vec<Finding> {
    let nouns = files(tree, "crates/store/src/", ".rs");
    let backends: Vec<&str> =
        tree.crates().into_iter().filter(|name| name.starts_with("store-")).collect();
    let mut findings = Vec::new();
    for backend in &backends {
        findings.extend(numbering(tree, backend));
    }
    for pair in backends.windows(2) {
        let sides = [pair[0], pair[1]];
        findings.extend(differences(sides, "src", |backend| {
            let own = files(tree, &format!("crates/{backend}/src/"), ".rs");
            own.into_iter().filter(|name| nouns.contains(name) && *name != "lib.rs").collect()
        }));
        findings.extend(differences(sides, "migrations", |backend| {
            files(tree, &format!("crates/{backend}/migrations/"), ".sql")
        }));
    }
    findings
}

/// The names directly in a folder.
fn files<'a>(tree: &'a Tree, folder: &str, ending: &str) -> BTreeSet<&'a str> {
    let names = tree.paths().filter_map(|path| path.strip_prefix(folder));
    names.filter(|name| name.ends_with(ending) && !name.contains('/')).collect()
}

fn differences<'a>(
    sides: [&'a str; 2],
    folder: &str,
    files: impl Fn(&'a str) -> BTreeSet<&'a str>,
) -> Vec<Finding> {
    let [left, right] = sides.map(files);
    let absent = |has: &BTreeSet<&str>, lacks: &BTreeSet<&str>, backend: &str, twin: &str| {
        let path = |name: &str| format!("crates/{backend}/{folder}/{name}");
        let message = format!("missing, but {twin} has it");
        let names = has.difference(lacks);
        names.map(|name| Finding::file(&path(name), message.as_str())).collect::<Vec<_>>()
    };
    let mut findings = absent(&left, &right, sides[1], sides[0]);
    findings.extend(absent(&right, &left, sides[0], sides[1]));
    findings
}

/// Migrations are `NNNN_<noun>.sql`, from 0001 without a gap: a number names one step for ever.
fn numbering(tree: &Tree, backend: &str) -> Vec<Finding> {
    let folder = format!("crates/{backend}/migrations/");
    let mut findings = Vec::new();
    for (at, name) in files(tree, &folder, ".sql").into_iter().enumerate() {
        let expected = format!("{:04}_", at + 1);
        if !name.starts_with(&expected) {
            let message = format!("the next migration's name begins with {expected}");
            findings.push(Finding::file(&format!("{folder}{name}"), message));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
