use super::Rules;

/// The keys that have to be there.
const STRICT: &str = "\
licenses.unused-allowed-license = \"deny\"
bans.multiple-versions = \"deny\"
sources.unknown-registry = \"deny\"
sources.unknown-git = \"deny\"
";

fn parse(more: &str) -> Result<Rules, String> {
    Rules::parse(&format!("{STRICT}{more}"))
}

#[test]
fn the_repository_s_own_rules_are_read() {
    let text = std::fs::read_to_string(crate::root().join("deny.toml")).unwrap();
    let rules = Rules::parse(&text).unwrap();
    assert!(rules.allows("domain", "Apache-2.0"));
    assert!(!rules.banned.is_empty() && !rules.targets.is_empty());
}

#[test]
fn a_rule_that_nothing_enforces_is_an_error() {
    for more in [
        "advisories.yanked = \"deny\"",
        "bans.wildcards = \"deny\"",
        "bans.deny = [{ crate = \"a\", reason = \"b\", wrappers = [\"c\"] }]",
        "bans.deny = [{ crate = \"a@1\", reason = \"b\" }]",
        "graph.targets = [1]",
        "licenses.allow = \"MIT\"",
        "version = 2",
    ] {
        assert!(parse(more).is_err(), "{more}");
    }
    assert!(Rules::parse(&STRICT.replacen("deny", "warn", 1)).is_err());
    assert!(Rules::parse("").is_err());
}

#[test]
fn bans_and_skips_give_their_reason() {
    assert!(parse("bans.deny = [{ crate = \"a\" }]").is_err());
    assert!(parse("bans.skip = [{ crate = \"a@1\", reason = \"\" }]").is_err());
    assert!(parse("bans.skip = [{ crate = \"a\", reason = \"b\" }]").is_err());
    assert!(parse("bans.skip = [{ crate = \"a@1\", reason = \"b\" }]").is_ok());
}
