//! Taste as a test: what the house style asks of the tree and a machine can see.
//!
//! Each check is a function from the tree to what is wrong with it, so that its own tests can hand
//! it a small sample. `cargo test` runs all of them on the real tree.

mod arrows;
mod backends;
mod banned;
mod documents;
mod front;
mod manifest;
mod map;
mod modules;
mod names;
mod reads;
mod sizes;
mod vendors;

use std::fmt;

use crate::root;
use crate::tree::Tree;

type Check = fn(&Tree) -> Vec<Finding>;

pub const CHECKS: [(&str, Check); 12] = [
    ("arrows", arrows::check),
    ("backends", backends::check),
    ("banned", banned::check),
    ("documents", documents::check),
    ("front", front::check),
    ("manifest", manifest::check),
    ("map", map::check),
    ("modules", modules::check),
    ("names", names::check),
    ("reads", reads::check),
    ("sizes", sizes::check),
    ("vendors", vendors::check),
];

/// One thing that is wrong, where, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    path: String,
    line: Option<usize>,
    message: String,
}

impl Finding {
    fn file(path: &str, message: impl Into<String>) -> Finding {
        Finding { path: path.to_string(), line: None, message: message.into() }
    }

    fn line(path: &str, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: path.to_string(), line: Some(line), message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

/// `cargo xtask tidy`.
pub fn run(arguments: &[String]) -> Result<(), String> {
    if !arguments.is_empty() {
        return Err(format!("tidy takes no arguments, not {}", arguments.join(" ")));
    }
    let tree = Tree::read(root()).map_err(|e| format!("the tree cannot be read: {e}"))?;
    let mut count = 0;
    for (name, check) in CHECKS {
        for finding in check(&tree) {
            println!("{name}: {finding}");
            count += 1;
        }
    }
    if count > 0 {
        return Err(format!("tidy found {count} things to put right"));
    }
    println!("tidy: {} checks, nothing found", CHECKS.len());
    Ok(())
}

/// Whether a file holds tests only: `tests.rs` beside a file, or anything in a folder `tests`.
fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|folder| folder == "tests")
}

#[cfg(test)]
mod tests;
