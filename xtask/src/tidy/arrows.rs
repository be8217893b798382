//! The arrows between crates: who may depend on whom.
//!
//! Manifests are read as they stand, without cargo, so that a forbidden arrow is found even where
//! it does not compile. To add a crate of a new kind, give it a role here and a line in STYLE.md.

use toml::{Table, Value};

use super::Finding;
use crate::tree::Tree;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Wiring,
    /// Doors, the operator's API and the adapters beside them.
    Edge,
    Gateway,
    Engine,
    Backend,
    Store,
    Vault,
    Domain,
    /// Servers for tests; anybody's, but in tests alone.
    Fixture,
}

fn role(name: &str) -> Option<Role> {
    Some(match name {
        "vostro" => Role::Wiring,
        "operator" => Role::Edge,
        "gateway" => Role::Gateway,
        "engine" => Role::Engine,
        "store" => Role::Store,
        "vault" => Role::Vault,
        "domain" => Role::Domain,
        "pgfixture" => Role::Fixture,
        _ if name.starts_with("door-") || name.starts_with("kyc-") => Role::Edge,
        _ if name.starts_with("store-") => Role::Backend,
        _ => return None,
    })
}

fn may_use(from: Role, to: Role) -> bool {
    use Role::{Backend, Domain, Edge, Engine, Fixture, Gateway, Store, Vault, Wiring};
    match from {
        Wiring => !matches!(to, Wiring | Fixture),
        Edge => matches!(to, Gateway | Engine | Vault | Domain),
        Gateway => matches!(to, Engine | Vault | Domain),
        Engine => matches!(to, Store | Vault | Domain),
        Backend => matches!(to, Store | Domain),
        Store | Vault => to == Domain,
        Domain | Fixture => false,
    }
}

/// Tests may reach further down (a door's transcripts run on a store), but not up or sideways.
fn may_test_with(from: Role, to: Role) -> bool {
    let sideways = matches!((from, to), (Role::Store, Role::Vault));
    from < to && !sideways
}

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in tree.crates() {
        let path = format!("crates/{name}/Cargo.toml");
        let Some(from) = role(name) else {
            findings.push(Finding::file(&path, "no role among the arrows; see tidy/arrows.rs"));
            continue;
        };
        match tree.text(&path).map(str::parse::<Table>) {
            Some(Ok(manifest)) => findings.extend(arrows_of(tree, &path, name, from, &manifest)),
            Some(Err(e)) => findings.push(Finding::file(&path, e.to_string())),
            None => findings.push(Finding::file(&path, "a folder under crates without a manifest")),
        }
    }
    findings.extend(xtask(tree));
    findings
}

fn arrows_of(tree: &Tree, path: &str, name: &str, from: Role, manifest: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    if package_name(manifest) != Some(name) {
        findings.push(Finding::file(path, "the folder and the package have different names"));
    }
    for (kind, dependency) in dependencies(manifest) {
        if dependency == "xtask" {
            findings.push(Finding::file(path, "nobody depends on xtask"));
        }
        if !tree.crates().contains(dependency) || (dependency == name && kind == Kind::Test) {
            continue;
        }
        let allowed = match (role(dependency), kind) {
            (None, _) => continue, // already found above, at its own manifest
            (Some(to), Kind::Test) => may_test_with(from, to),
            (Some(to), Kind::Build) => may_use(from, to),
        };
        if !allowed {
            let what =
                if kind == Kind::Test { "forbidden arrow in tests" } else { "forbidden arrow" };
            findings.push(Finding::file(path, format!("{what}: {name} -> {dependency}")));
        }
    }
    findings
}

/// xtask reads the crates as text; an arrow to one would make every check wait for its build.
fn xtask(tree: &Tree) -> Option<Finding> {
    let path = "xtask/Cargo.toml";
    let manifest: Table = tree.text(path)?.parse().ok()?;
    let crates = tree.crates();
    let (_, found) = dependencies(&manifest).into_iter().find(|(_, name)| crates.contains(name))?;
    Some(Finding::file(path, format!("forbidden arrow: xtask -> {found}")))
}

fn package_name(manifest: &Table) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Build,
    Test,
}

/// All dependencies of a manifest by package name, those of single targets included.
fn dependencies(manifest: &Table) -> Vec<(Kind, &str)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(|t| t.values()).filter_map(Value::as_table);
    let mut found = Vec::new();
    for table in tables.chain([manifest]) {
        for (key, kind) in [
            ("dependencies", Kind::Build),
            ("build-dependencies", Kind::Build),
            ("dev-dependencies", Kind::Test),
        ] {
            let entries = table.get(key).and_then(Value::as_table).into_iter().flatten();
            found.extend(entries.map(|(name, value)| {
                (kind, value.get("package").and_then(Value::as_str).unwrap_or(name))
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests;
