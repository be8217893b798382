//! Webhooks: a receiver on a real socket hears of every event, signed, whatever happens to it or to
//! the server; and who listens at home is called only where that is allowed.

use crate::backend::{Backend, CONFIG, on_each};
use crate::operator::Operator;
use crate::process::{assert_verified, run_json, vostro};
use crate::serve::Site;
use crate::server::{Sandbox, Service};
use data_encoding::BASE64;
use ring::hmac;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver as Heard, Sender, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const PROGRAM: &str = "/v1/programs/demo-credit";

/// One request as it came.
#[derive(Debug)]
pub struct Hook {
    pub head: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Hook {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn id(&self) -> String {
        self.head["webhook-id"].clone()
    }

    /// As a receiver checks it: over what was really sent.
    fn assert_signed(&self, secret: &str) {
        let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = format!("{}.{}.", self.head["webhook-id"], self.head["webhook-timestamp"]);
        let mut signed = signed.into_bytes();
        signed.extend_from_slice(&self.body);
        let signature = self.head["webhook-signature"].strip_prefix("v1,").unwrap();
        let signature = BASE64.decode(signature.as_bytes()).unwrap();
        hmac::verify(&key, &signed, &signature).expect("the signature is good");
    }
}

/// A receiver that answers with a status that the test sets.
pub struct Receiver {
    pub url: String,
    status: Arc<AtomicU16>,
    heard: Heard<Hook>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let status = Arc::new(AtomicU16::new(200));
        let (tell, heard) = channel();
        let answered = Arc::clone(&status);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A server that is killed breaks off, which is no news.
                let _ = answer(stream.unwrap(), &answered, &tell);
            }
        });
        Self { url, status, heard }
    }

    pub fn next(&self) -> Hook {
        self.heard.recv_timeout(PATIENCE).expect("the receiver is told")
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }
}

fn answer(stream: TcpStream, status: &AtomicU16, tell: &Sender<Hook>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    assert!(line.starts_with("POST /hook HTTP/1.1"), "{line}");
    let mut head = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        head.insert(name.to_lowercase(), value.to_owned());
    }
    let length = head.get("content-length").map_or("0", String::as_str);
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body)?;
    let status = status.load(Ordering::SeqCst);
    // Told first, so that whoever sees the delivery sees the message too.
    let _ = tell.send(Hook { head, body });
    let answer = format!("HTTP/1.1 {status} Ok\r\nContent-Length: 0\r\n\r\n");
    reader.get_mut().write_all(answer.as_bytes())
}

fn sandbox(data: &Path) -> Sandbox {
    let mut command = vostro();
    command.env("VOSTRO_WEBHOOKS_PERIOD_MS", "20");
    Sandbox::start_with(data, command)
}

fn fund(operator: &mut Operator, cents: u32) -> String {
    let body = json!({ "asset": "TUSDT", "amount": format!("0.{cents:02}") });
    let made = operator.call("POST", &format!("{PROGRAM}/fund"), None, &body);
    made["instruction"].as_str().unwrap().to_owned()
}

/// Asks until the deliveries are as they should be.
pub fn until(operator: &mut Operator, path: &str, is: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let page = operator.get(path);
        let rows = page["data"].as_array().unwrap().clone();
        if is(&rows) {
            return rows;
        }
        assert!(begun.elapsed() < PATIENCE, "{page:#}");
    }
}

pub fn all_are(status: &str) -> impl Fn(&[Value]) -> bool {
    move |rows: &[Value]| !rows.is_empty() && rows.iter().all(|row| row["status"] == status)
}

fn every_event_is_told_signed(backend: Backend) {
    let data = backend.home();
    let sandbox = sandbox(data.path());
    let mut operator = Operator::new(&sandbox);
    let receiver = Receiver::start();
    let create = json!({ "url": receiver.url, "events": ["instruction.completed"] });
    let made = operator.call("POST", &format!("{PROGRAM}/endpoints"), None, &create);
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let deliveries = format!("{PROGRAM}/deliveries?endpoint={id}");
    for cents in 1..=3 {
        let instruction = fund(&mut operator, cents);
        let hook = receiver.next();
        hook.assert_signed(secret);
        let told = hook.json();
        assert_eq!(told["id"], hook.id());
        assert_eq!(told["type"], "instruction.completed");
        assert_eq!(told["subject"], instruction.as_str());
        assert_eq!(hook.head["content-type"], "application/json");
    }
    until(&mut operator, &deliveries, all_are("delivered"));

    // It fails, and what it missed is sent once it is well and asks.
    receiver.answers(500);
    fund(&mut operator, 4);
    let failed = receiver.next();
    let pending = format!("{deliveries}&status=pending");
    let is = |rows: &[Value]| rows.len() == 1 && rows[0]["last_status"] == 500;
    let rows = until(&mut operator, &pending, is);
    assert_eq!(rows[0]["attempts"], 1);
    assert!(rows[0]["next_attempt_at"].is_string());
    receiver.answers(200);
    let missed = json!({ "missed": true });
    let replay = format!("{PROGRAM}/endpoints/{id}/replay");
    let replayed = operator.call("POST", &replay, None, &missed);
    assert_eq!(replayed["replayed"], 1);
    let again = receiver.next();
    assert_eq!((again.id(), &again.body), (failed.id(), &failed.body));
    until(&mut operator, &deliveries, all_are("delivered"));

    // Under another secret, and as a command would ask.
    let rotate = json!({ "rotate_secret": true });
    let one = format!("{PROGRAM}/endpoints/{id}");
    let rotated = operator.call("PATCH", &one, None, &rotate);
    let first = rows[0]["id"].as_str().unwrap();
    run_json(data.path(), &["delivery", "replay", "--program", "demo-credit", "--delivery", first]);
    receiver.next().assert_signed(rotated["secret"].as_str().unwrap());
    until(&mut operator, &deliveries, all_are("delivered"));
    assert!(sandbox.stop().success());
    assert_verified(data.path());
}

fn a_killed_server_loses_none(backend: Backend) {
    let data = backend.home();
    let receiver = Receiver::start();
    let mut running = sandbox(data.path());
    let create = json!({ "url": receiver.url, "events": ["instruction.completed"] });
    let mut operator = Operator::new(&running);
    operator.call("POST", &format!("{PROGRAM}/endpoints"), None, &create);
    let mut done = BTreeSet::new();
    for round in 0..3 {
        for cents in 1..=4 {
            done.insert(fund(&mut operator, round * 10 + cents));
        }
        running.kill();
        running = sandbox(data.path());
        operator = Operator::new(&running);
    }
    let mut told = BTreeSet::new();
    let missing = |told: &BTreeSet<String>| done.difference(told).count();
    while missing(&told) > 0 {
        // What was claimed when the server was killed is due again after a minute at most, or now.
        let page = operator.get(&format!("{PROGRAM}/endpoints"));
        let id = page["data"][0]["id"].as_str().unwrap();
        let replay = format!("{PROGRAM}/endpoints/{id}/replay");
        operator.call("POST", &replay, None, &json!({ "missed": true }));
        while let Ok(hook) = receiver.heard.recv_timeout(Duration::from_millis(200)) {
            let subject = hook.json()["subject"].as_str().unwrap().to_owned();
            assert!(done.contains(&subject), "only what was committed is told");
            told.insert(subject);
        }
    }
    assert!(running.stop().success());
    assert_verified(data.path());
}

on_each! { every_event_is_told_signed, a_killed_server_loses_none }

/// A server at home, with an endpoint that listens beside it.
fn serving(site: &Site, webhooks: &str) -> (Service, Receiver) {
    site.configure(&format!("[webhooks]\nperiod_ms = 20\n{webhooks}"));
    let service = Service::start(&site.config, &site.data);
    let programs = site.operate(&["program", "list"]);
    if programs["data"] == json!([]) {
        site.acme();
    }
    let receiver = Receiver::start();
    site.operate(&["endpoint", "create", "--program", "acme", "--url", &receiver.url]);
    site.operate(&["fund", "--program", "acme", "--asset", "TUSDT", "--amount", "1.00"]);
    (service, receiver)
}

#[test]
fn who_listens_at_home_is_called_only_where_that_is_allowed() {
    let site = Site::new();
    let (service, receiver) = serving(&site, "");
    let token = std::fs::read_to_string(site.data.join("operator.token")).unwrap();
    let mut operator = Operator::with_token(&service.operator(), token.trim());
    let deliveries = "/v1/programs/acme/deliveries";
    let refused = |rows: &[Value]| {
        !rows.is_empty() && rows.iter().all(|row| row["last_error"] == "address_not_allowed")
    };
    until(&mut operator, deliveries, refused);
    assert!(receiver.heard.try_recv().is_err(), "nobody called");
    let (status, _) = service.stop();
    assert!(status.success());

    let (service, receiver) = serving(&site, "allow_private_receivers = true\n");
    assert_eq!(receiver.next().json()["type"], "instruction.completed");
    let (status, _) = service.stop();
    assert!(status.success());
}

/// Two servers on one database share the work: each event is told, and hardly ever twice.
#[test]
fn two_servers_share_the_work() {
    let data = Backend::Postgres.home();
    let first = sandbox(data.path());
    let other = tempfile::tempdir().unwrap();
    for name in [CONFIG, "master.key", "sandbox.json", "operator.token"] {
        std::fs::copy(data.path().join(name), other.path().join(name)).unwrap();
    }
    let second = sandbox(other.path());
    let receiver = Receiver::start();
    let mut operators = [Operator::new(&first), Operator::new(&second)];
    let create = json!({ "url": receiver.url, "events": ["instruction.completed"] });
    let made = operators[0].call("POST", &format!("{PROGRAM}/endpoints"), None, &create);
    let mut done = BTreeSet::new();
    for round in 0..30 {
        done.insert(fund(&mut operators[round % 2], 1));
    }
    let mut told = Vec::new();
    while told.len() < done.len() {
        told.push(receiver.next().json()["subject"].as_str().unwrap().to_owned());
    }
    assert_eq!(told.iter().cloned().collect::<BTreeSet<_>>(), done);
    let id = made["id"].as_str().unwrap();
    let path = format!("{PROGRAM}/deliveries?endpoint={id}");
    let rows = until(&mut operators[1], &path, all_are("delivered"));
    assert!(rows.iter().all(|row| row["attempts"] == 1), "no claim was lost");
    assert!(receiver.heard.try_recv().is_err(), "none twice");
    assert!(first.stop().success() && second.stop().success());
    assert_verified(data.path());
}
