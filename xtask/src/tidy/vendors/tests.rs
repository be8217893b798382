use super::check;
use crate::tree::Tree;

fn count(path: &str, text: &str) -> usize {
    check(&Tree::sample(&[(path, text), ("crates/door-fourth/src/lib.rs", "")])).len()
}

#[test]
fn a_vendor_s_word_below_its_door_is_found() {
    assert_eq!(count("crates/engine/src/hold.rs", "// as KeySecure wants it"), 1);
    assert_eq!(count("crates/operator/src/lib.rs", "enum Door { Uqpay }"), 1);
    assert_eq!(count("crates/store/src/suite/wonder.rs", ""), 1);
    assert_eq!(count("crates/store-x/migrations/0001_a.sql", "-- uqpay"), 1);
    assert_eq!(count("crates/engine/src/hold.rs", "let fourth = 4;"), 1, "named by its door");
}

#[test]
fn another_door_is_outside_too() {
    assert_eq!(count("crates/door-uqpay/src/lib.rs", "// unlike KeySecure"), 1);
    assert_eq!(count("crates/door-uqpay/src/lib.rs", "// UQPAY's word"), 0);
}

#[test]
fn wiring_documents_and_the_rest_of_the_repository_may_name_it() {
    for path in ["crates/vostro/src/doors.rs", "crates/engine/README.md", "Cargo.toml", "README.md"]
    {
        assert_eq!(count(path, "keysecure"), 0, "{path}");
    }
}
