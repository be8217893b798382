//! Servers: a sandbox, which says on its standard output that it is ready, and `serve`, which says
//! so in its log.

use crate::process::{Process, on, vostro};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

/// A sandbox that is ready.
pub struct Sandbox {
    process: Process,
    stdout: BufReader<ChildStdout>,
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
    pub fn start_with(data: &Path, command: Command) -> Self {
        Self::start_by(data, command, &[])
    }

    /// As [`Sandbox::start_with`], with more options.
    pub fn start_by(data: &Path, mut command: Command, options: &[&str]) -> Self {
        std::fs::create_dir_all(data).expect("the data directory can be made");
        let mut log = std::fs::OpenOptions::new();
        let log = log.create(true).append(true).open(data.join("server.log"));
        on(&mut command, data)
            .args(["sandbox", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(log.expect("the log can be opened"));
        let mut process = Process::start(&mut command);
        let mut stdout = BufReader::new(process.child().stdout.take().expect("piped"));
        let mut printed = String::new();
        // The last of the commands to paste.
        while !printed.ends_with(" verify\n") {
            if stdout.read_line(&mut printed).expect("it prints text") == 0 {
                let status = process.wait();
                let log = std::fs::read_to_string(data.join("server.log"));
                panic!("the sandbox did not start: {status:?}\n{printed}\n{}", log.expect("a log"));
            }
        }
        let contract = read_json(&data.join("sandbox.json"));
        Self { process, stdout, data: data.to_owned(), printed, contract }
    }

    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Host and port of the merchants' listener.
    pub fn public(&self) -> String {
        address(&self.contract, "/public_url")
    }

    /// Host and port of the operator's listener.
    pub fn operator(&self) -> String {
        address(&self.contract, "/operator_url")
    }

    /// A text of the contract, by JSON pointer.
    pub fn text(&self, pointer: &str) -> String {
        text(&self.contract, pointer)
    }

    /// As a crash would end it.
    pub fn kill(self) {
        self.process.kill();
    }

    /// As an operator would stop it.
    pub fn stop(self) -> ExitStatus {
        self.process.stop()
    }

    /// Waits for its end, which something else has asked for.
    pub fn wait(self) -> ExitStatus {
        self.process.wait()
    }

    /// As [`Sandbox::stop`]; what it printed after it was ready.
    pub fn stop_and_read(mut self) -> String {
        assert!(self.process.stop().success());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("it prints text");
        rest
    }
}

/// A `vostro serve` that is ready.
pub struct Service {
    process: Process,
    log: Log,
    /// `server.json`.
    pub announced: Value,
}

impl Service {
    /// Starts with a configuration file whose data directory is `data`.
    pub fn start(config: &Path, data: &Path) -> Self {
        Self::start_with(vostro(), config, data)
    }

    /// As [`Service::start`], with a command that has its own environment.
    pub fn start_with(mut command: Command, config: &Path, data: &Path) -> Self {
        command.arg("--config").arg(config).arg("serve");
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Process::start(&mut command);
        let stderr = process.child().stderr.take().expect("piped");
        let (log, serving) = Log::follow(stderr, "serving");
        if serving.recv().is_err() {
            let status = process.wait();
            panic!("the server did not start: {status:?}\n{}", log.end());
        }
        let announced = read_json(&data.join("server.json"));
        Self { process, log, announced }
    }

    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub fn public(&self) -> String {
        address(&self.announced, "/public_url")
    }

    pub fn operator(&self) -> String {
        address(&self.announced, "/operator_url")
    }

    /// As a crash would end it.
    pub fn kill(self) {
        self.process.kill();
    }

    /// As an operator would stop it; with its log.
    pub fn stop(self) -> (ExitStatus, String) {
        let status = self.process.stop();
        (status, self.log.end())
    }

    /// As [`Service::stop`], where the signal was sent before.
    pub fn stop_signalled(self) -> (ExitStatus, String) {
        let status = self.process.wait();
        (status, self.log.end())
    }
}

/// What a process writes, read as it comes so that it never has to wait.
struct Log(JoinHandle<String>);

impl Log {
    /// The receiver hears of each line with the word, and of the output's end.
    fn follow(output: impl Read + Send + 'static, word: &'static str) -> (Self, Receiver<()>) {
        let (heard, receiver) = channel();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                text.push_str(&line);
                text.push('\n');
                if line.contains(word) {
                    // Nobody listens any more once the server is ready.
                    let _ = heard.send(());
                }
            }
            text
        });
        (Self(reader), receiver)
    }

    /// All of it, once the process has ended.
    fn end(self) -> String {
        self.0.join().expect("the reader does not panic")
    }
}

fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("it is JSON")
}

fn text(json: &Value, pointer: &str) -> String {
    let text = json.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("there is no {pointer}")).to_owned()
}

fn address(json: &Value, pointer: &str) -> String {
    text(json, pointer).trim_start_matches("http://").to_owned()
}
