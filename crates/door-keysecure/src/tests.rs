//! What the door's tests stand on, a whole server but for its socket; and what holds for all
//! routes together.

mod call;

pub(crate) use call::{Answer, Call};

use super::*;
use axum::body::Body;
use domain::account::{AccountKey, AccountKind};
use domain::address::AllowList;
use domain::asset::Asset;
use domain::cardholder::{Cardholder, CardholderStatus};
use domain::credential::CredentialStatus;
use domain::id::{CredentialId, ProgramId};
use domain::money::Amount;
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::time::Time;
use engine::EngineOptions;
use engine::cardholder::CreateCardholder;
use engine::credential::{CreateCredential, UpdateCredential};
use engine::program::{CreateProgram, UpdateProgram};
use engine::transfer::Fund;
use gateway::edge::Edge;
use gateway::request_id::RequestIds;
use http::{Request, StatusCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::model::Model;
use vault::master::MasterKey;
use vault::random::{Random, RandomError};

/// The documented request time: 2024-05-21 16:00:00 UTC.
pub(crate) const NOW_MS: i64 = 1_716_307_200_000;
pub(crate) const PREFIX: &str = "/open-api/v1";
pub(crate) const HOLDER: &str = "U202605220001";
pub(crate) const TRANSFER: &str = "/account/transfer";
pub(crate) const LIST: &str = "/account/transfer/list";
/// As the documentation has it.
pub(crate) const EXAMPLE: &str = concat!(
    r#"{"cardholder_no":"U202605220001","transfer_unique_no":"TRANSFER_202605220001","#,
    r#""type":"In","balance":"100.00"}"#,
);

pub(crate) struct MockClock(AtomicI64);

impl MockClock {
    pub(crate) fn set_us(&self, us: i64) {
        self.0.store(us, Ordering::SeqCst);
    }

    pub(crate) fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms * 1_000, Ordering::SeqCst);
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

/// A programme with one credential, as its merchant sees it.
pub(crate) struct Merchant {
    pub program: ProgramId,
    pub credential: CredentialId,
    pub api_key: String,
    pub token: String,
}

pub(crate) struct Fixture {
    edge: Edge,
    pub engine: Arc<Engine>,
    pub clock: Arc<MockClock>,
    pub model: Model,
    /// In credit mode, with an approved cardholder and 1,000,000.00 in its reserve.
    pub merchant: Merchant,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(set: impl FnOnce(&mut DoorOptions)) -> Self {
        let clock = Arc::new(MockClock(AtomicI64::new(NOW_MS * 1_000)));
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
        let routes = Router::new().nest(PREFIX, router(Arc::clone(&engine), options));
        let edge = Edge::new(routes, RequestIds::new(1), Arc::new(|| Duration::ZERO));
        let merchant = found(&engine, "first", Mode::Credit).await;
        let mut fixture =
            Self { edge: edge.door(PREFIX, faults()), engine, clock, model, merchant };
        fixture.merchant.token = fixture.token_of(&fixture.merchant).await;
        fixture
    }

    /// One more programme, without cardholders or money.
    pub(crate) async fn another(&self, name: &str, mode: Mode) -> Merchant {
        let mut merchant = found(&self.engine, name, mode).await;
        merchant.token = self.token_of(&merchant).await;
        merchant
    }

    pub(crate) async fn token_of(&self, merchant: &Merchant) -> String {
        let call = self.sign(merchant, Call::get("/merchant/token"));
        let answer = self.ask(call.without("Access-Token")).await;
        answer.data()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().unix_ms()
    }

    /// With the headers of a good request.
    pub(crate) fn sign(&self, merchant: &Merchant, call: Call) -> Call {
        call.with("Api-Key", &merchant.api_key)
            .with("Timestamp", self.now_ms().to_string())
            .with("Access-Token", &merchant.token)
    }

    pub(crate) fn signed(&self, call: Call) -> Call {
        self.sign(&self.merchant, call)
    }

    pub(crate) async fn ask(&self, call: Call) -> Answer {
        let mut request =
            Request::builder().method(call.method).uri(format!("{PREFIX}{}", call.path));
        for (name, value) in &call.headers {
            request = request.header(name, value.as_slice());
        }
        let request = request.body(Body::from(call.body)).unwrap();
        let answer = self.edge.answer(call.peer.parse().unwrap(), request).await;
        Answer::read(answer).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(self.signed(Call::get(path))).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.ask(self.signed(Call::post(path, body))).await
    }

    /// Available in the wallet, as account info says.
    pub(crate) async fn balance(&self) -> String {
        let answer = self.get(&format!("/account/{HOLDER}/info")).await;
        let list = answer.data()["list"].as_array().unwrap();
        let wallet = list.iter().find(|wallet| wallet["symbol"] == "TUSDT");
        wallet.unwrap()["balance"].as_str().unwrap().to_owned()
    }

    /// How many transfers the list of these days shows.
    pub(crate) async fn transfers(&self) -> usize {
        let body = r#"{"start_time":"2024-05-01","end_time":"2024-06-30","size":100}"#;
        let answer = self.post(LIST, body).await;
        answer.data()["list"].as_array().unwrap().len()
    }

    pub(crate) async fn hold(&self, number: &str, status: CardholderStatus) -> Cardholder {
        let command = CreateCardholder {
            number: Some(number.to_owned()),
            unique_number: None,
            status,
            assets: vec![asset("TUSDT")],
        };
        let made = self.engine.create_cardholder(self.merchant.program, command);
        made.await.unwrap()
    }

    pub(crate) async fn set_status(&self, status: CredentialStatus) {
        let command = UpdateCredential { status: Some(status), ..UpdateCredential::default() };
        self.update_credential(command).await;
    }

    pub(crate) async fn allow(&self, list: &str) {
        let command =
            UpdateCredential { allow: Some(list.parse().unwrap()), ..UpdateCredential::default() };
        self.update_credential(command).await;
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

/// Makes a programme with a credential, the documented cardholder and a full reserve.
async fn found(engine: &Engine, name: &str, mode: Mode) -> Merchant {
    let command = CreateProgram {
        name: name.to_owned(),
        environment: Environment::Sandbox,
        mode,
        duplicate: DuplicatePolicy::Replay,
        assets: vec![asset("TUSDT"), asset("USD")],
    };
    let program = engine.create_program(command).await.unwrap();
    let command = CreateCredential {
        door: DOOR.to_owned(),
        form: engine::credential::CredentialForm::KeyAndSecret,
        label: String::new(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(program, command).await.unwrap();
    if name == "first" {
        let command = CreateCardholder {
            number: Some(HOLDER.to_owned()),
            unique_number: None,
            status: CardholderStatus::Approved,
            assets: vec![asset("TUSDT"), asset("USD")],
        };
        engine.create_cardholder(program, command).await.unwrap();
        let tusdt = asset("TUSDT");
        let command = Fund {
            account: AccountKey::own(program, AccountKind::Reserve, tusdt),
            amount: Amount::parse("1000000", tusdt).unwrap(),
            remark: String::new(),
            reference: None,
        };
        engine.fund(program, command).await.unwrap();
    }
    Merchant {
        program,
        credential: made.credential.id,
        api_key: made.api_key.expose().clone(),
        token: String::new(),
    }
}

/// Every endpoint of the documentation, in its order.
const DOCUMENTED: [(&str, &str); 25] = [
    ("GET", "/merchant/token"),
    ("POST", "/cardholder/apply"),
    ("POST", "/cardholder/list"),
    ("GET", "/cardholder/U202605220001/info"),
    ("POST", "/card/apply"),
    ("POST", "/card/list"),
    ("GET", "/card/C202605220001/detail"),
    ("GET", "/card/C202605220001/private/info"),
    ("POST", "/card/active"),
    ("POST", "/card/status/update"),
    ("POST", "/card/pin/set"),
    ("POST", "/card/package/list"),
    ("POST", "/card/support/bins"),
    ("GET", "/card/consume/X202605220001/info"),
    ("POST", "/card/consume/list"),
    ("POST", "/account/transfer"),
    ("GET", "/account/U202605220001/info"),
    ("POST", "/account/transfer/list"),
    ("GET", "/merchant/client/C202605220001/token"),
    ("POST", "/merchant/pci/card/detail"),
    ("POST", "/simulate/auth"),
    ("POST", "/simulate/consumption_clear"),
    ("POST", "/simulate/consumption_fail"),
    ("POST", "/simulate/reversal"),
    ("POST", "/simulate/refund"),
];

#[tokio::test]
async fn every_documented_endpoint_has_a_route() {
    let fixture = Fixture::new().await;
    let other_mode = ["/card/support/bins"];
    let built = [
        "/merchant/token",
        "/account/transfer",
        "/account/U202605220001/info",
        "/account/transfer/list",
    ];
    for (method, path) in DOCUMENTED {
        let call = Call::new(method.parse().unwrap(), path, b"{}");
        let answer = fixture.ask(fixture.signed(call)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let code = answer.code();
        if built.contains(&path) {
            assert!([0, 1004].contains(&code), "{path} {code}");
        } else if other_mode.contains(&path) {
            assert_eq!(code, 1012, "{path}");
        } else {
            assert_eq!(code, 1900, "{path}");
        }
    }
    assert_eq!(DOCUMENTED.len(), built.len() + unsupported::ENDPOINTS.len());
}

#[tokio::test]
async fn a_route_that_is_none_and_a_method_that_is_wrong() {
    let fixture = Fixture::new().await;
    let answer = fixture.get("/account/nothing").await;
    assert_eq!((answer.status.as_u16(), answer.code()), (404, 1004));
    assert_eq!(answer.msg(), "path invalid parameter");
    let answer = fixture.get(TRANSFER).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (405, 1004));
    assert_eq!(answer.headers["allow"], "POST");
    let call = Call::post("/simulate/nothing", "").with("Language", "zh_CN");
    let answer = fixture.ask(call).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (404, 1004));
    assert_eq!(answer.msg(), "path 参数无效");
}
