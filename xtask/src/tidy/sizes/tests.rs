use super::check;
use crate::tidy::tests::printed;
use crate::tree::Tree;

const FILE: &str = "crates/a/src/lib.rs";

fn found(source: &str, ratchet: &str) -> Vec<String> {
    printed(&check(&Tree::sample(&[(FILE, source), ("xtask/ratchet.toml", ratchet)])))
}

/// A function of so many lines, in a file of as many.
fn function(lines: usize) -> String {
    format!("fn long() {{\n{}}}\n", "    work();\n".repeat(lines - 2))
}

fn file(lines: usize) -> String {
    "const A: u8 = 1;\n".repeat(lines)
}

#[test]
fn columns_are_characters_and_addresses_are_left_whole() {
    assert!(found(&format!("// {}", "é".repeat(97)), "").is_empty());
    let long = format!("// {}", "e".repeat(98));
    assert_eq!(found(&long, ""), [format!("{FILE}:1: 101 columns, at most 100")]);
    assert!(found(&format!("// https://example.com/{}", "e".repeat(98)), "").is_empty());
}

#[test]
fn limits_hold_on_both_sides_of_their_edge() {
    assert!(found(&function(70), "").is_empty());
    assert_eq!(found(&function(71), ""), [format!("{FILE}:1: long has 71 lines, at most 70")]);
    assert!(found(&file(600), "").is_empty());
    assert_eq!(found(&file(601), ""), [format!("{FILE}:1: the file has 601 lines, at most 600")]);
}

#[test]
fn an_entry_allows_its_size_and_no_more() {
    let ratchet = format!("[functions]\n\"{FILE}::long\" = 80\n");
    assert!(found(&function(80), &ratchet).is_empty());
    assert_eq!(
        found(&function(81), &ratchet),
        [format!("{FILE}:1: long has 81 lines, at most 80")]
    );
    let ratchet = format!("[files]\n\"{FILE}\" = 700\n");
    assert!(found(&file(700), &ratchet).is_empty());
    assert_eq!(found(&file(701), &ratchet).len(), 1);
}

#[test]
fn an_entry_only_shrinks() {
    let ratchet = format!("[files]\n\"{FILE}\" = 700\n");
    assert!(found(&file(680), &ratchet).is_empty());
    let lower = format!("xtask/ratchet.toml: {FILE} has shrunk: lower the ratchet from 700 to 679");
    assert_eq!(found(&file(679), &ratchet), [lower]);
    let remove = format!("xtask/ratchet.toml: {FILE} needs no entry any more: remove it");
    assert_eq!(found(&file(600), &ratchet), [remove]);
}

#[test]
fn an_entry_for_nothing_and_a_strange_section_are_found() {
    assert_eq!(found("", "[functions]\n\"crates/a/src/gone.rs::f\" = 90\n").len(), 1);
    assert_eq!(found("", "[crates]\na = 9\n"), ["xtask/ratchet.toml: no such section: crates"]);
}
