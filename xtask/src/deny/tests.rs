use super::broken;
use super::packages::{locked, parse};
use super::rules::Rules;

const RULES: &str = r#"
[licenses]
allow = ["MIT"]
exceptions = [{ crate = "odd", allow = ["Zlib"] }]
unused-allowed-license = "deny"
[bans]
multiple-versions = "deny"
deny = [{ crate = "tls", reason = "one TLS" }]
skip = [{ crate = "twice@1", reason = "one user left" }]
[sources]
unknown-registry = "deny"
unknown-git = "deny"
allow-registry = ["https://example.com/index"]
"#;

/// `name version licence` lines as cargo's metadata; `ours` is the workspace.
fn metadata(lines: &str) -> String {
    let package = |line: &str| {
        let (name, rest) = line.split_once(' ').unwrap();
        let (version, licence) = rest.split_once(' ').unwrap();
        let id = format!("{name}@{version}");
        serde_json::json!({ "name": name, "version": version, "license": licence, "id": id })
    };
    let packages: Vec<_> = lines.lines().map(package).collect();
    let members = ["ours@0.0.0"];
    serde_json::json!({ "packages": packages, "workspace_members": members }).to_string()
}

const PACKAGES: &str = "ours 0.0.0 MIT\nodd 1.0.0 Zlib\ntwice 1.2.0 MIT\ntwice 2.0.0 MIT";

fn found(rules: &str, packages: &str, lock: &str) -> Vec<String> {
    let rules = Rules::parse(rules).unwrap();
    let packages = parse(&metadata(packages)).unwrap();
    broken(&rules, &packages, &locked(&format!("package = [{lock}]")).unwrap())
}

#[test]
fn what_is_within_the_rules_passes() {
    let lock = "{ name = 'ours' }, \
                { name = 'odd', source = 'registry+https://example.com/index', checksum = 'f0' }";
    assert_eq!(found(RULES, PACKAGES, lock), Vec::<String>::new());
}

#[test]
fn licences_bans_and_duplicates_are_found() {
    for (more, expected) in [
        ("gpl 1.0.0 GPL-3.0-only", "gpl 1.0.0 is under GPL-3.0-only, which is not allowed"),
        ("zip 1.0.0 Zlib", "zip 1.0.0 is under Zlib, which is not allowed"),
        (
            "bad 1.0.0 MIT OR",
            "bad 1.0.0 has a licence that can't be read: \"MIT OR\" is not an expression",
        ),
        ("tls 1.0.0 MIT", "tls 1.0.0 is banned: one TLS"),
        ("twice 3.0.0 MIT", "twice is there in versions 2.0.0 and 3.0.0"),
        ("odd 0.9.0 MIT", "odd is there in versions 1.0.0 and 0.9.0"),
    ] {
        assert_eq!(found(RULES, &format!("{PACKAGES}\n{more}"), ""), [expected]);
    }
}

#[test]
fn rules_that_nothing_needs_are_found() {
    assert_eq!(
        found(RULES, "ours 0.0.0 MIT", ""),
        ["the exception for odd is not needed: remove it", "skip twice@1 is not needed: remove it",]
    );
    let rules = RULES.replace("[\"MIT\"]", "[\"MIT\", \"ISC\"]");
    assert_eq!(found(&rules, PACKAGES, ""), ["no package names the licence ISC: remove it"]);
}

#[test]
fn sources_other_than_the_registry_are_found() {
    for (lock, expected) in [
        ("{ name = 'near' }", "near comes from a folder"),
        (
            "{ name = 'odd', source = 'git+https://example.com/odd', checksum = 'f0' }",
            "odd comes from git+https://example.com/odd",
        ),
        (
            "{ name = 'odd', source = 'registry+https://example.com/other', checksum = 'f0' }",
            "odd comes from registry+https://example.com/other",
        ),
        (
            "{ name = 'odd', source = 'registry+https://example.com/index' }",
            "odd is locked without a checksum",
        ),
    ] {
        assert_eq!(found(RULES, PACKAGES, lock), [expected]);
    }
}
