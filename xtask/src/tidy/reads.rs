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

/// The binary hands the rest what it needs, and xtask never ships. The vault's one file defines the
/// generator that the binary hands in, the other signs with RSA, which takes a generator of the
/// library's own and whose result does not depend on it; the engine's simulation asks how long it
/// may run.
const READERS: [&str; 5] = [
    "crates/vostro/",
    "crates/vault/src/random",
    "crates/vault/src/signature.rs",
    "crates/engine/src/scenario",
    "xtask/",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let bound = |(path, _): &(&str, &str)| !READERS.iter().any(|reader| path.starts_with(reader));
    for (path, source) in tree.rust().filter(bound) {
        for (at, line) in scan::code(source).lines().enumerate() {
            let listed = READS.into_iter().find(|read| line.contains(read));
            if let Some(read) = listed.or_else(|| unseeded(line)) {
                let message = format!("{read} outside the wiring: take the value from the caller");
                findings.push(Finding::line(path, at + 1, message));
            }
        }
    }
    findings
}

/// fastrand's free functions share a generator that the system seeds.
fn unseeded(line: &str) -> Option<&'static str> {
    let mut uses = line.split("fastrand::").skip(1);
    uses.any(|rest| rest.starts_with(|c: char| c.is_lowercase())).then_some("an unseeded fastrand")
}

#[cfg(test)]
mod tests;
