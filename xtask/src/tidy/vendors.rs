//! A vendor's word stays in the vendor's door; the wiring names it once more to mount it.

use super::Finding;
use crate::tree::Tree;

/// Vendors whose dialects are spoken or planned; the name of any other door is added to them.
const VENDORS: [&str; 3] = ["keysecure", "uqpay", "wonder"];
const WIRING: &str = "vostro";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let doors = tree.crates().into_iter().filter_map(|name| name.strip_prefix("door-"));
    let vendors: Vec<&str> =
        VENDORS.into_iter().chain(doors.filter(|door| !VENDORS.contains(door))).collect();
    let mut findings = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| !path.ends_with(".md")) {
        let inside = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/'));
        let Some((name, file)) = inside.filter(|(name, _)| *name != WIRING) else {
            continue;
        };
        for vendor in vendors.iter().filter(|vendor| name != format!("door-{vendor}")) {
            findings.extend(mentions(path, file, text, vendor));
        }
    }
    findings
}

fn mentions(path: &str, file: &str, text: &str, vendor: &str) -> Vec<Finding> {
    let says = |words: &str| words.to_ascii_lowercase().contains(vendor);
    let mut findings = Vec::new();
    if says(file) {
        findings.push(Finding::file(path, format!("{vendor} names a file outside its door")));
    }
    let lines = text.lines().enumerate().filter(|(_, line)| says(line));
    findings.extend(lines.map(|(at, _)| {
        Finding::line(path, at + 1, format!("{vendor} is a word of its own door only"))
    }));
    findings
}

#[cfg(test)]
mod tests;
