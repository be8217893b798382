//! Everything a test process leaves on the machine, and who removes it.
//!
//! All files are in one temporary folder: the template that initdb made, and a copy of it for each
//! cluster. A [`crate::Cluster`] that is dropped removes its own. What remains is for the warden,
//! a shell that outlives the test process, however that ends: by itself, by a panic, by SIGKILL.
//!
//! 1. The warden reads the process ids of our servers from a pipe. When we end, so does the pipe,
//!    and the warden shuts down at once the servers that it was not told have ended. An id is
//!    taken back before we reap its process, so it can't have become another's meanwhile.
//! 2. Each server process, backends too, has the writing end of a second pipe as its standard
//!    output. When that pipe ends, all are gone, and the warden removes the folder.
//!
//! A parent-death signal would not do: it comes when the thread that started the server ends, and
//! each test has its own.

use crate::{binaries, user};
use std::fmt::Display;
use std::io::{PipeWriter, Write, pipe};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Its standard output is a second input: there is no other way to hand it one.
const WARDEN: &str = r#"
live=
while read -r change pid; do
    rest=
    for known in $live; do
        [ "$known" = "$pid" ] || rest="$rest $known"
    done
    live=$rest
    [ "$change" = - ] || live="$live $pid"
done
[ -z "$live" ] || kill -QUIT $live
cat <&1 >/dev/null
rm -rf "$0"
"#;

/// What every cluster is set to; a test's own settings come after these and win.
const SETTINGS: [(&str, &str); 10] = [
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_directories", ""),
    ("max_connections", "200"),
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    ("autovacuum", "on"),
    // In the data directory, so that a killed server leaves nothing in /dev/shm.
    ("dynamic_shared_memory_type", "mmap"),
    // The log is kept in memory: the errors of statements would fill it.
    ("log_min_messages", "log"),
    ("log_checkpoints", "off"),
];

pub struct Home {
    path: PathBuf,
    folders: AtomicU64,
    template: OnceLock<PathBuf>,
    warden: Mutex<PipeWriter>,
    lifeline: PipeWriter,
    _warden: Child,
}

pub fn home() -> &'static Home {
    static HOME: OnceLock<Home> = OnceLock::new();
    HOME.get_or_init(Home::create)
}

impl Home {
    fn create() -> Self {
        let folder = tempfile::Builder::new().prefix("pgfixture-").tempdir();
        let path = folder.expect("a temporary folder can be made").keep();
        user::give(&path);
        let (pids, warden) = pipe().expect("a pipe");
        let (gone, lifeline) = pipe().expect("a pipe");
        let mut command = Command::new("sh");
        command.args(["-c", WARDEN]).arg(&path).current_dir("/");
        command.stdin(pids).stdout(gone).stderr(Stdio::null());
        // A group of its own, so that Ctrl-C on the tests does not end it too.
        let child = command.process_group(0).spawn().expect("there is a shell");
        Self {
            path,
            folders: AtomicU64::new(0),
            template: OnceLock::new(),
            warden: Mutex::new(warden),
            lifeline,
            _warden: child,
        }
    }

    /// A path for one more data directory.
    pub fn folder(&self) -> PathBuf {
        self.path.join(self.folders.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// A data directory as initdb makes it; copied, as initdb takes a second.
    pub fn data(&self) -> PathBuf {
        let template = self.template.get_or_init(|| initdb(self.folder()));
        let folder = self.folder();
        let copied = binaries::run(Command::new("cp").arg("-a").args([template, &folder]));
        copied.unwrap_or_else(|e| panic!("the template can't be copied: {e}"));
        folder
    }

    /// The standard output of a server, by which the warden sees when the last process is gone.
    pub fn lifeline(&self) -> PipeWriter {
        self.lifeline.try_clone().expect("a pipe can be shared")
    }

    pub fn started(&self, pid: u32) {
        self.tell('+', pid);
    }

    pub fn ended(&self, pid: u32) {
        self.tell('-', pid);
    }

    fn tell(&self, change: char, pid: impl Display) {
        let mut warden = self.warden.lock().unwrap_or_else(PoisonError::into_inner);
        // One write, so that the line is whole whenever we die. A dead warden is no test's fault.
        let _ = warden.write_all(format!("{change} {pid}\n").as_bytes());
    }
}

fn initdb(folder: PathBuf) -> PathBuf {
    let mut command = binaries::command("initdb");
    command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
    command.args(["--no-sync", "--no-instructions", "-D"]).arg(&folder);
    let made = binaries::run(user::demote(&mut command));
    made.unwrap_or_else(|e| panic!("initdb failed: {e}"));
    configure(&folder, &SETTINGS);
    folder
}

/// Adds lines to `postgresql.conf`, where the last line of a setting counts.
pub fn configure(folder: &Path, settings: &[(&str, &str)]) {
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "''");
    let lines = settings.iter().map(|(name, value)| format!("{name} = '{}'\n", quoted(value)));
    let file = std::fs::OpenOptions::new().append(true).open(folder.join("postgresql.conf"));
    let written = file.and_then(|mut file| file.write_all(lines.collect::<String>().as_bytes()));
    written.expect("postgresql.conf can be written");
}
