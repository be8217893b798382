//! The operator's listener: nothing without its token, and nothing of it at the merchants' port.

use crate::backend::{Backend, on_each};
use crate::http::{Answer, Connection};
use crate::operator::Operator;
use crate::server::Sandbox;
use serde_json::{Value, json};

/// A few of its paths, with one that does not exist.
const PATHS: [(&str, &str); 6] = [
    ("GET", "/v1/programs"),
    ("POST", "/v1/programs"),
    ("GET", "/v1/programs/demo-credit/credentials"),
    ("POST", "/v1/programs/demo-credit/fund"),
    ("PATCH", "/v1/programs/demo-credit"),
    ("GET", "/v1/nothing"),
];

fn ask(address: &str, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    Connection::to(address).request(method, path, fields, b"{}").expect("an answer")
}

fn nobody_without_the_token(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let (address, token) = (sandbox.operator(), sandbox.text("/operator_token"));
    let api_key = sandbox.text("/keysecure/credit/api_key");
    let good = format!("Bearer {token}");
    let wrong = [
        vec![],
        vec![("Authorization", "Bearer")],
        vec![("Authorization", "Bearer ")],
        vec![("Authorization", "Bearer x")],
        vec![("Authorization", token.as_str())],
        vec![("Authorization", good.as_str()), ("Authorization", good.as_str())],
        vec![("Api-Key", api_key.as_str())],
        vec![("Cookie", good.as_str())],
    ];
    let basic = format!("Basic {token}");
    let short = good[..good.len() - 1].to_owned();
    let bearer = format!("Bearer {api_key}");
    let more = [basic, short, bearer];
    let more = more.iter().map(|value| vec![("Authorization", value.as_str())]);
    for fields in wrong.into_iter().chain(more) {
        for (method, path) in PATHS {
            let answer = ask(&address, method, path, &fields);
            assert_eq!(answer.status, 401, "{method} {path} {fields:?}");
            assert_eq!(answer.json()["code"], "unauthorized");
        }
    }
    let in_query = format!("/v1/programs?token={token}&access_token={token}");
    assert_eq!(ask(&address, "GET", &in_query, &[]).status, 401);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ask(&address, "GET", path, &[]).status, 200);
    }
    let mut operator = Operator::new(&sandbox);
    let programs = operator.get("/v1/programs");
    assert_eq!(programs["data"].as_array().map(Vec::len), Some(4), "none was made: {programs}");
    assert_eq!(operator.raw("GET", "/v1/nothing", None, &Value::Null).status, 404);
    assert!(sandbox.stop().success());
}

fn each_port_has_its_own_paths(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let bearer = format!("Bearer {}", sandbox.text("/operator_token"));
    let fields = [("Authorization", bearer.as_str())];
    for (method, path) in PATHS.into_iter().chain([("GET", "/healthz"), ("GET", "/")]) {
        let answer = ask(&sandbox.public(), method, path, &fields);
        assert_eq!((answer.status, answer.body.as_slice()), (404, &b""[..]), "{method} {path}");
        let below = format!("/open-api/v1{path}");
        assert_eq!(ask(&sandbox.public(), method, &below, &fields).status, 404, "{below}");
    }
    let answer = ask(&sandbox.operator(), "GET", "/open-api/v1/merchant/token", &fields);
    assert_eq!(answer.status, 404);
    assert!(sandbox.stop().success());
}

fn keys_are_taken_where_they_protect(backend: Backend) {
    let data = backend.home();
    let sandbox = Sandbox::start(data.path());
    let mut operator = Operator::new(&sandbox);
    let path = "/v1/programs/demo-credit/fund";
    let body = json!({ "asset": "TUSDT", "amount": "1.00" });
    let first = operator.raw("POST", path, Some("key-1"), &body);
    let again = operator.raw("POST", path, Some("key-1"), &body);
    assert_eq!((first.status, &first.body), (200, &again.body));
    let replayed = [first.header("idempotent-replayed"), again.header("idempotent-replayed")];
    assert_eq!(replayed, [None, Some("true")]);
    let other = json!({ "asset": "TUSDT", "amount": "2.00" });
    assert_eq!(operator.raw("POST", path, Some("key-1"), &other).status, 422);
    let suspend = json!({ "status": "suspended" });
    let refused = operator.raw("PATCH", "/v1/programs/demo-credit", Some("key-2"), &suspend);
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("Idempotency-Key")));
    assert!(sandbox.stop().success());
}

on_each! {
    nobody_without_the_token,
    each_port_has_its_own_paths,
    keys_are_taken_where_they_protect,
}
