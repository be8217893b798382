//! `cargo xtask test`: external needs, tidy, then every test of the workspace.
//!
//! The tests run through plain `cargo test` with all features: the integration tests drive the
//! binary that cargo builds for them, and only with its test feature does it take their clock.

use std::process::{Command, Stdio};

use crate::steps::Steps;
use crate::{needs, root, tidy};

/// Long tests read this through their own helper and run their full counts when it is `1`.
const FULL: &str = "VOSTRO_FULL";

pub fn run(arguments: &[String]) -> Result<(), String> {
    let (full, filters) = parse(arguments)?;
    let mut steps = Steps::default();
    let outcome = steps
        .run("external needs", needs::meet)
        .and_then(|()| steps.run("tidy", || tidy::run(&[])))
        .and_then(|()| steps.run("cargo test", || cargo_test(full, &filters)));
    steps.report();
    outcome
}

fn parse(arguments: &[String]) -> Result<(bool, Vec<&str>), String> {
    let (options, filters): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|argument| argument.starts_with('-'));
    match options.as_slice() {
        [] => Ok((false, filters)),
        ["--full"] => Ok((true, filters)),
        other => Err(format!("test takes --full and filters, not {}", other.join(" "))),
    }
}

fn cargo_test(full: bool, filters: &[&str]) -> Result<(), String> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--all-features", "--no-fail-fast", "--"]).args(filters);
    if full {
        command.env(FULL, "1");
    } else {
        command.env_remove(FULL);
    }
    let status = command.status().map_err(|e| format!("cargo did not start: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo test ended with {status}")) }
}

/// The cargo that runs us, without what it told us about ourselves: build scripts that watch the
/// name or folder of the package would run again each time, and their crates with them.
pub fn cargo() -> Command {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo says in the environment which cargo it is"
    )]
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    #[expect(clippy::disallowed_methods, reason = "only the names matter, to leave them out")]
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(tells_of_ourselves) {
            command.env_remove(name);
        }
    }
    command
}

fn tells_of_ourselves(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_")
        || variable.starts_with("CARGO_MANIFEST_")
        || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"].contains(&variable)
}

#[cfg(test)]
mod tests;
