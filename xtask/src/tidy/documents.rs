//! Documents lead somewhere: relative links have targets, and nothing points at one machine.

use super::Finding;
use crate::tree::Tree;

const NEEDED: [&str; 2] = ["ARCHITECTURE.md", "README.md"];

/// Folders of a machine or a desk, which no clone has. Put together from parts, so that this file
/// passes its own check.
const OUTSIDE: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("../sha", "red"),
    concat!("shared", "/reference"),
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let missing = NEEDED.into_iter().filter(|document| tree.text(document).is_none());
    let mut findings: Vec<Finding> =
        missing.map(|document| Finding::file(document, "missing")).collect();
    for (path, text) in tree.texts() {
        findings.extend(outside(path, text));
        if path.ends_with(".md") {
            findings.extend(dead_links(tree, path, text));
        }
    }
    findings
}

fn outside(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(place) = OUTSIDE.iter().find(|place| line.contains(**place)) {
            findings.push(Finding::line(path, at + 1, format!("{place} is in no clone")));
        }
    }
    findings
}

fn dead_links(tree: &Tree, path: &str, text: &str) -> Vec<Finding> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut findings = Vec::new();
    let mut fenced = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for target in targets(&prose) {
            if !resolve(folder, target).is_some_and(|path| tree.exists(&path)) {
                findings.push(Finding::line(path, at + 1, format!("dead link: {target}")));
            }
        }
    }
    findings
}

/// The files that the links of a line lead to, without the place inside them.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let definition = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    let all = inline.chain(definition.map(|(_, target)| target.trim()));
    let local = |target: &&str| !target.contains("://") && !target.starts_with("mailto:");
    let file = |target: &'_ str| target.find('#').unwrap_or(target.len());
    all.filter(local).map(move |target| &target[..file(target)]).filter(|target| !target.is_empty())
}

/// The path from the root; `None` if it leaves the repository.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => return None,
        None => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests;
