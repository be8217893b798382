//! Empty databases beside the one that an address names, for as long as a measurement takes.

use crate::connect::{Connector, Role};
use crate::open::{OpenError, Options, first};

/// Makes a database on the server that `url` names, and answers its address. The role needs the
/// right to make databases.
pub async fn create_scratch(url: &str, options: Options, name: &str) -> Result<String, OpenError> {
    let session = first(&Connector::new(url, options)?, Role::Write).await?;
    let sql = format!("create database {} template template0 encoding 'UTF8'", quoted(name));
    session.client.batch_execute(&sql).await?;
    Ok(beside(url, name))
}

/// Drops what [`create_scratch`] made, with all that is in it; whoever is still connected is sent
/// away. `url` is the address that it was made beside.
pub async fn drop_scratch(url: &str, options: Options, name: &str) -> Result<(), OpenError> {
    let session = first(&Connector::new(url, options)?, Role::Write).await?;
    let sql = format!("drop database if exists {} with (force)", quoted(name));
    Ok(session.client.batch_execute(&sql).await?)
}

/// A name as it stands in a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The same address with another database: `scheme://hosts/DATABASE?parameters`.
fn beside(url: &str, name: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let hosts = rest.split_once('/').map_or(rest, |(hosts, _)| hosts);
    format!("{scheme}://{hosts}/{name}{parameters}")
}

#[cfg(test)]
mod tests;
