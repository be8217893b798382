//! Migrations: numbered, forward-only, one transaction each.
//!
//! A migration and the row that records it are one commit, so a start that was interrupted is
//! continued by the next one. The caller holds the lock on the file.

use crate::open::OpenError;
use rusqlite::{Connection, TransactionBehavior, params};

/// Marks the file as ours, in SQLite's header: "Vost".
const APPLICATION_ID: i32 = 0x566f_7374;

const CREATE_VERSIONS: &str =
    "create table schema_version (version integer primary key, name text not null) strict";
const RECORD: &str = "insert into schema_version (version, name) values (?1, ?2)";
const NEWEST: &str = "select coalesce(max(version), 0) from schema_version";
const TABLES: &str = "select count(*) from sqlite_schema";

/// One step of the schema. Its number is its place in the list, from 1.
pub struct Migration {
    pub name: &'static str,
    pub sql: &'static str,
}

macro_rules! migrations {
    ($($name:literal,)*) => {
        &[$(Migration {
            name: $name,
            sql: include_str!(concat!("../migrations/", $name, ".sql")),
        },)*]
    };
}

pub const MIGRATIONS: &[Migration] = migrations![
    "0001_program",
    "0002_credential",
    "0003_key",
    "0004_rate",
    "0005_cardholder",
    "0006_account",
    "0007_hold",
    "0008_reference",
    "0009_instruction",
    "0010_transfer",
    "0011_event",
    "0012_lease",
    "0013_signature_key",
    "0014_blind_index",
    "0015_cardholder",
    "0016_instruction",
    "0017_endpoint",
    "0018_delivery",
    "0019_sub_account",
    "0020_runs",
    "0021_posting",
    "0022_filters_in_order",
];

/// The newest version that this program knows.
pub fn known() -> i64 {
    version_of(MIGRATIONS.len())
}

fn version_of(count: usize) -> i64 {
    i64::try_from(count).expect("there are few migrations")
}

/// Brings the file to the newest version.
pub fn migrate(connection: &mut Connection, migrations: &[Migration]) -> Result<(), OpenError> {
    adopt(connection)?;
    let found = version(connection)?;
    if found > version_of(migrations.len()) {
        return Err(OpenError::Newer { found, known: version_of(migrations.len()) });
    }
    for (index, migration) in migrations.iter().enumerate() {
        let version = version_of(index + 1);
        if version > found {
            let applied = apply(connection, version, migration);
            applied.map_err(|source| OpenError::Migration { name: migration.name, source })?;
            tracing::info!(version, name = migration.name, "migrated the database");
        }
    }
    Ok(())
}

fn apply(connection: &mut Connection, version: i64, migration: &Migration) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql)?;
    transaction.execute(RECORD, params![version, migration.name])?;
    transaction.commit()
}

/// Makes an empty file ours; refuses somebody else's.
fn adopt(connection: &mut Connection) -> Result<(), OpenError> {
    if is_ours(connection)? {
        return Ok(());
    }
    let tables: i64 = connection.query_row(TABLES, [], |row| row.get(0))?;
    if tables > 0 {
        return Err(OpenError::Foreign);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.execute_batch(CREATE_VERSIONS)?;
    transaction.commit()?;
    Ok(())
}

fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(id == APPLICATION_ID)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row(NEWEST, [], |row| row.get(0))
}

/// For who may only look: the file must be ours and exactly as new as this program.
pub fn check(connection: &Connection) -> Result<(), OpenError> {
    if !is_ours(connection)? {
        return Err(OpenError::Foreign);
    }
    let (found, known) = (version(connection)?, known());
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(OpenError::Newer { found, known }),
        std::cmp::Ordering::Less => Err(OpenError::Older { found, known }),
    }
}
