//! Whom PostgreSQL runs as: it refuses to run as root, which is who runs the tests in a container.

use crate::binaries::run;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// The user that the Debian package makes, or the one that every system has.
const NAMES: [&str; 2] = ["postgres", "nobody"];

struct User {
    uid: u32,
    gid: u32,
}

/// Lets the command run as somebody who may run PostgreSQL.
pub fn demote(command: &mut Command) -> &mut Command {
    match other() {
        Some(user) => command.uid(user.uid).gid(user.gid),
        None => command,
    }
}

/// Makes a file or folder theirs.
pub fn give(path: &Path) {
    if let Some(user) = other() {
        chown(path, Some(user.uid), Some(user.gid)).expect("root gives its files away");
    }
}

/// `None` where we are fit ourselves.
fn other() -> Option<&'static User> {
    static USER: OnceLock<Option<User>> = OnceLock::new();
    let found = USER.get_or_init(|| {
        let root = rustix::process::geteuid().is_root();
        root.then(|| NAMES.into_iter().find_map(look_up).expect("every system has nobody"))
    });
    found.as_ref()
}

fn look_up(name: &str) -> Option<User> {
    let ask = |which| run(Command::new("id").args([which, name])).ok()?.parse().ok();
    Some(User { uid: ask("-u")?, gid: ask("-g")? })
}
