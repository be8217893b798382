//! The operator's commands end to end: the same through a running server and straight into the
//! store, with effect on merchants at once, and refused to whoever has no token.

mod listener;
mod merchants;
mod script;

use crate::process::{assert_ended, assert_verified, run, said, vostro};
use crate::serve::Site;
use crate::server::Service;
use script::SCRIPT;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Output;

/// The value at a pointer, whose list items may be named by their asset.
fn at<'a>(answer: &'a Value, pointer: &str) -> &'a Value {
    pointer.split('/').skip(1).fold(answer, |value, part| match value.as_array() {
        Some(rows) if part.parse::<usize>().is_err() => {
            rows.iter().find(|row| row["asset"] == part).expect("a row of the asset")
        }
        Some(rows) => &rows[part.parse::<usize>().expect("a number")],
        None => &value[part],
    })
}

/// The output with what is another in each run taken out: ids, keys, hashes and times, and the
/// order of rows that are listed by id.
fn shape(output: &Output) -> Vec<String> {
    let text = said(output).replace(['{', '}', '[', ']'], "\n");
    let mut shape = String::new();
    let words = text.split_inclusive(|c: char| !(c.is_alphanumeric() || "-_:.+".contains(c)));
    for word in words {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let digits = bare.chars().any(|c| c.is_ascii_digit());
        // A secret of 32 letters has a digit nearly always.
        let long = bare.len() >= 32 || bare.len() >= 20 && digits;
        shape.push_str(if long { "…" } else { bare });
        shape.push_str(&word[bare.len()..]);
    }
    let mut lines: Vec<_> = shape.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// Runs the script; what it printed for people and for programs, and how each command ended.
fn play(site: &Site) -> Vec<(Vec<String>, Option<i32>)> {
    let mut known = BTreeMap::new();
    let mut played = Vec::new();
    for (command, keep) in SCRIPT {
        let arguments: Vec<String> = command
            .iter()
            .map(|word| match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
                Some(name) => String::clone(&known[name]),
                None => (*word).to_owned(),
            })
            .collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(&site.data, &[&["--json"], &arguments[..]].concat());
        if output.status.success() {
            let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            if let Some((name, pointer)) = keep {
                let value = at(&answer, pointer).as_str().expect("a text").to_owned();
                known.insert(*name, value);
            }
        } else {
            assert_eq!(output.status.code(), Some(1), "{command:?}: {}", said(&output));
            assert!(output.stdout.is_empty(), "only answers are printed to standard output");
            assert!(said(&output).contains("code: "), "{command:?}: {}", said(&output));
        }
        played.push((shape(&output), output.status.code()));
        // For people, where asking again changes nothing.
        if ["show", "list", "history"].contains(&command.get(1).copied().unwrap_or_default()) {
            played.push((shape(&run(&site.data, &arguments)), output.status.code()));
        }
    }
    played
}

/// A site with an empty database, and its key where `--data` alone finds it.
fn site() -> Site {
    let site = Site::new();
    assert!(Service::start(&site.config, &site.data).stop().0.success());
    std::fs::copy(&site.key, site.data.join("master.key")).unwrap();
    site
}

#[test]
fn the_same_with_a_server_and_without_one() {
    let (alone, served) = (site(), site());
    let service = Service::start(&served.config, &served.data);
    let through = play(&served);
    let (status, log) = service.stop();
    assert!(status.success(), "{log}");
    let direct = play(&alone);
    for (at, (direct, through)) in direct.iter().zip(&through).enumerate() {
        assert_eq!(direct, through, "the {at}th output");
    }
    let failed = through.iter().filter(|(_, code)| *code == Some(1)).count();
    assert_eq!(failed, 15, "those that are refused, and the missing one that is shown twice");
    for site in [alone, served] {
        assert_verified(&site.data);
    }
}

#[test]
fn a_reference_makes_a_command_run_once() {
    let site = site();
    let service = Service::start(&site.config, &site.data);
    site.operate(&["program", "create", "--name", "acme", "--asset", "TUSDT"]);
    let fund = ["fund", "--program", "acme", "--asset", "TUSDT", "--reference", "ONCE"];
    let once = |amount| [&fund[..], &["--amount", amount]].concat();
    let first = site.operate(&once("10.00"));
    assert_eq!(site.operate(&once("10.00")), first);
    let told = said(&run(&site.data, &once("10.00")));
    assert!(told.contains("the first answer again"), "{told}");
    assert_ended(&run(&site.data, &once("10.01")), 1, "reference_conflict");
    // And without the server that had it first.
    assert!(service.stop().0.success());
    assert_eq!(site.operate(&once("10.00")), first);
    assert_ended(&run(&site.data, &once("10.01")), 1, "reference_conflict");
    let reserve = ["account", "list", "--program", "acme", "--kind", "reserve"];
    assert_eq!(site.operate(&reserve)["data"][0]["balance"], "10.00");
}

#[test]
fn commands_without_a_server_wait_for_each_other() {
    const COMMANDS: usize = 6;
    let site = site();
    site.operate(&["program", "create", "--name", "acme", "--asset", "TUSDT"]);
    let fund = ["fund", "--program", "acme", "--asset", "TUSDT", "--amount", "1.00"];
    std::thread::scope(|scope| {
        let funded: Vec<_> = (0..COMMANDS).map(|_| scope.spawn(|| site.operate(&fund))).collect();
        for funded in funded {
            assert_eq!(funded.join().expect("it succeeds")["outcome"], "completed");
        }
    });
    let reserve = ["account", "list", "--program", "acme", "--kind", "reserve"];
    assert_eq!(site.operate(&reserve)["data"][0]["balance"], "6.00");
    assert_verified(&site.data);
}

#[test]
fn pages_stand_still_while_rows_arrive() {
    let site = site();
    let service = Service::start(&site.config, &site.data);
    site.operate(&["program", "create", "--name", "acme", "--asset", "TUSDT"]);
    let fund = || {
        site.operate(&["fund", "--program", "acme", "--asset", "TUSDT", "--amount", "1.00"]);
    };
    (0..5).for_each(|_| fund());
    let reserves = site.operate(&["account", "list", "--program", "acme", "--kind", "reserve"]);
    let reserve = reserves["data"][0]["id"].as_str().expect("an id");
    let history = ["account", "history", "--program", "acme", "--account", reserve];
    let instructions = ["instruction", "list", "--program", "acme"];
    for (list, name) in [(&history[..], "version"), (&instructions, "seq")] {
        let all = site.operate(list);
        let all: Vec<_> = all["data"].as_array().expect("rows").iter().collect();
        let mut paged = Vec::new();
        let mut cursor = None;
        loop {
            let behind = cursor.iter().flat_map(|cursor| ["--before", String::as_str(cursor)]);
            let page: Vec<&str> =
                list.iter().copied().chain(["--limit", "2"]).chain(behind).collect();
            let page = site.operate(&page);
            paged.extend(page["data"].as_array().expect("rows").clone());
            let Some(next) = page["next"].as_str() else { break };
            cursor = Some(next.to_owned());
            fund();
        }
        assert_eq!(paged.iter().collect::<Vec<_>>(), all);
        let places: Vec<_> = paged.iter().map(|row| row[name].as_u64().expect("a count")).collect();
        assert!(places.is_sorted_by(|newer, older| newer > older), "{places:?}");
    }
    assert!(service.stop().0.success());
}

#[test]
fn mistakes_are_told_apart_by_their_code() {
    let data = tempfile::tempdir().unwrap();
    let place = data.path();
    // Mistyped.
    assert_ended(&run(place, &["fund", "--program", "acme"]), 2, "required");
    assert_ended(&run(place, &["found"]), 2, "unrecognized");
    // Nowhere to ask. Nothing is made by asking.
    assert_ended(&run(place, &["program", "list"]), 2, "there is no database at");
    assert_ended(&run(place, &["verify"]), 2, "there is no database at");
    assert_eq!(std::fs::read_dir(place).unwrap().count(), 0);
    // A key is never written over.
    let key = place.join("master.key");
    let make = || vostro().arg("master-key").arg("--out").arg(&key).output().unwrap();
    assert_ended(&make(), 0, "wrote");
    let before = std::fs::read(&key).unwrap();
    assert_eq!(make().status.code(), Some(2));
    assert_eq!(std::fs::read(&key).unwrap(), before);
}

#[test]
fn found_from_any_directory() {
    let site = site();
    let root = site.config.parent().expect("a directory");
    let text = std::fs::read_to_string(&site.config).unwrap();
    let absolute = format!("{:?}", site.data);
    assert!(text.contains(&absolute));
    std::fs::write(&site.config, text.replace(&absolute, "\"data\"")).unwrap();
    // The data directory is told by a path that has a meaning only where the server is started.
    let mut command = vostro();
    command.current_dir(root);
    let service = Service::start_with(command, &site.config, &site.data);
    assert_ended(&run(&site.data, &["program", "list"]), 0, "none");
    assert!(service.stop().0.success());
}
