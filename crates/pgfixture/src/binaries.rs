//! Where PostgreSQL's programs are: Debian keeps each version in a folder that is not on the path.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

const DEBIAN: &str = "/usr/lib/postgresql";
const OLDEST: u32 = 15;

/// One of PostgreSQL's programs. What a developer has set (`PGHOST`, `PGOPTIONS`, a language) must
/// not decide a test, so the environment is empty; and the user that it may run as can't
/// necessarily enter our own current directory.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(folder().join(program));
    command.env_clear().env("LC_ALL", "C.UTF-8").current_dir("/").stdin(Stdio::null());
    command
}

/// Runs a command to its end; its standard output, or what it said on standard error.
pub fn run(command: &mut Command) -> Result<String, String> {
    let Output { status, stdout, stderr } = command.output().map_err(|e| e.to_string())?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).trim_end().to_owned());
    }
    Err(format!("{status}: {}", String::from_utf8_lossy(&stderr).trim_end()))
}

fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        debian().or_else(on_path).unwrap_or_else(|| {
            panic!("there is no PostgreSQL {OLDEST} or newer; Debian's package is postgresql")
        })
    })
}

fn debian() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).ok()?.filter_map(Result::ok);
    let found = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    let whole = found.filter(|(version, bin)| *version >= OLDEST && is_whole(bin));
    whole.max().map(|(_, bin)| bin)
}

/// Elsewhere, the programs are in the folder that their own `pg_config` names.
fn on_path() -> Option<PathBuf> {
    let ask = |what| run(Command::new("pg_config").arg(what)).ok();
    let version = ask("--version")?;
    let major = version.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?;
    let bin = PathBuf::from(ask("--bindir")?);
    (major.parse::<u32>().ok()? >= OLDEST && is_whole(&bin)).then_some(bin)
}

/// The client's package alone has the folder too.
fn is_whole(bin: &Path) -> bool {
    ["initdb", "postgres", "psql", "pg_basebackup"].iter().all(|name| bin.join(name).is_file())
}
