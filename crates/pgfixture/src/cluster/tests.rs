use super::Cluster;
use crate::psql;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn with_row() -> (Cluster, String) {
    let cluster = Cluster::start();
    let database = cluster.create_database();
    cluster.sql(&database, "create table t (n int); insert into t values (1)");
    (cluster, database)
}

fn rows(cluster: &Cluster, database: &str) -> String {
    cluster.sql(database, "select count(*) from t")
}

#[test]
fn a_cluster_is_durable_and_set_as_asked() {
    let mut cluster = Cluster::start_with(&[("work_mem", "5MB"), ("application_name", "it's")]);
    for (name, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("max_connections", "200"),
        ("autovacuum", "on"),
        ("lc_collate", "C.UTF-8"),
        ("work_mem", "5MB"),
    ] {
        assert_eq!(cluster.sql("postgres", &format!("show {name}")), value, "{name}");
    }
    cluster.reload(&[("work_mem", "6MB")]);
    assert_eq!(cluster.sql("postgres", "show work_mem"), "6MB");
    assert_ne!(cluster.create_database(), cluster.create_database());
}

#[test]
#[should_panic(expected = "division by zero")]
fn a_statement_that_fails_is_reported_with_its_reason() {
    crate::shared().sql("postgres", "select 1 / 0");
}

#[test]
fn what_was_committed_outlives_each_way_to_stop() {
    let (mut cluster, database) = with_row();
    let port = cluster.port();
    for stop in [Cluster::kill, Cluster::stop_immediate, Cluster::stop] {
        stop(&mut cluster);
        assert!(psql::run(&cluster.url(&database), &["select 1"]).is_err());
        cluster.restart();
        assert_eq!((cluster.port(), rows(&cluster, &database).as_str()), (port, "1"));
    }
}

#[test]
fn a_kill_ends_busy_backends_too() {
    let (mut cluster, _) = with_row();
    let url = cluster.url("postgres");
    // A busy backend that the kill must end; nobody waits for it to finish.
    let sleeper = std::thread::spawn(move || psql::run(&url, &["select pg_sleep(600)"]));
    let busy = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";
    wait_until(|| cluster.sql("postgres", busy) == "1");
    cluster.kill();
    assert!(sleeper.join().unwrap().is_err());
    assert_eq!(processes_in(&cluster.data), 0);
}

#[test]
fn a_dropped_cluster_leaves_no_process_and_no_file() {
    let (cluster, _) = with_row();
    let data = cluster.data.clone();
    assert!(processes_in(&cluster.data) > 1);
    drop(cluster);
    assert!(!data.exists());
    assert_eq!(processes_in(&data), 0);
}

#[test]
fn a_promoted_standby_has_each_acknowledged_row() {
    let (mut cluster, database) = with_row();
    let mut standby = cluster.synchronous_standby();
    for n in 2..=20 {
        cluster.sql(&database, &format!("insert into t values ({n})"));
    }
    cluster.kill();
    assert_eq!(standby.sql("postgres", "select pg_is_in_recovery()"), "t");
    standby.promote();
    assert_eq!(rows(&standby, &database), "20");
    standby.sql(&database, "insert into t values (21)");
    standby.kill();
    standby.restart();
    assert_eq!(rows(&standby, &database), "21");
}

/// Without its standby, a server answers no commit; that is what makes the answer worth something.
#[test]
fn a_commit_waits_for_the_standby() {
    let (mut cluster, database) = with_row();
    let mut standby = cluster.synchronous_standby();
    standby.kill();
    let url = cluster.url(&database);
    let waiting = std::thread::spawn(move || psql::run(&url, &["insert into t values (2)"]));
    let stuck = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
    wait_until(|| cluster.sql("postgres", stuck) == "1");
    assert!(!waiting.is_finished());
    standby.restart();
    waiting.join().unwrap().unwrap();
    assert_eq!(rows(&cluster, &database), "2");
}

/// Tells a second process of these tests that it is the one to be killed.
const VICTIM: &str = "a-filter-that-no-test-has";

#[test]
fn a_killed_test_process_leaves_no_process_and_no_file() {
    if std::env::args().any(|argument| argument == VICTIM) {
        println!("data:{}", crate::shared().data.display());
        std::io::stdin().read_line(&mut String::new()).unwrap();
        return;
    }
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args([std::thread::current().name().unwrap(), VICTIM, "--exact", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    // The harness may have said something on the same line.
    let data = lines.find_map(|line| Some(line.split_once("data:")?.1.to_owned())).unwrap();
    let home = Path::new(&data).parent().unwrap();
    assert!(home.exists() && processes_in(home) > 1);
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_until(|| !home.exists());
    assert_eq!(processes_in(home), 0);
}

/// For what no process of ours can announce.
fn wait_until(condition: impl Fn() -> bool) {
    for _ in 0..6000 {
        if condition() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    panic!("it does not come true");
}

/// The processes of a server work in its data directory.
fn processes_in(folder: &Path) -> usize {
    let all = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let places = all.filter_map(|entry| std::fs::read_link(entry.path().join("cwd")).ok());
    places.filter(|place| place.starts_with(folder)).count()
}
