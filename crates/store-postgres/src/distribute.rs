//! The tables spread over the machines of a Citus cluster.
//!
//! Every table but the two that stand outside of programmes is distributed by its programme, all in
//! one group, so that a programme's rows are on one machine and a commit of one programme stays
//! there. The two are on every machine. Statement by statement: a table that is distributed already
//! is left out, so that an interrupted run is finished by the next one.

use crate::connect::{Connector, Role};
use crate::migrate::check;
use crate::open::{OpenError, Options, first};
use store::schema::{Class, TABLES, TableSpec};
use tokio_postgres::Client;

const INSTALLED: &str = "select exists (select from pg_extension where extname = 'citus')";
const DISTRIBUTED: &str = "select logicalrelid::regclass::text from pg_dist_partition";

/// Why the tables were not distributed.
#[derive(Debug, thiserror::Error)]
pub enum DistributeError {
    #[error("the database can't be used")]
    Open(#[from] OpenError),
    #[error(
        "this database has no extension citus, so there are no machines to spread it over; \
         `create extension citus` makes one where it is installed"
    )]
    NoCitus,
    #[error("PostgreSQL refused a statement")]
    Refused(#[from] tokio_postgres::Error),
}

/// What distributes one table.
fn statement(table: &TableSpec, group: Option<&str>) -> String {
    let name = table.name;
    match (table.class, group) {
        (Class::Control, _) => format!("select create_reference_table('{name}')"),
        (_, None) => {
            format!("select create_distributed_table('{name}', 'program', colocate_with => 'none')")
        }
        (_, Some(first)) => format!(
            "select create_distributed_table('{name}', 'program', colocate_with => '{first}')"
        ),
    }
}

/// Each table with its statement, in the order in which they must run.
fn statements() -> impl Iterator<Item = (&'static str, String)> {
    let group = TABLES.iter().find(|table| table.class != Class::Control).map(|table| table.name);
    TABLES.iter().map(move |table| {
        let others = group.filter(|first| *first != table.name);
        (table.name, statement(table, others))
    })
}

/// The statements that distribute every table, in order.
pub fn distribution() -> Vec<String> {
    statements().map(|(_, sql)| sql).collect()
}

/// Distributes what is not distributed yet; answers the statements that it ran. The database must
/// be up to date.
pub async fn distribute(url: &str, options: Options) -> Result<Vec<String>, DistributeError> {
    let connector = Connector::new(url, options)?;
    let session = first(&connector, Role::Write).await?;
    check(&session.client).await?;
    run(&session.client).await
}

async fn run(client: &Client) -> Result<Vec<String>, DistributeError> {
    let installed: bool = client.query_one(INSTALLED, &[]).await?.try_get(0)?;
    if !installed {
        return Err(DistributeError::NoCitus);
    }
    // Rows are moved, which may take long, and a lock may have to be waited for.
    client.batch_execute("set lock_timeout = 0").await?;
    let rows = client.query(DISTRIBUTED, &[]).await?;
    let there: Vec<String> =
        rows.iter().map(|row| row.try_get(0)).collect::<Result<_, tokio_postgres::Error>>()?;
    let mut done = Vec::new();
    for (table, sql) in statements() {
        if !there.iter().any(|name| name == table) {
            client.batch_execute(&sql).await?;
            tracing::info!(table, "distributed");
            done.push(sql);
        }
    }
    Ok(done)
}
