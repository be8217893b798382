//! What the door's tests stand on, a whole server but for its socket; and what holds for all
//! routes together.

mod call;

pub(crate) use call::{Answer, Call};

use super::*;
use axum::body::Body;
use domain::account::AccountKey;
use domain::address::AllowList;
use domain::id::{CredentialId, ProgramId};
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::sub_account::{SubAccount, SubAccountKind, SubAccountStatus};
use domain::time::Time;
use engine::EngineOptions;
use engine::admitted::By;
use engine::credential::{CreateCredential, CredentialForm, UpdateCredential};
use engine::program::{CreateProgram, UpdateProgram};
use engine::sub_account::CreateSubAccount;
use engine::transfer::{FamilyTransfer, Place};
use gateway::edge::Edge;
use gateway::request_id::RequestIds;
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use store::model::Model;
use vault::master::MasterKey;
use vault::random::{Random, RandomError};

/// 2024-03-21T17:17:32+08:00, when the documented transfer was made.
pub(crate) const NOW_S: i64 = 1_711_012_652;
pub(crate) const NOW: &str = "2024-03-21T17:17:32+08:00";
pub(crate) const TOKEN: &str = "/v1/connect/token";
pub(crate) const TRANSFERS: &str = "/v1/issuing/transfers";
pub(crate) const BALANCES: &str = "/v1/issuing/balances";
pub(crate) const LEDGER: &str = "/v1/issuing/balances/transactions";
pub(crate) const BANKING: &str = "/v1/balances";
pub(crate) const BANKING_LEDGER: &str = "/v1/balances/transactions";
pub(crate) const ACCOUNTS: &str = "/v1/accounts";
pub(crate) const DEPOSIT: &str = "/v1/simulation/deposit";

pub(crate) struct MockClock(AtomicI64);

impl MockClock {
    pub(crate) fn advance_s(&self, s: i64) {
        self.0.fetch_add(s * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for MockClock {
    fn now(&self) -> Time {
        Time::from_unix_us(self.0.load(Ordering::SeqCst))
    }
}

struct Seeded(Mutex<fastrand::Rng>);

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.0.lock().unwrap().fill(out);
        Ok(())
    }
}

/// A programme with its master and one credential, as its business sees it.
#[derive(Clone)]
pub(crate) struct Family {
    pub program: ProgramId,
    pub credential: CredentialId,
    pub client_id: String,
    pub api_key: String,
    pub master: SubAccount,
}

pub(crate) struct Fixture {
    edge: Edge,
    pub engine: Arc<Engine>,
    pub clock: Arc<MockClock>,
    pub model: Model,
    /// A sandbox programme; its master has SGD 10000 and USD 5000 at issuing.
    pub family: Family,
    /// Issues, with SGD 1000 and USD 0.50.
    pub acme: SubAccount,
    /// Issues, with nothing.
    pub beta: SubAccount,
    /// Banks, with nothing.
    pub bank: SubAccount,
    /// A programme that is no sandbox; its master has SGD 100.
    pub live: Family,
    token: Mutex<String>,
    keys: AtomicU64,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(set: impl FnOnce(&mut DoorOptions)) -> Self {
        let clock = Arc::new(MockClock(AtomicI64::new(NOW_S * 1_000_000 + 270_067)));
        let random = Arc::new(Seeded(Mutex::new(fastrand::Rng::with_seed(7))));
        let master = MasterKey::generate(random.as_ref()).unwrap();
        let model = Model::new();
        let engine = Engine::start(
            Arc::new(model.clone()),
            Arc::clone(&clock) as Arc<dyn Clock>,
            random,
            master,
            EngineOptions::default(),
        );
        let engine = engine.await.unwrap();
        let mut options = DoorOptions::new(Arc::clone(&clock) as Arc<dyn Clock>);
        set(&mut options);
        let routes = router(Arc::clone(&engine), options);
        let [plain, sandbox] = PREFIXES;
        let routes = Router::new().nest(plain, routes.clone()).nest(sandbox, routes);
        let edge = Edge::new(routes, RequestIds::new(1), Arc::new(|| Duration::ZERO));
        let edge = edge.door(plain, faults()).door(sandbox, faults());
        let family = founded(&engine, "first", Environment::Sandbox).await;
        let live = founded(&engine, "live", Environment::Live).await;
        let issuing = SubAccountKind::Issuing;
        let acme = member(&engine, family.program, issuing, "Acme Pte Ltd").await;
        let beta = member(&engine, family.program, issuing, "Beta Pte Ltd").await;
        let bank = member(&engine, family.program, SubAccountKind::Banking, "Bank Ltd").await;
        let (token, keys) = (Mutex::default(), AtomicU64::new(0));
        let fixture =
            Self { edge, engine, clock, model, family, acme, beta, bank, live, token, keys };
        let (first, live) = (&fixture.family, &fixture.live);
        fixture.fund(first, Place::Issuing(first.master.id), "10000", "SGD").await;
        fixture.fund(first, Place::Issuing(first.master.id), "5000", "USD").await;
        fixture.fund(first, Place::Issuing(fixture.acme.id), "1000", "SGD").await;
        fixture.fund(first, Place::Issuing(fixture.acme.id), "0.50", "USD").await;
        fixture.fund(live, Place::Issuing(live.master.id), "100", "SGD").await;
        let token = fixture.token_of(first).await;
        fixture.renew(token);
        fixture
    }

    /// With what calls are authenticated from now on.
    pub(crate) fn renew(&self, token: String) {
        *self.token.lock().unwrap() = token;
    }

    pub(crate) fn token(&self) -> String {
        self.token.lock().unwrap().clone()
    }

    /// The call that asks for a token.
    pub(crate) fn token_call(&self, family: &Family) -> Call {
        let call = Call::post(TOKEN, b"").with("x-client-id", &family.client_id);
        call.with("x-api-key", &family.api_key)
    }

    pub(crate) async fn token_of(&self, family: &Family) -> String {
        let answer = self.ask(self.token_call(family)).await;
        answer.ok()["auth_token"].as_str().unwrap().to_owned()
    }

    /// From outside, by the operator.
    pub(crate) async fn fund(&self, family: &Family, to: Place, amount: &str, currency: &str) {
        self.move_money(family, Place::Outside, to, amount, currency).await;
    }

    pub(crate) async fn move_money(
        &self,
        family: &Family,
        from: Place,
        to: Place,
        amount: &str,
        currency: &str,
    ) {
        let amount = Amount::parse(amount, asset(currency)).unwrap();
        let (fee, remark, reference) = (None, "by the operator".to_owned(), None);
        let command = FamilyTransfer { from, to, amount, fee, remark, also: Vec::new(), reference };
        self.engine.family_transfer(family.program, By::Operator, command).await.unwrap();
    }

    /// A key that no call had.
    pub(crate) fn key(&self) -> String {
        format!("00000000-0000-4000-8000-{:012}", self.keys.fetch_add(1, Ordering::SeqCst))
    }

    /// With a good token and a key of its own.
    pub(crate) fn good(&self, call: Call) -> Call {
        call.bearing(&self.token()).keyed(&self.key())
    }

    pub(crate) async fn ask(&self, call: Call) -> Answer {
        let mut request = Request::builder().method(call.method).uri(call.target);
        for (name, value) in &call.headers {
            request = request.header(name, value.as_slice());
        }
        let request = request.body(Body::from(call.body)).unwrap();
        let answer = self.edge.answer(call.peer.parse().unwrap(), request).await;
        Answer::read(answer).await
    }

    /// Without a key, as clients read.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Call::get(path).bearing(&self.token())).await
    }

    pub(crate) async fn get_for(&self, member: &SubAccount, path: &str) -> Answer {
        self.ask(Call::get(path).bearing(&self.token()).behalf(member.id)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(self.good(Call::post(path, body.to_string()))).await
    }

    pub(crate) async fn post_for(&self, member: &SubAccount, path: &str, body: &Value) -> Answer {
        self.ask(self.good(Call::post(path, body.to_string())).behalf(member.id)).await
    }

    /// The documented transfer, from the master to Acme.
    pub(crate) fn transfer(&self) -> Value {
        self.transfer_of(&self.family.master, &self.acme)
    }

    pub(crate) fn transfer_of(&self, source: &SubAccount, destination: &SubAccount) -> Value {
        json!({
            "source_account_id": source.id.to_string(),
            "destination_account_id": destination.id.to_string(),
            "currency": "SGD",
            "amount": 1000,
            "remark": "Transfer to Jack.",
        })
    }

    /// What is available to a member of the first family at issuing.
    pub(crate) async fn issuing(&self, member: &SubAccount, currency: &str) -> String {
        self.available(member.issuing(asset(currency)).unwrap()).await
    }

    /// What is available to it at the bank.
    pub(crate) async fn banking(&self, member: &SubAccount, currency: &str) -> String {
        self.available(member.banking(asset(currency)).unwrap()).await
    }

    pub(crate) async fn available(&self, key: AccountKey) -> String {
        let account = self.engine.find_account(key.program, key.id()).await.unwrap();
        account.unwrap().available().to_string()
    }

    /// All that the first family has, to see that nothing moved.
    pub(crate) async fn sums(&self) -> Vec<String> {
        let accounts = self.engine.accounts(self.family.program, None, None, 1_000).await.unwrap();
        accounts.iter().map(|row| format!("{} {}", row.id, row.available())).collect()
    }

    pub(crate) async fn set_status(&self, member: &SubAccount, status: SubAccountStatus) {
        let set = self.engine.set_sub_account_status(member.program, member.id, status);
        set.await.unwrap();
    }

    pub(crate) async fn update_credential(&self, command: UpdateCredential) {
        let (program, id) = (self.family.program, self.family.credential);
        self.engine.update_credential(program, id, command).await.unwrap();
    }

    pub(crate) async fn update_program(&self, command: UpdateProgram) {
        self.engine.update_program(self.family.program, command).await.unwrap();
    }
}

pub(crate) fn asset(code: &str) -> Asset {
    Asset::find(code).unwrap()
}

/// A copy in which one field is something else.
pub(crate) fn changed(body: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().insert(field.to_owned(), value.into());
    body
}

/// A copy without one field.
pub(crate) fn lacking(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove(field).unwrap();
    body
}

/// What each row of a list says in one field.
pub(crate) fn column<'a>(rows: &'a [Value], field: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[field].as_str().unwrap()).collect()
}

/// Makes a programme with a master and a credential.
pub(crate) async fn founded(engine: &Engine, name: &str, environment: Environment) -> Family {
    let command = CreateProgram {
        name: name.to_owned(),
        environment,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        assets: vec![asset("SGD"), asset("USD")],
    };
    let program = engine.create_program(command).await.unwrap();
    let master = member(engine, program, SubAccountKind::Master, name).await;
    let (credential, client_id, api_key) = credential(engine, program, DOOR).await;
    Family { program, credential, client_id, api_key, master }
}

/// A credential at some door: its id, the key, and the secret.
pub(crate) async fn credential(
    engine: &Engine,
    program: ProgramId,
    door: &str,
) -> (CredentialId, String, String) {
    let command = CreateCredential {
        door: door.to_owned(),
        form: CredentialForm::KeyAndSecret,
        label: String::new(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(program, command).await.unwrap();
    let secret = made.api_secret.unwrap().expose().clone();
    (made.credential.id, made.api_key.expose().clone(), secret)
}

pub(crate) async fn member(
    engine: &Engine,
    program: ProgramId,
    kind: SubAccountKind,
    name: &str,
) -> SubAccount {
    let command = CreateSubAccount {
        id: None,
        kind,
        name: name.to_owned(),
        status: SubAccountStatus::Active,
        profile: None,
        assets: vec![asset("SGD"), asset("USD")],
        reference: None,
    };
    engine.create_sub_account(program, By::Operator, command).await.unwrap().into_inner()
}

#[tokio::test]
async fn what_is_not_built_says_so_to_those_who_may_ask() {
    let fixture = Fixture::new().await;
    for endpoint in unsupported::ENDPOINTS {
        let path = endpoint.path.replace("{id}", "c1");
        let call = Call::new(endpoint.method.word().parse().unwrap(), &path, b"{}");
        let answer = fixture.ask(fixture.good(call.clone())).await;
        answer.is(400, "invalid_request_error", "not_supported");
        // Clients ask again after a 5xx, and for a new token after an expired one.
        let answer = fixture.ask(fixture.good(call.clone()).behalf(fixture.bank.id)).await;
        answer.is_account("sub_account_not_found");
        fixture.ask(call).await.is(401, "unauthorized_error", "unauthorized_error");
    }
}

#[tokio::test]
async fn every_route_but_the_tokens_wants_a_token_under_both_mounts() {
    let fixture = Fixture::new().await;
    for route in route::ROUTES.iter().filter(|route| route.path != TOKEN) {
        let path = route.path.replace("{id}", "x").replace("{currency}", "SGD");
        let call = Call::new(route.method.word().parse().unwrap(), &path, b"{}");
        for call in [call.clone(), call.in_sandbox()] {
            let answer = fixture.ask(call).await;
            if ["/v1/issuing", "/v1/simulation"].iter().any(|start| path.starts_with(start)) {
                answer.is(401, "unauthorized_error", "unauthorized_error");
                assert_eq!(answer.message(), "invalid auth token format");
            } else if path.starts_with("/v1/balances") {
                answer.is_flat(401, "invalid auth token format");
            } else {
                answer.is_flat(403, "Authorization error");
            }
        }
    }
}

#[tokio::test]
async fn both_mounts_serve_the_same() {
    let fixture = Fixture::new().await;
    let answer = fixture.ask(fixture.token_call(&fixture.family).in_sandbox()).await;
    let token = answer.ok()["auth_token"].as_str().unwrap();
    for path in [BALANCES, LEDGER, BANKING, ACCOUNTS, "/v1/balances/SGD"] {
        let call = Call::get(path).bearing(token);
        let plain = fixture.ask(call.clone()).await;
        let sandbox = fixture.ask(call.in_sandbox()).await;
        assert_eq!(plain.ok(), sandbox.ok(), "{path}");
    }
}

#[tokio::test]
async fn a_path_that_is_none_and_a_method_that_is_wrong() {
    let fixture = Fixture::new().await;
    for path in ["/v1", "/v1/nothing", "/v1/issuing/transfer", "/v1/issuing/transfers/"] {
        for call in [Call::get(path), Call::get(path).in_sandbox()] {
            fixture.ask(call.clone()).await.is_flat(404, "page not found");
            fixture.ask(fixture.good(call)).await.is_flat(404, "page not found");
        }
    }
    for (method, path, allow) in [
        ("GET", TOKEN, "POST"),
        ("GET", TRANSFERS, "POST"),
        ("DELETE", BALANCES, "GET,HEAD,POST"),
        ("POST", LEDGER, "GET,HEAD"),
        ("PUT", ACCOUNTS, "GET,HEAD,POST"),
        ("POST", "/v1/balances/SGD", "GET,HEAD"),
        ("PATCH", "/v1/issuing/cards/c1/risk", "POST,DELETE"),
        ("get", ACCOUNTS, "GET,HEAD,POST"),
    ] {
        let call = fixture.good(Call::new(method.parse().unwrap(), path, b""));
        let answer = fixture.ask(call).await;
        answer.is_flat(405, "method not allowed");
        let allowed = answer.headers["allow"].to_str().unwrap();
        let allowed: BTreeSet<_> = allowed.split(',').collect();
        assert_eq!(allowed, allow.split(',').collect(), "{method} {path}");
    }
}

/// Words that stand where another path has an id.
#[tokio::test]
async fn words_come_before_ids() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.get("/v1/accounts/get_additional").await.ok(), &json!([]));
    fixture.get(BANKING_LEDGER).await.rows();
    fixture.get("/v1/issuing/cards/arts").await.is(400, "invalid_request_error", "not_supported");
}

#[tokio::test]
async fn there_are_no_requests_for_information() {
    let fixture = Fixture::new().await;
    let answer = fixture.get("/v1/rfis?page_size=10&page_number=1&status=APPROVED").await;
    assert_eq!(answer.ok(), &json!({ "total_pages": 0, "total_items": 0, "data": [] }));
    fixture.get("/v1/rfis?page_size=0").await.is_flat_bad("page_size");
    fixture.get("/v1/rfis/r1").await.is_flat(400, "rfi not found");
    let body = json!({ "rfi_id": "r1", "answer": [] });
    fixture.post("/v1/rfis/answer", &body).await.is_flat(400, "rfi not found");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let fixture = Fixture::with(|options| options.body.body_bytes = 1_000).await;
    let body = changed(&fixture.transfer(), "remark", "x".repeat(1_000));
    fixture.post(TRANSFERS, &body).await.is_flat(413, "the body is larger than allowed");
}

/// The test of the test: what the look at every answer finds.
#[test]
fn a_number_in_place_of_a_text_is_found() {
    let finds = |value: Value| std::panic::catch_unwind(|| call::typed("", &value)).is_err();
    for good in [
        json!({ "amount": "0.00", "total_items": 1, "data": [{ "amount": "-0.01" }] }),
        json!({ "expired_at": 1_757_449_854, "create_time": NOW }),
        json!({ "business_details": { "employees": 3 } }),
    ] {
        assert!(!finds(good.clone()), "{good}");
    }
    for bad in [
        json!({ "amount": 1 }),
        json!({ "amount": "1" }),
        json!({ "data": [{ "ending_balance": 1.5 }] }),
        json!({ "expired_at": "1757449854" }),
        json!({ "expired_at": 1.5 }),
        json!({ "total_pages": "1" }),
        json!({ "create_time": "2024-03-21T09:17:32Z" }),
        json!({ "remark": null }),
    ] {
        assert!(finds(bad.clone()), "{bad}");
    }
}
