//! `vostro database`: what the owner of a PostgreSQL database does for the servers.

use crate::cli::{Failure, Place};
use crate::config::{Config, Overrides};
use crate::open::{Database, PlaceError};
use crate::{logs, open};
use clap::Subcommand;
use serde_json::{Value, json};
use std::process::ExitCode;
use store_postgres::{Options, PostgresStore};

#[derive(Subcommand, Debug)]
pub enum DatabaseCommand {
    /// Bring the schema up to date, as its owner, and end.
    Migrate,
    /// Print the SQL script that makes the role for servers, or limits one that is there.
    Role {
        /// The role's name.
        #[arg(long)]
        name: String,
    },
    /// Spread the tables over the machines of a Citus cluster, by programme.
    Distribute {
        /// Print the statements and run none.
        #[arg(long)]
        print: bool,
    },
}

pub fn run(place: &Place, command: DatabaseCommand, json: bool) -> Result<ExitCode, Failure> {
    logs::start_quiet();
    let (text, answer) = match command {
        DatabaseCommand::Migrate => migrate(place)?,
        DatabaseCommand::Role { name } => {
            let script = store_postgres::role_script(&name)?;
            (script.clone(), json!({ "script": script }))
        }
        DatabaseCommand::Distribute { print } => {
            let statements =
                if print { store_postgres::distribution() } else { distribute(place)? };
            let lines = statements.iter().map(|sql| format!("{sql};\n"));
            (lines.collect(), json!({ "statements": statements }))
        }
    };
    if json {
        println!("{answer}")
    } else {
        print!("{text}")
    }
    Ok(ExitCode::SUCCESS)
}

/// The database's address, and how it is opened.
fn postgres(place: &Place) -> Result<(String, Options), Failure> {
    let config = Config::load(place.config.as_deref(), &Overrides::of(place))?.with_default_data();
    match open::database(&config)? {
        Database::Postgres(url) => Ok((url, open::postgres_options(&config)?)),
        Database::Sqlite(_) => Err(PlaceError::NotPostgres.into()),
    }
}

fn migrate(place: &Place) -> Result<(String, Value), Failure> {
    let (url, options) = postgres(place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(PostgresStore::open(&url, options))?;
    Ok(("the schema is up to date\n".to_owned(), json!({ "up_to_date": true })))
}

/// The statements that were run; none is left where all was done before.
fn distribute(place: &Place) -> Result<Vec<String>, Failure> {
    let (url, options) = postgres(place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(store_postgres::distribute(&url, options))?)
}
