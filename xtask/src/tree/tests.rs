use super::{Ignored, Tree};
use crate::root;

#[test]
fn a_folder_exists_by_its_files_and_by_its_whole_name() {
    let tree = Tree::sample(&[("crates/store-x/src/lib.rs", ""), ("README.md", "")]);
    for there in ["README.md", "crates", "crates/", "crates/store-x/src/", ""] {
        assert!(tree.exists(there), "{there}");
    }
    for absent in ["crates/store", "crates/store-x/src/lib", "READ"] {
        assert!(!tree.exists(absent), "{absent}");
    }
}

#[test]
fn crates_are_the_folders_under_crates() {
    let tree = Tree::sample(&[("crates/b/a", ""), ("crates/a/src/x", ""), ("crates/note.md", "")]);
    assert_eq!(tree.crates().into_iter().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn ignored_names_and_endings() {
    let ignored = Ignored::parse("# build\n/target/\n*.db\n\n");
    assert!(ignored.covers("target") && ignored.covers("a.db"));
    assert!(!ignored.covers("targets") && !ignored.covers("db"));
}

#[test]
fn the_real_tree_has_this_file_and_no_build_output() {
    let tree = Tree::read(root()).unwrap();
    assert!(tree.exists("xtask/src/tree/tests.rs"));
    assert!(!tree.exists("target") && !tree.exists(".git"));
}
