//! `cargo xtask test`: external needs, tidy, then every test of the workspace.
//!
//! The tests run through plain `cargo test` with all features: the integration tests drive the
//! binary that cargo builds for them, and only with its test feature does it take their clock.

use std::process::{Command, Stdio};

use crate::steps::Steps;
use crate::{needs, root, tidy};

/// Says that nothing of PostgreSQL shall be tested. Without it, a machine that has none fails.
const WITHOUT_POSTGRES: &str = "VOSTRO_WITHOUT_POSTGRES";
/// Crates that are nothing without it, and tests whose names say that they need it.
const POSTGRES_CRATES: [&str; 2] = ["pgfixture", "store-postgres"];
const POSTGRES_TESTS: [&str; 2] = ["postgres", "copy::"];

/// Long tests read this through their own helper and run their full counts when it is `1`.
const FULL: &str = "VOSTRO_FULL";

pub fn run(arguments: &[String]) -> Result<(), String> {
    let (full, filters) = parse(arguments)?;
    let mut steps = Steps::default();
    #[expect(clippy::disallowed_methods, reason = "what a developer has not got, only they know")]
    let without_postgres = std::env::var_os(WITHOUT_POSTGRES).is_some_and(|value| value == "1");
    let run = || cargo_test(full, without_postgres, &filters);
    let outcome = steps
        .run("external needs", || needs::meet_testing(without_postgres))
        .and_then(|()| steps.run("tidy", || tidy::run(&[])))
        .and_then(|()| steps.run("cargo test", run));
    steps.report();
    if without_postgres {
        println!("{WITHOUT_POSTGRES} is set: nothing of PostgreSQL was tested");
    }
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

fn cargo_test(full: bool, without_postgres: bool, filters: &[&str]) -> Result<(), String> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    if without_postgres {
        command.args(POSTGRES_CRATES.iter().flat_map(|name| ["--exclude", name]));
    }
    command.arg("--").args(filters);
    if without_postgres {
        command.args(POSTGRES_TESTS.iter().flat_map(|name| ["--skip", name]));
    }
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
