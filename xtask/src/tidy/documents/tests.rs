use super::{OUTSIDE, check};
use crate::tidy::tests::printed;
use crate::tree::Tree;

fn found(path: &str, text: &str) -> Vec<String> {
    let needed = [("ARCHITECTURE.md", ""), ("README.md", ""), ("docs/plan.md", "")];
    let mut files = needed.to_vec();
    files.retain(|(known, _)| *known != path);
    files.push((path, text));
    printed(&check(&Tree::sample(&files)))
}

#[test]
fn links_lead_somewhere() {
    let text = "\
[map](ARCHITECTURE.md#walk), [docs](docs/) and [here](#below), [out](https://example.com/a)\n\
![plan](./docs/plan.md \"title\") `[code](nowhere.md)`\n\
```\n[fenced](nowhere.md)\n```\n\
[plan]: docs/plan.md\n";
    assert_eq!(found("README.md", text), Vec::<String>::new());
    assert_eq!(found("docs/more.md", "[up](../README.md) [beside](plan.md)"), Vec::<String>::new());
}

#[test]
fn dead_links_are_found() {
    for (text, target) in [
        ("[a](nowhere.md)", "nowhere.md"),
        ("[a](README.md) and [b](docs/none.md#x)", "docs/none.md"),
        ("[a](../README.md)", "../README.md"),
        ("[a](/README.md)", "/README.md"),
        ("[a]: none.md", "none.md"),
    ] {
        assert_eq!(found("README.md", text), [format!("README.md:1: dead link: {target}")]);
    }
}

#[test]
fn a_folder_of_one_machine_is_found_in_any_file() {
    for place in OUTSIDE {
        for path in ["README.md", ".ci/run", "crates/engine/src/lib.rs"] {
            assert_eq!(found(path, &format!("see {place}x")).len(), 1, "{place} in {path}");
        }
    }
}

#[test]
fn the_two_documents_have_to_be_there() {
    assert_eq!(
        printed(&check(&Tree::default())),
        ["ARCHITECTURE.md: missing", "README.md: missing"]
    );
}
