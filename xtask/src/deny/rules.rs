//! `deny.toml`, read strictly: a key that is not enforced here is an error, not a comfort.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use toml::{Table, Value};

use super::packages::Package;

#[derive(Debug, Default)]
pub struct Rules {
    /// The targets whose dependencies count.
    pub targets: Vec<String>,
    pub licences: BTreeSet<String>,
    /// Licences that one crate may have beyond those.
    pub exceptions: BTreeMap<String, BTreeSet<String>>,
    /// A crate, and why it must not come in.
    pub banned: BTreeMap<String, String>,
    pub skipped: Vec<Skip>,
    registries: Vec<String>,
}

/// A second version that is known and bears its reason.
#[derive(Debug, PartialEq, Eq)]
pub struct Skip {
    name: String,
    /// The first parts of a version: `2` is any 2.x.
    version: String,
}

impl Skip {
    pub fn covers(&self, package: &Package) -> bool {
        let rest = package.version.strip_prefix(self.version.as_str());
        package.name == self.name && rest.is_some_and(|r| r.is_empty() || r.starts_with('.'))
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

const KEYS: [(&str, &[&str]); 4] = [
    ("graph", &["targets"]),
    ("licenses", &["allow", "exceptions", "unused-allowed-license"]),
    ("bans", &["multiple-versions", "deny", "skip"]),
    ("sources", &["unknown-registry", "unknown-git", "allow-registry"]),
];

/// Severities that we enforce in one way only.
const ALWAYS_DENIED: [(&str, &str); 4] = [
    ("licenses", "unused-allowed-license"),
    ("bans", "multiple-versions"),
    ("sources", "unknown-registry"),
    ("sources", "unknown-git"),
];

impl Rules {
    pub fn parse(text: &str) -> Result<Rules, String> {
        let table: Table = text.parse().map_err(|e| format!("deny.toml: {e}"))?;
        known_keys(&table)?;
        for (section, key) in ALWAYS_DENIED {
            if get(&table, section, key).and_then(Value::as_str) != Some("deny") {
                return Err(format!("deny.toml: {section}.{key} has to be \"deny\""));
            }
        }
        let mut rules = Rules {
            targets: texts(get(&table, "graph", "targets"))?,
            licences: texts(get(&table, "licenses", "allow"))?.into_iter().collect(),
            registries: texts(get(&table, "sources", "allow-registry"))?,
            ..Rules::default()
        };
        for entry in entries(get(&table, "licenses", "exceptions"), &["crate", "allow"])? {
            let allowed = texts(entry.get("allow"))?.into_iter().collect();
            rules.exceptions.insert(named(entry)?, allowed);
        }
        for entry in entries(get(&table, "bans", "deny"), &["crate", "reason"])? {
            rules.banned.insert(plain_name(named(entry)?)?, reason(entry)?);
        }
        for entry in entries(get(&table, "bans", "skip"), &["crate", "reason"])? {
            reason(entry)?;
            rules.skipped.push(skip(&named(entry)?)?);
        }
        Ok(rules)
    }

    pub fn allows(&self, package: &str, licence: &str) -> bool {
        let beyond = self.exceptions.get(package);
        self.licences.contains(licence) || beyond.is_some_and(|more| more.contains(licence))
    }

    pub fn trusts(&self, source: &str) -> bool {
        let registry = source.strip_prefix("registry+");
        // Without a list it is the package manager's own registry, as it is for cargo-deny.
        let known = |registry| self.registries.is_empty() || self.registries.contains(registry);
        registry.map(str::to_owned).as_ref().is_some_and(known)
    }
}

fn known_keys(table: &Table) -> Result<(), String> {
    for (section, value) in table {
        let keys = KEYS.iter().find(|(known, _)| known == section).map(|(_, keys)| *keys);
        let (Some(keys), Some(value)) = (keys, value.as_table()) else {
            return Err(format!("deny.toml: nothing enforces [{section}]"));
        };
        if let Some(key) = value.keys().find(|key| !keys.contains(&key.as_str())) {
            return Err(format!("deny.toml: nothing enforces {section}.{key}"));
        }
    }
    Ok(())
}

fn get<'a>(table: &'a Table, section: &str, key: &str) -> Option<&'a Value> {
    table.get(section)?.get(key)
}

fn texts(value: Option<&Value>) -> Result<Vec<String>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let items = value.as_array().ok_or_else(|| format!("deny.toml: {value} is no list"))?;
    let text = |item: &Value| item.as_str().map(String::from);
    items.iter().map(|i| text(i).ok_or_else(|| format!("deny.toml: {i} is no text"))).collect()
}

fn entries<'a>(value: Option<&'a Value>, keys: &[&str]) -> Result<Vec<&'a Table>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let items = value.as_array().ok_or_else(|| format!("deny.toml: {value} is no list"))?;
    let entry = |item: &'a Value| {
        let table = item.as_table().ok_or_else(|| format!("deny.toml: {item} is no table"))?;
        match table.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => Err(format!("deny.toml: nothing enforces {key} of {item}")),
            None => Ok(table),
        }
    };
    items.iter().map(entry).collect()
}

fn named(entry: &Table) -> Result<String, String> {
    let name = entry.get("crate").and_then(Value::as_str);
    name.map(String::from).ok_or_else(|| format!("deny.toml: {entry} names no crate"))
}

fn reason(entry: &Table) -> Result<String, String> {
    let reason = entry.get("reason").and_then(Value::as_str).filter(|reason| !reason.is_empty());
    reason.map(String::from).ok_or_else(|| format!("deny.toml: {entry} gives no reason"))
}

/// A ban is of all versions.
fn plain_name(name: String) -> Result<String, String> {
    if name.contains(['@', ':']) {
        return Err(format!("deny.toml: ban {name} whole, single versions are not looked at"));
    }
    Ok(name)
}

fn skip(text: &str) -> Result<Skip, String> {
    let (name, version) =
        text.split_once('@').ok_or_else(|| format!("deny.toml: skip {text} names no version"))?;
    let version = version.trim_start_matches('=');
    if version.is_empty() || !version.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("deny.toml: {text} is not name@version"));
    }
    Ok(Skip { name: name.to_string(), version: version.to_string() })
}

#[cfg(test)]
mod tests;
