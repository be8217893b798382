//! What the world says is read in the wiring only: clock, randomness, environment.
//!
//! clippy.toml forbids the same calls by type, but only those of libraries it can see and only in
//! code it compiles. This looks at the words, so a feature or a platform hides nothing.

use super::Finding;
use crate::scan;
use crate::tree::Tree;

const READS: [&str; 12] = [
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
    "env::var",
    "thread_rng",
    "rand::rng",
    "Rng::new()",
    "SystemRandom::new",
    "OsRng",
    "Uuid::new_v4",
];

/// The binary hands the rest what it needs, and xtask never ships.
const READERS: [&str; 2] = ["crates/vostro/", "xtask/"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let bound = |(path, _): &(&str, &str)| !READERS.iter().any(|reader| path.starts_with(reader));
    for (path, source) in tree.rust().filter(bound) {
        for (at, line) in scan::code(source).lines().enumerate() {
            if let Some(read) = READS.iter().find(|read| line.contains(**read)) {
                let message = format!("{read} outside the wiring: take the value from the caller");
                findings.push(Finding::line(path, at + 1, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests;
