//! Programs that the tests and the counts call and cargo does not bring.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program, the Debian packages that bring it, and what it is needed for.
struct Need {
    program: &'static str,
    packages: &'static [&'static str],
    purpose: &'static str,
}

const NEEDS: [Need; 8] = [
    Need {
        program: COMPILER,
        packages: &["gcc", "libc6-dev"],
        purpose: "compiles SQLite and the cryptography",
    },
    Need {
        program: "curl",
        packages: &["curl"],
        purpose: "pastes the commands a user would paste",
    },
    Need {
        program: "strace",
        packages: &["strace"],
        purpose: "shows that an answer waits for its sync",
    },
    Need {
        program: "openssl",
        packages: &["openssl"],
        purpose: "makes the certificate of an encrypted PostgreSQL",
    },
    Need {
        program: "python3",
        packages: &["python3-minimal", "libpython3-stdlib"],
        purpose: "runs a client that is written in another language",
    },
    Need {
        program: PYTHON_ENVIRONMENTS,
        packages: &["python3-venv"],
        purpose: "Python 3.11 or newer makes the environment that a vendor's own client runs in",
    },
    Need {
        program: POSTGRESQL,
        packages: &["postgresql"],
        purpose: "PostgreSQL, of which the tests start servers of their own",
    },
    Need { program: VALGRIND, packages: &["valgrind"], purpose: "counts instructions" },
];

const COMPILER: &str = "cc";
const POSTGRESQL: &str = "initdb";
const VALGRIND: &str = "valgrind";
const PYTHON_ENVIRONMENTS: &str = "python3 -m venv";

/// What the tests need, as [`meet`] does it.
pub fn meet_testing(without_postgresql: bool) -> Result<(), String> {
    meet(|program| program != VALGRIND && !(without_postgresql && program == POSTGRESQL))
}

/// What counting instructions needs, likewise.
pub fn meet_counting() -> Result<(), String> {
    meet(|program| [COMPILER, VALGRIND].contains(&program))
}

/// Installs what is missing where that is possible; otherwise says what to install.
fn meet(needed: impl Fn(&str) -> bool) -> Result<(), String> {
    let missing = || {
        let missing = missing().into_iter();
        missing.filter(|need| needed(need.program)).collect::<Vec<_>>()
    };
    let lacking = missing();
    if lacking.is_empty() {
        return Ok(());
    }
    if !(is_root() && on_path("apt-get")) {
        return Err(advice(&lacking));
    }
    apt_get(&["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(lacking.iter().flat_map(|need| need.packages));
    without_default_cluster(|| apt_get(&install))?;
    match missing() {
        still if still.is_empty() => Ok(()),
        still => Err(advice(&still)),
    }
}

fn missing() -> Vec<&'static Need> {
    let there = |program| match program {
        PYTHON_ENVIRONMENTS => makes_environments(),
        _ => on_path(program) || in_postgresql(program),
    };
    NEEDS.iter().filter(|need| !there(need.program)).collect()
}

fn advice(missing: &[&Need]) -> String {
    let mut text = String::from("programs that are called here are missing:\n");
    for need in missing {
        text.push_str(&format!("  {}: {}\n", need.program, need.purpose));
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    text.push_str(&format!(
        "install them, on Debian and Ubuntu: apt-get install {}",
        packages.join(" ")
    ));
    text
}

fn on_path(program: &str) -> bool {
    #[expect(clippy::disallowed_methods, reason = "programs are looked up where the shell would")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder: PathBuf| folder.join(program).is_file())
}

/// Debian keeps the programs of PostgreSQL's servers in a folder per version, not on the path.
fn in_postgresql(program: &str) -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).any(|bin| bin.join(program).is_file())
}

/// Debian leaves out of Python what an environment's `pip` comes from.
fn makes_environments() -> bool {
    const ASK: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
    let mut python = Command::new("python3");
    python.args(["-I", "-c", ASK]).stdin(Stdio::null()).stdout(Stdio::null());
    python.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Debian's package starts a server when it is installed, unless a file says otherwise. The tests
/// have no use for it. The file goes again: what is installed later by hand is not our affair.
fn without_default_cluster(install: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let folder = Path::new("/etc/postgresql-common/createcluster.d");
    let file = folder.join("no-main-cluster.conf");
    // Where it can't be written, the tests pass all the same, beside a server that idles.
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, "create_main_cluster = false\n"));
    let outcome = install();
    if written.is_ok() {
        let _ = std::fs::remove_file(&file);
    }
    outcome
}

/// The owner of our own entry in /proc is the effective user, without a call into libc.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    println!("apt-get {}", arguments.join(" "));
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .map_err(|e| format!("apt-get did not start: {e}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("apt-get {} ended with {status}", arguments.join(" ")))
}
