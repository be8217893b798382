use super::check;
use crate::tidy::tests::printed;
use crate::tree::Tree;

/// A tree of the crates named in `crate: dependency dependency, dev dependency` lines.
fn found(lines: &[&str]) -> Vec<String> {
    let manifests: Vec<(String, String)> = lines.iter().map(|line| manifest(line)).collect();
    let files: Vec<(&str, &str)> =
        manifests.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    printed(&check(&Tree::sample(&files)))
}

fn manifest(line: &str) -> (String, String) {
    let (name, dependencies) = line.split_once(':').unwrap();
    let (build, tests) = dependencies.split_once(',').unwrap_or((dependencies, ""));
    let section = |names: &str| -> String {
        names.split_whitespace().map(|name| format!("{name}.workspace = true\n")).collect()
    };
    let text = format!(
        "[package]\nname = \"{name}\"\n[dependencies]\n{}[dev-dependencies]\n{}",
        section(build),
        section(tests)
    );
    (format!("crates/{name}/Cargo.toml"), text)
}

const WHOLE: [&str; 11] = [
    "vostro: door-a door-b operator store-x store-y gateway engine store vault domain",
    "door-a: gateway engine vault domain, store store-x",
    "door-b: gateway",
    "operator: gateway engine",
    "gateway: engine domain",
    "engine: store vault domain tokio, store-x",
    "store-x: store domain",
    "store-y: store, store vault pgfixture",
    "store: domain",
    "vault: domain",
    "pgfixture: tempfile",
];

#[test]
fn the_whole_house_is_allowed() {
    let mut lines = WHOLE.to_vec();
    lines.push("domain: blake3");
    assert_eq!(found(&lines), Vec::<String>::new());
}

#[test]
fn each_forbidden_arrow_is_found() {
    for (line, arrow) in [
        ("domain: store", "forbidden arrow: domain -> store"),
        ("pgfixture: , domain", "forbidden arrow in tests: pgfixture -> domain"),
        ("store-x: pgfixture", "forbidden arrow: store-x -> pgfixture"),
        ("vostro: pgfixture", "forbidden arrow: vostro -> pgfixture"),
        ("vault: store", "forbidden arrow: vault -> store"),
        ("store: vault", "forbidden arrow: store -> vault"),
        ("store: domain, vault", "forbidden arrow in tests: store -> vault"),
        ("store-x: engine", "forbidden arrow: store-x -> engine"),
        ("store-x: store-y", "forbidden arrow: store-x -> store-y"),
        ("store-x: vault", "forbidden arrow: store-x -> vault"),
        ("store-x: store, engine", "forbidden arrow in tests: store-x -> engine"),
        ("engine: store-x", "forbidden arrow: engine -> store-x"),
        ("engine: gateway", "forbidden arrow: engine -> gateway"),
        ("gateway: store", "forbidden arrow: gateway -> store"),
        ("gateway: door-a", "forbidden arrow: gateway -> door-a"),
        ("operator: store", "forbidden arrow: operator -> store"),
        ("operator: door-a", "forbidden arrow: operator -> door-a"),
        ("door-a: door-b", "forbidden arrow: door-a -> door-b"),
        ("door-a: gateway, door-b", "forbidden arrow in tests: door-a -> door-b"),
        ("door-a: store", "forbidden arrow: door-a -> store"),
        ("door-a: store-x", "forbidden arrow: door-a -> store-x"),
        ("door-a: vostro", "forbidden arrow: door-a -> vostro"),
    ] {
        let name = line.split(':').next().unwrap();
        let mut lines: Vec<&str> = WHOLE.to_vec();
        lines.push("domain:");
        lines.retain(|other| !other.starts_with(&format!("{name}:")));
        lines.push(line);
        assert_eq!(found(&lines), [format!("crates/{name}/Cargo.toml: {arrow}")], "{line}");
    }
}

#[test]
fn other_sections_and_other_names_hide_no_arrow() {
    let engine = "[package]\nname = \"engine\"\n[target.'cfg(unix)'.build-dependencies]\n\
                  rows = { package = \"store-x\", path = \"../store-x\" }\n";
    let mut files = vec![("crates/engine/Cargo.toml", engine)];
    files.push(("crates/store-x/Cargo.toml", "[package]\nname = \"store-x\"\n"));
    let findings = printed(&check(&Tree::sample(&files)));
    assert_eq!(findings, ["crates/engine/Cargo.toml: forbidden arrow: engine -> store-x"]);
}

#[test]
fn a_crate_has_a_role_a_manifest_and_its_folder_s_name() {
    let tree = Tree::sample(&[
        ("crates/extra/Cargo.toml", "[package]\nname = \"extra\"\n"),
        ("crates/vault/src/lib.rs", ""),
        ("crates/store/Cargo.toml", "[package]\nname = \"port\"\n"),
    ]);
    let found = printed(&check(&tree));
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn xtask_stands_apart() {
    let tree = Tree::sample(&[
        (
            "crates/domain/Cargo.toml",
            "[package]\nname = \"domain\"\n[dependencies]\nxtask = \"0\"\n",
        ),
        ("xtask/Cargo.toml", "[package]\nname = \"xtask\"\n[dependencies]\ndomain = \"0\"\n"),
    ]);
    let expected = [
        "crates/domain/Cargo.toml: nobody depends on xtask",
        "xtask/Cargo.toml: forbidden arrow: xtask -> domain",
    ];
    assert_eq!(printed(&check(&tree)), expected);
}
