//! What the door's tests stand on, a whole server but for its socket; and what holds for all
//! routes together.

mod call;

pub(crate) use call::{Answer, Call, Key};

use super::*;
use axum::body::Body;
use domain::account::AccountKey;
use domain::address::AllowList;
use domain::id::{CardholderId, CredentialId, ProgramId};
use domain::money::Amount;
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::secret::Secret;
use domain::signature_key::{SignatureKey, SignatureUse};
use domain::time::Time;
use engine::EngineOptions;
use engine::credential::{CreateCredential, CredentialForm, UpdateCredential};
use engine::program::{CreateProgram, UpdateProgram};
use engine::signature_key::AddSignatureKey;
use engine::transfer::Fund;
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

/// 2025-06-06T03:12:30Z, when the documented transfer was made.
pub(crate) const NOW_S: i64 = 1_749_179_550;
/// With its fraction as far as a store keeps it.
pub(crate) const NOW_US: i64 = NOW_S * 1_000_000 + 270_067;
pub(crate) const TRANSFER: &str = TRANSFER_PATHS[0];
pub(crate) const USER: &str = "/svc/ts/api/v1/openapi/user";
pub(crate) const LEDGERS: &str = "/svc/ts/api/v1/openapi/ledger_accounts";
pub(crate) const ECHO: &str = "/svc/payment/api/v1/openapi/echo";
/// The documented one.
pub(crate) const REF_ID: &str = "21ae8272-4f67-4cce-8445-2e0acfe7947c";

pub(crate) struct MockClock(AtomicI64);

impl MockClock {
    pub(crate) fn set_us(&self, us: i64) {
        self.0.store(us, Ordering::SeqCst);
    }

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

/// A programme with one credential, as its business sees it.
#[derive(Clone)]
pub(crate) struct Merchant {
    pub program: ProgramId,
    pub credential: CredentialId,
    pub app_id: String,
}

/// A user as a transfer names it.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub id: CardholderId,
    pub party: Value,
}

impl User {
    pub(crate) fn id(&self) -> String {
        self.id.to_string()
    }
}

pub(crate) struct Fixture {
    edge: Edge,
    pub engine: Arc<Engine>,
    pub clock: Arc<MockClock>,
    pub model: Model,
    pub merchant: Merchant,
    /// With USD 1000 and HKD 500.
    pub alice: User,
    /// With USD 0.50 and HKD 500.
    pub bob: User,
    nonces: AtomicU64,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(set: impl FnOnce(&mut DoorOptions)) -> Self {
        let clock = Arc::new(MockClock(AtomicI64::new(NOW_US)));
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
        let routes = router(Arc::clone(&engine), options).unwrap();
        let routes = Router::new().nest(PREFIX, routes);
        let edge = Edge::new(routes, RequestIds::new(1), Arc::new(|| Duration::ZERO));
        let merchant = found(&engine, "first").await;
        let nobody = User { id: CardholderId::from_bytes([0; 16]), party: Value::Null };
        let mut fixture = Self {
            edge: edge.door(PREFIX, faults()),
            engine,
            clock,
            model,
            merchant,
            alice: nobody.clone(),
            bob: nobody,
            nonces: AtomicU64::new(0),
        };
        fixture.add_key(&fixture.merchant, Key::App).await;
        fixture.alice = fixture.user(&person(1)).await;
        fixture.bob = fixture.user(&person(2)).await;
        fixture.fund(&fixture.alice, "1000", "USD").await;
        fixture.fund(&fixture.alice, "500", "HKD").await;
        fixture.fund(&fixture.bob, "0.50", "USD").await;
        fixture.fund(&fixture.bob, "500", "HKD").await;
        fixture
    }

    /// One more programme with a key, without users or money.
    pub(crate) async fn another(&self, name: &str) -> Merchant {
        let merchant = found(&self.engine, name).await;
        self.add_key(&merchant, Key::App).await;
        merchant
    }

    pub(crate) async fn add_key(&self, merchant: &Merchant, key: Key) -> SignatureKey {
        let command = AddSignatureKey {
            credential: merchant.credential,
            usage: SignatureUse::Verify,
            pem: Secret::new(key.public_pem()),
        };
        self.engine.add_signature_key(merchant.program, command).await.unwrap()
    }

    pub(crate) fn nonce(&self) -> String {
        format!("nonce{:011}", self.nonces.fetch_add(1, Ordering::SeqCst))
    }

    /// The request time of a credential so many seconds after the clock's.
    pub(crate) fn time(&self, after_s: i64) -> String {
        let us = self.clock.now().unix_us();
        let at = jiff::Timestamp::from_second(us.div_euclid(1_000_000) + after_s).unwrap();
        at.strftime("%Y%m%d%H%M%S").to_string()
    }

    /// With the headers of a good request.
    pub(crate) fn sign(&self, merchant: &Merchant, call: Call) -> Call {
        call.signed(Key::App, &merchant.app_id, &self.time(0), &self.nonce())
    }

    pub(crate) fn signed(&self, call: Call) -> Call {
        self.sign(&self.merchant, call)
    }

    pub(crate) async fn ask(&self, mut call: Call) -> Answer {
        let body = Body::from(std::mem::take(&mut call.body));
        self.send(call, body).await
    }

    /// With another body than what was signed.
    pub(crate) async fn send(&self, call: Call, body: Body) -> Answer {
        let mut request = Request::builder().method(call.method).uri(call.target);
        for (name, value) in &call.headers {
            request = request.header(name, value.as_slice());
        }
        let request = request.body(body).unwrap();
        let answer = self.edge.answer(call.peer.parse().unwrap(), request).await;
        Answer::read(answer).await
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.ask(self.signed(Call::get(target))).await
    }

    pub(crate) async fn post(&self, target: &str, body: &Value) -> Answer {
        self.ask(self.signed(Call::post(target, body.to_string()))).await
    }

    /// Registers a user of the first merchant.
    pub(crate) async fn user(&self, person: &Value) -> User {
        self.user_of(&self.merchant, person).await
    }

    pub(crate) async fn user_of(&self, merchant: &Merchant, person: &Value) -> User {
        let call = Call::post(USER, json!({ "user": person }).to_string());
        let answer = self.ask(self.sign(merchant, call)).await;
        let made = answer.data();
        let party = json!({
            "user_id": made["user_id"],
            "reference_id": made["reference_id"],
            "document_type": person["document_type"],
            "document_number": person["document_number"],
        });
        User { id: made["user_id"].as_str().unwrap().parse().unwrap(), party }
    }

    pub(crate) async fn fund(&self, user: &User, amount: &str, currency: &str) {
        let (program, asset) = (self.merchant.program, asset(currency));
        let command = Fund {
            account: AccountKey::wallet(program, user.id, asset),
            amount: Amount::parse(amount, asset).unwrap(),
            remark: String::new(),
            reference: None,
        };
        self.engine.fund(program, command).await.unwrap();
    }

    /// The documented transfer, from Alice to Bob.
    pub(crate) fn transfer(&self) -> Value {
        self.transfer_of(&self.alice, &self.bob, "1", "USD", REF_ID)
    }

    pub(crate) fn transfer_of(
        &self,
        sender: &User,
        receiver: &User,
        amount: &str,
        currency: &str,
        ref_id: &str,
    ) -> Value {
        json!({
            "sender_party": sender.party,
            "receiver_party": receiver.party,
            "currency": currency,
            "amount": amount,
            "remark": "test 1 usd",
            "ref_id": ref_id,
        })
    }

    /// What is in a user's ledger, as the ledger accounts say.
    pub(crate) async fn balance(&self, user: &User, currency: &str) -> String {
        let answer = self.get(&format!("{LEDGERS}?user_id={}", user.id())).await;
        let rows = answer.data()["ledger_accounts"].as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["currency"] == currency).unwrap();
        row["balance"].as_str().unwrap().to_owned()
    }

    /// How many transfers were recorded.
    pub(crate) async fn transfers(&self) -> usize {
        let answer = self.get(&format!("{TRANSFER}?limit=1000")).await;
        answer.data()["platform_transfers"].as_array().unwrap().len()
    }

    pub(crate) async fn update_credential(&self, command: UpdateCredential) {
        let (program, id) = (self.merchant.program, self.merchant.credential);
        let updated = self.engine.update_credential(program, id, command);
        updated.await.unwrap();
    }

    pub(crate) async fn update_program(&self, command: UpdateProgram) {
        let updated = self.engine.update_program(self.merchant.program, command);
        updated.await.unwrap();
    }
}

pub(crate) fn asset(code: &str) -> Asset {
    Asset::find(code).unwrap()
}

/// A user's fields, other ones for each number.
pub(crate) fn person(number: u32) -> Value {
    json!({
        "calling_code": "852",
        "phone_number": format!("{}", 90_000_000 + number),
        "document_type": "PASSPORT",
        "document_number": format!("X{number:07}"),
        "first_name": "Tai Man",
        "last_name": "Chan",
        "date_of_birth": "1990-01-31",
        "issuing_country": "HKG",
        "reference_id": format!("u-{}", 1_000 + number),
    })
}

/// A copy in which one field is something else; `/a/b` names a field of a field.
pub(crate) fn changed(body: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    let (parent, name) = field.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    parent.insert(name.to_owned(), value.into());
    body
}

/// A copy without one field.
pub(crate) fn lacking(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    let (parent, name) = field.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    body
}

/// What each row of a list says in one field.
pub(crate) fn column(rows: &Value, field: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

/// Makes a programme with a credential that has no key.
async fn found(engine: &Engine, name: &str) -> Merchant {
    let command = CreateProgram {
        name: name.to_owned(),
        environment: Environment::Sandbox,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        assets: vec![asset("USD"), asset("HKD"), asset("JPY")],
    };
    let program = engine.create_program(command).await.unwrap();
    let command = CreateCredential {
        door: DOOR.to_owned(),
        form: CredentialForm::PublicId,
        label: String::new(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(program, command).await.unwrap();
    let app_id = made.api_key.expose().clone();
    Merchant { program, credential: made.credential.id, app_id }
}

#[tokio::test]
async fn what_is_built_answers_and_what_is_not_says_so() {
    let fixture = Fixture::new().await;
    let own = format!("{PREFIX}/ts/api/v1/openapi/user/u-1001");
    for path in TRANSFER_PATHS {
        fixture.get(path).await.data();
        fixture.post(path, &fixture.transfer()).await.data();
    }
    assert_eq!(fixture.transfers().await, 1);
    fixture.get(&own).await.data();
    fixture.get(LEDGERS).await.data();
    for path in [ECHO, "/svc/payment/api/v1/echo"] {
        fixture.post(path, &json!({ "message": "hi" })).await.data();
    }
    for endpoint in unsupported::ENDPOINTS {
        let target = format!("{PREFIX}{}", endpoint.path.replace("{id}", "c1"));
        let method = endpoint.method.word().parse().unwrap();
        let call = Call::new(method, &target, b"{}");
        let answer = fixture.ask(fixture.signed(call.clone())).await;
        answer.is(400, 300_006, "Not supported by this installation");
        // Nobody learns that without a signature.
        let answer = fixture.ask(call).await;
        answer.is(401, "E000001", "Missing Credential, Nonce Or Signature.");
    }
}

#[tokio::test]
async fn a_path_that_is_none_and_a_method_that_is_wrong() {
    let fixture = Fixture::new().await;
    for target in ["/svc/nothing", "/svc/ts/", "/svc/ts/api/v1/openapi/users"] {
        fixture.get(target).await.is(404, "E000010", "Path Not Found.");
    }
    let call = Call::get("/svc/nothing").with("x-i18n-lang", "zh-CN");
    fixture.ask(call).await.is(404, "E000010", "路径不存在");
    for (method, target, allow) in [
        ("DELETE", TRANSFER, "GET,HEAD,POST"),
        ("GET", ECHO, "POST"),
        ("POST", LEDGERS, "GET,HEAD"),
        ("GET", USER, "POST"),
        ("PATCH", "/svc/ts/api/v1/openapi/user/u-1001", "GET,HEAD,PUT"),
        ("post", TRANSFER, "GET,HEAD,POST"),
    ] {
        let call = fixture.signed(Call::new(method.parse().unwrap(), target, b""));
        let answer = fixture.ask(call).await;
        answer.is(405, "E000011", "Method Not Allowed.");
        let allowed = answer.headers["allow"].to_str().unwrap();
        let allowed: BTreeSet<_> = allowed.split(',').collect();
        assert_eq!(allowed, allow.split(',').collect(), "{method} {target}");
    }
}
