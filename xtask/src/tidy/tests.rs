//! The checks on the real tree, one test each, so that a failure names its check.

use super::{CHECKS, Finding};
use crate::root;
use crate::tree::Tree;

fn assert_clean(name: &str) {
    let tree = Tree::read(root()).unwrap();
    let (_, check) = CHECKS.iter().find(|(known, _)| *known == name).unwrap();
    let lines: Vec<String> = check(&tree).iter().map(|f| f.to_string()).collect();
    assert!(lines.is_empty(), "{name}:\n{}", lines.join("\n"));
}

macro_rules! the_tree_passes {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            assert_clean(stringify!($name));
        })*

        #[test]
        fn no_check_is_left_out() {
            assert_eq!(CHECKS.map(|(name, _)| name), [$(stringify!($name)),*]);
        }
    };
}

the_tree_passes!(
    arrows, backends, banned, documents, front, manifest, map, modules, names, reads, sizes,
    vendors
);

#[test]
fn a_finding_is_printed_so_that_an_editor_can_jump_to_it() {
    assert_eq!(Finding::line("a/b.rs", 7, "why").to_string(), "a/b.rs:7: why");
    assert_eq!(Finding::file("a/b.rs", "why").to_string(), "a/b.rs: why");
}

/// For the tests of the checks: what was found, as the command prints it.
pub fn printed(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| finding.to_string()).collect()
}
