//! No answer to a transfer leaves before the sync of its batch has returned, as seen from outside:
//! the server's system calls under `strace`.

mod trace;

use crate::merchant::{Merchant, code};
use crate::process::{clean, signal};
use crate::server::Sandbox;
use std::path::Path;
use std::process::Command;
use trace::Trace;

const HOLDER: &str = "U202605220001";
const SEQUENTIAL: usize = 8;
const CONNECTIONS: usize = 12;
const PER_CONNECTION: usize = 4;

/// What reads and writes sockets, what writes the log, what syncs it.
const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,\
                     pwrite64,pwritev,fsync,fdatasync";

/// The server as a child of `strace`.
fn traced(log: &Path) -> Command {
    let mut command = Command::new("strace");
    clean(&mut command);
    // The file behind each descriptor, and the whole of each page of the log.
    command.args(["-f", "-y", "-s", "70000", "-e", CALLS, "-o"]).arg(log);
    command.arg("--").arg(env!("CARGO_BIN_EXE_vostro"));
    command
}

/// Killed with the test: a server outlives a killed `strace`.
struct Tracee(Option<u32>);

impl Tracee {
    fn stop(mut self) {
        signal(self.0.take().expect("it was not stopped before"), "TERM");
    }
}

impl Drop for Tracee {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            signal(pid, "KILL");
        }
    }
}

fn server_pid(data: &Path) -> u32 {
    let text = std::fs::read_to_string(data.join("server.json")).expect("it was announced");
    let announced: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    announced["pid"].as_u64().and_then(|pid| pid.try_into().ok()).expect("a process id")
}

fn transfer(merchant: &mut Merchant, number: &str) {
    let answer = merchant.transfer(HOLDER, number, "In", "0.01").expect("an answer");
    assert_eq!(code(&answer), 0, "{answer}");
}

#[test]
fn no_answer_leaves_before_its_sync_returned() {
    let version = Command::new("strace").arg("--version").output();
    assert!(version.is_ok_and(|output| output.status.success()), "this test needs `strace`");
    let directory = tempfile::tempdir().unwrap();
    let (data, log) = (directory.path().join("data"), directory.path().join("strace.log"));
    let sandbox = Sandbox::start_with(&data, traced(&log));
    let tracee = Tracee(Some(server_pid(&data)));
    let mut merchant = Merchant::new(&sandbox, "credit");
    // Of one width, so that none is the beginning of another.
    let mut numbers: Vec<_> = (0..SEQUENTIAL).map(|at| format!("STRACE_A_{at:04}")).collect();
    for number in &numbers {
        transfer(&mut merchant, number);
    }
    let writers = (0..CONNECTIONS).map(|connection| {
        let mut merchant = merchant.again();
        let own = (0..PER_CONNECTION).map(|at| format!("STRACE_B_{connection:02}{at:02}"));
        let own: Vec<_> = own.collect();
        numbers.extend(own.iter().cloned());
        std::thread::spawn(move || own.iter().for_each(|number| transfer(&mut merchant, number)))
    });
    let writers: Vec<_> = writers.collect();
    for writer in writers {
        writer.join().unwrap();
    }
    tracee.stop();
    assert!(sandbox.wait().success(), "strace ends as its server does");
    let text = std::fs::read(&log).unwrap();
    let trace = Trace::read(&String::from_utf8_lossy(&text));
    for number in &numbers {
        let synced = trace.check(number);
        synced.unwrap_or_else(|fault| panic!("{number}: {fault}"));
    }
}
