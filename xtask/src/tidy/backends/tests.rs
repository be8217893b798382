use super::check;
use crate::tidy::tests::printed;
use crate::tree::Tree;

fn found(paths: &[&str]) -> Vec<String> {
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (*path, "")).collect();
    printed(&check(&Tree::sample(&files)))
}

const PORT: [&str; 3] =
    ["crates/store/src/lib.rs", "crates/store/src/hold.rs", "crates/store/src/transfer.rs"];

#[test]
fn one_backend_has_no_twin_to_differ_from() {
    assert!(found(&[PORT[0], PORT[1], "crates/store-x/src/hold.rs"]).is_empty());
}

#[test]
fn a_noun_that_one_twin_lacks_is_found_and_its_own_files_are_not() {
    let mut paths = PORT.to_vec();
    paths.extend(["crates/store-x/src/hold.rs", "crates/store-x/src/lock.rs"]);
    paths.extend(["crates/store-y/src/hold.rs", "crates/store-y/src/transfer.rs"]);
    let expected = ["crates/store-x/src/transfer.rs: missing, but store-y has it"];
    assert_eq!(found(&paths), expected);
}

#[test]
fn migrations_have_the_same_names() {
    let paths = [
        "crates/store-x/migrations/0001_account.sql",
        "crates/store-x/migrations/0002_hold.sql",
        "crates/store-y/migrations/0001_account.sql",
    ];
    let expected = ["crates/store-y/migrations/0002_hold.sql: missing, but store-x has it"];
    assert_eq!(found(&paths), expected);
}

#[test]
fn migrations_count_without_gap_or_twice() {
    let gap = ["crates/store-x/migrations/0001_a.sql", "crates/store-x/migrations/0003_b.sql"];
    assert_eq!(found(&gap).len(), 1);
    let twice = ["crates/store-x/migrations/0001_a.sql", "crates/store-x/migrations/0001_b.sql"];
    assert_eq!(found(&twice).len(), 1);
}
