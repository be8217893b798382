//! The benchmark of the real binary, as short as it can be: that it counts what it did.

use crate::process::{assert_ended, said, verified, vostro};
use pgfixture::shared;
use serde_json::Value;
use std::process::{Command, Output};

/// The shortest one, as JSON.
fn bench(options: &[&str], at: impl FnOnce(&mut Command)) -> Output {
    let mut command = vostro();
    command.args(["--json", "bench", "--connections", "1,4", "--runs", "1", "--seconds", "1"]);
    command.args(["--programs", "2", "--cardholders", "5", "--warm", "20"]).args(options);
    at(&mut command);
    command.output().expect("the binary runs")
}

fn read(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).expect("it prints JSON alone")
}

fn number(value: &Value, pointer: &str) -> u64 {
    let found = value.pointer(pointer).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("{pointer} is a whole number in {value:#}"))
}

#[test]
fn every_acknowledged_transfer_is_in_the_store_it_leaves() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("bench");
    let run = |options: &[&str]| {
        bench(options, |command| {
            command.arg("--data").arg(&data);
        })
    };
    let report = read(&run(&[]));

    let measurements = report["measurements"].as_array().expect("a list");
    let expected = [("transfer", 1), ("baseline", 1), ("transfer", 4), ("baseline", 4)];
    assert_eq!(measurements.len(), expected.len());
    let mut transfers = 20;
    for (measurement, (kind, connections)) in measurements.iter().zip(expected) {
        assert_eq!(measurement["kind"], kind);
        assert_eq!(number(measurement, "/connections"), connections);
        assert_eq!(number(measurement, "/median/errors"), 0, "{measurement:#}");
        let done = number(measurement, "/runs/0/transfers");
        assert!(done > 0 && number(measurement, "/median/transfers_per_s") > 0);
        let (p50, p999) =
            (number(measurement, "/median/p50_us"), number(measurement, "/median/p999_us"));
        assert!(p50 > 0 && p50 <= p999, "{measurement:#}");
        if kind == "transfer" {
            transfers += done;
        }
    }
    assert!(number(&report, "/disk/fdatasync_p50_us") > 0);
    assert_eq!(report["settings"]["store"], "sqlite");
    assert_eq!(number(&report, "/settings/workers"), 1);
    assert_eq!(report["ratios"].as_array().map(Vec::len), Some(4));
    assert_eq!(number(&report, "/store/acknowledged"), transfers);
    assert_eq!(number(&report, "/store/stored"), transfers);

    // Each programme's reserve was funded by one more.
    let verified = verified(&data);
    assert_eq!(verified["verified"], true);
    assert_eq!(number(&verified, "/transfers"), transfers + 2);

    assert_ended(&run(&[]), 2, "holds a database");
}

#[test]
fn an_empty_postgres_database_is_filled_and_then_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = shared().url(&shared().create_database());
    let run = || {
        bench(&["--no-baseline", "--batch-max", "1", "--workers", "3"], |command| {
            command.current_dir(directory.path()).arg("--database").arg(&url);
        })
    };
    let report = read(&run());
    assert_eq!(number(&report, "/settings/batch_max"), 1);
    assert_eq!(report["settings"]["store"], "postgres");
    assert_eq!(number(&report, "/settings/workers"), 3);
    assert!(number(&report, "/store/stored") > 20);
    assert_eq!(number(&report, "/store/acknowledged"), number(&report, "/store/stored"));
    assert_ended(&run(), 2, "holds programmes");
}

/// Everything that it can measure, in one.
#[test]
fn a_mixture_on_a_store_that_was_filled() {
    let directory = tempfile::tempdir().expect("a directory");
    let history = directory.path().join("history.jsonl");
    let run = || {
        let mix = ["--skew", "zipf", "--duplicates", "20", "--reads", "20", "--no-baseline"];
        let more = ["--fill", "300", "--engine", "8", "--bulk", "500", "--append"];
        let output = bench(&[&mix[..], &more, &[history.to_str().unwrap()]].concat(), |command| {
            command.current_dir(directory.path());
        });
        read(&output)
    };
    let report = run();
    let measurements = report["measurements"].as_array().expect("a list");
    let kinds: Vec<_> = measurements.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["transfer", "transfer", "bulk", "engine"]);
    let mut stored = 300 + 20;
    for measurement in measurements {
        assert_eq!(number(measurement, "/median/errors"), 0, "{measurement:#}");
        stored += number(measurement, "/runs/0/stored");
        let answered = number(measurement, "/runs/0/transfers");
        let mixed = measurement["kind"] == "transfer";
        assert_eq!(answered > number(measurement, "/runs/0/stored"), mixed, "{measurement:#}");
    }
    assert_eq!(number(&measurements[2], "/runs/0/stored"), 500);
    assert_eq!(number(&report, "/store/acknowledged"), stored);
    assert_eq!(number(&report, "/store/stored"), stored);
    assert!(report["store"]["opened_ms"].is_u64());
    for tenths in [&report["filled"]["tenths_per_s"], &measurements[2]["median"]["tenths_per_s"]] {
        assert_eq!(tenths.as_array().map(Vec::len), Some(10), "{report:#}");
    }
    assert!(measurements[0]["median"].get("tenths_per_s").is_none());
    assert!(number(&report, "/memory/server_peak_bytes") > 0);
    let text = std::fs::read_to_string(history).unwrap();
    let kept: Value = serde_json::from_str(text.trim()).expect("one line");
    assert_eq!(kept, report);
}

/// Against itself, which is another process all the same.
#[test]
fn two_builds_in_turns_leave_nothing_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let own = env!("CARGO_BIN_EXE_vostro");
    let mut command = vostro();
    command.args(["--json", "bench", "--against", own, "--runs", "2", "--append", "history"]);
    command.args(["--connections", "2", "--seconds", "1", "--warm", "20", "--cardholders", "5"]);
    // Processor time is counted in 10 ms: a hundred lines often take less.
    command.args(["--bulk", "5000", "--http-workers", "2"]).current_dir(directory.path());
    let output = command.output().expect("the binary runs");
    let report = read(&output);
    assert_eq!(number(&report, "/turns"), 2);
    assert_eq!(report["compared_on"], "sqlite");
    let compared = report["comparisons"].as_array().expect("a list");
    let kinds: Vec<_> = compared.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["transfer", "baseline", "bulk"]);
    for one in compared {
        for figure in ["transfers_per_s", "server_ns"] {
            assert!(number(one, &format!("/{figure}/this")) > 0, "{one:#}");
            assert!(number(one, &format!("/{figure}/ratio/lowest_permille")) > 0, "{one:#}");
        }
    }
    assert!(number(&compared[2], "/last_tenth_per_s/other") > 0);
    assert!(number(&report, "/bytes_per_transfer/other") > 0);
    let left: Vec<_> = directory.path().read_dir().unwrap().map(|file| file.unwrap()).collect();
    assert_eq!(left.len(), 1, "the history alone: {left:?}");
}

#[test]
fn two_builds_in_turns_on_postgres_have_a_database_for_each_run() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = pgfixture::Cluster::start();
    let url = server.url(&server.create_database());
    let names = "select count(*) from pg_database";
    let before = server.sql("postgres", names);
    let run = |other: &str| {
        let mut command = vostro();
        command.args(["--json", "--database", &url, "bench", "--no-baseline", "--runs", "2"]);
        command.args(["--against", other, "--connections", "2"]);
        command.args(["--seconds", "1", "--warm", "20", "--cardholders", "5"]);
        command.current_dir(directory.path()).output().expect("the binary runs")
    };
    let report = read(&run(env!("CARGO_BIN_EXE_vostro")));
    assert_eq!(report["compared_on"], "postgres");
    assert_eq!(number(&report, "/turns"), 2);
    assert!(number(&report, "/comparisons/0/transfers_per_s/ratio/highest_permille") > 0);
    assert_eq!(server.sql("postgres", names), before, "nothing is left on the server");
    // And where a run fails. Another process writes the program, so that nobody here has it open.
    let script = "#!/bin/sh\ncase $1 in --version) echo vostro 9;; *) exit 3;; esac\n";
    let mut write = Command::new("sh");
    write.args(["-c", "printf %s \"$0\" > failing && chmod +x failing", script]);
    assert!(write.current_dir(directory.path()).status().expect("a shell").success());
    assert_ended(&run("failing"), 2, "ended with exit status: 3");
    assert_eq!(server.sql("postgres", names), before);
    assert_eq!(directory.path().read_dir().unwrap().count(), 1, "the program alone");
}

#[test]
fn what_can_not_be_compared_with_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let against = |program: &str| {
        bench(&["--against", program], |command| {
            command.current_dir(directory.path());
        })
    };
    assert_ended(&against("absent"), 2, "there is no program absent");
    assert_ended(&against("/bin/true"), 2, "is not vostro");
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_directory_of_its_own_is_removed() {
    let directory = tempfile::tempdir().expect("a directory");
    let report = read(&bench(&["--no-baseline"], |command| {
        command.current_dir(directory.path());
    }));
    assert_eq!(report["measurements"].as_array().map(Vec::len), Some(2));
    let left: Vec<_> = directory.path().read_dir().expect("a directory").collect();
    assert!(left.is_empty(), "{left:?}");
}
