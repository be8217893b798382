use super::check;
use crate::tidy::tests::printed;
use crate::tree::Tree;

fn found(map: &str, readme: &str) -> Vec<String> {
    printed(&check(&Tree::sample(&[
        ("ARCHITECTURE.md", map),
        ("README.md", readme),
        ("STYLE.md", "A door is `crates/door-<vendor>/src`, each of crates/*."),
        ("crates/store/src/lib.rs", ""),
        ("crates/store-x/src/lib.rs", ""),
    ])))
}

const MAP: &str = "| `crates/store` | the port |\n| crates/store-x/ | rows |\nxtask    chores\n";

#[test]
fn each_crate_by_its_whole_name() {
    assert_eq!(found(MAP, ""), Vec::<String>::new());
    let map = MAP.replace("`crates/store`", "store");
    assert_eq!(found(&map, ""), ["ARCHITECTURE.md: the map does not name crates/store"]);
    let map = MAP.replace("xtask", "chores");
    assert_eq!(found(&map, ""), ["ARCHITECTURE.md: the map does not name xtask"]);
}

#[test]
fn each_path_named_is_there() {
    let readme =
        "See [the port](crates/store/src/lib.rs).\n\nAnd (`crates/store/src/hold.rs`, old).";
    assert_eq!(found(MAP, readme), ["README.md:3: crates/store/src/hold.rs does not exist"]);
}

#[test]
fn a_missing_document_is_found() {
    assert_eq!(check(&Tree::default()).len(), 3);
}
