//! No dead file: each `.rs` file is declared by the module above it, up to a root of its crate.

use std::collections::BTreeSet;

use super::Finding;
use crate::scan;
use crate::tree::Tree;

pub fn check(tree: &Tree) -> Vec<Finding> {
    let folders = tree.crates().into_iter().map(|name| format!("crates/{name}/"));
    folders.chain(["xtask/".to_string()]).flat_map(|folder| dead(tree, &folder)).collect()
}

fn dead(tree: &Tree, folder: &str) -> Vec<Finding> {
    let files: BTreeSet<&str> =
        tree.rust().map(|(path, _)| path).filter(|path| path.starts_with(folder)).collect();
    let roots = files.iter().filter(|path| is_root(&path[folder.len()..]));
    let mut open: Vec<(String, String)> =
        roots.map(|path| (path.to_string(), parent(path).to_string())).collect();
    let mut alive = BTreeSet::new();
    while let Some((path, below)) = open.pop() {
        let Some(text) = tree.text(&path) else {
            continue;
        };
        if !alive.insert(path) {
            continue;
        }
        let declared = scan::modules(&scan::code(text)).into_iter().filter(|m| !m.inline);
        open.extend(declared.map(|module| {
            let stem = format!("{below}/{}", module.path.join("/"));
            (format!("{stem}.rs"), stem)
        }));
    }
    let dead = files.into_iter().filter(|path| !alive.contains(*path));
    dead.map(|path| Finding::file(path, "no module declares this file")).collect()
}

/// The files cargo finds by itself, by their path inside the crate.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["src", file] => ["lib.rs", "main.rs"].contains(file),
        ["src", "bin", rest @ ..] | ["tests" | "benches" | "examples", rest @ ..] => {
            matches!(rest, [_] | [_, "main.rs"])
        }
        only => only == ["build.rs"],
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests;
