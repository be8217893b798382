//! The processes of one server, from its start to the end of the last of them.

use crate::home::home;
use crate::log::Log;
use crate::{binaries, user};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};

pub struct Server {
    child: Child,
    log: Log,
    ended: bool,
}

impl Server {
    /// Starts on a data directory and waits until connections are accepted.
    pub fn start(data: &Path, port: u16) -> Self {
        let mut command = binaries::command("postgres");
        command.arg("-D").arg(data).arg("-p").arg(port.to_string());
        command.stdout(home().lifeline()).stderr(Stdio::piped());
        // A group of its own: Ctrl-C on the tests is not for the server, the warden stops it.
        let mut child =
            user::demote(command.process_group(0)).spawn().expect("the server can be run");
        home().started(child.id());
        let log = Log::follow(child.stderr.take().expect("it is piped"));
        let server = Self { child, log, ended: false };
        // A standby says "read-only connections".
        server.log.wait_for("database system is ready to accept", 0);
        server
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Asks for the configuration to be read, and waits until each process was told. The server
    /// tells them right after it said so, before it accepts another connection.
    pub fn reload(&self) {
        let mark = self.log.mark();
        self.signal(Signal::HUP);
        self.log.wait_for("received SIGHUP", mark);
    }

    /// Ends it by a signal and waits until the last backend is gone, and with it the shared
    /// memory: a backend ends by itself once it sees that the server has.
    pub fn end(mut self, signal: Signal) {
        self.signal(signal);
        assert!(self.log.wait_for_end(), "the server still runs after {signal:?}");
        self.reap();
    }

    /// The child is not reaped as long as this can be called, so its id is its own.
    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // Where it has ended by itself, nothing remains to be done.
        let _ = kill_process(pid.expect("a child has an id"), signal);
    }

    fn reap(&mut self) {
        self.ended = true;
        home().ended(self.child.id());
        // Nobody else waits for it.
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.ended {
            self.signal(Signal::QUIT);
            if !self.log.wait_for_end() {
                self.signal(Signal::KILL);
            }
            self.reap();
        }
    }
}
