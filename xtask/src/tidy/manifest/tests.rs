use super::check;
use crate::tidy::tests::printed;
use crate::tree::Tree;

fn found(root: &str, member: &str) -> Vec<String> {
    printed(&check(&Tree::sample(&[("Cargo.toml", root), ("crates/a/Cargo.toml", member)])))
}

const ROOT: &str = "\
[workspace.dependencies]
# Our own.
domain = { path = \"crates/domain\" }
store = { path = \"crates/store\" }

# Bytes.
bytes = \"1\"
# Threads.
tokio = { version = \"1\", features = [
    \"rt\",
] }

[profile.dev]
debug = false
";

const MEMBER: &str = "\
[dependencies]
domain.workspace = true
store = { workspace = true, features = [\"model\"] }
bytes.workspace = true
[target.'cfg(unix)'.dev-dependencies]
tokio.workspace = true
";

#[test]
fn a_comment_above_each_and_one_for_our_own() {
    assert_eq!(found(ROOT, MEMBER), Vec::<String>::new());
}

#[test]
fn a_missing_comment_is_found() {
    let root = ROOT.replace("# Threads.\n", "");
    assert_eq!(
        found(&root, MEMBER),
        ["Cargo.toml:8: tokio needs a comment line above: what is it for?"]
    );
    let root = ROOT.replace("# Bytes.\n", "# Bytes.\n\n");
    assert_eq!(found(&root, MEMBER).len(), 1);
    let root = ROOT.replace("\n# Bytes.\n", "");
    assert_eq!(found(&root, MEMBER).len(), 1, "a foreign crate under our own comment");
}

#[test]
fn a_dependency_that_nobody_uses_is_found() {
    let member = MEMBER.replace("bytes.workspace = true\n", "");
    assert_eq!(found(ROOT, &member), ["Cargo.toml:7: no crate uses bytes; remove it"]);
}

#[test]
fn a_crate_has_no_version_of_its_own() {
    let member = MEMBER.replace("bytes.workspace = true", "bytes = \"1\"");
    let expected =
        "crates/a/Cargo.toml: bytes in dependencies: declare it in the root, use workspace = true";
    assert_eq!(found(ROOT, &member), [expected]);
}

#[test]
fn the_readmes_command_has_a_program_to_run() {
    let readme = "Start:\n\n```sh\ncargo run --release -- sandbox\n```\n";
    let run = "default-members = [\"crates/vostro\"]\n";
    for (root, count) in [(ROOT.to_owned(), 1), (format!("[workspace]\n{run}{ROOT}"), 0)] {
        let tree =
            Tree::sample(&[("Cargo.toml", &root), ("a/Cargo.toml", MEMBER), ("README.md", readme)]);
        assert_eq!(check(&tree).len(), count, "{root}");
    }
}
