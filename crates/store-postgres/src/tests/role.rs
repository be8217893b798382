//! The server's role: enough to serve, and no more.

use super::{Base, database, open, wait};
use crate::{OpenError, Options, PostgresStore, role_script};
use pgfixture::shared;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::query::BoxFuture;
use store::schema::{Class, TABLES};
use store::suite::{self, Backend};
use store::{NoImport, Store, StoreError};
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

/// A role that only its test has: roles are the server's, not the database's.
struct Role {
    /// The database as its owner sees it.
    owner: String,
    name: String,
}

impl Role {
    fn of(owner: String) -> Self {
        static ROLES: AtomicU32 = AtomicU32::new(1);
        let name = format!("server_{}", ROLES.fetch_add(1, Ordering::Relaxed));
        Self { owner, name }
    }

    /// Runs the script; twice, since it is run again after each migration.
    fn limit(&self) {
        let database = self.owner.rsplit('/').next().unwrap();
        for _ in 0..2 {
            shared().sql(database, &role_script(&self.name).unwrap());
        }
    }

    fn new() -> Self {
        let role = Self::of(database());
        wait(open(&role.owner)).unwrap();
        role.limit();
        role
    }

    fn url(&self) -> String {
        self.owner.replace("postgres@", &format!("{}@", self.name))
    }

    /// Why the role may not do something; `None` where it may.
    async fn refused(&self, sql: &str) -> Option<SqlState> {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        let refused = client.batch_execute(&format!("begin; {sql}; rollback")).await.err()?;
        Some(refused.code().unwrap_or_else(|| panic!("{sql}: {refused}")).clone())
    }
}

/// A database whose migrations are its owner's business.
struct Limited {
    owner: Base,
    role: Option<Role>,
}

impl Backend for Limited {
    fn open(&mut self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async {
            drop(self.owner.open().await);
            let role = self.role.get_or_insert_with(|| {
                let role = Role::of(self.owner.url.clone());
                role.limit();
                role
            });
            let store = open(&role.url()).await.unwrap();
            self.owner.store = Arc::downgrade(&store);
            store as Arc<dyn Store>
        })
    }

    fn fail_next_commit(&mut self) {
        self.owner.fail_next_commit();
    }
}

#[test]
fn it_is_enough_for_all_that_a_server_writes() {
    // Every table is written, changed where it changes, and locked in each way.
    for name in [
        "schema::changed_rows_come_back_as_written",
        "transfer::conversion_is_kept",
        "hold::captured_in_parts",
        "hold::due_until_they_have_ended",
        "endpoint::at_work_with_what_is_known_of_them",
        "delivery::due_by_time_and_in_order_of_subjects",
        "reference::twice_in_one_batch_and_again_later",
        "unit::stronger_lock_wins",
        "query::reads_see_what_was_acknowledged",
        "snapshot::later_commits_are_invisible",
    ] {
        let case = suite::CASES.iter().find(|case| case.name == name).expect("a case");
        wait(suite::run(case, Box::new(Limited { owner: *Base::boxed(), role: None })));
    }
}

#[test]
fn facts_can_be_added_and_nothing_else() {
    let role = Role::new();
    let denied = Some(SqlState::INSUFFICIENT_PRIVILEGE);
    wait(async {
        for table in TABLES {
            let name = table.name;
            let column = table.columns.last().unwrap().name;
            let update = format!("update {name} set {column} = {column}");
            let lock = format!("select from {name} for share");
            let may = if table.class == Class::Fact { denied.clone() } else { None };
            assert_eq!(role.refused(&update).await, may, "{name}");
            assert_eq!(role.refused(&lock).await, may, "{name}");
            assert_eq!(role.refused(&format!("select from {name}")).await, None, "{name}");
            for never in [
                format!("delete from {name}"),
                format!("truncate {name}"),
                format!("drop table {name}"),
                format!("alter table {name} add column more int"),
                format!("create index on {name} ({column})"),
            ] {
                assert_eq!(role.refused(&never).await, denied, "{never}");
            }
        }
        for never in [
            "create table more ()",
            "create temporary table more ()",
            "create schema more",
            "insert into schema_version values (99, 'future')",
            "update schema_version set version = 99",
            "delete from schema_version",
        ] {
            assert_eq!(role.refused(never).await, denied, "{never}");
        }
        assert_eq!(role.refused("select from schema_version").await, None);
    });
}

#[test]
fn each_table_is_granted_by_name() {
    let script = role_script("acme").unwrap();
    let listed = |after: &str, before: &str| -> Vec<String> {
        let list = script.split_once(after).unwrap().1.split_once(before).unwrap().0;
        list.split(',').map(|name| name.trim().to_owned()).collect()
    };
    let names = |facts: bool| -> Vec<String> {
        let tables = TABLES.iter().filter(|table| facts || table.class != Class::Fact);
        tables.map(|table| table.name.to_owned()).collect()
    };
    assert_eq!(listed("grant select, insert on\n", "\nto "), names(true));
    assert_eq!(listed("grant update on\n", "\nto "), names(false));
    let mut limited = listed("revoke all on\n", "\nfrom ");
    assert_eq!(limited.remove(0), "schema_version");
    assert_eq!(limited, names(true));
    assert!(script.contains("\"acme\"") && !script.contains("vostro_server"));
}

#[test]
fn names_that_could_be_more_than_a_name_are_refused() {
    for name in ["", "1st", "Server", "a b", "a\"b", "a'b", "a;b", "é", &"x".repeat(64)] {
        assert!(role_script(name).is_err(), "{name}");
    }
    for name in ["user", "_a1", &"x".repeat(63)] {
        assert!(role_script(name).is_ok(), "{name}");
    }
}

#[test]
fn migrations_are_the_owners_business() {
    let role = Role::of(database());
    role_on_empty(&role);
    let owner = wait(open(&role.owner));
    drop(owner.unwrap());
    role.limit();
    let database = role.owner.rsplit('/').next().unwrap();
    let older = |found| {
        let refused = wait(open(&role.url())).err();
        assert!(
            matches!(&refused, Some(OpenError::Older { found: version, .. }) if *version == found),
            "{refused:?}"
        );
        assert!(refused.unwrap().to_string().contains("vostro database migrate"));
    };
    let last = crate::migrate::MIGRATIONS.len();
    shared().sql(database, &format!("delete from schema_version where version = {last}"));
    older(i64::try_from(last).unwrap() - 1);
    shared().sql(database, "delete from schema_version where version > 0");
    older(0);
}

/// Before any table is there, the script has nothing to grant: a role made by hand.
fn role_on_empty(role: &Role) {
    let database = role.owner.rsplit('/').next().unwrap();
    shared().sql(database, &format!("create role \"{}\" login", role.name));
    let refused = wait(open(&role.url())).err();
    assert!(matches!(refused, Some(OpenError::Older { found: 0, .. })), "{refused:?}");
}

#[test]
fn an_import_is_the_owners_business() {
    let role = Role::new();
    wait(async {
        let store = PostgresStore::open(&role.url(), Options::default()).await.unwrap();
        let refused = store.import().await.err();
        assert!(
            matches!(refused, Some(NoImport::Store(StoreError::Unavailable(_)))),
            "{refused:?}"
        );
    });
}
