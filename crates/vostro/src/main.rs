//! Vostro: one binary that holds money in a double-entry ledger, moves it exactly once, and speaks
//! the wire protocols of card programmes.
//!
//! This crate is the wiring: the only one that names a backend or a vendor, and the only one that
//! reads a clock, the environment or the system's random generator. Begin with `wiring.rs`, which
//! puts store, engine, doors and listeners together; `serve.rs` and `sandbox.rs` are the two ways
//! to start them, `command.rs` is everything that an operator types.
//!
//! To add a door: its crate, then its dependency and its line in `wiring.rs`. A third backend: the
//! same two lines, in `open.rs`.

mod bench;
mod cli;
mod clock;
mod command;
mod config;
mod copy;
mod database;
mod files;
mod import;
mod logs;
mod open;
mod progress;
mod random;
mod reach;
mod sandbox;
mod serve;
mod verify;
mod wiring;

use std::process::ExitCode;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => {
            logs::print_error(&error);
            ExitCode::from(2)
        }
    }
}
