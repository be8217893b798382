//! One engine on one model, its clock and generator, and programmes to play with.

use super::{Copied, Gate};
use crate::admitted::By;
use crate::cardholder::{CreateCardholder, RegisterCardholder};
use crate::credential::{CreateCredential, CredentialForm};
use crate::error::Error;
use crate::instruction::Receipt;
use crate::once::{Idempotent, ReferenceName, Repeats};
use crate::program::CreateProgram;
use crate::start::{Engine, EngineOptions};
use crate::transfer::{Direction, Fund, Load};
use crate::verify::{Progress, Report, Wrong, verify};
use crate::{Clock, Presented};
use domain::account::{AccountKey, AccountKind};
use domain::address::AllowList;
use domain::asset::Asset;
use domain::cardholder::{Cardholder, CardholderStatus, DocumentKind, Person};
use domain::credential::{Caller, Credential};
use domain::id::ProgramId;
use domain::money::{Amount, Money};
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::refusal::Refusal;
use domain::secret::Secret;
use domain::time::Time;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::Store;
use store::model::{Faults, Model};
use vault::master::MasterKey;
use vault::random::{Random, RandomError};

pub(crate) const DOOR: &str = "test";
pub(crate) const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
/// 2024-05-21 16:00 UTC.
const START_US: i64 = 1_716_307_200_000_000;

/// A clock that stands still until it is moved.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) const fn new() -> Self {
        Self(AtomicI64::new(START_US))
    }

    pub(crate) fn set(&self, at: Time) {
        self.0.store(at.unix_us(), Ordering::SeqCst);
    }

    pub(crate) fn forward(&self, by: Duration) {
        self.set(self.now().plus(by));
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time::from_unix_us(self.0.load(Ordering::SeqCst))
    }
}

struct SeededRandom(Mutex<fastrand::Rng>);

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.0.lock().expect("nothing panics while it holds the generator").fill(out);
        Ok(())
    }
}

pub(crate) fn seeded(seed: u64) -> Arc<dyn Random> {
    Arc::new(SeededRandom(Mutex::new(fastrand::Rng::with_seed(seed))))
}

pub(crate) fn master(digit: char) -> MasterKey {
    MasterKey::parse(&digit.to_string().repeat(64)).unwrap()
}

pub(crate) fn asset(code: &str) -> Asset {
    Asset::find(code).expect("an asset of the registry")
}

pub(crate) fn amount(code: &str, minor: i64) -> Amount {
    Amount::new(Money::new(minor, asset(code))).unwrap()
}

pub(crate) fn tusdt(minor: i64) -> Amount {
    amount("TUSDT", minor)
}

pub(crate) fn name(text: &str) -> ReferenceName {
    ReferenceName { scope: "test/scope".into(), text: text.to_owned() }
}

/// Somebody whose phone number follows from a name.
pub(crate) fn person(name: &str, document: &str) -> Person {
    let secret = |text: &str| Secret::new(text.to_owned());
    Person {
        calling_code: secret("852"),
        phone_number: secret(name),
        document_kind: DocumentKind::Passport,
        document_number: secret(document),
        first_name: secret("Ada"),
        last_name: secret(""),
        date_of_birth: secret("1990-02-28"),
        issuing_country: secret("HKG"),
    }
}

/// The answer of a call that was done now.
pub(crate) fn done<T: std::fmt::Debug>(answer: Result<Idempotent<T>, Error>) -> T {
    match answer {
        Ok(Idempotent::Done(answer)) => answer,
        other => panic!("not done now: {other:?}"),
    }
}

pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> Refusal {
    match answer {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// What an error is, without its source, so that a table can name it.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    answer.unwrap_err().to_string()
}

struct Quiet;

impl Progress for Quiet {
    fn phase(&mut self, _: &'static str, _: u64) {}
    fn step(&mut self, _: u64) {}
}

/// Nobody watches.
pub(crate) fn quiet() -> impl Progress {
    Quiet
}

pub(crate) struct World {
    pub gate: Gate,
    pub clock: Arc<TestClock>,
    pub engine: Arc<Engine>,
    pub faults: Faults,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(EngineOptions::default()).await
    }

    pub(crate) async fn with(options: EngineOptions) -> Self {
        Self::seeded(options, 7).await
    }

    /// The worker is a task of this thread, so the same seed and calls give the same rows.
    pub(crate) async fn seeded(options: EngineOptions, seed: u64) -> Self {
        let model = Model::new();
        let faults = model.faults().clone();
        Self::on(Gate::new(model), faults, options, seed).await
    }

    /// Another server on the same store, with a clock and a generator of its own.
    pub(crate) async fn beside(&self, seed: u64) -> Self {
        Self::on(self.gate.clone(), self.faults.clone(), EngineOptions::default(), seed).await
    }

    async fn on(gate: Gate, faults: Faults, options: EngineOptions, seed: u64) -> Self {
        let clock = Arc::new(TestClock::new());
        let store: Arc<dyn Store> = Arc::new(gate.clone());
        let shared: Arc<dyn Clock> = Arc::<TestClock>::clone(&clock);
        let engine = Engine::start_here(store, shared, seeded(seed), master('0'), options).await;
        Self { gate, clock, engine: engine.unwrap(), faults }
    }

    pub(crate) async fn programme(&self, name: &str) -> Programme {
        programme_of(&self.engine, name).await
    }

    pub(crate) async fn copied(&self) -> Copied {
        Copied::of(&self.gate).await
    }

    pub(crate) async fn verify(&self) -> Result<Report, Wrong> {
        let mut snapshot = self.gate.snapshot().await.unwrap();
        let lookup = &self.engine.keyring.lookup;
        let without = verify(snapshot.as_mut(), None, &mut quiet()).await?;
        let report = verify(snapshot.as_mut(), Some(lookup), &mut quiet()).await?;
        assert_eq!(without, report, "the look-up key changes only what is checked");
        Ok(report)
    }

    /// Verifies everything; how each scenario ends.
    pub(crate) async fn verified(&self) -> Report {
        self.verify().await.unwrap_or_else(|wrong| panic!("{wrong}: {wrong:?}"))
    }
}

/// A programme of three assets with one credential.
pub(crate) async fn programme_of(engine: &Arc<Engine>, name: &str) -> Programme {
    let command = CreateProgram {
        name: name.to_owned(),
        environment: Environment::Sandbox,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        assets: vec![asset("TUSDT"), asset("USD"), asset("JPY")],
    };
    let id = engine.create_program(command).await.unwrap();
    let command = CreateCredential {
        door: DOOR.to_owned(),
        form: CredentialForm::KeyAndSecret,
        label: "first".to_owned(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(id, command).await.unwrap();
    let api_key = made.api_key.expose().clone();
    Programme { engine: Arc::clone(engine), id, credential: made.credential, api_key }
}

pub(crate) struct Programme {
    pub engine: Arc<Engine>,
    pub id: ProgramId,
    pub credential: Credential,
    pub api_key: String,
}

impl Programme {
    pub(crate) fn own(&self, kind: AccountKind, code: &str) -> AccountKey {
        AccountKey::own(self.id, kind, asset(code))
    }

    pub(crate) fn reserve(&self) -> AccountKey {
        self.own(AccountKind::Reserve, "TUSDT")
    }

    pub(crate) fn wallet(&self, number: &str, code: &str) -> AccountKey {
        AccountKey::wallet(self.id, self.engine.cardholder_id(self.id, number), asset(code))
    }

    pub(crate) fn presented(&self) -> Presented<'_> {
        Presented { door: DOOR, api_key: &self.api_key, address: ADDRESS }
    }

    /// As a door makes it after its checks.
    pub(crate) const fn caller(&self) -> Caller {
        Caller {
            program: self.id,
            credential: self.credential.id,
            address: ADDRESS,
            token_version: Some(self.credential.version),
            key: None,
            mode: Some(Mode::Credit),
        }
    }

    pub(crate) const fn by(&self) -> By {
        By::Caller(self.caller())
    }

    pub(crate) async fn holder(&self, number: &str, status: CardholderStatus) -> Cardholder {
        let command = CreateCardholder {
            number: Some(number.to_owned()),
            unique_number: None,
            status,
            assets: vec![asset("TUSDT"), asset("USD")],
        };
        self.engine.create_cardholder(self.id, command).await.unwrap()
    }

    pub(crate) async fn approved(&self, number: &str) -> Cardholder {
        self.holder(number, CardholderStatus::Approved).await
    }

    /// A cardholder of whom it is known who they are, without a wallet.
    pub(crate) async fn registered(&self, unique: &str, document: &str) -> Cardholder {
        let command = RegisterCardholder {
            unique_number: Some(unique.to_owned()),
            person: person(unique, document),
            status: CardholderStatus::Approved,
            assets: Vec::new(),
        };
        self.engine.register_cardholder(self.by(), self.id, command).await.unwrap()
    }

    pub(crate) async fn fund(&self, account: AccountKey, minor: i64) -> Receipt {
        let amount = Amount::new(Money::new(minor, account.asset)).unwrap();
        let command = Fund { account, amount, remark: String::new(), reference: None };
        done(self.engine.fund(self.id, command).await)
    }

    pub(crate) async fn load(
        &self,
        direction: Direction,
        number: &str,
        amount: Amount,
        reference: &str,
    ) -> Result<Idempotent<Receipt>, Error> {
        let load = Load {
            cardholder_number: number.to_owned(),
            direction,
            amount,
            reference: name(reference),
            repeats: Repeats::AsProgramme,
        };
        self.engine.load(self.caller(), load).await
    }

    pub(crate) async fn available(&self, account: AccountKey) -> i64 {
        let found = self.engine.find_account(self.id, account.id()).await.unwrap();
        found.expect("the account is open").available().minor
    }

    /// Rows that a refusal must leave as they are.
    pub(crate) async fn seq(&self) -> u64 {
        let counter = self.engine.store.counter(self.id).await.unwrap();
        counter.map_or(0, |counter| counter.seq)
    }
}
