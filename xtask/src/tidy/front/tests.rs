use super::check;
use crate::tree::Tree;

fn count(path: &str, text: &str) -> usize {
    check(&Tree::sample(&[(path, text)])).len()
}

#[test]
fn a_front_page_comes_first_and_is_short() {
    for path in ["crates/engine/src/lib.rs", "crates/vostro/src/main.rs", "xtask/src/lib.rs"] {
        assert_eq!(count(path, "//! What it does.\n\npub mod a;\n"), 0, "{path}");
        assert_eq!(count(path, "pub mod a;\n//! Late.\n"), 1, "{path}");
        assert_eq!(count(path, &"//! line\n".repeat(30)), 0, "{path}");
        assert_eq!(count(path, &"//! line\n".repeat(31)), 1, "{path}");
    }
}

#[test]
fn other_files_need_none() {
    assert_eq!(count("crates/engine/src/hold.rs", "pub struct Hold;\n"), 0);
    assert_eq!(count("crates/engine/src/hold/lib.rs", "pub struct Hold;\n"), 0);
}
