//! A server that a test may treat badly.
//!
//! Its data directory is removed when it is dropped, whatever state it is in.

use crate::home::{configure, home};
use crate::port::Port;
use crate::server::Server;
use crate::session::Session;
use crate::{binaries, psql, user};
use rustix::process::Signal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Cluster {
    data: PathBuf,
    port: Port,
    /// `None` while it is down.
    server: Option<Server>,
}

impl Cluster {
    /// A fresh server that is as durable as one in production: `fsync`, `full_page_writes` and
    /// `synchronous_commit` are on. It takes 200 connections of the user `postgres`, without a
    /// password. Encoding and collation are those of C.UTF-8.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// As [`Cluster::start`], with settings of `postgresql.conf` by name and value.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let data = home().data();
        configure(&data, settings);
        Self::on(data)
    }

    fn on(data: PathBuf) -> Self {
        let mut cluster = Self { data, port: Port::reserve(), server: None };
        cluster.restart();
        cluster
    }

    pub fn port(&self) -> u16 {
        self.address().port()
    }

    /// Stays the same over restarts.
    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    pub fn url(&self, database: &str) -> String {
        psql::url(self.address(), database)
    }

    /// An empty database under a name that no other cluster of this process uses.
    pub fn create_database(&self) -> String {
        static DATABASES: AtomicU64 = AtomicU64::new(1);
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("create database {name}"));
        name
    }

    /// Runs statements, several of them in one transaction, and returns the rows as lines with `|`
    /// between their columns. Fails with psql's message.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        psql::run(&self.url(database), &[sql]).unwrap_or_else(|e| panic!("{sql}\n{e}"))
    }

    /// A connection of its own to a database.
    pub fn session(&self, database: &str) -> Session {
        Session::open(&self.url(database))
    }

    /// Kills the server as a crash would, and waits until its backends have seen it and are gone.
    pub fn kill(&mut self) {
        self.end(Signal::KILL);
    }

    /// Immediate shutdown: backends are cut off, and the next start recovers.
    pub fn stop_immediate(&mut self) {
        self.end(Signal::QUIT);
    }

    /// Fast shutdown: transactions are rolled back, and what was committed is flushed.
    pub fn stop(&mut self) {
        self.end(Signal::INT);
    }

    fn end(&mut self, signal: Signal) {
        if let Some(server) = self.server.take() {
            server.end(signal);
        }
    }

    /// Starts on the same port and data, and waits until connections are accepted. A server that
    /// runs is stopped before.
    pub fn restart(&mut self) {
        self.stop();
        self.server = Some(Server::start(&self.data, self.port()));
    }

    /// Changes settings. New connections have them at once, open ones before their next command,
    /// a server that is down when it starts.
    pub fn reload(&mut self, settings: &[(&str, &str)]) {
        configure(&self.data, settings);
        if let Some(server) = &self.server {
            server.reload();
        }
    }

    /// A streaming standby of this server, which from now on answers a commit only when the
    /// standby has flushed it. There can be one at a time.
    pub fn synchronous_standby(&mut self) -> Cluster {
        let data = home().folder();
        let mut command = binaries::command("pg_basebackup");
        command.arg("-d").arg(self.url("postgres")).arg("-D").arg(&data);
        command.args(["-R", "-X", "stream", "-c", "fast", "--no-sync"]);
        let copied = binaries::run(user::demote(&mut command));
        copied.unwrap_or_else(|e| panic!("pg_basebackup failed: {e}"));

        self.wait_for_standby("*");
        let server = self.server.as_ref().expect("pg_basebackup has copied from it");
        let mark = server.log().mark();
        let standby = Self::on(data);
        server.log().wait_for("is now a synchronous standby", mark);
        let state = self.sql("postgres", "select sync_state from pg_stat_replication");
        assert_eq!(state, "sync");
        standby
    }

    /// Makes a standby a server of its own that waits for no other, and waits until it is.
    pub fn promote(&mut self) {
        self.wait_for_standby("");
        assert_eq!(self.sql("postgres", "select pg_promote(true, 120)"), "t");
        assert_eq!(self.sql("postgres", "select pg_is_in_recovery()"), "f");
    }

    /// Whether commits wait is decided by a flag in shared memory that the checkpointer sets when
    /// it reads the configuration. It does that before it takes up a checkpoint; without one, the
    /// next commits might not wait yet.
    fn wait_for_standby(&mut self, names: &str) {
        self.reload(&[("synchronous_standby_names", names)]);
        self.sql("postgres", "checkpoint");
    }

    /// A killed server that was not started again has left its lock on the data directory, a
    /// System V segment of shared memory, of which a system has a few thousand.
    fn release_lock(&self) {
        let lock = std::fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        // The seventh line is the segment's key and its id.
        let segment = lock.lines().nth(6).and_then(|line| line.split_whitespace().nth(1));
        if let Some(id) = segment {
            // Where the program is missing, the segment stays until the system restarts.
            let _ = binaries::run(Command::new("ipcrm").args(["-m", id]));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Shuts down at once.
        self.server = None;
        self.release_lock();
        // What can't be removed is left to the warden.
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

#[cfg(test)]
mod tests;
