//! `cargo xtask <command>`: the chores of this repository as one small program.
//!
//! Begin with [`xtask::COMMANDS`]; each command is a module of the library, so that `cargo test`
//! runs the same checks that the command line does.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match xtask::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\nxtask: {message}");
            ExitCode::FAILURE
        }
    }
}
