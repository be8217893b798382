//! `pytest` with a plug-in of our own, which puts our URL in the place of the vendor's and writes
//! down what became of each test.

use super::environment::{Environment, Sdk};
use super::family::Family;
use crate::process::said;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What became of a test: only the last is good.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    Failed,
    Skipped,
    Passed,
}

/// Of each test its outcome, with the reason where it has not passed.
pub type Outcomes = BTreeMap<String, (Outcome, String)>;

/// Where our own Python files are.
pub fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/uqpay")
}

/// A run of some tests against a server.
pub struct Run<'f> {
    pub sdk: Sdk,
    pub family: &'f Family,
    /// What the tests' names begin at.
    pub root: PathBuf,
    pub tests: &'f [&'f str],
}

impl Run<'_> {
    pub fn outcomes(&self) -> Outcomes {
        let scratch: TempDir = tempfile::tempdir().unwrap();
        let (report, family) = (scratch.path().join("report"), scratch.path().join("family.json"));
        std::fs::write(&report, "").unwrap();
        std::fs::write(&family, self.family.to_json().to_string()).unwrap();
        let mut command = Environment::get().python(self.sdk, &here());
        command.args(["-m", "pytest", "-p", "vostro_plugin", "-p", "no:cacheprovider", "-q"]);
        command.arg("--rootdir").arg(&self.root).args(self.tests).current_dir(&self.root);
        command.env("VOSTRO_REPORT", &report).env("VOSTRO_FAMILY", &family);
        command.env("VOSTRO_SDK", self.sdk.version());
        command.env("UQPAY_BASE_URL", &self.family.base_url);
        command.env("UQPAY_CLIENT_ID", &self.family.client_id);
        command.env("UQPAY_API_KEY", &self.family.api_key);
        command.env("SKIP_INTEGRATION_TESTS", "false").env_remove("UQPAY_SIMULATOR_CARD_ID");
        let output = command.output().expect("pytest runs");
        // 0 is that all passed, 1 that one failed; everything else is no run.
        let ran = matches!(output.status.code(), Some(0 | 1));
        assert!(ran, "{}", said(&output));
        let outcomes = read(&std::fs::read_to_string(&report).unwrap());
        let failed = outcomes.values().any(|(outcome, _)| *outcome == Outcome::Failed);
        assert_eq!(failed, output.status.code() == Some(1), "{}", said(&output));
        outcomes
    }

    /// Fails unless there are so many tests at least and each passes.
    pub fn assert_passes(&self, at_least: usize) {
        let outcomes = self.outcomes();
        let bad: Vec<_> =
            outcomes.iter().filter(|(_, (outcome, _))| *outcome != Outcome::Passed).collect();
        assert!(bad.is_empty(), "{}", told(bad));
        assert!(outcomes.len() >= at_least, "only these ran: {:?}", outcomes.keys());
    }
}

/// The worst that was written of each test, which has up to three phases.
fn read(report: &str) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for line in report.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let outcome = match line["outcome"].as_str() {
            Some("passed") => Outcome::Passed,
            Some("skipped") => Outcome::Skipped,
            _ => Outcome::Failed,
        };
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let entry = outcomes.entry(text("id")).or_insert((outcome, text("why")));
        if outcome < entry.0 {
            *entry = (outcome, text("why"));
        }
    }
    outcomes
}

/// Tests and why they are what they are, to be read.
pub fn told<'o>(outcomes: impl IntoIterator<Item = (&'o String, &'o (Outcome, String))>) -> String {
    let lines = outcomes.into_iter();
    lines.map(|(id, (outcome, why))| format!("{id}: {outcome:?}\n{why}\n")).collect()
}
