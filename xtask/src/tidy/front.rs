//! Each crate opens with a page that says what it does, what it must never know, where to begin.

use super::Finding;
use crate::tree::Tree;

const LINES: usize = 30;

pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|(path, _)| is_front(path))
        .filter_map(|(path, text)| page(path, text))
        .collect()
}

fn is_front(path: &str) -> bool {
    let inside = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/'));
    let file = inside.map_or_else(|| path.strip_prefix("xtask/"), |(_, file)| Some(file));
    matches!(file, Some("src/lib.rs" | "src/main.rs"))
}

fn page(path: &str, text: &str) -> Option<Finding> {
    match text.lines().take_while(|line| line.starts_with("//!")).count() {
        0 => Some(Finding::line(path, 1, "the crate's front page (//!) is missing")),
        1..=LINES => None,
        more => {
            let message =
                format!("the front page has {more} lines, at most {LINES}; essays go to docs/");
            Some(Finding::line(path, 1, message))
        }
    }
}

#[cfg(test)]
mod tests;
