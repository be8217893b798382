//! Statements, as somebody types them.

use crate::binaries;
use std::net::SocketAddr;

pub fn url(server: SocketAddr, database: &str) -> String {
    format!("postgres://postgres@{server}/{database}")
}

/// Runs each command by itself on one connection, up to the first that fails: what they answer,
/// or what psql says.
pub fn run(url: &str, commands: &[&str]) -> Result<String, String> {
    let mut psql = binaries::command("psql");
    psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1"]);
    for command in commands {
        psql.args(["-c", command]);
    }
    binaries::run(psql.arg(url))
}
