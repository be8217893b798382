//! Names that say nothing: a file is called by its noun or its verb.

use super::Finding;
use crate::scan;
use crate::tree::Tree;

const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "common", "helper", "helpers", "misc", "types", "manager"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.rust() {
        let names = path.split('/').map(|segment| segment.trim_end_matches(".rs"));
        for name in names.filter(|name| EMPTY_NAMES.contains(name)) {
            findings.push(Finding::file(path, format!("{name} is no name: say what is in it")));
        }
        if path.ends_with("/mod.rs") {
            findings.push(Finding::file(path, "a module is foo.rs beside its folder foo"));
        }
        for module in scan::modules(&scan::code(source)).into_iter().filter(|m| m.inline) {
            let name = module.path.last().map_or("", String::as_str);
            if EMPTY_NAMES.contains(&name) {
                let message = format!("{name} is no name: say what is in it");
                findings.push(Finding::line(path, module.line, message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests;
