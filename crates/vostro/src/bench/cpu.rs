//! Processor time of a process, as the system counts it.

use std::time::Duration;

/// User and system time used so far, or between two looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cpu {
    pub user: Duration,
    pub system: Duration,
}

/// Of a process by its id; `None` where the system has no `/proc`.
pub fn of(pid: u32) -> Option<Cpu> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    read(&text, rustix::param::clock_ticks_per_second())
}

pub fn own() -> Option<Cpu> {
    of(std::process::id())
}

pub fn between(before: Option<Cpu>, after: Option<Cpu>) -> Option<Cpu> {
    let (before, after) = (before?, after?);
    Some(Cpu {
        user: after.user.checked_sub(before.user)?,
        system: after.system.checked_sub(before.system)?,
    })
}

/// Fields 14 and 15 of proc(5), counted from behind the name, which may hold blanks and brackets.
fn read(text: &str, ticks_per_s: u64) -> Option<Cpu> {
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let mut time = || {
        let ticks: u64 = fields.next()?.parse().ok()?;
        let us = ticks.checked_mul(1_000_000)?.checked_div(ticks_per_s)?;
        Some(Duration::from_micros(us))
    };
    Some(Cpu { user: time()?, system: time()? })
}

#[cfg(test)]
mod tests;
