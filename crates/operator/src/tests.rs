//! The server that all tests of this crate ask, and what holds for every route.

use crate::webhook::{RENDERER, StandardWebhooks};
use crate::{DoorCredentials, OperatorOptions, faults, router};
use axum::body::Body;
use domain::secret::Secret;
use domain::time::Time;
use engine::credential::CredentialForm;
use engine::deliver::{Render, Renderers};
use engine::{Clock, Engine, EngineOptions};
use gateway::body::Limits;
use gateway::edge::Edge;
use gateway::request_id::RequestIds;
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::model::Model;
use vault::master::MasterKey;
use vault::random::{Random, RandomError};

const TOKEN: &str = "a-token-of-the-operator";
/// 2026-05-22T08:30:00Z.
pub(crate) const NOW_US: i64 = 1_779_438_600_000_000;
pub(crate) const NOW: &str = "2026-05-22T08:30:00.000000Z";
/// Room for a signature key of the longest kind, and little more.
const BODY_BYTES: usize = 20 * 1024;
pub(crate) const NOBODY: &str = "00000000-0000-0000-0000-000000000001";

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Time {
        Time::from_unix_us(NOW_US)
    }
}

/// The same bytes in every run, and different ones at every call.
struct Seeded(AtomicU64);

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        for chunk in out.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            // splitmix64, four times over, so that no two chunks are alike.
            let mut bytes = [0u8; 32];
            for (i, part) in bytes.chunks_mut(8).enumerate() {
                let mut z = (count * 4 + i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                part.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes());
            }
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

/// An answer, whole.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of a good answer.
    #[track_caller]
    pub(crate) fn good(&self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        assert_eq!(self.header("content-type"), Some("application/json"));
        self.json()
    }

    /// Checks the shape of a problem; its status and code.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(problem["type"], format!("urn:vostro:problem:{code}"));
        assert_eq!(problem["status"], self.status.as_u16());
        for text in ["title", "detail"] {
            assert!(!problem[text].as_str().unwrap().is_empty());
        }
        (self.status.as_u16(), code)
    }

    /// The field that a 400 names.
    #[track_caller]
    pub(crate) fn bad_field(&self) -> String {
        assert_eq!(self.problem(), (400, "bad_request".to_owned()), "{}", self.text);
        let problem = self.json();
        problem["field"].as_str().unwrap_or("").to_owned()
    }
}

/// The operator's own, and another under the name of a door.
pub(crate) fn formats() -> Renderers {
    let standard: Arc<dyn Render> = Arc::new(StandardWebhooks);
    Renderers::from([(RENDERER, Arc::clone(&standard)), ("door-a", standard)])
}

/// The operator's listener on a store in memory.
pub(crate) struct Server {
    edge: Edge,
    pub model: Model,
    // Kept to the end: the engine's workers stop with it.
    pub engine: Arc<Engine>,
}

impl Server {
    pub(crate) async fn new() -> Self {
        Self::with_token(TOKEN).await
    }

    async fn with_token(token: &str) -> Self {
        let model = Model::new();
        let random = Arc::new(Seeded(AtomicU64::new(1)));
        let master = MasterKey::generate(random.as_ref()).unwrap();
        let store = Arc::new(model.clone());
        let options = EngineOptions::default();
        let engine = Engine::start(store, Arc::new(Stopped), random, master, options).await;
        let engine = engine.unwrap();
        let options = OperatorOptions {
            token: Secret::new(token.to_owned()),
            doors: vec![
                DoorCredentials { name: "door-a", form: CredentialForm::KeyAndSecret },
                DoorCredentials { name: "door-b", form: CredentialForm::PublicId },
            ],
            formats: formats(),
            limits: Limits { body_bytes: BODY_BYTES, ..Limits::default() },
        };
        let router = router(Arc::clone(&engine), options);
        let clock = Arc::new(|| Duration::ZERO);
        let edge = Edge::new(router, RequestIds::new(1), clock).door("", faults());
        Self { edge, model, engine }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let peer = "127.0.0.1:4000".parse().unwrap();
        let (parts, body) = self.edge.answer(peer, request).await.into_parts();
        let limits = Limits { body_bytes: 1 << 24, ..Limits::default() };
        let body = gateway::body::read(body, limits).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// With the token, and headers of the test's.
    pub(crate) async fn ask_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let token = format!("Bearer {TOKEN}");
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", token);
        let add = |request: http::request::Builder, (name, value): &(&str, &str)| {
            request.header(*name, *value)
        };
        let request = headers.iter().fold(request, add);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask_with(Method::GET, path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask_with(Method::POST, path, &[], body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask_with(Method::PATCH, path, &[], body.to_string()).await
    }

    pub(crate) async fn post_keyed(&self, path: &str, key: &str, body: Value) -> Answer {
        let key = [("idempotency-key", key)];
        self.ask_with(Method::POST, path, &key, body.to_string()).await
    }

    /// Makes a programme with TUSDT and JPY; its path.
    pub(crate) async fn program(&self, name: &str) -> String {
        let body = json!({"name": name, "assets": ["TUSDT", "JPY"], "environment": "sandbox"});
        self.post("/v1/programs", body).await.good();
        format!("/v1/programs/{name}")
    }

    /// The id of the programme's own account of a kind.
    pub(crate) async fn own(&self, program: &str, kind: &str, asset: &str) -> String {
        let path = format!("{program}/accounts?kind={kind}&owner=program");
        let page = self.get(&path).await.good();
        let rows = page["data"].as_array().unwrap();
        let row = rows.iter().find(|row| row["asset"] == asset).unwrap();
        row["id"].as_str().unwrap().to_owned()
    }

    /// Makes a cardholder with a number.
    pub(crate) async fn cardholder(&self, program: &str, number: &str) {
        let body = json!({"number": number, "status": "approved"});
        let path = format!("{program}/cardholders");
        self.post(&path, body).await.good();
    }
}

/// Every route with a token, with `acme` and `x` for what paths name.
const ROUTES: [(&str, &str); 53] = [
    ("POST", "/v1/programs"),
    ("GET", "/v1/programs"),
    ("GET", "/v1/programs/{program}"),
    ("PATCH", "/v1/programs/{program}"),
    ("POST", "/v1/programs/{program}/assets"),
    ("POST", "/v1/programs/{program}/credentials"),
    ("GET", "/v1/programs/{program}/credentials"),
    ("GET", "/v1/programs/{program}/credentials/{item}"),
    ("PATCH", "/v1/programs/{program}/credentials/{item}"),
    ("POST", "/v1/programs/{program}/credentials/{credential}/signature-keys"),
    ("GET", "/v1/programs/{program}/credentials/{credential}/signature-keys"),
    ("POST", "/v1/programs/{program}/credentials/{credential}/signature-keys/{item}/retire"),
    ("POST", "/v1/programs/{program}/cardholders"),
    ("GET", "/v1/programs/{program}/cardholders"),
    ("GET", "/v1/programs/{program}/cardholders/{item}"),
    ("PATCH", "/v1/programs/{program}/cardholders/{item}"),
    ("POST", "/v1/programs/{program}/sub-accounts"),
    ("GET", "/v1/programs/{program}/sub-accounts"),
    ("GET", "/v1/programs/{program}/sub-accounts/{item}"),
    ("PATCH", "/v1/programs/{program}/sub-accounts/{item}"),
    ("POST", "/v1/programs/{program}/sub-accounts/{item}/deposit"),
    ("POST", "/v1/programs/{program}/sub-accounts/{item}/allocate"),
    ("POST", "/v1/programs/{program}/sub-accounts/{item}/fund"),
    ("POST", "/v1/programs/{program}/fund"),
    ("POST", "/v1/programs/{program}/payout"),
    ("GET", "/v1/programs/{program}/accounts"),
    ("GET", "/v1/programs/{program}/accounts/{item}"),
    ("GET", "/v1/programs/{program}/accounts/{item}/entries"),
    ("POST", "/v1/programs/{program}/transfers"),
    ("POST", "/v1/programs/{program}/conversions"),
    ("GET", "/v1/programs/{program}/instructions"),
    ("GET", "/v1/programs/{program}/instructions/{item}"),
    ("POST", "/v1/programs/{program}/instructions/{item}/reverse"),
    ("POST", "/v1/programs/{program}/rates"),
    ("GET", "/v1/programs/{program}/rates"),
    ("POST", "/v1/programs/{program}/holds"),
    ("GET", "/v1/programs/{program}/holds/{item}"),
    ("POST", "/v1/programs/{program}/holds/{item}/capture"),
    ("POST", "/v1/programs/{program}/holds/{item}/void"),
    ("POST", "/v1/programs/{program}/endpoints"),
    ("GET", "/v1/programs/{program}/endpoints"),
    ("GET", "/v1/programs/{program}/endpoints/{item}"),
    ("PATCH", "/v1/programs/{program}/endpoints/{item}"),
    ("POST", "/v1/programs/{program}/endpoints/{item}/replay"),
    ("GET", "/v1/programs/{program}/deliveries"),
    ("GET", "/v1/programs/{program}/deliveries/{item}"),
    ("POST", "/v1/programs/{program}/deliveries/{item}/replay"),
    ("GET", "/v1/programs/{program}/inbox"),
    ("POST", "/v1/bulk/transfers"),
    // What no route takes is not shown to strangers either.
    ("GET", "/v1/nowhere"),
    ("DELETE", "/v1/programs"),
    ("POST", "/healthz/"),
    ("GET", "/"),
];

fn path_of(route: &str) -> String {
    path_in("acme", route)
}

fn path_in(program: &str, route: &str) -> String {
    let path = route.replace("{program}", program);
    path.replace("{credential}", NOBODY).replace("{item}", NOBODY)
}

#[test]
fn the_table_has_every_route() {
    let sources = [
        include_str!("program.rs"),
        include_str!("credential.rs"),
        include_str!("signature_key.rs"),
        include_str!("cardholder.rs"),
        include_str!("sub_account.rs"),
        include_str!("account.rs"),
        include_str!("transfer.rs"),
        include_str!("instruction.rs"),
        include_str!("rate.rs"),
        include_str!("hold.rs"),
        include_str!("endpoint.rs"),
        include_str!("delivery.rs"),
        include_str!("inbox.rs"),
        include_str!("bulk.rs"),
    ];
    let quoted = sources.iter().flat_map(|source| source.split('"'));
    let served: BTreeSet<&str> = quoted.filter(|text| text.starts_with("/v1/")).collect();
    let listed: BTreeSet<&str> = ROUTES.iter().map(|(_, path)| *path).collect();
    let missing: Vec<_> = served.difference(&listed).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn no_route_without_the_token() {
    let server = Server::new().await;
    server.program("acme").await;
    let good = format!("Bearer {TOKEN}");
    let wrong = [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer a-token-of-the-operatoR"),
        Some("Bearer a-token-of-the-operator "),
        Some("Bearer  a-token-of-the-operator"),
        Some("Basic a-token-of-the-operator"),
        Some("a-token-of-the-operator"),
    ];
    for (method, route) in ROUTES {
        for token in wrong {
            let request = Request::builder().method(method).uri(path_of(route));
            let request = match token {
                None => request,
                Some(token) => request.header("authorization", token),
            };
            let answer = server.send(request.body(Body::empty()).unwrap()).await;
            let expected = (401, "unauthorized".to_owned());
            assert_eq!(answer.problem(), expected, "{method} {route} {token:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        let request = Request::builder().method(method).uri(path_of(route));
        let request = request.header("authorization", &good).header("authorization", &good);
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "two tokens");
        let request = Request::builder().method(method).uri(path_of(route));
        let request = request.header("authorization", good.replace("Bearer", "bearer"));
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{method} {route}");
    }
}

#[tokio::test]
async fn an_empty_token_lets_nobody_in() {
    let server = Server::with_token("").await;
    for token in ["Bearer ", "Bearer", "Bearer  "] {
        let request = Request::get("/v1/programs").header("authorization", token);
        let answer = server.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn health_needs_no_token() {
    let server = Server::new().await;
    for (path, status) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let answer = server.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.good(), json!({ "status": status }));
    }
}

#[tokio::test]
async fn unknown_programmes_paths_and_methods() {
    let server = Server::new().await;
    for (method, route) in ROUTES {
        if !route.contains("{program}") {
            continue;
        }
        for program in ["acme", NOBODY, "%20", "ACME"] {
            let path = path_in(program, route);
            let method = method.parse().unwrap();
            let answer = server.ask_with(method, &path, &[], "{}").await;
            assert_eq!(answer.problem(), (404, "program_missing".to_owned()), "{path}");
        }
    }
    let answer = server.get("/v1/nowhere").await;
    assert_eq!(answer.problem(), (404, "not_found".to_owned()));
    let answer = server.ask_with(Method::DELETE, "/v1/programs", &[], "").await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".to_owned()));
    let answer = server.ask_with(Method::DELETE, "/healthz", &[], "").await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".to_owned()));
    let answer = server.get("/v1/programs/%ff").await;
    assert_eq!(answer.problem(), (400, "bad_request".to_owned()));
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let fund = format!("{program}/fund");
    let long = format!(r#"{{"amount":"1","asset":"TUSDT","remark":"{}"}}"#, "x".repeat(BODY_BYTES));
    for (body, status, code, field) in [
        ("", 400, "bad_request", Some("asset")),
        ("[]", 400, "bad_request", None),
        ("{", 400, "bad_request", None),
        ("nonsense", 400, "bad_request", None),
        ("\u{feff}{}", 400, "bad_request", None),
        (r#"{"amount":"1","amount":"2"}"#, 400, "bad_request", Some("amount")),
        (r#"{"amount":"1","asset":"TUSDT","to":"x"}"#, 400, "bad_request", Some("to")),
        (
            r#"{"amount":"1","asset":"TUSDT","remark":"a\u0000"}"#,
            400,
            "bad_request",
            Some("remark"),
        ),
        (long.as_str(), 413, "too_large", None),
    ] {
        let answer = server.ask_with(Method::POST, &fund, &[], body.to_owned()).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{body}");
        assert_eq!(answer.json().get("field").and_then(Value::as_str), field, "{body}");
    }
    let broken = &b"{\"amount\":\"\xff\"}"[..];
    let answer = server.ask_with(Method::POST, &fund, &[], broken).await;
    assert_eq!(answer.problem(), (400, "bad_request".to_owned()));
    assert_eq!(server.get(&format!("{program}/instructions")).await.good()["data"], json!([]));
}

#[tokio::test]
async fn keys_are_refused_where_nothing_keeps_them() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    for (method, part) in [
        (Method::POST, "/assets"),
        (Method::POST, "/credentials"),
        (Method::POST, "/cardholders"),
        (Method::POST, "/rates"),
        (Method::PATCH, ""),
        (Method::PATCH, "/cardholders/x"),
        (Method::PATCH, "/sub-accounts/x"),
    ] {
        let key = [("idempotency-key", "k")];
        let answer = server.ask_with(method, &format!("{program}{part}"), &key, "{}").await;
        assert_eq!(answer.bad_field(), "Idempotency-Key", "{part}");
    }
}

#[tokio::test]
async fn keys_are_visible_and_bounded() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/fund");
    let body = json!({"amount": "1", "asset": "TUSDT"});
    let longest = "k".repeat(255);
    for (key, good) in [
        ("!", true),
        (longest.as_str(), true),
        (&format!("{longest}k"), false),
        ("", false),
        ("a b", false),
        ("é", false),
    ] {
        let answer = server.post_keyed(&path, key, body.clone()).await;
        assert_eq!(answer.status.is_success(), good, "{key}");
        if !good {
            assert_eq!(answer.bad_field(), "Idempotency-Key");
        }
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "a")];
    let answer = server.ask_with(Method::POST, &path, &twice, body.to_string()).await;
    assert_eq!(answer.bad_field(), "Idempotency-Key");
}

#[tokio::test]
async fn a_store_that_fails_is_told_without_its_words() {
    use store::model::Fault;
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/fund");
    let body = json!({"amount": "1", "asset": "TUSDT"});
    for (fault, status, code) in [
        (Fault::Unavailable, 503, "unavailable"),
        (Fault::UnknownWritten, 503, "outcome_unknown"),
        (Fault::Corrupt, 500, "internal"),
    ] {
        // A batch may be run again in parts, so the fault has to be there as often.
        server.model.faults().repeat(fault, 8);
        let answer = server.post_keyed(&path, code, body.clone()).await;
        server.model.faults().heal();
        assert_eq!(answer.problem(), (status, code.to_owned()));
        assert_eq!(answer.header("retry-after").is_some(), status == 503);
    }
    // The unknown one was written: asking again settles it.
    let answer = server.post_keyed(&path, "outcome_unknown", body).await;
    assert_eq!(answer.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn a_stopped_engine_says_so() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let engine = Arc::clone(&server.engine);
    tokio::task::spawn_blocking(move || engine.stop()).await.unwrap();
    let body = json!({"amount": "1", "asset": "TUSDT"});
    let answer = server.post(&format!("{program}/fund"), body).await;
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
}
