//! `cargo xtask deny`: the rules of `deny.toml`, held against the lock file and cargo's metadata.
//!
//! The file is in cargo-deny's own format, so that tool can read it as well; this one needs no
//! network beyond cargo's own, and refuses a rule that it would not enforce.

mod licence;
mod packages;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::root;
use crate::testing::cargo;
use licence::Licence;
use packages::{Locked, Package};
use rules::Rules;

pub fn run(arguments: &[String]) -> Result<(), String> {
    if !arguments.is_empty() {
        return Err(format!("deny takes no arguments, not {}", arguments.join(" ")));
    }
    let rules = Rules::parse(&read("deny.toml")?)?;
    let locked = packages::locked(&read("Cargo.lock")?)?;
    let packages = packages::parse(&metadata(&rules)?)?;
    let broken = broken(&rules, &packages, &locked);
    for line in &broken {
        println!("deny: {line}");
    }
    if broken.is_empty() {
        println!("deny: {} packages, all within deny.toml", packages.len());
        return Ok(());
    }
    Err(format!("deny found {} broken rules", broken.len()))
}

fn read(name: &str) -> Result<String, String> {
    fs::read_to_string(root().join(name)).map_err(|e| format!("{name} cannot be read: {e}"))
}

fn metadata(rules: &Rules) -> Result<String, String> {
    let mut command = cargo();
    command.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
    for target in &rules.targets {
        command.args(["--filter-platform", target]);
    }
    let output = command.output().map_err(|e| format!("cargo did not start: {e}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo metadata ended with {}:\n{told}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|e| format!("cargo metadata is not UTF-8: {e}"))
}

/// All that is not as the rules say, a line each.
fn broken(rules: &Rules, packages: &[Package], locked: &[Locked]) -> Vec<String> {
    let mut lines = licences(rules, packages);
    lines.extend(bans(rules, packages));
    lines.extend(duplicates(rules, packages));
    lines.extend(sources(rules, packages, locked));
    lines
}

fn licences(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let (mut lines, mut met) = (Vec::new(), BTreeSet::new());
    for package in packages {
        let Some(text) = &package.licence else {
            lines.push(format!("{package} names no licence"));
            continue;
        };
        match Licence::parse(text) {
            Ok(licence) => {
                met.extend(licence.names().map(String::from));
                if !licence.satisfied(&|name| rules.allows(&package.name, name)) {
                    lines.push(format!("{package} is under {text}, which is not allowed"));
                }
            }
            Err(e) => lines.push(format!("{package} has a licence that can't be read: {e}")),
        }
    }
    let unmet = rules.licences.iter().filter(|name| !met.contains(*name));
    lines.extend(unmet.map(|name| format!("no package names the licence {name}: remove it")));
    let names: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    let gone = rules.exceptions.keys().filter(|name| !names.contains(name.as_str()));
    lines.extend(gone.map(|name| format!("the exception for {name} is not needed: remove it")));
    lines
}

fn bans(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let banned = packages.iter().filter_map(|p| Some((p, rules.banned.get(&p.name)?)));
    banned.map(|(package, reason)| format!("{package} is banned: {reason}")).collect()
}

fn duplicates(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages.iter().filter(|p| !rules.skipped.iter().any(|skip| skip.covers(p))) {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    let several = versions.iter().filter(|(_, versions)| versions.len() > 1);
    let mut lines: Vec<String> = several
        .map(|(name, versions)| format!("{name} is there in versions {}", versions.join(" and ")))
        .collect();
    let idle = rules.skipped.iter().filter(|skip| !packages.iter().any(|p| skip.covers(p)));
    lines.extend(idle.map(|skip| format!("skip {skip} is not needed: remove it")));
    lines
}

fn sources(rules: &Rules, packages: &[Package], locked: &[Locked]) -> Vec<String> {
    let members: BTreeSet<&str> =
        packages.iter().filter(|p| p.member).map(|p| p.name.as_str()).collect();
    let mut lines = Vec::new();
    for package in locked {
        match &package.source {
            None if members.contains(package.name.as_str()) => {}
            None => lines.push(format!("{} comes from a folder", package.name)),
            Some(source) if !rules.trusts(source) => {
                lines.push(format!("{} comes from {source}", package.name));
            }
            Some(_) if !package.checksum => {
                lines.push(format!("{} is locked without a checksum", package.name));
            }
            Some(_) => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests;
