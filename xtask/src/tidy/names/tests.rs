use super::check;
use crate::tree::Tree;

fn count(path: &str, source: &str) -> usize {
    check(&Tree::sample(&[(path, source)])).len()
}

#[test]
fn names_that_say_nothing_are_found() {
    for path in [
        "crates/engine/src/util.rs",
        "crates/engine/src/types/hold.rs",
        "crates/common/src/lib.rs",
        "crates/vostro/tests/helpers.rs",
        "crates/engine/src/hold/mod.rs",
        "xtask/src/misc.rs",
    ] {
        assert_eq!(count(path, ""), 1, "{path}");
    }
    assert_eq!(count("crates/engine/src/lib.rs", "pub mod common {\n}\n"), 1);
}

#[test]
fn names_that_contain_such_a_word_are_names() {
    for path in ["crates/engine/src/model.rs", "crates/engine/src/key_manager.rs"] {
        assert_eq!(count(path, "mod utilization {}"), 0, "{path}");
    }
}
