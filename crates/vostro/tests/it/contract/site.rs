//! The server of a transcript: a sandbox on a clock that stands still, which may be started anew
//! with other settings, and whose store may be held or harmed behind its back.

use super::transcript::{Call, Step};
use super::variables::Variables;
use crate::backend::{Backend, CONFIG};
use crate::harm::Store;
use crate::operator::Operator;
use crate::process::vostro;
use crate::server::{Sandbox, Service};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// 2026-05-28T20:26:40Z.
pub const START_MS: i64 = 1_780_000_000_000;

pub struct Site {
    directory: TempDir,
    store: Store,
    server: Option<Server>,
    operator_token: String,
}

enum Server {
    Sandbox(Sandbox),
    /// What a restart is, since a sandbox makes its demo before it listens and can't without its
    /// queue.
    Service(Service),
}

impl Site {
    pub fn start(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(backend, &directory.path().join("data"));
        let mut site = Self { directory, store, server: None, operator_token: String::new() };
        site.set_clock(START_MS);
        let sandbox = Sandbox::start_with(&site.data(), site.command());
        site.operator_token = sandbox.text("/operator_token");
        site.server = Some(Server::Sandbox(sandbox));
        site
    }

    /// As it was started first.
    pub fn sandbox(&self) -> &Sandbox {
        match self.server() {
            Server::Sandbox(sandbox) => sandbox,
            Server::Service(_) => panic!("it was started anew"),
        }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("it runs")
    }

    /// Host and port of the merchants' listener.
    pub fn public(&self) -> String {
        match self.server() {
            Server::Sandbox(sandbox) => sandbox.public(),
            Server::Service(service) => service.public(),
        }
    }

    fn operator(&self) -> Operator {
        let address = match self.server() {
            Server::Sandbox(sandbox) => sandbox.operator(),
            Server::Service(service) => service.operator(),
        };
        Operator::with_token(&address, &self.operator_token)
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn clock(&self) -> PathBuf {
        self.directory.path().join("clock")
    }

    /// In one step, since the server reads it at any time.
    fn set_clock(&self, ms: i64) {
        let fresh = self.directory.path().join("clock.new");
        std::fs::write(&fresh, (ms * 1_000).to_string()).unwrap();
        std::fs::rename(&fresh, self.clock()).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = vostro();
        command.env("VOSTRO_TEST_CLOCK_FILE", self.clock());
        // The database has a clock of its own, which does not stand still.
        command.env("VOSTRO_STORE_CLOCKS_APART_MAX_MS", i64::MAX.to_string());
        command
    }

    /// Does what comes before an exchange.
    pub fn prepare(&mut self, steps: &[Step], variables: &mut Variables) -> Result<(), String> {
        for step in steps {
            match step {
                Step::Clock(ms) => {
                    self.set_clock(*ms);
                    variables.set_clock(*ms);
                }
                Step::Server(environment) => self.start_anew(environment),
                Step::Operator(call) => self.operate(call, variables)?,
                Step::Store(harm) => self.store.harm(harm),
            }
        }
        Ok(())
    }

    fn operate(&self, call: &Call, variables: &mut Variables) -> Result<(), String> {
        let body = match variables.fill(&call.body)? {
            empty if empty.is_empty() => Value::Null,
            text => serde_json::from_str(&text).map_err(|error| format!("{error}: {text}\n"))?,
        };
        let path = variables.fill(&call.path)?;
        let answer = self.operator().call(&call.method, &path, None, &body);
        if let Some(name) = &call.name {
            variables.set_all(name, &answer);
        }
        Ok(())
    }

    fn start_anew(&mut self, environment: &[(String, String)]) {
        self.stop();
        let data = self.data();
        let mut command = self.command();
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        for listener in ["VOSTRO_SERVER_LISTEN", "VOSTRO_SERVER_OPERATOR_LISTEN"] {
            command.env(listener, "127.0.0.1:0");
        }
        command.arg("--data").arg(&data);
        let service = Service::start_with(command, &data.join(CONFIG), &data);
        self.server = Some(Server::Service(service));
    }

    fn stop(&mut self) {
        let status = match self.server.take() {
            Some(Server::Sandbox(sandbox)) => sandbox.stop(),
            Some(Server::Service(service)) => service.stop().0,
            None => return,
        };
        assert!(status.success(), "{status}");
    }

    pub fn end(mut self) {
        self.stop();
    }
}
