//! Words that code must not hold: unfinished work, tests that are skipped, tests that sleep.
//!
//! Comments and literals are left out of the search, so a message may name what it forbids.

use super::{Finding, is_test_file};
use crate::scan;
use crate::tree::Tree;

struct Ban {
    text: &'static str,
    /// Only in files that hold tests.
    tests_only: bool,
    instead: &'static str,
}

const BANS: [Ban; 8] = [
    Ban { text: "todo!", tests_only: false, instead: "build it, or answer \"not supported\"" },
    Ban { text: "unimplemented!", tests_only: false, instead: "build it, or refuse by type" },
    Ban { text: "dbg!", tests_only: false, instead: "remove it, or log it" },
    Ban { text: "#[ignore", tests_only: false, instead: "run it, in full under --full" },
    Ban { text: "mod tests {", tests_only: false, instead: "move the tests to tests.rs" },
    Ban { text: "thread::sleep", tests_only: true, instead: "wait for the event itself" },
    Ban { text: "time::sleep", tests_only: true, instead: "wait for the event itself" },
    Ban { text: "sleep(", tests_only: true, instead: "wait for the event itself" },
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.rust() {
        let tests = is_test_file(path);
        for (at, line) in scan::code(source).lines().enumerate() {
            let ban = BANS.iter().find(|ban| (tests || !ban.tests_only) && holds(line, ban.text));
            if let Some(Ban { text, instead, .. }) = ban {
                findings.push(Finding::line(path, at + 1, format!("{text} is banned: {instead}")));
            }
        }
    }
    findings
}

/// Whether the text stands in the line as words of its own: `clock.sleep(` is another function.
fn holds(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.')
    })
}

#[cfg(test)]
mod tests;
