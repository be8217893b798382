//! What a database must be set to before it is trusted, and how it is asked.

use super::{commit, database, open, wait, work};
use crate::{OpenError, Options, PostgresStore, Unfit};
use pgfixture::Cluster;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Command;
use store::{Store, StoreError};

fn unfit<T>(opened: Result<T, OpenError>) -> Unfit {
    match opened {
        Err(OpenError::Unfit(unfit)) => unfit,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn a_database_that_forgets_is_refused_unless_allowed() {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let cluster = Cluster::start_with(&[(setting, "off")]);
        let url = cluster.url(&cluster.create_database());
        wait(async {
            let Unfit::Unsafe { setting: named, .. } = unfit(open(&url).await) else { panic!() };
            assert_eq!(named, setting);
            let allowed = Options { allow_unsafe: true, ..Options::default() };
            PostgresStore::open(&url, allowed).await.unwrap();
        });
    }
}

#[test]
fn each_new_connection_is_asked_again() {
    let mut cluster = Cluster::start();
    let url = cluster.url(&cluster.create_database());
    let store = wait(open(&url)).unwrap();
    cluster.reload(&[("synchronous_commit", "off")]);
    wait(async {
        // The signal reaches a new connection before it is asked.
        assert!(matches!(store.writer().await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.program(super::PROGRAM).await, Err(StoreError::Unavailable(_))));
    });
    cluster.reload(&[("synchronous_commit", "on")]);
    wait(async {
        let mut writer = store.writer().await.unwrap();
        commit(writer.as_mut(), vec![work(1).event()]).await.unwrap();
    });
}

#[test]
fn a_server_that_takes_no_writes_is_no_server() {
    let url = format!("{}?options=-c%20default_transaction_read_only%3Don", database());
    wait(async {
        assert!(matches!(unfit(open(&url).await), Unfit::ReadOnly));
    });
}

/// A certificate for 127.0.0.1, set in a server; as PEM.
fn certify(cluster: &mut Cluster) -> Vec<u8> {
    let data = PathBuf::from(cluster.sql("postgres", "show data_directory"));
    let owner = std::fs::metadata(&data).unwrap();
    let (certificate, key) = (data.join("test.crt"), data.join("test.key"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-out"])
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl, which comes with PostgreSQL, runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for file in [&certificate, &key] {
        chown(file, Some(owner.uid()), Some(owner.gid())).unwrap();
        std::fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
    }
    let files = [("ssl_cert_file", "test.crt"), ("ssl_key_file", "test.key"), ("ssl", "on")];
    cluster.reload(&files);
    std::fs::read(certificate).unwrap()
}

#[test]
fn encrypted_connections_are_to_whom_the_certificate_names() {
    let mut cluster = Cluster::start();
    let authorities = certify(&mut cluster);
    let url = format!("{}?sslmode=require", cluster.url(&cluster.create_database()));
    wait(async {
        let unknown = open(&url).await;
        assert!(matches!(unknown, Err(OpenError::Unreachable(_))));
        let options = Options { certificate_authorities: authorities, ..Options::default() };
        let store = PostgresStore::open(&url, options.clone()).await.unwrap();
        let _writer = store.writer().await.unwrap();
        let encrypted = "select count(*) > 0 from pg_stat_ssl s join pg_stat_activity a \
                         on a.pid = s.pid where s.ssl and a.application_name = 'vostro'";
        assert_eq!(cluster.sql("postgres", encrypted), "t");
        // The same server under a name that its certificate does not have.
        let other = url.replace("@127.0.0.1", "@localhost");
        assert!(matches!(
            PostgresStore::open(&other, options).await,
            Err(OpenError::Unreachable(_))
        ));
        let broken = Options {
            certificate_authorities: b"-----BEGIN CERTIFICATE-----\nx".to_vec(),
            ..Options::default()
        };
        assert!(PostgresStore::open(&url, broken).await.is_err());
    });
}

#[test]
fn the_servers_clock_can_be_read() {
    let url = database();
    wait(async {
        let store = open(&url).await.unwrap();
        let (first, second) =
            (store.server_time_us().await.unwrap(), store.server_time_us().await.unwrap());
        assert!(first > 1_700_000_000_000_000 && second >= first);
    });
}

#[test]
fn nobody_at_the_address_is_said_so() {
    wait(async {
        let nobody = open("postgres://nobody@127.0.0.1:1/nothing").await;
        assert!(matches!(nobody, Err(OpenError::Unreachable(_))));
        assert!(matches!(open("nonsense://x").await, Err(OpenError::Url(_))));
    });
}
