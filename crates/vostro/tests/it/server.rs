//! Starts the binary, waits for what it prints, and stops it.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// The binary under test, built with the tests' control of clock and seed.
pub fn vostro() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vostro"));
    // What a developer has set must not decide a test.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("VOSTRO_")) {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command of the binary on a data directory to its end.
pub fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = vostro();
    command.arg("--data").arg(data).args(arguments);
    command.output().expect("the binary runs")
}

/// As [`run`], with `--json`; fails unless it succeeds.
pub fn run_json(data: &Path, arguments: &[&str]) -> Value {
    let output = run(data, &[&["--json"], arguments].concat());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    serde_json::from_slice(&output.stdout).expect("the command prints JSON")
}

/// A sandbox that is ready.
pub struct Sandbox {
    child: Child,
    pub data: PathBuf,
    /// What it printed until it was ready.
    pub printed: String,
    /// `sandbox.json`.
    pub contract: Value,
}

impl Sandbox {
    /// Starts on a directory, on free ports. Logs go to `server.log` in it, run by run.
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, vostro())
    }

    /// As [`Sandbox::start`], with a command that has its own environment or wrapper.
    pub fn start_with(data: &Path, mut command: Command) -> Self {
        std::fs::create_dir_all(data).expect("the data directory can be made");
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(data.join("server.log"))
            .expect("the log can be opened");
        command
            .arg("--data")
            .arg(data)
            .args(["sandbox", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut printed = String::new();
        loop {
            match lines.next() {
                Some(Ok(line)) => {
                    // The last of the commands to paste.
                    let last = line.ends_with(" verify");
                    printed.push_str(&line);
                    printed.push('\n');
                    if last {
                        break;
                    }
                }
                _ => {
                    let status = child.wait();
                    let log = std::fs::read_to_string(data.join("server.log"));
                    panic!("the sandbox did not start: {status:?}\n{printed}\n{log:?}");
                }
            }
        }
        let text = std::fs::read_to_string(data.join("sandbox.json")).expect("the contract");
        let contract = serde_json::from_str(&text).expect("the contract is JSON");
        Self { child, data: data.to_owned(), printed, contract }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Host and port of the merchants' listener.
    pub fn public(&self) -> String {
        self.text("/public_url").trim_start_matches("http://").to_owned()
    }

    /// A text of the contract, by JSON pointer.
    pub fn text(&self, pointer: &str) -> String {
        let text = self.contract.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("{pointer} is in sandbox.json")).to_owned()
    }

    /// As a crash would end it.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// As an operator would stop it.
    pub fn stop(mut self) -> ExitStatus {
        signal(self.pid(), "TERM");
        self.child.wait().expect("it ends")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Nothing is left behind by a failed test; after `stop` both calls find nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that this test started.
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status();
    assert!(status.expect("kill runs").success());
}

/// Fails with the finding unless `vostro verify` is content.
pub fn assert_verified(data: &Path) {
    let output = run(data, &["verify", "--quiet"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{error}");
}
