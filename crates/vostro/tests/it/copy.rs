//! `vostro copy`: between both kinds of databases, all rows or none, and nothing that is wrong; and
//! `vostro database`, which prepares one of them.

use crate::merchant::{Merchant, code};
use crate::process::{assert_ended, assert_verified, run, run_json, said, verified};
use crate::server::Sandbox;
use crate::tamper;
use pgfixture::{Proxy, shared};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use store::Store;
use store::schema::TABLES;
use store::suite::dump;
use store_postgres::PostgresStore;
use store_sqlite::SqliteStore;
use tempfile::TempDir;

/// A directory with a store that has a bit of everything, and room for others.
struct Stores {
    directory: TempDir,
}

impl Stores {
    fn new() -> Self {
        let stores = Self { directory: tempfile::tempdir().unwrap() };
        let sandbox = Sandbox::start(&stores.source());
        tamper::fill(&sandbox);
        assert!(sandbox.stop().success());
        stores
    }

    /// Its data directory, where the master key is.
    fn source(&self) -> PathBuf {
        self.directory.path().join("source")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn copy(&self, from: &str, to: &str) -> Output {
        run(&self.source(), &["copy", "--from", from, "--to", to])
    }
}

fn sqlite(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn postgres() -> String {
    shared().url(&shared().create_database())
}

/// Every row of every table.
fn rows(url: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store: Arc<dyn Store> = match url.strip_prefix("sqlite:") {
            Some(path) => SqliteStore::open_read_only(Path::new(path)).unwrap(),
            None => {
                let options = store_postgres::Options::default();
                PostgresStore::open_read_only(url, options).await.unwrap()
            }
        };
        let mut snapshot = store.snapshot().await.unwrap();
        dump::dump(snapshot.as_mut()).await.unwrap()
    })
}

fn assert_copied(output: &Output) {
    assert_ended(output, 0, "both ends verified");
}

#[test]
fn there_and_back_again() {
    let stores = Stores::new();
    let source = sqlite(&stores.source().join("vostro.db"));
    let (server, home) = (postgres(), stores.file("home"));
    std::fs::create_dir(&home).unwrap();
    let file = sqlite(&home.join("vostro.db"));
    let before = rows(&source);
    for (from, to) in [(&source, &server), (&server, &file)] {
        assert_copied(&stores.copy(from, to));
        assert_eq!(rows(to), before);
        assert_eq!(rows(from), before);
    }
    // Of the same kind, as JSON, with a count for every table.
    let other = postgres();
    let copied = run_json(&stores.source(), &["copy", "--from", &server, "--to", &other]);
    for table in TABLES {
        let name = format!("{}: ", table.name);
        let count = before.lines().filter(|row| row.starts_with(&name)).count();
        assert_eq!(copied["rows"][table.name], count, "{name}");
    }
    assert_eq!(rows(&other), before);
    for url in [&server, &other] {
        assert_ended(&run(&stores.source(), &["--database", url, "verify"]), 0, "verified");
    }
    // The keys came along, so the copy serves under the same master key.
    for file in ["master.key", "sandbox.json"] {
        std::fs::copy(stores.source().join(file), home.join(file)).unwrap();
    }
    let counted = verified(&home);
    assert_eq!(counted, verified(&stores.source()));
    let sandbox = Sandbox::start(&home);
    let answer = Merchant::new(&sandbox, "credit").transfer(tamper::HOLDER, "COPIED", "In", "1.00");
    assert_eq!(code(&answer.unwrap()), 0);
    assert!(sandbox.stop().success());
    assert_verified(&home);
}

/// A table that a migration makes and the port does not describe would be left behind.
#[test]
fn there_is_no_table_that_is_not_copied() {
    let stores = Stores::new();
    let mut known: Vec<_> = TABLES.iter().map(|table| table.name).collect();
    let file = Connection::open(stores.source().join("vostro.db")).unwrap();
    let list = "select name from sqlite_master where type = 'table' and name <> 'schema_version'";
    let mut list = file.prepare(list).unwrap();
    let names = list.query_map([], |row| row.get::<_, String>(0)).unwrap();
    // What leads to rows, and is made anew from them; what is read as rows of the port's tables.
    known.extend(["run", "run_block", "run_filter"]);
    known.extend(["posting", "program_number", "account_number", "scope_number"]);
    for name in names {
        let name = name.unwrap();
        let noun = name.strip_suffix("_row").unwrap_or(&name);
        assert!(known.contains(&noun), "{name} is not copied");
    }
    known.truncate(TABLES.len());
    let url = postgres();
    let migrate = ["--database", &url, "database", "migrate"];
    assert_ended(&run(&stores.source(), &migrate), 0, "up to date");
    let list = "select relname from pg_class where relkind in ('r', 'p') \
                and relnamespace = 'public'::regnamespace and relname <> 'schema_version'";
    for name in shared().sql(url.rsplit('/').next().unwrap(), list).lines() {
        assert!(known.contains(&name), "{name} is not copied");
    }
}

#[test]
fn beside_a_running_server() {
    let data = tempfile::tempdir().unwrap();
    let source = data.path().join("source");
    let sandbox = Sandbox::start(&source);
    let url = postgres();
    let from = sqlite(&source.join("vostro.db"));
    assert_copied(&run(&source, &["copy", "--from", &from, "--to", &url]));
    // But not into what it has open, full or not.
    let into = run(&source, &["copy", "--from", &url, "--to", &from]);
    assert_ended(&into, 2, "the store is not empty");
    assert!(sandbox.stop().success());
}

#[test]
fn a_target_with_rows_is_refused() {
    let stores = Stores::new();
    let source = sqlite(&stores.source().join("vostro.db"));
    let before = rows(&source);
    for target in [postgres(), sqlite(&stores.file("copy.db"))] {
        assert_copied(&stores.copy(&source, &target));
        assert_ended(&stores.copy(&source, &target), 2, "is not empty: program has rows");
        assert_eq!(rows(&target), before);
    }
    assert_ended(&stores.copy(&source, &source), 2, "is not empty");
    assert_eq!(rows(&source), before);
}

#[test]
fn a_wrong_source_is_refused_before_anything_is_written() {
    let stores = Stores::new();
    let path = stores.source().join("vostro.db");
    let file = Connection::open(&path).unwrap();
    let changed = file.execute("update entry_row set posted_minor = posted_minor + 1", []).unwrap();
    assert!(changed > 1);
    drop(file);
    let target = stores.file("copy.db");
    let refused = stores.copy(&sqlite(&path), &sqlite(&target));
    assert_ended(&refused, 1, "a row of the source is wrong, so nothing was copied");
    assert!(said(&refused).contains("because: transfer"), "{}", said(&refused));
    assert!(!target.exists(), "not even the file is made");
    let url = postgres();
    assert_ended(&stores.copy(&sqlite(&path), &url), 1, "so nothing was copied");
    let tables = shared().sql(
        url.rsplit('/').next().unwrap(),
        "select count(*) from pg_tables \
         where schemaname = 'public'",
    );
    assert_eq!(tables, "0");
}

#[test]
fn an_interrupted_copy_leaves_nothing() {
    let stores = Stores::new();
    let source = sqlite(&stores.source().join("vostro.db"));
    let name = shared().create_database();
    let url = shared().url(&name);
    let migrate = ["--database", &url, "database", "migrate"];
    assert_ended(&run(&stores.source(), &migrate), 0, "up to date");
    let proxy = Proxy::start(shared().address());
    proxy.cut_before_next_commit();
    let cut = stores.copy(&source, &proxy.url(&name));
    assert_ended(&cut, 2, "whether the copy was committed is not known; run it again");
    assert_eq!(proxy.fired(), 1);
    assert_eq!(rows(&url), "");
    // The answer alone is lost: it says the same, and trying again shows what is true.
    proxy.drop_next_commit_answer();
    assert_ended(&stores.copy(&source, &proxy.url(&name)), 2, "is not known");
    assert_ended(&stores.copy(&source, &proxy.url(&name)), 2, "is not empty");
    assert_eq!(rows(&url), rows(&source));
}

#[test]
fn addresses_that_lead_nowhere_are_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let nothing = sqlite(&home.path().join("none.db"));
    let unknown = "give sqlite:PATH or postgres://USER@HOST/DATABASE";
    let closed = "postgres://somebody:secret@127.0.0.1:1/none";
    let fresh = sqlite(&home.path().join("there/copy.db"));
    let url = postgres();
    let cases: &[(&[&str], &str)] = &[
        (&["--from", &nothing], "--to <URL>"),
        (&["--from", "vostro.db", "--to", &nothing], unknown),
        (&["--from", &nothing, "--to", "mysql://u:secret@h/d"], unknown),
        (&["--from", "sqlite:", "--to", &nothing], unknown),
        (&["--from", &nothing, "--to", &fresh], "there is no database at"),
        (&["--from", closed, "--to", &fresh], "PostgreSQL can't be reached"),
        (&["--from", "postgres://[", "--to", &fresh], "is not understood"),
        (&["--from", &url, "--to", &fresh], "is not empty and not this program's"),
    ];
    for (arguments, words) in cases {
        let output = run(home.path(), &[&["copy"], *arguments].concat());
        assert_ended(&output, 2, words);
        assert!(!said(&output).contains("secret"), "{}", said(&output));
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was made");
    let migrate = ["--database", &url, "database", "migrate"];
    assert_ended(&run(home.path(), &migrate), 0, "up to date");
    let output = run(home.path(), &["copy", "--from", &url, "--to", &fresh]);
    assert_ended(&output, 2, "can't be opened");
}

#[test]
fn a_database_is_prepared_by_its_owner() {
    let home = tempfile::tempdir().unwrap();
    let (url, name) = (postgres(), "prepared_server");
    let database = |arguments: &[&str]| {
        run(home.path(), &[&["--database", &url, "database"], arguments].concat())
    };
    for _ in 0..2 {
        assert_ended(&database(&["migrate"]), 0, "the schema is up to date");
    }
    let script = database(&["role", "--name", name]);
    assert_ended(&script, 0, "create role \"prepared_server\" login");
    let owned = url.rsplit('/').next().unwrap();
    shared().sql(owned, &String::from_utf8(script.stdout).unwrap());
    // Who has only that role verifies and finds nothing to migrate, but fills nothing.
    let limited = url.replace("postgres@", &format!("{name}@"));
    assert_ended(&run(home.path(), &["--database", &limited, "verify"]), 0, "verified");
    let migrate = ["--database", &limited, "database", "migrate"];
    assert_ended(&run(home.path(), &migrate), 0, "up to date");
    shared().sql(
        owned,
        "delete from schema_version \
         where version = (select max(version) from schema_version)",
    );
    assert_ended(&run(home.path(), &migrate), 2, "run `vostro database migrate`");
    assert_ended(&database(&["role", "--name", "a;b"]), 2, "lower-case letters");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn tables_are_distributed_only_where_there_are_machines() {
    let home = tempfile::tempdir().unwrap();
    let url = postgres();
    let distribute = ["--database", &url, "database", "distribute"];
    let migrate = ["--database", &url, "database", "migrate"];
    assert_ended(&run(home.path(), &migrate), 0, "up to date");
    assert_ended(&run(home.path(), &distribute), 2, "this database has no extension citus");
    // Without any database, the statements as they are.
    let printed = run(home.path(), &["database", "distribute", "--print"]);
    let expected = store_postgres::distribution().join(";\n") + ";\n";
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), expected);
    let told = include_str!("../../../../docs/scale.md");
    assert!(told.contains(&expected), "docs/scale.md has other statements");
    let json = run_json(home.path(), &["database", "distribute", "--print"]);
    assert_eq!(json["statements"], serde_json::json!(store_postgres::distribution()));
    let file = sqlite(&home.path().join("vostro.db"));
    for command in ["migrate", "distribute"] {
        let refused = run(home.path(), &["--database", &file, "database", command]);
        assert_ended(&refused, 2, "this is for PostgreSQL");
    }
}
