//! `cargo xtask instructions`: how many instructions a transfer takes in three layers, held against
//! `bench/instructions.toml`.
//!
//! Time tells little on a machine that others use; a count of instructions is almost the same each
//! time, so a change that makes a transfer dearer is seen in the change itself. The workload is an
//! example of the engine, `crates/engine/examples/instructions.rs`, which valgrind's callgrind runs
//! with a count of transfers and with its double: half of the difference is theirs alone, without
//! start and end. It is compiled by a profile of its own, in which crates are not optimised
//! together, so the figures are for comparing and not those of a release.

mod expected;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::steps::Steps;
use crate::testing::cargo;
use crate::{needs, root};
use expected::Expected;

const FILE: &str = "bench/instructions.toml";
const EXAMPLE: &str = "instructions";

pub fn run(arguments: &[String]) -> Result<(), String> {
    let bless = match arguments {
        [] => false,
        [only] if only == "--bless" => true,
        other => return Err(format!("instructions takes --bless, not {}", other.join(" "))),
    };
    let text = fs::read_to_string(root().join(FILE));
    let text = text.map_err(|e| format!("{FILE} cannot be read: {e}"))?;
    let expected = Expected::parse(&text)?;
    if !bless && expected.architecture != std::env::consts::ARCH {
        // Said, because whoever reads on must not believe that it was looked at.
        println!("instructions: {FILE} is of {}, NOTHING WAS COMPARED", expected.architecture);
        return Ok(());
    }
    let mut steps = Steps::default();
    let counted = measure(&mut steps, &expected);
    steps.report();
    let counted = counted?;
    if bless {
        let text = expected::blessed(&text, &counted, std::env::consts::ARCH, &compiler()?)?;
        return fs::write(root().join(FILE), text).map_err(|e| format!("{FILE}: {e}"));
    }
    let (lines, outside) = expected.judge(&counted);
    println!("\n{}", lines.join("\n"));
    if !outside {
        return Ok(());
    }
    let compiler = compiler()?;
    let other = if compiler == expected.compiler { "the same compiler" } else { &compiler };
    Err(format!(
        "a transfer takes another number of instructions than {FILE} says, which was counted with \
         {}; this is {other}. Where the change is meant, `cargo xtask instructions --bless` writes \
         it down",
        expected.compiler
    ))
}

/// The layers' counts, in the order of the file.
fn measure(steps: &mut Steps, expected: &Expected) -> Result<Vec<u64>, String> {
    steps.run("external needs", needs::meet_counting)?;
    let mut program = PathBuf::new();
    steps.run("build", || {
        program = build()?;
        Ok(())
    })?;
    let mut counted = Vec::new();
    steps.run("count", || {
        for layer in &expected.layers {
            counted.push(per_transfer(&program, layer.name, layer.transfers)?);
        }
        Ok(())
    })?;
    Ok(counted)
}

/// The compiled example.
fn build() -> Result<PathBuf, String> {
    let mut command = cargo();
    command.args(["build", "--locked", "--package", "engine", "--example", EXAMPLE]);
    command.args(["--features", "here", "--profile", "instructions"]);
    command.args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let output = command.output().map_err(|e| format!("cargo did not start: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo build ended with {}", output.status));
    }
    built(&String::from_utf8_lossy(&output.stdout)).ok_or("cargo named no program".to_owned())
}

/// The program that cargo's messages name, one as JSON in each line.
fn built(messages: &str) -> Option<PathBuf> {
    let message = |line| serde_json::from_str::<serde_json::Value>(line).ok();
    let executable = |message: serde_json::Value| {
        let ours = message["target"]["name"] == EXAMPLE;
        let path = message["executable"].as_str().filter(|_| ours)?;
        Some(PathBuf::from(path))
    };
    messages.lines().filter_map(message).find_map(executable)
}

/// What one transfer more takes, once there were `transfers`.
fn per_transfer(program: &Path, layer: &str, transfers: u64) -> Result<u64, String> {
    let once = total(program, layer, transfers)?;
    let twice = total(program, layer, 2 * transfers)?;
    let more = twice.checked_sub(once).ok_or_else(|| format!("{layer}: more took less"))?;
    more.checked_div(transfers).ok_or_else(|| format!("{layer}: no transfers"))
}

/// All instructions of one run, of all its threads.
fn total(program: &Path, layer: &str, transfers: u64) -> Result<u64, String> {
    let folder = program.with_file_name(format!("counted-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let counted = total_in(&folder, program, layer, transfers);
    let removed = fs::remove_dir_all(&folder);
    let counted = counted?;
    removed.map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(counted)
}

fn total_in(folder: &Path, program: &Path, layer: &str, transfers: u64) -> Result<u64, String> {
    let file = folder.join("callgrind.out");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--quiet"]);
    command.arg(format!("--callgrind-out-file={}", file.display())).arg(program);
    command.args([layer, &transfers.to_string()]).arg(folder).stdin(Stdio::null());
    let status = command.status().map_err(|e| format!("valgrind did not start: {e}"))?;
    if !status.success() {
        return Err(format!("{layer}, {transfers} transfers: valgrind ended with {status}"));
    }
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    collected(&text).ok_or_else(|| format!("{layer}: callgrind wrote no total"))
}

/// The total of callgrind's file: its line `totals:`, or `summary:` where it has none.
fn collected(text: &str) -> Option<u64> {
    let of = |name: &str| text.lines().rev().find_map(|line| line.strip_prefix(name));
    of("totals:").or_else(|| of("summary:"))?.trim().parse().ok()
}

/// What compiled it, as it says itself.
fn compiler() -> Result<String, String> {
    let output = Command::new("rustc").arg("--version").stdin(Stdio::null()).output();
    let output = output.map_err(|e| format!("rustc did not start: {e}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests;
