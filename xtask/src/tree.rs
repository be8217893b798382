//! The files of the repository, read once; every tidy check is a function of this.
//!
//! A sample for a test is a tree too, made from paths and texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

#[derive(Default)]
pub struct Tree {
    /// Path from the root, with `/`, to the text; `None` where the bytes are not UTF-8.
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Reads all that git would track: everything but `.git` and what `.gitignore` names.
    pub fn read(root: &Path) -> io::Result<Tree> {
        let ignored = match fs::read_to_string(root.join(".gitignore")) {
            Ok(text) => Ignored::parse(&text),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ignored::default(),
            Err(e) => return Err(e),
        };
        let mut tree = Tree::default();
        tree.add_folder(root, "", &ignored)?;
        Ok(tree)
    }

    pub fn sample(files: &[(&str, &str)]) -> Tree {
        let entry = |(path, text): &(&str, &str)| (path.to_string(), Some(text.to_string()));
        Tree { files: files.iter().map(entry).collect() }
    }

    fn add_folder(&mut self, folder: &Path, prefix: &str, ignored: &Ignored) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if name == ".git" || ignored.covers(&name) {
                continue;
            }
            let (path, kind) = (format!("{prefix}{name}"), entry.file_type()?);
            if kind.is_dir() {
                self.add_folder(&entry.path(), &format!("{path}/"), ignored)?;
            } else if kind.is_file() {
                self.files.insert(path, String::from_utf8(fs::read(entry.path())?).ok());
            }
        }
        Ok(())
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Each text file, in the order of its path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(|(path, _)| path.ends_with(".rs"))
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file, or a folder with at least one file in it.
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.range(below.clone()..).next().is_some_and(|(p, _)| p.starts_with(&below))
    }

    /// The names of the folders under `crates/`.
    pub fn crates(&self) -> BTreeSet<&str> {
        let below = self.paths().filter_map(|path| path.strip_prefix("crates/"));
        below.filter_map(|path| path.split_once('/')).map(|(name, _)| name).collect()
    }
}

/// The plain part of `.gitignore` that this repository uses: names, and `*.ending`.
#[derive(Default)]
struct Ignored(Vec<String>);

impl Ignored {
    fn parse(text: &str) -> Ignored {
        let line = |line: &str| line.trim().trim_matches('/').to_string();
        Ignored(text.lines().map(line).filter(|l| !l.is_empty() && !l.starts_with('#')).collect())
    }

    fn covers(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_prefix('*') {
            Some(ending) => name.ends_with(ending),
            None => name == pattern,
        })
    }
}

#[cfg(test)]
mod tests;
