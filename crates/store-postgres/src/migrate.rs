//! Migrations: numbered, forward-only, one transaction each.
//!
//! A lock that belongs to the session is held from the first look to the last step, so of several
//! servers that start at once one migrates and the others wait and then find nothing to do. A
//! migration and the row that records it are one commit, and the lock ends with the session that
//! held it, so a start that was killed is continued by the next one.

use crate::open::OpenError;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

/// A lock of the database, by a name that is nobody else's.
const LOCK: &str = "select pg_advisory_lock(hashtextextended('vostro schema', 0))";
const UNLOCK: &str = "select pg_advisory_unlock(hashtextextended('vostro schema', 0))";
/// Waiting for somebody else's migration may take longer than any row lock.
const PATIENCE: &str = "set lock_timeout = '10min'";

const CREATE_VERSIONS: &str =
    "create table schema_version (version bigint primary key, name text not null)";
const RECORD: &str = "insert into schema_version (version, name) values ($1, $2)";
const NEWEST: &str = "select coalesce(max(version), 0) from schema_version";
const IS_OURS: &str = "select to_regclass('schema_version') is not null";
/// Other relations where unqualified names are made.
const OTHERS: &str = "select count(*) from pg_class \
     where relnamespace = to_regnamespace(current_schema()) and relkind in ('r', 'p')";

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

fn version_of(count: usize) -> i64 {
    i64::try_from(count).expect("there are few migrations")
}

/// Brings the database to the newest version.
pub async fn migrate(client: &mut Client, migrations: &[Migration]) -> Result<(), OpenError> {
    // Who has nothing to do needs no right to do it.
    if is_ours(client).await? && version(client).await? == version_of(migrations.len()) {
        return Ok(());
    }
    client.batch_execute(PATIENCE).await?;
    client.batch_execute(LOCK).await?;
    let done = locked(client, migrations).await;
    client.batch_execute(UNLOCK).await?;
    done
}

async fn locked(client: &mut Client, migrations: &[Migration]) -> Result<(), OpenError> {
    adopt(client).await?;
    let found = version(client).await?;
    let known = version_of(migrations.len());
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (index, migration) in migrations.iter().enumerate() {
        let version = version_of(index + 1);
        if version > found {
            let applied = apply(client, version, migration).await;
            applied.map_err(|source| {
                if lacks_right(&source) {
                    return OpenError::Older { found: version - 1, known };
                }
                OpenError::Migration { name: migration.name, source }
            })?;
            tracing::info!(version, name = migration.name, "migrated the database");
        }
    }
    Ok(())
}

async fn apply(client: &mut Client, version: i64, migration: &Migration) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(migration.sql).await?;
    transaction.execute(RECORD, &[&version, &migration.name]).await?;
    transaction.commit().await
}

/// Makes an empty database ours; refuses somebody else's.
async fn adopt(client: &Client) -> Result<(), OpenError> {
    if is_ours(client).await? {
        return Ok(());
    }
    let tables: i64 = client.query_one(OTHERS, &[]).await?.try_get(0)?;
    if tables > 0 {
        return Err(OpenError::Foreign);
    }
    client.batch_execute(CREATE_VERSIONS).await.map_err(|error| {
        let known = version_of(MIGRATIONS.len());
        if lacks_right(&error) { OpenError::Older { found: 0, known } } else { error.into() }
    })
}

/// A server's own role changes no tables; whose business it is, the error says.
fn lacks_right(error: &Error) -> bool {
    error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
}

async fn is_ours(client: &Client) -> Result<bool, Error> {
    client.query_one(IS_OURS, &[]).await?.try_get(0)
}

async fn version(client: &Client) -> Result<i64, Error> {
    client.query_one(NEWEST, &[]).await?.try_get(0)
}

/// For who may only look: the database must be ours and exactly as new as this program.
pub async fn check(client: &Client) -> Result<(), OpenError> {
    if !is_ours(client).await? {
        return Err(OpenError::Foreign);
    }
    let (found, known) = (version(client).await?, version_of(MIGRATIONS.len()));
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(OpenError::Newer { found, known }),
        std::cmp::Ordering::Less => Err(OpenError::Older { found, known }),
    }
}
