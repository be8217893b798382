//! No secret in any output: a sandbox that logs everything is driven through all its routes and
//! errors, and then all that it wrote and answered is searched.

use crate::app::{App, LEDGER_ACCOUNTS, TRANSFERS, USER};
use crate::http::{Answer, Connection};
use crate::merchant::{Merchant, transfer_body};
use crate::operator::Operator;
use crate::process::{run, said, vostro};
use crate::server::Sandbox;
use crate::webhook::{Receiver, until};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use std::path::Path;

const HOLDER: &str = "U202605220001";

/// What must be nowhere, each with what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

/// A character for each byte, since texts are searched faster than slices.
fn chars(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

impl Secrets {
    fn add(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() >= 16, "{what} is too short to be found by chance");
        self.0.push((what, secret.to_owned()));
        self.0.push((what, BASE64.encode(secret.as_bytes())));
        self.0.push((what, HEXLOWER.encode(secret.as_bytes())));
        // What is written in hexadecimal is bytes to somebody.
        if let Ok(bytes) = HEXLOWER.decode(secret.as_bytes()) {
            self.0.push((what, BASE64.encode(&bytes)));
            self.0.push((what, format!("{bytes:?}")));
            self.0.push((what, chars(&bytes)));
        }
    }

    fn of(sandbox: &Sandbox) -> Self {
        let mut secrets = Self::default();
        for part in ["credit", "authorization"] {
            for name in ["api_key", "api_secret"] {
                secrets.add(name, &sandbox.text(&format!("/keysecure/{part}/{name}")));
            }
        }
        for pem in [vault::signature::demo::APP, vault::signature::demo::PLATFORM] {
            // Each line is a part of the key.
            let lines = vault::signature::demo::pem_of(pem).lines();
            for line in lines.filter(|line| line.len() == 64) {
                secrets.add("a private key", line);
            }
        }
        secrets.add("the operator's token", &sandbox.text("/operator_token"));
        let master = std::fs::read_to_string(sandbox.data.join("master.key")).unwrap();
        secrets.add("the master key", master.trim());
        secrets
    }

    fn assert_absent(&self, place: &str, output: &[u8]) {
        let output = chars(output);
        for (what, secret) in &self.0 {
            assert!(!output.contains(secret), "{what} is in {place}");
        }
    }
}

/// Everything that was answered or printed, but for what makes a secret known.
#[derive(Default)]
struct Heard(Vec<(String, Vec<u8>)>);

impl Heard {
    fn answer(&mut self, place: &str, answer: &Answer) {
        let bytes = [answer.head.as_bytes(), &answer.body].concat();
        self.0.push((place.to_owned(), bytes));
    }

    fn output(&mut self, data: &Path, arguments: &[&str]) {
        let output = run(data, arguments);
        self.0.push((arguments.join(" "), said(&output).into_bytes()));
    }
}

/// All that a merchant can do well, and more that it can do wrong.
fn drive_merchant(sandbox: &Sandbox, secrets: &mut Secrets, heard: &mut Heard) {
    let mut merchant = Merchant::new(sandbox, "credit");
    secrets.add("an access token", &merchant.token);
    let own = merchant.token.clone();
    let mut ask = |merchant: &mut Merchant, path: &str, body: &str| {
        for method in ["GET", "POST", "DELETE"] {
            let answer = merchant.raw(method, path, body).expect("an answer");
            // Get Token makes a secret known, to whom it belongs.
            if path != "/merchant/token" || answer.json().get("data").is_none() {
                heard.answer(&format!("{method} {path}"), &answer);
            } else {
                let token = answer.json()["data"]["access_token"].clone();
                secrets.add("an access token", token.as_str().expect("a token"));
            }
        }
    };
    let transfer = transfer_body(HOLDER, "CANARY", "In", "1.00");
    let days = r#"{"start_time":"2026-01-01","end_time":"2026-01-02"}"#;
    let bad = format!(r#"{{"cardholder_no":"{own}","type":"{own}","{own}":1}}"#);
    let paths = [
        "/merchant/token".to_owned(),
        "/account/transfer".to_owned(),
        format!("/account/{HOLDER}/info"),
        "/account/transfer/list".to_owned(),
        "/account/nobody/info".to_owned(),
        "/card/apply".to_owned(),
        "/nowhere".to_owned(),
    ];
    for path in &paths {
        for body in [&*transfer, days, &bad, "", "{"] {
            ask(&mut merchant, path, body);
        }
        // A secret where it does not belong.
        merchant.token = format!("{own}x");
        ask(&mut merchant, path, &transfer);
        merchant.token.clone_from(&own);
        ask(&mut merchant, &format!("{path}?token={own}"), &transfer);
        merchant.timestamp_ms = Some(1);
        ask(&mut merchant, path, &transfer);
        merchant.timestamp_ms = None;
    }
    ask(&mut merchant, &format!("/account/{own}/info"), "");
    let mut other = Merchant::new(sandbox, "authorization");
    secrets.add("an access token", &other.token);
    let answer = other.raw("POST", "/account/transfer", &transfer).expect("an answer");
    heard.answer("the other mode", &answer);
}

/// A user of whom much is known, right and wrong, and all that is done with them.
fn drive_wonder(sandbox: &Sandbox, secrets: &mut Secrets, heard: &mut Heard) {
    let mut app = App::new(sandbox);
    let private = [
        ("first_name", "Canarina-Wilhelmine"),
        ("last_name", "Kanarienvogel-Smith"),
        ("document_number", "DOCUMENT-NO-0000001"),
    ];
    let mut user = json!({
        "calling_code": "852",
        "phone_number": "50000009",
        "document_type": "PASSPORT",
        "date_of_birth": "1991-12-31",
        "issuing_country": "TUR",
        "reference_id": "u-canary",
    });
    for (name, value) in private {
        secrets.add("personal data", value);
        user[name] = json!(value);
    }
    let path = format!("{USER}/u-canary");
    let mut bad = user.clone();
    bad["document_type"] = bad["document_number"].clone();
    let party = json!({
        "user_id": app.users[1]["user_id"],
        "reference_id": "u-canary",
        "document_type": "PASSPORT",
        "document_number": private[2].1,
    });
    let mismatch = App::transfer_body(&party, &app.users[0].clone(), ("USD", "1"), "CANARY");
    let query = format!("{LEDGER_ACCOUNTS}?user_id={}", private[2].1);
    let calls = [
        ("POST", USER, json!({ "user": bad })),
        ("POST", USER, json!({ "user": user })),
        ("POST", USER, json!({ "user": user })),
        ("PUT", &path, json!({ "user": bad })),
        ("POST", USER, json!(private[0].1)),
        ("POST", TRANSFERS, mismatch),
        ("GET", TRANSFERS, Value::Null),
        ("GET", &query, Value::Null),
        ("POST", "/svc/nowhere", json!({ "user": user })),
    ];
    for (method, target, body) in &calls {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        heard.answer(target, &app.raw(method, target, &body).expect("an answer"));
    }
    // Who asks for a user is told, and nobody else.
    let shown = app.call("PUT", &path, &json!({ "user": user }));
    assert_eq!(shown["data"]["user"]["last_name"], private[1].1, "{shown}");
    assert_eq!(app.get(&path)["user"]["first_name"], private[0].1);
    let mut stranger = Connection::to(&sandbox.public());
    let body = json!({ "user": user }).to_string();
    let answer = stranger.request("PUT", &path, &[], body.as_bytes()).expect("an answer");
    heard.answer("without a signature", &answer);
}

/// An application full of personal data, and all that is done with a token.
fn drive_uqpay(sandbox: &Sandbox, secrets: &mut Secrets, heard: &mut Heard) {
    let (client, key) = (sandbox.text("/uqpay/client_id"), sandbox.text("/uqpay/api_key"));
    secrets.add("an API key", &key);
    secrets.add("a webhook secret", &sandbox.text("/uqpay/webhook_secret"));
    let email = "canarina.kanarienvogel@example.com";
    secrets.add("personal data", email);
    let mut connection = Connection::to(&sandbox.public());
    let mut ask = |method: &str, path: &str, fields: &[(&str, &str)], body: &str| {
        let path = format!("/sandbox/api/v1{path}");
        connection.request(method, &path, fields, body.as_bytes()).expect("an answer")
    };
    let both = [("x-client-id", client.as_str()), ("x-api-key", key.as_str())];
    let issued = ask("POST", "/connect/token", &both, "").json();
    let token = issued["auth_token"].as_str().expect("a token").to_owned();
    secrets.add("an access token", &token);
    let wrong = format!("{key}x");
    let stranger = [("x-client-id", client.as_str()), ("x-api-key", wrong.as_str())];
    heard.answer("a wrong key", &ask("POST", "/connect/token", &stranger, ""));
    let bearer = format!("Bearer {token}");
    let company = json!({
        "entity_type": "COMPANY",
        "name": "Canary Pte Ltd",
        "country": "SG",
        "contact_details": { "email": email, "phone": "+6591234567" },
    });
    let transfer = json!({ "source_account_id": email, "amount": key, "currency": token });
    let made = [("x-auth-token", bearer.as_str()), ("x-idempotency-key", "canary")];
    heard.answer("an account", &ask("POST", "/accounts", &made, &company.to_string()));
    heard.answer("twice", &ask("POST", "/accounts", &made, &company.to_string()));
    heard.answer("a transfer", &ask("POST", "/issuing/transfers", &made, &transfer.to_string()));
    let good = json!({
        "source_account_id": sandbox.text("/uqpay/account_id"),
        "destination_account_id": sandbox.text("/uqpay/sub_account_id"),
        "currency": "SGD", "amount": 1, "remark": "canary",
    });
    let moved = ask("POST", "/issuing/transfers", &made, &good.to_string());
    assert_eq!(moved.status, 200);
    heard.answer("a good transfer", &moved);
    let mut operator = Operator::new(sandbox);
    let inbox = "/v1/programs/demo-uqpay/inbox";
    let told = until(&mut operator, inbox, |rows| !rows.is_empty());
    heard.answer(inbox, &operator.raw("GET", inbox, None, &Value::Null));
    let delivery = told[0]["id"].as_str().expect("an id");
    let path = format!("/v1/programs/demo-uqpay/deliveries/{delivery}");
    heard.answer("a delivery", &operator.raw("GET", &path, None, &Value::Null));
    let spoilt = format!("{bearer}x");
    for path in ["/issuing/balances", "/balances", "/issuing/cards", "/nowhere"] {
        for text in [&bearer, &spoilt] {
            let fields = [("x-auth-token", text.as_str()), ("x-on-behalf-of", key.as_str())];
            heard.answer(path, &ask("GET", path, &fields, ""));
        }
    }
}

/// The operator's routes by HTTP, and what a stranger gets there.
fn drive_operator(sandbox: &Sandbox, secrets: &mut Secrets, heard: &mut Heard) {
    let mut operator = Operator::new(sandbox);
    let create = json!({ "door": "keysecure", "label": "canary", "allow": "*" });
    let path = "/v1/programs/demo-credit/credentials";
    let made = operator.call("POST", path, None, &create);
    for name in ["api_key", "api_secret"] {
        secrets.add("a secret of a new credential", made[name].as_str().expect("a text"));
    }
    let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
    let nobody = format!("/v1/programs/{}", made["api_secret"].as_str().expect("a text"));
    let revoke = json!({ "status": "revoked" });
    let fund = json!({ "asset": "TUSDT", "amount": "1.00" });
    let calls = [
        ("GET", "/v1/programs", Value::Null),
        ("GET", path, Value::Null),
        ("GET", &one, Value::Null),
        ("PATCH", &one, revoke),
        ("POST", path, json!({ "door": "nowhere" })),
        ("POST", "/v1/programs/demo-credit/fund", fund),
        ("POST", "/v1/programs/demo-credit/fund", json!({ "amount": "x" })),
        ("GET", "/v1/programs/demo-credit/accounts", Value::Null),
        ("GET", "/v1/programs/demo-credit/instructions", Value::Null),
        ("GET", "/v1/programs/demo-credit/cardholders", Value::Null),
        ("GET", "/v1/programs/demo-credit/rates", Value::Null),
        ("GET", "/v1/programs/demo-wonder/cardholders", Value::Null),
        ("GET", "/v1/programs/demo-wonder/instructions", Value::Null),
        ("GET", &nobody, Value::Null),
        ("GET", "/nowhere", Value::Null),
        ("GET", "/healthz", Value::Null),
        ("GET", "/readyz", Value::Null),
    ];
    for (method, path, body) in &calls {
        heard.answer(path, &operator.raw(method, path, None, body));
    }
    let apps = operator.get("/v1/programs/demo-wonder/credentials");
    let app = apps["data"][0]["id"].as_str().expect("an id");
    let keys = format!("/v1/programs/demo-wonder/credentials/{app}/signature-keys");
    let key = vault::signature::demo::PLATFORM;
    let again = json!({ "use": "sign", "pem": key });
    for (method, body) in [("GET", Value::Null), ("POST", again), ("POST", json!({ "use": key }))] {
        heard.answer(&keys, &operator.raw(method, &keys, None, &body));
    }
    drive_webhooks(&mut operator, secrets, heard);
    let wrong = format!("Bearer {}x", sandbox.text("/operator_token"));
    let fields = [("Authorization", wrong.as_str())];
    let mut stranger = Connection::to(&sandbox.operator());
    let answer = stranger.request("GET", "/v1/programs", &fields, b"").expect("an answer");
    heard.answer("a wrong token", &answer);
    // Not even HTTP.
    let token = sandbox.text("/operator_token");
    let mut stranger = Connection::to(&sandbox.operator());
    if let Ok(answer) = stranger.exchange(format!("{token}\r\n\r\n").as_bytes()) {
        heard.answer("no HTTP", &answer);
    }
}

/// A receiver that is told, and one that is not there.
fn drive_webhooks(operator: &mut Operator, secrets: &mut Secrets, heard: &mut Heard) {
    let receiver = Receiver::start();
    let path = "/v1/programs/demo-credit/endpoints";
    for url in [receiver.url.as_str(), "http://127.0.0.1:1/hook", "https://127.0.0.1:1/hook"] {
        let made = operator.call("POST", path, None, &json!({ "url": url }));
        let secret = made["secret"].as_str().expect("a secret");
        secrets.add("an endpoint's secret", secret);
        let key = BASE64.decode(secret.trim_start_matches("whsec_").as_bytes()).unwrap();
        secrets.add("what it stands for", &chars(&key));
        let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
        for (method, body) in [("GET", Value::Null), ("PATCH", json!({ "url": secret }))] {
            heard.answer(path, &operator.raw(method, &one, None, &body));
        }
    }
    heard.answer(path, &operator.raw("GET", path, None, &Value::Null));
    let fund = json!({ "asset": "TUSDT", "amount": "1.00" });
    operator.call("POST", "/v1/programs/demo-credit/fund", None, &fund);
    let hook = receiver.next();
    heard.0.push(("a webhook".to_owned(), format!("{hook:?}").into_bytes()));
    heard.0.push(("its body".to_owned(), hook.body));
    let deliveries = "/v1/programs/demo-credit/deliveries";
    heard.answer(deliveries, &operator.raw("GET", deliveries, None, &Value::Null));
}

/// Commands, as they answer and as they fail.
fn drive_commands(data: &Path, heard: &mut Heard) {
    let of = ["--program", "demo-credit"];
    for command in [
        &["program", "list"][..],
        &["program", "show"],
        &["credential", "list"],
        &["cardholder", "list"],
        &["account", "list"],
        &["instruction", "list"],
        &["rate", "list"],
        &["endpoint", "list"],
        &["delivery", "list"],
        &["inbox", "list"],
        &["credential", "show", "--credential", "nothing"],
        &["fund", "--asset", "TUSDT", "--amount", "1.00"],
        &["fund", "--asset", "TUSDT", "--amount", "x"],
    ] {
        let arguments = if command[1] == "list" && command[0] == "program" {
            command.to_vec()
        } else {
            [command, &of].concat()
        };
        heard.output(data, &arguments);
        heard.output(data, &[&["--json"], &arguments[..]].concat());
    }
    heard.output(data, &["verify"]);
    heard.output(data, &["verify", "--json"]);
}

/// Starts that fail over a secret.
fn drive_failures(data: &Path, heard: &mut Heard) {
    let key = std::fs::read_to_string(data.join("master.key")).unwrap();
    let token = std::fs::read_to_string(data.join("operator.token")).unwrap();
    let failing = [
        ("VOSTRO_MASTER_KEY", format!("{}z", key.trim())),
        ("VOSTRO_MASTER_KEY", key.trim()[1..].to_owned()),
        ("VOSTRO_NOTHING", token.trim().to_owned()),
        ("VOSTRO_STORE_DATABASE", format!("postgres://vostro:{}@host/vostro", token.trim())),
    ];
    for (name, value) in failing {
        for arguments in [&["program", "list"][..], &["verify"], &["serve"]] {
            let mut command = vostro();
            command.env(name, &value).env("VOSTRO_LOG_FILTER", "trace");
            command.arg("--data").arg(data).args(arguments);
            let output = command.output().expect("the binary runs");
            let failed = arguments[0] == "serve" && output.status.success();
            assert!(!failed, "{name} lets no server start");
            heard.0.push((format!("{name} {arguments:?}"), said(&output).into_bytes()));
        }
    }
}

/// The files that hold a secret, and no others may.
const KNOWN: [&str; 3] = ["sandbox.json", "master.key", "operator.token"];

#[test]
fn no_secret_is_anywhere_but_in_its_file() {
    let data = tempfile::tempdir().unwrap();
    let mut command = vostro();
    command.env("VOSTRO_LOG_FILTER", "trace").env("RUST_BACKTRACE", "full");
    let sandbox = Sandbox::start_with(data.path(), command);
    let (mut secrets, mut heard) = (Secrets::of(&sandbox), Heard::default());
    drive_merchant(&sandbox, &mut secrets, &mut heard);
    drive_wonder(&sandbox, &mut secrets, &mut heard);
    drive_uqpay(&sandbox, &mut secrets, &mut heard);
    drive_operator(&sandbox, &mut secrets, &mut heard);
    drive_commands(data.path(), &mut heard);
    heard.output(data.path(), &["sandbox", "--reset"]);
    // The store as it is while the server has it open, its log included.
    search_files(data.path(), &secrets);
    let rest = sandbox.stop_and_read();
    heard.0.push(("what is printed later".to_owned(), rest.into_bytes()));
    drive_commands(data.path(), &mut heard);
    drive_failures(data.path(), &mut heard);
    assert!(heard.0.len() > 200, "much was asked");
    for (place, output) in &heard.0 {
        secrets.assert_absent(place, output);
    }
    search_files(data.path(), &secrets);
    let log = std::fs::read_to_string(data.path().join("server.log")).unwrap();
    assert!(log.contains("DEBUG") && log.contains("answered"), "the log says everything");
}

fn search_files(data: &Path, secrets: &Secrets) {
    let mut searched = Vec::new();
    for entry in std::fs::read_dir(data).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().expect("a name of ours");
        if !KNOWN.contains(&name.as_str()) {
            secrets.assert_absent(&name, &std::fs::read(entry.path()).unwrap());
            searched.push(name);
        }
    }
    for name in ["vostro.db", "server.log"] {
        assert!(searched.iter().any(|searched| searched == name), "{name}");
    }
}
