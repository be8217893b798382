//! The binary as a child of a test: run to its end, or started, signalled and never left behind.

use crate::backend::CONFIG;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// The binary under test, built with the tests' control of clock and seed.
pub fn vostro() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vostro"));
    clean(&mut command);
    command
}

/// What a developer has set must not decide a test.
pub fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let proxy = |name: &str| name.to_ascii_lowercase().ends_with("_proxy");
        if name.to_str().is_some_and(|name| name.starts_with("VOSTRO_") || proxy(name)) {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
}

/// Points a command at a data directory, and at the configuration that stands in it.
pub fn on<'c>(command: &'c mut Command, data: &Path) -> &'c mut Command {
    command.arg("--data").arg(data);
    let config = data.join(CONFIG);
    if config.exists() {
        command.arg("--config").arg(config);
    }
    command
}

/// Runs a command of the binary on a data directory to its end.
pub fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = vostro();
    on(&mut command, data).args(arguments);
    command.output().expect("the binary runs")
}

/// As [`run`], with `--json`; fails unless it succeeds.
pub fn run_json(data: &Path, arguments: &[&str]) -> Value {
    let output = run(data, &[&["--json"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).expect("the command prints JSON")
}

/// All that a command printed.
pub fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    format!("{text}{}", String::from_utf8_lossy(&output.stderr))
}

/// Fails unless the command ended with this code and said this.
pub fn assert_ended(output: &Output, code: i32, words: &str) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "{words:?} is not in: {said}");
}

/// Fails with the finding unless `vostro verify` is content.
pub fn assert_verified(data: &Path) {
    let output = run(data, &["verify", "--quiet"]);
    assert!(output.status.success(), "{}", said(&output));
}

/// What `vostro verify` has counted; it must be content.
pub fn verified(data: &Path) -> Value {
    run_json(data, &["verify"])
}

/// A child that does not outlive its test.
pub struct Process(Child);

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("the command starts"))
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Ended as a crash would end it.
    pub fn kill(mut self) {
        self.0.kill().expect("it can be killed");
        self.0.wait().expect("it ends");
    }

    /// Waits for its own end.
    pub fn wait(mut self) -> ExitStatus {
        self.0.wait().expect("it ends")
    }

    /// Ended as an operator would end it.
    pub fn stop(self) -> ExitStatus {
        signal(self.pid(), "TERM");
        self.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Where it has ended, both calls find nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a signal to a process that this test started.
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status();
    assert!(status.expect("kill runs").success());
}
