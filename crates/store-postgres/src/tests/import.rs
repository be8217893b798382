//! Imports that meet each other, and commits whose answer is lost.

use super::{commit, database, open, wait, work};
use crate::{Options, PostgresStore};
use pgfixture::{Proxy, shared};
use std::sync::Arc;
use std::time::Duration;
use store::query::AnyRow;
use store::schema::{TABLES, TableSpec, Value};
use store::suite::dump;
use store::{Import, NoImport, Store, StoreError};

/// One row of the first table.
fn row() -> (&'static TableSpec, AnyRow) {
    (TABLES[0], vec![Value::Bytes(vec![7; 16].into()), Value::Text("acme".into())])
}

async fn filled(store: &PostgresStore) -> Box<dyn Import> {
    let mut import = store.import().await.unwrap();
    let (table, row) = row();
    import.rows(table, vec![row]).await.unwrap();
    import
}

async fn rows(store: &PostgresStore) -> usize {
    let mut snapshot = store.snapshot().await.unwrap();
    dump::dump(snapshot.as_mut()).await.unwrap().lines().count()
}

#[test]
fn of_two_at_once_one_wins() {
    let url = database();
    wait(async {
        let (first, second) = (open(&url).await.unwrap(), open(&url).await.unwrap());
        let import = filled(&first).await;
        let (late, finished) = tokio::join!(second.import(), import.finish());
        finished.unwrap();
        assert!(matches!(late.err(), Some(NoImport::NotEmpty { table: "program" })));
        assert_eq!(rows(&second).await, 1);
    });
}

#[test]
fn nobody_commits_beside_one() {
    let url = database();
    wait(async {
        let store = open(&url).await.unwrap();
        let import = filled(&store).await;
        let mut writer = store.writer().await.unwrap();
        let beside = commit(writer.as_mut(), vec![work(1).event()]).await;
        assert!(matches!(beside, Err(StoreError::Contention)), "{beside:?}");
        import.finish().await.unwrap();
        let mut writer = store.writer().await.unwrap();
        commit(writer.as_mut(), vec![work(1).event()]).await.unwrap();
    });
}

async fn behind(proxy: &Proxy) -> (String, Arc<PostgresStore>) {
    let name = shared().create_database();
    let options = Options { connect_timeout: Duration::from_millis(500), ..Options::default() };
    let store = PostgresStore::open(&proxy.url(&name), options).await.unwrap();
    (shared().url(&name), store)
}

#[test]
fn commits_without_an_answer_are_unknown() {
    let proxy = Proxy::start(shared().address());
    wait(async {
        let (url, store) = behind(&proxy).await;
        let import = filled(&store).await;
        proxy.cut_before_next_commit();
        assert!(matches!(import.finish().await, Err(StoreError::Unknown(_))));
        assert_eq!(rows(&open(&url).await.unwrap()).await, 0);
        // And again, which is how it is settled.
        let import = filled(&store).await;
        proxy.drop_next_commit_answer();
        assert!(matches!(import.finish().await, Err(StoreError::Unknown(_))));
        assert_eq!(rows(&open(&url).await.unwrap()).await, 1);
        assert!(matches!(store.import().await.err(), Some(NoImport::NotEmpty { .. })));
    });
}
