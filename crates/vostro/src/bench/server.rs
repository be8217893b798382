//! The server's process, as the load generator sees it: started, found, and stopped again.

use super::cpu::{self, Cpu};
use super::memory;
use super::serve::Announcement;
use crate::cli::{Failure, Place};
use crate::config::Workers;
use domain::secret::Secret;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// An orderly stop has bounds of its own, which are shorter.
const STOP_DEADLINE: Duration = Duration::from_secs(60);

/// Secrets of the real installation, which a benchmark's store must not be made with.
const REAL_SECRETS: [&str; 2] = ["VOSTRO_MASTER_KEY", "VOSTRO_OPERATOR_TOKEN"];

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("the server ended before it was ready")]
    NotReady,
    #[error("the server's announcement can't be read")]
    Announcement(#[source] serde_json::Error),
    #[error("the server's address {0} is not http://ADDRESS:PORT/PATH")]
    Url(String),
    #[error("the server did not stop within {} s", STOP_DEADLINE.as_secs())]
    StillRunning,
    #[error("the server stopped with {0}")]
    Stopped(std::process::ExitStatus),
}

/// What the server is started with.
#[derive(Clone, Debug)]
pub struct Start {
    pub place: Place,
    pub programs: u32,
    pub cardholders: u32,
    pub connections: u32,
    pub http_workers: Option<Workers>,
    pub workers: Option<Workers>,
    pub batch_max: Option<u32>,
    /// Transfers that it makes before it serves.
    pub fill: u64,
}

impl Start {
    fn command(&self) -> Result<Command, std::io::Error> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bench-serve");
        let place = &self.place;
        for (name, path) in [("--data", &place.data), ("--config", &place.config)] {
            if let Some(path) = path {
                command.arg(name).arg(path);
            }
        }
        if let Some(database) = &place.database {
            command.arg("--database").arg(database);
        }
        if place.allow_unsafe_database {
            command.arg("--allow-unsafe-database");
        }
        for (name, value) in [
            ("--programs", self.programs),
            ("--cardholders", self.cardholders),
            ("--connections", self.connections),
        ] {
            command.args([name, &value.to_string()]);
        }
        for (name, workers) in [("--http-workers", self.http_workers), ("--workers", self.workers)]
        {
            if let Some(workers) = workers {
                command.args([name, &workers.get().to_string()]);
            }
        }
        if let Some(units) = self.batch_max {
            command.args(["--batch-max", &units.to_string()]);
        }
        command.args(["--fill", &self.fill.to_string()]);
        for name in REAL_SECRETS {
            command.env_remove(name);
        }
        // It stops when its input ends, so that it never outlives us.
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(command)
    }
}

/// A running server; killed where it is dropped before it was stopped.
pub struct Server {
    /// `None` while it is being stopped.
    child: Option<Child>,
    pid: u32,
    address: SocketAddr,
    base: String,
    announced: Announcement,
}

impl Server {
    /// Of which nothing is known yet.
    fn of(child: Child) -> Self {
        Self {
            pid: child.id(),
            child: Some(child),
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            base: String::new(),
            announced: Announcement::default(),
        }
    }

    /// Waits until it serves.
    pub async fn start(start: &Start) -> Result<Self, Failure> {
        let mut child = start.command()?.spawn()?;
        let output = child.stdout.take();
        let mut server = Self::of(child);
        let line = spawn_blocking(move || {
            let mut line = String::new();
            output.map(BufReader::new).map(|mut output| output.read_line(&mut line)).transpose()?;
            Ok::<_, std::io::Error>(line)
        });
        let line = line.await??;
        if line.is_empty() {
            return Err(ServerError::NotReady.into());
        }
        server.announced = serde_json::from_str(&line).map_err(ServerError::Announcement)?;
        let url = &server.announced.url;
        let parts = url.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
        let bad = || ServerError::Url(url.clone());
        let (address, base) = parts.ok_or_else(bad)?;
        server.address = address.parse().map_err(|_| bad())?;
        server.base = format!("/{base}");
        Ok(server)
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path that the door is mounted at.
    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn api_keys(&self) -> impl Iterator<Item = &Secret<String>> {
        self.announced.api_keys.iter()
    }

    /// What it said of itself.
    pub const fn announced(&self) -> &Announcement {
        &self.announced
    }

    /// The most memory that it had so far.
    pub fn memory_peak_bytes(&self) -> Option<u64> {
        memory::peak_bytes(self.pid)
    }

    pub fn cpu(&self) -> Option<Cpu> {
        cpu::of(self.pid)
    }

    /// In order, so that the store is whole and its log is gone.
    pub async fn stop(mut self) -> Result<(), Failure> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let pid = Pid::from_child(&child);
        // Before it is waited for: that closes its input, with which it stops too, and a process
        // that was waited for has no id any more.
        kill_process(pid, Signal::TERM)?;
        let mut ended = std::pin::pin!(spawn_blocking(move || child.wait()));
        let status = match timeout(STOP_DEADLINE, &mut ended).await {
            Ok(status) => status??,
            Err(_) => {
                // Where it has ended just now there is nothing to kill.
                let _ = kill_process(pid, Signal::KILL);
                ended.await??;
                return Err(ServerError::StillRunning.into());
            }
        };
        if status.success() { Ok(()) } else { Err(ServerError::Stopped(status).into()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Where it has ended by itself there is nothing to kill.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(test)]
mod tests;
