//! What cargo knows of the dependencies: its metadata and its lock file.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// A package that is built for one of our targets.
#[derive(Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub licence: Option<String>,
    /// One of the workspace's own.
    pub member: bool,
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

pub fn parse(metadata: &str) -> Result<Vec<Package>, String> {
    let metadata: Value =
        serde_json::from_str(metadata).map_err(|e| format!("cargo metadata: {e}"))?;
    let members = metadata["workspace_members"].as_array().ok_or("metadata without members")?;
    let members: BTreeSet<&str> = members.iter().filter_map(Value::as_str).collect();
    let packages = metadata["packages"].as_array().ok_or("metadata without packages")?;
    packages.iter().map(|package| read(package, &members)).collect()
}

fn read(package: &Value, members: &BTreeSet<&str>) -> Result<Package, String> {
    let text = |key: &str| package[key].as_str().map(String::from);
    let needed = |key: &str| text(key).ok_or_else(|| format!("a package without {key}"));
    Ok(Package {
        name: needed("name")?,
        version: needed("version")?,
        licence: text("license"),
        member: members.contains(needed("id")?.as_str()),
    })
}

/// A line of the lock file: it also covers targets that we do not build for.
#[derive(Debug)]
pub struct Locked {
    pub name: String,
    pub source: Option<String>,
    pub checksum: bool,
}

pub fn locked(text: &str) -> Result<Vec<Locked>, String> {
    let table: toml::Table = text.parse().map_err(|e| format!("Cargo.lock: {e}"))?;
    let packages = table.get("package").and_then(toml::Value::as_array);
    let packages = packages.ok_or("Cargo.lock lists no packages")?;
    let read = |package: &toml::Value| {
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str).map(String::from);
        let name = text("name").ok_or("Cargo.lock has a package without a name")?;
        Ok(Locked { name, source: text("source"), checksum: text("checksum").is_some() })
    };
    packages.iter().map(read).collect()
}
