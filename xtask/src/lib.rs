//! The repository's chores: the test command, the tidy checks, the rules for dependencies, the
//! counts of instructions.
//!
//! Nothing here ships. It must never know a crate of the platform (it reads their files as text),
//! and no crate may depend on it; it keeps its dependencies few, so that it compiles in seconds.
//!
//! Where to begin: [`tidy::CHECKS`] lists what is checked of the tree, [`testing`] is what
//! `cargo xtask test` does. To add a check, write `tidy/<noun>.rs` with a `check(&Tree)`, tests of
//! it on a sample in `tidy/<noun>/tests.rs`, and one line in the list.

pub mod deny;
mod instructions;
mod needs;
pub mod scan;
mod steps;
mod testing;
pub mod tidy;
pub mod tree;

use std::path::Path;

/// A command: its name, what it does in one line, and the road to it.
type Command = (&'static str, &'static str, fn(&[String]) -> Result<(), String>);

pub const COMMANDS: [Command; 4] = [
    (
        "test",
        "[--full] [filter…]  everything a change has to pass, external needs first",
        testing::run,
    ),
    ("tidy", "arrows, sizes, names, map = tree and the other checks of the tree", tidy::run),
    ("deny", "licences, banned crates, sources and duplicates, as deny.toml says", deny::run),
    (
        "instructions",
        "[--bless]  instructions per transfer, held against bench/instructions.toml",
        instructions::run,
    ),
];

/// Runs the command that the first argument names.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let Some((name, rest)) = arguments.split_first() else {
        return Err(usage());
    };
    match COMMANDS.iter().find(|(known, _, _)| known == name) {
        Some((_, _, command)) => command(rest),
        None => Err(format!("no command {name:?}\n{}", usage())),
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask <command>\n");
    for (name, about, _) in COMMANDS {
        text.push_str(&format!("  {name:<12} {about}\n"));
    }
    text
}

/// The root of the repository, fixed when xtask was compiled: cargo runs us from anywhere inside.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the repository")
}
