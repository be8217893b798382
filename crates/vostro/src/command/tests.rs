//! Each command line and the one request it becomes; and all of them against the operator's API on
//! a store in memory.

use super::*;
use call::Repeat;
use clap::Parser;
use domain::secret::Secret;
use engine::credential::CredentialForm;
use engine::deliver::{Render, Renderers};
use engine::{Clock, Engine, EngineOptions};
use gateway::body::Limits;
use gateway::edge::Edge;
use gateway::request_id::RequestIds;
use operator::DoorCredentials;
use operator::webhook::{RENDERER, StandardWebhooks};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use store::model::Model;
use vault::master::MasterKey;
use vault::random::SystemRandom;

#[derive(Parser, Debug)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

/// The words of a line, by blanks; quotes are not needed here.
fn parse(line: &str) -> Result<Command, clap::Error> {
    let words = core::iter::once("vostro").chain(line.split(' '));
    Line::try_parse_from(words).map(|line| line.command)
}

/// A line, the request, and whether it runs exactly once.
const LINES: &[(&str, &str, &str)] = &[
    (
        "program create --name acme --asset TUSDT,JPY --asset USD --mode credit",
        "POST /v1/programs",
        r#"{"assets":["TUSDT","JPY","USD"],"environment":"live","mode":"credit","name":"acme"}"#,
    ),
    (
        "program create --name a --asset USD --sandbox --duplicate error",
        "POST /v1/programs",
        r#"{"assets":["USD"],"duplicate":"error","environment":"sandbox","name":"a"}"#,
    ),
    ("program list", "GET /v1/programs", ""),
    ("program list --limit 2 --after x", "GET /v1/programs?limit=2&after=x", ""),
    ("program show --program acme", "GET /v1/programs/acme", ""),
    ("program suspend --program acme", "PATCH /v1/programs/acme", r#"{"status":"suspended"}"#),
    ("program resume --program acme", "PATCH /v1/programs/acme", r#"{"status":"active"}"#),
    (
        "program set --program acme --mode authorization",
        "PATCH /v1/programs/acme",
        r#"{"mode":"authorization"}"#,
    ),
    (
        "program add-asset --program acme --asset USD",
        "POST /v1/programs/acme/assets",
        r#"{"asset":"USD"}"#,
    ),
    (
        "credential create --program acme --door d --label l --allow 10.0.0.1,10.1.0.0/16",
        "POST /v1/programs/acme/credentials",
        r#"{"allow":["10.0.0.1","10.1.0.0/16"],"door":"d","label":"l"}"#,
    ),
    (
        "credential create --program acme --door d --allow * --expires-at T",
        "POST /v1/programs/acme/credentials",
        r#"{"allow":"*","door":"d","expires_at":"T"}"#,
    ),
    ("credential list --program acme", "GET /v1/programs/acme/credentials", ""),
    ("credential show --program acme --credential c", "GET /v1/programs/acme/credentials/c", ""),
    (
        "credential disable --program acme --credential c",
        "PATCH /v1/programs/acme/credentials/c",
        r#"{"status":"disabled"}"#,
    ),
    (
        "credential enable --program acme --credential c",
        "PATCH /v1/programs/acme/credentials/c",
        r#"{"status":"enabled"}"#,
    ),
    (
        "credential revoke --program acme --credential c",
        "PATCH /v1/programs/acme/credentials/c",
        r#"{"status":"revoked"}"#,
    ),
    (
        "credential allow --program acme --credential c --allow none",
        "PATCH /v1/programs/acme/credentials/c",
        r#"{"allow":[]}"#,
    ),
    (
        "credential expire --program acme --credential c --at never",
        "PATCH /v1/programs/acme/credentials/c",
        r#"{"expires_at":"never"}"#,
    ),
    (
        "signature-key add --program acme --credential c --use verify --file \
         src/command/signature_key/not_a_key.pem",
        "POST /v1/programs/acme/credentials/c/signature-keys",
        r#"{"pem":"not a key\n","use":"verify"}"#,
    ),
    (
        "signature-key list --program acme --credential c",
        "GET /v1/programs/acme/credentials/c/signature-keys",
        "",
    ),
    (
        "signature-key retire --program acme --credential c --id k/1",
        "POST /v1/programs/acme/credentials/c/signature-keys/k%2F1/retire",
        "{}",
    ),
    ("cardholder create --program acme", "POST /v1/programs/acme/cardholders", "{}"),
    (
        "cardholder create --program acme --number U1 --unique-number u --status approved \
         --asset USD",
        "POST /v1/programs/acme/cardholders",
        r#"{"assets":["USD"],"number":"U1","status":"approved","unique_number":"u"}"#,
    ),
    ("cardholder list --program acme", "GET /v1/programs/acme/cardholders", ""),
    ("cardholder show --program acme --number U/1", "GET /v1/programs/acme/cardholders/U%2F1", ""),
    (
        "cardholder set-status --program acme --number U1 --status rejected",
        "PATCH /v1/programs/acme/cardholders/U1",
        r#"{"status":"rejected"}"#,
    ),
    (
        "sub-account create --program acme --kind issuing --name Bob --asset TUSDT,JPY",
        "POST /v1/programs/acme/sub-accounts drawn",
        r#"{"assets":["TUSDT","JPY"],"kind":"issuing","name":"Bob"}"#,
    ),
    (
        "sub-account create --program acme --kind master --name A --asset USD --id i --reference k",
        "POST /v1/programs/acme/sub-accounts k",
        r#"{"assets":["USD"],"id":"i","kind":"master","name":"A"}"#,
    ),
    (
        "sub-account list --program acme --limit 1 --after x",
        "GET /v1/programs/acme/sub-accounts?limit=1&after=x",
        "",
    ),
    ("sub-account show --program acme --id s/1", "GET /v1/programs/acme/sub-accounts/s%2F1", ""),
    (
        "sub-account set --program acme --id s --status inactive",
        "PATCH /v1/programs/acme/sub-accounts/s",
        r#"{"status":"inactive"}"#,
    ),
    (
        "sub-account deposit --program acme --id s --asset USD --amount 1 --remark r",
        "POST /v1/programs/acme/sub-accounts/s/deposit drawn",
        r#"{"amount":"1","asset":"USD","remark":"r"}"#,
    ),
    (
        "sub-account allocate --program acme --id s --asset USD --amount 1",
        "POST /v1/programs/acme/sub-accounts/s/allocate drawn",
        r#"{"amount":"1","asset":"USD"}"#,
    ),
    (
        "sub-account allocate --program acme --id s --to t --asset USD --amount 1 --reference k",
        "POST /v1/programs/acme/sub-accounts/s/allocate k",
        r#"{"amount":"1","asset":"USD","to":"t"}"#,
    ),
    (
        "sub-account fund --program acme --id s --asset USD --amount 1",
        "POST /v1/programs/acme/sub-accounts/s/fund drawn",
        r#"{"amount":"1","asset":"USD"}"#,
    ),
    (
        "fund --program acme --asset TUSDT --amount 1.00",
        "POST /v1/programs/acme/fund drawn",
        r#"{"amount":"1.00","asset":"TUSDT"}"#,
    ),
    (
        "fund --program acme --asset TUSDT --amount 1 --cardholder U1 --remark r --reference k",
        "POST /v1/programs/acme/fund k",
        r#"{"amount":"1","asset":"TUSDT","cardholder":"U1","remark":"r"}"#,
    ),
    (
        "payout --program acme --asset TUSDT --amount 1 --kind fees",
        "POST /v1/programs/acme/payout drawn",
        r#"{"amount":"1","asset":"TUSDT","kind":"fees"}"#,
    ),
    ("account list --program acme", "GET /v1/programs/acme/accounts", ""),
    (
        "account list --program acme --own --kind fees --limit 1",
        "GET /v1/programs/acme/accounts?owner=program&kind=fees&limit=1",
        "",
    ),
    (
        "account list --program acme --cardholder U1",
        "GET /v1/programs/acme/accounts?cardholder=U1",
        "",
    ),
    ("account show --program acme --account a", "GET /v1/programs/acme/accounts/a", ""),
    (
        "account history --program acme --account a --before 7",
        "GET /v1/programs/acme/accounts/a/entries?before=7",
        "",
    ),
    (
        "transfer convert --program acme --debit a --credit b --amount 1 --asset USD --to JPY",
        "POST /v1/programs/acme/conversions drawn",
        r#"{"amount":"1","asset":"USD","credit":"b","debit":"a","to":"JPY"}"#,
    ),
    (
        "transfer create --program acme --debit a --credit b --amount 1 --asset USD",
        "POST /v1/programs/acme/transfers drawn",
        r#"{"amount":"1","asset":"USD","credit":"b","debit":"a"}"#,
    ),
    (
        "transfer create --program acme --debit a --credit b --amount 1 --asset USD \
         --on-insufficient decline",
        "POST /v1/programs/acme/transfers drawn",
        r#"{"amount":"1","asset":"USD","credit":"b","debit":"a","on_insufficient":"decline"}"#,
    ),
    (
        "instruction list --program acme --kind fund,hold --kind void --from \
         2026-05-22T08:30:00Z --until x --account a",
        "GET \
         /v1/programs/acme/instructions?account=a&kind=fund%2Chold%2Cvoid\
         &from=2026-05-22T08%3A30%3A00Z&until=x",
        "",
    ),
    ("instruction show --program acme --instruction i", "GET /v1/programs/acme/instructions/i", ""),
    (
        "instruction reverse --program acme --instruction i",
        "POST /v1/programs/acme/instructions/i/reverse drawn",
        "{}",
    ),
    (
        "rate set --program acme --from USD --to JPY --rate 150.5",
        "POST /v1/programs/acme/rates",
        r#"{"from":"USD","rate":"150.5","to":"JPY"}"#,
    ),
    ("rate list --program acme", "GET /v1/programs/acme/rates", ""),
    (
        "hold place --program acme --debit a --credit b --amount 1 --asset USD --life-s 60",
        "POST /v1/programs/acme/holds drawn",
        r#"{"amount":"1","asset":"USD","credit":"b","debit":"a","life_s":60}"#,
    ),
    (
        "hold capture --program acme --hold h --amount 1 --asset USD --completion partial \
         --reference k",
        "POST /v1/programs/acme/holds/h/capture k",
        r#"{"amount":"1","asset":"USD","completion":"partial"}"#,
    ),
    (
        "hold void --program acme --hold h --remark r",
        "POST /v1/programs/acme/holds/h/void drawn",
        r#"{"remark":"r"}"#,
    ),
    ("hold show --program acme --hold h", "GET /v1/programs/acme/holds/h", ""),
    (
        "endpoint create --program acme --url https://a.example/ --event hold.expired,rate.set",
        "POST /v1/programs/acme/endpoints",
        r#"{"events":["hold.expired","rate.set"],"url":"https://a.example/"}"#,
    ),
    (
        "endpoint create --program acme --url https://a.example/",
        "POST /v1/programs/acme/endpoints",
        r#"{"url":"https://a.example/"}"#,
    ),
    (
        "endpoint create --program acme --url inbox: --format uqpay",
        "POST /v1/programs/acme/endpoints",
        r#"{"format":"uqpay","url":"inbox:"}"#,
    ),
    ("endpoint list --program acme", "GET /v1/programs/acme/endpoints", ""),
    ("endpoint show --program acme --endpoint e", "GET /v1/programs/acme/endpoints/e", ""),
    (
        "endpoint update --program acme --endpoint e --status disabled --event * --rotate-secret",
        "PATCH /v1/programs/acme/endpoints/e",
        r#"{"events":"*","rotate_secret":true,"status":"disabled"}"#,
    ),
    (
        "endpoint replay --program acme --endpoint e --missed",
        "POST /v1/programs/acme/endpoints/e/replay",
        r#"{"missed":true}"#,
    ),
    (
        "endpoint replay --program acme --endpoint e --from a --until b",
        "POST /v1/programs/acme/endpoints/e/replay",
        r#"{"from":"a","until":"b"}"#,
    ),
    ("delivery list --program acme", "GET /v1/programs/acme/deliveries", ""),
    (
        "delivery list --program acme --endpoint e --status pending,given_up --limit 2 --before x",
        "GET \
         /v1/programs/acme/deliveries?endpoint=e&status=pending%2Cgiven_up&limit=2&before=x",
        "",
    ),
    ("delivery show --program acme --delivery d", "GET /v1/programs/acme/deliveries/d", ""),
    (
        "delivery replay --program acme --delivery d",
        "POST /v1/programs/acme/deliveries/d/replay",
        "{}",
    ),
    (
        "inbox list --program acme --limit 2 --before x",
        "GET /v1/programs/acme/inbox?limit=2&before=x",
        "",
    ),
];

#[test]
fn each_line_is_one_request() {
    for (line, request, body) in LINES {
        let call = parse(line).unwrap().plan().unwrap().call;
        let repeat = match &call.repeat {
            Repeat::Never => String::new(),
            Repeat::Drawn => " drawn".to_owned(),
            Repeat::Named(key) => format!(" {key}"),
        };
        assert_eq!(format!("{} {}{repeat}", call.method, call.path), *request, "{line}");
        assert_eq!(call.body(), *body, "{line}");
    }
}

#[test]
fn every_command_has_a_line() {
    fn leaves(command: &clap::Command, path: &str, out: &mut Vec<String>) {
        let mut whole = true;
        for part in command.get_subcommands() {
            whole = false;
            leaves(part, format!("{path} {}", part.get_name()).trim(), out);
        }
        if whole {
            out.push(path.to_owned());
        }
    }
    let mut commands = Vec::new();
    leaves(&<Line as clap::CommandFactory>::command(), "", &mut commands);
    for command in &commands {
        let begins = |line: &str| line == command || line.starts_with(&format!("{command} "));
        assert!(LINES.iter().any(|(line, ..)| begins(line)), "{command}");
    }
}

#[test]
fn what_clap_refuses() {
    for line in [
        "program create --name acme",
        "program set --program acme",
        "program show",
        "program create --name a --asset USD --mode both",
        "credential create --program acme --door d",
        "signature-key add --program acme --credential c --use seal --file f",
        "signature-key add --program acme --credential c --use sign",
        "signature-key retire --program acme --credential c",
        "sub-account create --program acme --kind issuing --name Bob",
        "sub-account create --program acme --kind reserve --name Bob --asset USD",
        "sub-account set --program acme --id s --status Closed",
        "sub-account deposit --program acme --id s --to t --asset USD --amount 1",
        "payout --program a --amount 1 --asset USD --kind external",
        "payout --program a --amount 1 --asset USD --kind fees --cardholder U1",
        "account list --program a --own --cardholder U1",
        "cardholder set-status --program a --number U1 --status Approved",
        "hold place --program a --debit x --credit y --amount 1 --asset USD --life-s -1",
        "fund --program acme --amount 1",
        "program list --limit many",
        "endpoint create --program acme",
        "endpoint update --program acme --endpoint e --status off",
        "endpoint replay --program acme --endpoint e",
        "endpoint replay --program acme --endpoint e --missed --from a",
        "delivery list --program acme --status lost",
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> domain::time::Time {
        domain::time::Time::from_unix_us(1_779_438_600_000_000)
    }
}

async fn edge() -> Arc<Edge> {
    let random = Arc::new(SystemRandom::new());
    let master = MasterKey::generate(random.as_ref()).unwrap();
    let store = Arc::new(Model::new());
    let options = EngineOptions::default();
    let engine = Engine::start(store, Arc::new(Stopped), random, master, options).await.unwrap();
    let standard: Arc<dyn Render> = Arc::new(StandardWebhooks);
    let options = operator::OperatorOptions {
        token: Secret::new("t".to_owned()),
        doors: vec![
            DoorCredentials { name: "door-a", form: CredentialForm::KeyAndSecret },
            DoorCredentials { name: "door-b", form: CredentialForm::PublicId },
        ],
        formats: Renderers::from([(RENDERER, standard)]),
        limits: Limits::default(),
    };
    let router = operator::router(engine, options);
    let clock = Arc::new(|| Duration::ZERO);
    Arc::new(Edge::new(router, RequestIds::new(1), clock).door("", operator::faults()))
}

async fn type_line(transport: &Transport, line: &str, json: bool) -> Result<String, CommandError> {
    answer(parse(line).unwrap(), transport, &SystemRandom::new(), json).await
}

/// A public key, as its owner sends it.
const PUBLIC: &str = "../vault/src/signature/rsa_4096.pem";

/// A credential of a door whose callers sign, with one key and then with none.
async fn keys(transport: &Transport) {
    let create = "credential create --program acme --door door-b --allow *";
    let made = type_line(transport, create, false).await.unwrap();
    assert!(made.contains("\napi_key ") && !made.contains("api_secret"), "{made}");
    let id = made.lines().next().unwrap().split_whitespace().last().unwrap();
    let of = format!("--program acme --credential {id}");
    let add = format!("signature-key add {of} --use verify --file {PUBLIC}");
    let added = type_line(transport, &add, false).await.unwrap();
    let pem = std::fs::read_to_string(PUBLIC).unwrap();
    assert!(added.ends_with(&format!("\n\npublic_key_pem\n{pem}")), "{added}");
    assert_eq!(type_line(transport, &add, false).await.unwrap(), added);
    let key = added.lines().next().unwrap().split_whitespace().last().unwrap();
    let retire = format!("signature-key retire {of} --id {key}");
    let retired = type_line(transport, &retire, false).await.unwrap();
    assert!(retired.contains("\nstatus       retired\n"), "{retired}");
    let listed = format!("signature-key list {of}");
    let listed = type_line(transport, &listed, false).await.unwrap();
    assert!(listed.starts_with("ID ") && listed.lines().count() == 2, "{listed}");
    assert!(!listed.contains("BEGIN"), "{listed}");
    let error = type_line(transport, &add, false).await.unwrap_err();
    assert!(error.to_string().ends_with("code: signature_key_retired"), "{error}");
}

/// A family of two, and money from outside to the bank and on.
async fn family(transport: &Transport) {
    let create = "sub-account create --program acme --asset TUSDT --name";
    let line = format!("{create} Acme --kind master --reference made");
    let made = type_line(transport, &line, false).await.unwrap();
    assert!(made.contains("accounts\nKIND     ASSET  BALANCE  AVAILABLE"), "{made}");
    let again = type_line(transport, &line, false).await.unwrap();
    assert!(again.contains("replayed"), "{again}");
    let id = made.lines().next().unwrap().split_whitespace().last().unwrap();
    let member = "00000000-0000-0000-0000-0000000000aa";
    let line = format!("{create} Bob --kind issuing --id {member}");
    type_line(transport, &line, false).await.unwrap();
    let error = type_line(transport, &line, false).await.unwrap_err();
    assert!(error.to_string().ends_with("code: sub_account_already_exists"), "{error}");

    let money = "--program acme --asset TUSDT --amount";
    for (line, after) in [
        (format!("sub-account deposit {money} 50 --id {id}"), "50.00"),
        (format!("sub-account allocate {money} 20 --id {id} --to {member}"), "30.00"),
        (format!("sub-account allocate {money} 10 --id {id}"), "20.00"),
        (format!("sub-account fund {money} 5 --id {member}"), "25.00"),
    ] {
        let receipt = type_line(transport, &line, true).await.unwrap();
        let receipt: Value = serde_json::from_str(&receipt).unwrap();
        assert_eq!(receipt["available_after"], after, "{line}");
    }
    let set = format!("sub-account set --program acme --id {member} --status inactive");
    let set = type_line(transport, &set, false).await.unwrap();
    assert!(set.contains("inactive") && set.contains("25.00"), "{set}");
    let fund = format!("sub-account fund {money} 5 --id {member}");
    let error = type_line(transport, &fund, false).await.unwrap_err();
    assert!(error.to_string().ends_with("code: sub_account_not_active"), "{error}");
    let listed = type_line(transport, "sub-account list --program acme", false).await.unwrap();
    assert!(listed.starts_with("ID ") && listed.lines().count() == 3, "{listed}");
}

/// A morning's work, by either way to the API.
async fn work(transport: &Transport) {
    let good = async |line: &str| -> Value {
        let text = type_line(transport, line, true).await.unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let created = good("program create --name acme --asset TUSDT").await;
    assert_eq!(created["status"], "active");
    let made = good("credential create --program acme --door door-a --allow 10.0.0.0/8").await;
    assert!(made["api_key"].as_str().is_some_and(|key| !key.is_empty()));
    assert!(made["api_secret"].is_string());
    keys(transport).await;
    good("cardholder create --program acme --number U1 --status approved").await;
    let fund = "fund --program acme --asset TUSDT --amount 100.00";
    for after in ["100.00", "200.00"] {
        assert_eq!(good(fund).await["available_after"], after);
    }
    let named = format!("{fund} --cardholder U1 --reference k1");
    let first = good(&named).await;
    assert_eq!(good(&named).await, first);
    let shown = type_line(transport, &named, false).await.unwrap();
    assert!(shown.starts_with("instruction") && shown.contains("replayed"), "{shown}");
    let accounts = good("account list --program acme --own").await;
    let id = |kind: &str| -> String {
        let rows = accounts["data"].as_array().unwrap();
        let row = rows.iter().find(|row| row["kind"] == kind).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    let (debit, credit) = (id("reserve"), id("settlement"));
    let line = format!(
        "hold place --program acme --debit {debit} --credit {credit} --amount 50 --asset TUSDT"
    );
    let hold = good(&line).await["hold"].as_str().unwrap().to_owned();
    let line = format!("hold capture --program acme --hold {hold} --amount 20 --asset TUSDT");
    assert_eq!(good(&line).await["available_after"], "180.00");
    let shown = type_line(transport, "cardholder show --program acme --number U1", false).await;
    let shown = shown.unwrap();
    assert!(shown.contains("wallets\nASSET  BALANCE  AVAILABLE"), "{shown}");
    let history = format!("account history --program acme --account {debit} --limit 2");
    let history = type_line(transport, &history, false).await.unwrap();
    assert!(history.starts_with("VERSION  SEQ  SIDE"), "{history}");
    assert!(history.contains("more: --before"), "{history}");
    let error = type_line(transport, "program show --program none", false).await.unwrap_err();
    assert!(error.to_string().ends_with("code: program_missing"), "{error}");
    let line = "payout --program acme --asset TUSDT --amount 1000";
    let error = type_line(transport, line, false).await.unwrap_err();
    assert!(error.to_string().ends_with("code: insufficient_funds"), "{error}");
    family(transport).await;
}

#[tokio::test]
async fn without_a_server() {
    let token = Secret::new("t".to_owned());
    work(&Transport::Local { edge: edge().await, token }).await;
}

#[tokio::test]
async fn through_a_server() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, told) = tokio::sync::oneshot::channel::<()>();
    let limits = gateway::server::ServerLimits::default();
    let shutdown = async {
        let _ = told.await;
    };
    let served = tokio::spawn(gateway::server::serve(listener, edge().await, limits, shutdown));
    work(&Transport::Server { url: url.clone(), token: Secret::new("t".to_owned()) }).await;
    let stranger = Transport::Server { url, token: Secret::new("x".to_owned()) };
    let error = type_line(&stranger, "program list", false).await.unwrap_err();
    assert!(error.to_string().ends_with("code: unauthorized"), "{error}");
    stop.send(()).unwrap();
    served.await.unwrap();
}
