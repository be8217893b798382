//! The most memory that a process had, as the system counts it.

/// Of a process by its id, in bytes; `None` where the system has no `/proc`.
pub fn peak_bytes(pid: u32) -> Option<u64> {
    read(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// The line `VmHWM` of proc(5), which is in units of 1,024 bytes.
fn read(text: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = rest.trim().strip_suffix(" kB")?.parse().ok()?;
    kib.checked_mul(1_024)
}

#[cfg(test)]
mod tests;
