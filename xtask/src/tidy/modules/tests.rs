use super::check;
use crate::tidy::tests::printed;
use crate::tree::Tree;

#[test]
fn a_file_is_alive_by_the_declarations_above_it() {
    let tree = Tree::sample(&[
        ("crates/a/src/lib.rs", "pub mod hold;\nmod wire {\n    mod list;\n}\n// mod old;\n"),
        ("crates/a/src/hold.rs", "mod expire;\n#[cfg(test)]\nmod tests;\n"),
        ("crates/a/src/hold/expire.rs", ""),
        ("crates/a/src/hold/tests.rs", ""),
        ("crates/a/src/wire/list.rs", ""),
        ("crates/a/tests/it/main.rs", "mod crash;\n"),
        ("crates/a/tests/it/crash.rs", ""),
        ("crates/a/build.rs", ""),
    ]);
    assert_eq!(check(&tree), []);
}

#[test]
fn dead_files_are_found() {
    let tree = Tree::sample(&[
        ("crates/a/src/lib.rs", "pub mod hold;\n// mod old;\n"),
        ("crates/a/src/hold.rs", ""),
        ("crates/a/src/hold/tests.rs", ""),
        ("crates/a/src/old.rs", "mod older;"),
        ("crates/a/src/old/older.rs", ""),
        ("xtask/src/main.rs", ""),
        ("xtask/src/chore.rs", ""),
    ]);
    let expected = [
        "crates/a/src/hold/tests.rs",
        "crates/a/src/old.rs",
        "crates/a/src/old/older.rs",
        "xtask/src/chore.rs",
    ];
    let expected = expected.map(|path| format!("{path}: no module declares this file"));
    assert_eq!(printed(&check(&tree)), expected);
}
