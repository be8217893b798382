//! The vendor's own client in Python on a running server: the tests that it comes with, and checks
//! of ours through it. It is fetched, not kept here: see `environment.rs`.

mod environment;
mod family;
mod lever;
mod pytest;

use self::environment::{Environment, Sdk};
use self::family::Family;
use self::pytest::{Outcome, Run, here, told};
use crate::backend::{Backend, CONFIG, on_each};
use crate::harm::Store;
use crate::operator::Operator;
use crate::process::{assert_verified, vostro};
use crate::server::{Sandbox, Service};
use crate::webhook::{all_are, until};
use pgfixture::{Proxy, shared};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// The files of the vendor's tests that ask a server for what this door is about.
const SHIPPED: [&str; 7] = [
    "tests/test_auth.py",
    "tests/test_connect.py",
    "tests/test_issuing.py",
    "tests/test_simulator.py",
    "tests/test_banking.py::test_list_banking_balances",
    "tests/test_banking.py::test_retrieve_banking_balance_by_currency",
    "tests/test_banking.py::test_list_banking_balance_transactions",
];

/// What has to pass whatever the list says.
const BUILT: [&str; 4] = ["test_auth", "test_connect", "transfer", "balance"];

fn the_shipped_tests_pass(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let scratch = tempfile::tempdir().unwrap();
    let root = Environment::get().unpack_tests(scratch.path());
    let family = Family::of(&sandbox);
    let run = Run { sdk: Sdk::Newest, family: &family, root, tests: &SHIPPED };
    let outcomes = run.outcomes();
    let list = include_str!("uqpay/not_yet.txt").lines().filter(|line| !line.starts_with('#'));
    let not_yet: BTreeSet<&str> = list.collect();
    let built = not_yet.iter().find(|id| BUILT.iter().any(|word| id.contains(word)));
    assert_eq!(built, None, "it is built, so it is no exception");
    let gone: Vec<_> = not_yet.iter().filter(|id| !outcomes.contains_key(**id)).collect();
    assert!(gone.is_empty(), "there are no such tests: {gone:?}");
    let wrong = outcomes.iter().filter(|(id, (outcome, _))| {
        (*outcome == Outcome::Passed) == not_yet.contains(id.as_str())
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "not as not_yet.txt has it:\n{}", told(wrong));
    for word in BUILT {
        assert!(outcomes.keys().any(|id| id.contains(word)), "no test of {word} ran");
    }
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

/// Our own checks, with one of the releases.
fn check(backend: Backend, sdk: Sdk) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let family = Family::of(&sandbox);
    Run { sdk, family: &family, root: here(), tests: &["checks.py", "lost.py"] }.assert_passes(40);
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

fn our_checks_pass(backend: Backend) {
    check(backend, Sdk::Newest);
}

#[test]
fn our_checks_pass_with_the_release_that_is_installed_without_a_version() {
    check(Backend::Sqlite, Sdk::Unpinned);
}

/// The binary on a clock of the test's own. It begins with the client's, which is not moved.
fn at_the_clients_time(data: &Path) -> (PathBuf, impl Fn() -> Command) {
    let clock = data.join("clock");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    std::fs::write(&clock, now.as_micros().to_string()).unwrap();
    let file = clock.clone();
    let command = move || {
        let mut command = vostro();
        command.env("VOSTRO_TEST_CLOCK_FILE", &file);
        command.env("VOSTRO_STORE_CLOCKS_APART_MAX_MS", i64::MAX.to_string());
        command
    };
    (clock, command)
}

fn a_token_that_has_expired_is_healed_in_place(backend: Backend) {
    let data = backend.home();
    let (clock, command) = at_the_clients_time(data.path());
    let sandbox = Sandbox::start_with(data.path(), command());
    let family = Family { clock: Some(clock), ..Family::of(&sandbox) };
    run_one(&family, "expired.py");
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

/// First in the built-in inbox, then by a receiver in Python that the endpoint is led to.
fn webhooks_are_verified_by_the_client(backend: Backend) {
    let data = backend.home();
    let mut command = vostro();
    command.env("VOSTRO_WEBHOOKS_PERIOD_MS", "20");
    let sandbox = Sandbox::start_with(data.path(), command);
    let hooks = json!({
        "operator_url": sandbox.text("/operator_url"),
        "operator_token": sandbox.text("/operator_token"),
        "secret": sandbox.text("/uqpay/webhook_secret"),
    });
    let family = Family { hooks: Some(hooks), ..Family::of(&sandbox) };
    let tests = ["webhooks.py"];
    Run { sdk: Sdk::Newest, family: &family, root: here(), tests: &tests }.assert_passes(4);
    let mut operator = Operator::new(&sandbox);
    let deliveries = "/v1/programs/demo-uqpay/deliveries";
    until(&mut operator, deliveries, all_are("delivered"));
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

fn run_one(family: &Family, file: &str) {
    Run { sdk: Sdk::Newest, family, root: here(), tests: &[file] }.assert_passes(1);
}

/// A sandbox's data served with more settings, since a sandbox makes its demo before it listens
/// and can't in no time.
fn serve(mut command: Command, data: &Path) -> Service {
    for listener in ["VOSTRO_SERVER_LISTEN", "VOSTRO_SERVER_OPERATOR_LISTEN"] {
        command.env(listener, "127.0.0.1:0");
    }
    let config = data.join(CONFIG);
    if !config.exists() {
        std::fs::write(&config, "").unwrap();
    }
    command.arg("--data").arg(data);
    Service::start_with(command, &config, data)
}

fn base_url(service: &Service) -> String {
    format!("http://{}/sandbox/api", service.public())
}

#[test]
fn a_call_too_many_is_healed_in_place() {
    let data = tempfile::tempdir().unwrap();
    let (clock, command) = at_the_clients_time(data.path());
    let sandbox = Sandbox::start_with(data.path(), command());
    let family = Family { clock: Some(clock), ..Family::of(&sandbox) };
    run_one(&family, "limited.py::test_nothing_is_limited_by_itself");
    assert!(sandbox.stop().success());
    let mut command = command();
    command.env("VOSTRO_UQPAY_RATE_LIMIT_PER_MIN", "3");
    command.env("VOSTRO_UQPAY_RATE_LIMIT_TOKEN_PER_MIN", "2");
    let service = serve(command, data.path());
    let family = Family { base_url: base_url(&service), ..family };
    run_one(&family, "limited.py::test_a_call_too_many_is_healed_in_place");
    run_one(&family, "limited.py::test_a_token_too_many");
    assert!(service.stop().0.success());
    assert_verified(data.path());
}

/// The store lets nobody write for a while. Where it can have a second server, the repeat goes to
/// that one; a server takes up nothing more of a programme that it has a batch of in flight.
fn a_call_under_way_is_asked_for_again_and_done_once(backend: Backend) {
    let home = tempfile::tempdir().unwrap();
    let [data, second] = ["first", "second"].map(|name| home.path().join(name));
    let store = Store::new(backend, &data);
    let (clock, command) = at_the_clients_time(home.path());
    let sandbox = Sandbox::start_with(&data, command());
    let family = Family::of(&sandbox);
    assert!(sandbox.stop().success());
    let serve = |data: &Path| {
        let mut command = command();
        command.env("VOSTRO_ENGINE_QUEUE_DEADLINE_MS", "400");
        command.env("VOSTRO_ENGINE_ANSWER_DEADLINE_MS", "500");
        // Work of its own would keep the other server from the repeat.
        command.env("VOSTRO_WEBHOOKS_PERIOD_MS", "3600000");
        serve(command, data)
    };
    let mut services = vec![serve(&data)];
    if backend == Backend::Postgres {
        std::fs::create_dir(&second).unwrap();
        for file in [CONFIG, "master.key", "operator.token"] {
            std::fs::copy(data.join(file), second.join(file)).unwrap();
        }
        services.push(serve(&second));
    }
    let family = Family {
        base_url: base_url(&services[0]),
        other_base_url: services.get(1).map(base_url),
        lever: Some(lever::listen(store)),
        clock: Some(clock),
        ..family
    };
    run_one(&family, "processing.py");
    for service in services {
        assert!(service.stop().0.success());
    }
    assert_verified(&data);
}

/// PostgreSQL alone: the answer to the commit is lost between it and the server.
#[test]
fn a_commit_whose_answer_is_lost_in_postgres_is_one_transfer() {
    let data = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(shared().address());
    let url = proxy.url(&shared().create_database());
    let config = format!("[store]\ndatabase = \"{url}\"\n");
    std::fs::write(data.path().join(crate::backend::CONFIG), config).unwrap();
    let sandbox = Sandbox::start(data.path());
    let family = Family::of(&sandbox);
    proxy.drop_next_commit_answer();
    run_one(&family, "commit.py");
    assert_eq!(proxy.fired(), 1);
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

on_each! {
    the_shipped_tests_pass,
    our_checks_pass,
    a_token_that_has_expired_is_healed_in_place,
    webhooks_are_verified_by_the_client,
    a_call_under_way_is_asked_for_again_and_done_once,
}
