//! Fresh, present, newer, older, foreign, interrupted, and two servers at once.

use super::{database, open, wait};
use crate::migrate::{MIGRATIONS, Migration, migrate};
use crate::{OpenError, Options, PostgresStore};
use std::fs;
use tokio_postgres::{Client, NoTls};

async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn names(client: &Client) -> Vec<String> {
    let rows = client.query("select name from schema_version order by version", &[]).await;
    rows.unwrap().iter().map(|row| row.get(0)).collect()
}

fn known() -> Vec<String> {
    MIGRATIONS.iter().map(|migration| migration.name.to_owned()).collect()
}

#[test]
fn a_fresh_database_gets_every_migration_once() {
    let url = database();
    wait(async {
        open(&url).await.unwrap();
        open(&url).await.unwrap();
        assert_eq!(names(&client(&url).await).await, known());
    });
}

#[test]
fn names_are_numbered_without_a_gap_and_none_is_left_out() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut files: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let named: Vec<_> = known().iter().map(|name| format!("{name}.sql")).collect();
    assert_eq!(files, named);
    for (index, name) in files.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name}");
    }
}

#[test]
fn servers_that_start_at_once_migrate_once() {
    let url = database();
    wait(async {
        let (first, second, third) = tokio::join!(open(&url), open(&url), open(&url));
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        assert_eq!(names(&client(&url).await).await, known());
    });
}

#[test]
fn a_start_that_was_killed_is_continued() {
    const BROKEN: Migration =
        Migration { name: "0002_broken", sql: "create table half (); nonsense" };
    let url = database();
    wait(async {
        let mut session = client(&url).await;
        let first = Migration { name: MIGRATIONS[0].name, sql: MIGRATIONS[0].sql };
        let failed = migrate(&mut session, &[first, BROKEN]).await;
        assert!(matches!(failed, Err(OpenError::Migration { name: "0002_broken", .. })));
        // What failed left nothing of itself.
        let half = session.query_one("select to_regclass('half') is null", &[]).await.unwrap();
        assert!(half.get::<_, bool>(0));
        assert_eq!(names(&session).await, &known()[..1]);
        // Killed while it held the lock: the lock goes with its session.
        session
            .batch_execute("select pg_advisory_lock(hashtextextended('vostro schema', 0))")
            .await
            .unwrap();
        let pid: i32 = session.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
        let other = client(&url).await;
        let end = format!("select pg_terminate_backend({pid})");
        let (opened, killed) = tokio::join!(open(&url), other.simple_query(&end));
        killed.unwrap();
        opened.unwrap();
        assert_eq!(names(&other).await, known());
    });
}

#[test]
fn newer_older_and_foreign_databases_are_refused_and_left_alone() {
    let url = database();
    wait(async {
        let session = client(&url).await;
        session.batch_execute("create table somebody ()").await.unwrap();
        assert!(matches!(open(&url).await, Err(OpenError::Foreign)));
        session.batch_execute("drop table somebody").await.unwrap();
        let read = PostgresStore::open_read_only(&url, Options::default()).await;
        assert!(matches!(read, Err(OpenError::Foreign)));
        open(&url).await.unwrap();
        session.batch_execute("delete from schema_version where version = 2").await.unwrap();
        let last = i64::try_from(MIGRATIONS.len()).unwrap();
        session.execute("delete from schema_version where version = $1", &[&last]).await.unwrap();
        let read = PostgresStore::open_read_only(&url, Options::default()).await;
        assert!(matches!(read, Err(OpenError::Older { .. })));
        session.batch_execute("insert into schema_version values (9999, 'future')").await.unwrap();
        for opened in
            [open(&url).await, PostgresStore::open_read_only(&url, Options::default()).await]
        {
            assert!(matches!(opened, Err(OpenError::Newer { found: 9999, .. })));
        }
    });
}
