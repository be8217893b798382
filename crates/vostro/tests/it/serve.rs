//! `vostro serve`: a server on a configuration file, what it refuses to start with, and how it
//! stops.

use crate::merchant::{Merchant, code, now_ms};
use crate::process::{assert_ended, said, signal, vostro};
use crate::server::Service;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use tempfile::TempDir;

/// A place to serve from: a master key, a data directory that is not there yet, and a file.
pub struct Site {
    _root: TempDir,
    pub data: PathBuf,
    pub key: PathBuf,
    pub config: PathBuf,
}

impl Site {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (data, key) = (root.path().join("data"), root.path().join("master.key"));
        let config = root.path().join("vostro.toml");
        new_master_key(&key);
        let site = Self { _root: root, data, key, config };
        site.configure("");
        site
    }

    /// Writes the file, with more of it after the sections that every test needs.
    pub fn configure(&self, more: &str) {
        let text = format!(
            "[store]\ndata = {:?}\n[secrets]\nmaster_key_file = {:?}\n\
             [server]\nlisten = \"127.0.0.1:0\"\noperator_listen = \"127.0.0.1:0\"\n{more}",
            self.data, self.key
        );
        std::fs::write(&self.config, text).unwrap();
    }

    /// A serve that is expected to end by itself.
    fn serve(&self) -> Command {
        let mut command = vostro();
        command.arg("--config").arg(&self.config).arg("serve");
        command
    }

    /// A command of the operator, with its answer.
    pub fn operate(&self, arguments: &[&str]) -> Value {
        let config = self.config.to_str().expect("a path of this test");
        let mut command = vostro();
        let output = command.args(["--config", config, "--json"]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).expect("the command prints JSON")
    }

    /// A programme in credit mode with money, and a key for everybody.
    pub fn acme(&self) -> String {
        self.operate(&["program", "create", "--name", "acme", "--asset", "TUSDT"]);
        self.operate(&[
            "cardholder",
            "create",
            "--program",
            "acme",
            "--number",
            "U1",
            "--status",
            "approved",
        ]);
        self.operate(&["fund", "--program", "acme", "--asset", "TUSDT", "--amount", "1000000.00"]);
        let credential = ["credential", "create", "--program", "acme", "--door", "keysecure"];
        let made = self.operate(&[&credential[..], &["--allow", "*"]].concat());
        made["api_key"].as_str().expect("a key").to_owned()
    }
}

fn new_master_key(path: &Path) {
    let output = vostro().arg("master-key").arg("--out").arg(path).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

fn merchant(service: &Service, api_key: &str) -> Merchant {
    let mut merchant = Merchant::with_key(&service.public(), api_key);
    merchant.log_in();
    merchant
}

#[test]
fn serves_announces_itself_and_stops() {
    let site = Site::new();
    let service = Service::start(&site.config, &site.data);
    assert_eq!(service.announced["pid"], service.pid());
    // Made through the running server, whose listeners the commands find by themselves.
    let api_key = site.acme();
    let mut merchant = merchant(&service, &api_key);
    let answer = merchant.transfer("U1", "FIRST", "In", "1.00").unwrap();
    assert_eq!(code(&answer), 0, "{answer}");
    let (status, log) = service.stop();
    assert!(status.success(), "{log}");
    assert!(!site.data.join("server.json").exists());
    assert!(!site.data.join("sandbox.json").exists(), "no demo is made by serve");
    // And with no server at all.
    let account = ["account", "list", "--program", "acme", "--cardholder", "U1"];
    let found = site.operate(&account);
    assert_eq!(found["data"][0]["available"], "1.00", "{found}");
}

#[test]
fn makes_no_key_and_without_one_no_database() {
    let site = Site::new();
    std::fs::remove_file(&site.key).unwrap();
    assert_ended(&site.serve().output().unwrap(), 2, "there is no file");
    let text = std::fs::read_to_string(&site.config).unwrap();
    let without = text.lines().filter(|line| !line.starts_with("master_key_file"));
    let without: String = without.map(|line| format!("{line}\n")).collect();
    std::fs::write(&site.config, without).unwrap();
    assert_ended(&site.serve().output().unwrap(), 2, "no master key");
    assert!(!site.data.exists(), "a directory was made");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let site = Site::new();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o640);
    std::fs::set_permissions(&site.key, mode).unwrap();
    assert_ended(&site.serve().output().unwrap(), 2, "must have mode 0600 or 0400");
    assert!(!site.data.exists());
}

#[test]
fn another_master_key_is_refused_and_harms_nothing() {
    let site = Site::new();
    let api_key = site_with_acme(&site);
    let (kept, wrong) = (site.key.with_extension("kept"), &site.key);
    std::fs::rename(&site.key, &kept).unwrap();
    new_master_key(wrong);
    assert_ended(&site.serve().output().unwrap(), 2, "the master key is not the one");
    std::fs::rename(&kept, wrong).unwrap();
    let service = Service::start(&site.config, &site.data);
    merchant(&service, &api_key);
    assert!(service.stop().0.success());
}

/// Makes the programme while nobody serves.
fn site_with_acme(site: &Site) -> String {
    let service = Service::start(&site.config, &site.data);
    assert!(service.stop().0.success());
    site.acme()
}

#[test]
fn one_server_at_a_time() {
    let site = Site::new();
    let api_key = site_with_acme(&site);
    let service = Service::start(&site.config, &site.data);
    let announced = std::fs::read(site.data.join("server.json")).unwrap();
    let second = site.serve().output().unwrap();
    assert_ended(&second, 2, "the database is in use by another process");
    assert_eq!(std::fs::read(site.data.join("server.json")).unwrap(), announced);
    merchant(&service, &api_key);
    assert!(service.stop().0.success());
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let site = Site::new();
    site.configure("lisen = \"x\"\n");
    assert_ended(&site.serve().output().unwrap(), 2, "lisen");
    site.configure("[loging]\n");
    assert_ended(&site.serve().output().unwrap(), 2, "loging");
    site.configure("");
    let mut command = site.serve();
    command.env("VOSTRO_SERVER_LISEN", "127.0.0.1:0");
    assert_ended(&command.output().unwrap(), 2, "VOSTRO_SERVER_LISEN");
    let mut command = site.serve();
    command.env("VOSTRO_ENGINE_BATCH_MAX", "many");
    assert_ended(&command.output().unwrap(), 2, "batch_max");
    assert!(!site.data.exists(), "a refused start makes nothing");
}

#[test]
fn the_environment_wins_over_the_file() {
    let site = Site::new();
    let api_key = site_with_acme(&site);
    site.configure("[keysecure]\ntimestamp_future_tolerance_ms = 0\n[log]\nformat = \"text\"\n");
    let mut command = vostro();
    command.env("VOSTRO_KEYSECURE_TIMESTAMP_FUTURE_TOLERANCE_MS", "3600000");
    command.env("VOSTRO_LOG_FORMAT", "json");
    command.env("VOSTRO_MASTER_KEY", std::fs::read_to_string(&site.key).unwrap().trim());
    std::fs::remove_file(&site.key).unwrap();
    let service = Service::start_with(command, &site.config, &site.data);
    let mut merchant = merchant(&service, &api_key);
    merchant.timestamp_ms = Some(now_ms() + 1_800_000);
    assert_eq!(code(&merchant.info("U1").unwrap()), 0);
    let (status, log) = service.stop();
    assert!(status.success(), "{log}");
    for line in log.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
}

/// What one writer knows of its transfers of 0.01 when the server has gone.
#[derive(Default)]
struct Written {
    done: Vec<(String, Value)>,
    refused: Vec<String>,
    unanswered: Vec<String>,
}

/// Transfers until the server is gone.
fn write(mut merchant: Merchant, writer: usize, done: &Sender<()>) -> Written {
    let mut written = Written::default();
    for number in 0.. {
        let number = format!("STOP_{writer}_{number}");
        match merchant.transfer("U1", &number, "In", "0.01") {
            Ok(answer) if code(&answer) == 0 => {
                written.done.push((number, answer));
                // The test has stopped counting once it has stopped the server.
                let _ = done.send(());
            }
            Ok(answer) => {
                assert_eq!(code(&answer), 1001, "only the stop is a reason: {answer}");
                written.refused.push(number);
            }
            Err(_) => {
                written.unanswered.push(number);
                return written;
            }
        }
    }
    written
}

#[test]
fn a_stop_under_load_leaves_nobody_in_doubt() {
    const WRITERS: usize = 16;
    let site = Site::new();
    let api_key = site_with_acme(&site);
    let service = Service::start(&site.config, &site.data);
    let first = merchant(&service, &api_key);
    let (done, counted) = channel();
    let writers = (0..WRITERS).map(|writer| {
        let (merchant, done) = (first.again(), done.clone());
        std::thread::spawn(move || write(merchant, writer, &done))
    });
    let writers: Vec<_> = writers.collect();
    drop(done);
    assert_eq!(counted.iter().take(200).count(), 200);
    signal(service.pid(), "TERM");
    let written = writers.into_iter().map(|writer| writer.join().unwrap());
    let written: Vec<_> = written.collect();
    let (status, log) = service.stop_signalled();
    assert!(status.success(), "{log}");
    assert!(!log.contains("cut_off"), "no request was left without an answer: {log}");
    assert_verified_with(&site);

    let service = Service::start(&site.config, &site.data);
    let mut merchant = merchant(&service, &api_key);
    let mut sum = 0;
    for Written { done, refused, unanswered } in written {
        for (number, answer) in done {
            sum += 1;
            let rows = merchant.list(&[("transfer_unique_no", &number)], 0, 10);
            assert_eq!(rows.len(), 1, "{number} was acknowledged");
            assert_eq!(rows[0]["transfer_no"], answer["data"]["transfer_no"]);
        }
        // A request without an answer was never read: its connection was closed before.
        for number in refused.iter().chain(&unanswered) {
            let rows = merchant.list(&[("transfer_unique_no", number)], 0, 10);
            assert_eq!(rows, Vec::<Value>::new(), "{number} was not acknowledged");
        }
    }
    assert_eq!(merchant.balance("U1"), format!("{}.{:02}", sum / 100, sum % 100));
    assert!(service.stop().0.success());
}

fn assert_verified_with(site: &Site) {
    let report = site.operate(&["verify"]);
    assert_eq!(report["verified"], true, "{report}");
}
