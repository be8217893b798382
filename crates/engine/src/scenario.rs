//! Scenarios: an engine on the model, with a clock and a generator that the test holds. The tests
//! stand beside the files they test; `simulation` runs all verbs at random against an auditor.

mod auditor;
mod command;
mod copied;
mod gate;
mod receivers;
mod simulation;
mod unit;
mod webhook;
mod world;

pub(crate) use copied::Copied;
pub(crate) use gate::Gate;
pub(crate) use unit::Hears;
pub(crate) use world::{
    ADDRESS, DOOR, Programme, TestClock, World, amount, asset, code, done, master, name, person,
    programme_of, quiet, refused, seeded, tusdt,
};

/// A count for every day, or the long one where that is asked for.
#[expect(clippy::disallowed_methods, reason = "only tests run at length, and only this asks")]
pub(crate) fn count(daily: u64, full: u64) -> u64 {
    if std::env::var_os("VOSTRO_FULL").is_some() { full } else { daily }
}
