//! The same random commands through the engine on the store in memory and on each that lasts:
//! the same answers, and at the end the same rows in every table.

mod command;
mod people;
mod webhook;

use crate::backend::{Backend, on_each};
use crate::full::{count, seed};
use command::{Command, Dice, Shop};
use domain::account::{AccountKey, AccountKind};
use domain::address::AllowList;
use domain::asset::Asset;
use domain::cardholder::CardholderStatus;
use domain::program::{DuplicatePolicy, Environment, Mode};
use domain::time::Time;
use engine::cardholder::CreateCardholder;
use engine::credential::CreateCredential;
use engine::program::CreateProgram;
use engine::verify::{Progress, verify};
use engine::{Clock, Engine, EngineOptions};
use fastrand::Rng;
use pgfixture::shared;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use store::Store;
use store::model::Model;
use store::suite::dump;
use store_postgres::PostgresStore;
use store_sqlite::{RunOptions, SqliteStore};
use tempfile::TempDir;
use vault::master::MasterKey;
use vault::random::{Random, RandomError};
use webhook::Worker;

const START_US: i64 = 1_780_000_000_000_000;
const HOLDERS: [(&str, CardholderStatus); 3] = [
    ("A", CardholderStatus::Approved),
    ("B", CardholderStatus::Approved),
    ("C", CardholderStatus::Pending),
];

/// Stands still until a command moves it.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Time {
        Time::from_unix_us(self.0.load(Ordering::Relaxed))
    }
}

struct Seeded(Mutex<Rng>);

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.0.lock().expect("nothing panics while it draws").fill(out);
        Ok(())
    }
}

struct Quiet;

impl Progress for Quiet {
    fn phase(&mut self, _name: &'static str, _rows: u64) {}
    fn step(&mut self, _rows: u64) {}
}

fn assets() -> [Asset; 2] {
    ["USD", "JPY"].map(|code| Asset::find(code).expect("it is in the registry"))
}

/// A programme with cardholders and a caller.
async fn shop(engine: &Engine, name: &str) -> Shop {
    let program = CreateProgram {
        name: name.to_owned(),
        environment: Environment::Sandbox,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        assets: assets().to_vec(),
    };
    let program = engine.create_program(program).await.unwrap();
    let mut accounts = Vec::new();
    for asset in assets() {
        let kinds = [AccountKind::Reserve, AccountKind::Settlement, AccountKind::External];
        accounts.extend(kinds.map(|kind| AccountKey::own(program, kind, asset)));
    }
    for (number, status) in HOLDERS {
        let holder = CreateCardholder {
            number: Some(number.to_owned()),
            unique_number: Some(format!("{name}/{number}")),
            status,
            assets: assets().to_vec(),
        };
        let holder = engine.create_cardholder(program, holder).await.unwrap();
        accounts.extend(assets().map(|asset| AccountKey::wallet(program, holder.id, asset)));
    }
    let credential = CreateCredential {
        door: "door".to_owned(),
        form: engine::credential::CredentialForm::KeyAndSecret,
        label: String::new(),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(program, credential).await.unwrap();
    Shop::new(program, made.credential.id, accounts)
}

/// What a store makes of the commands of a seed: each command with its answer.
async fn play(store: Arc<dyn Store>, seed: u64, commands: u32) -> Vec<String> {
    let clock = Arc::new(Hand(AtomicI64::new(START_US)));
    let random = Arc::new(Seeded(Mutex::new(Rng::with_seed(seed))));
    let master = MasterKey::parse(&"07".repeat(32)).unwrap();
    let options = EngineOptions::default();
    let engine =
        Engine::start(Arc::clone(&store), Arc::clone(&clock) as _, random, master, options).await;
    let engine = engine.unwrap();
    let mut worker = Worker::new(&engine, store);
    let mut shops = [shop(&engine, "one").await, shop(&engine, "two").await];
    let mut dice = Dice::new(seed);
    let mut told = Vec::new();
    for _ in 0..commands {
        clock.0.fetch_add(dice.pause_us(), Ordering::Relaxed);
        let shop = &mut shops[dice.shop()];
        let command: Command = dice.command(shop, clock.now());
        let answer = command.run(&engine, shop, &mut worker).await;
        told.push(format!("{command:?}\n  {answer}"));
    }
    engine.stop();
    told
}

/// Every row of a store, which must also be right by itself.
async fn audited(store: &dyn Store) -> String {
    let mut snapshot = store.snapshot().await.unwrap();
    verify(snapshot.as_mut(), None, &mut Quiet).await.unwrap();
    dump::dump(snapshot.as_mut()).await.unwrap()
}

/// Where a store is, to be opened more than once.
enum Place {
    File(TempDir),
    Server(String),
}

impl Place {
    fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::File(tempfile::tempdir().unwrap()),
            Backend::Postgres => Self::Server(shared().url(&shared().create_database())),
        }
    }

    async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::File(directory) => {
                let path = directory.path().join("vostro.db");
                // So small that runs are written and merged all the time.
                let runs =
                    RunOptions { rows: 100, fanout: 3, block_bytes: 400, ..RunOptions::default() };
                let options = store_sqlite::Options { runs, ..store_sqlite::Options::default() };
                SqliteStore::open(&path, options).unwrap()
            }
            Self::Server(url) => {
                let options = store_postgres::Options::default();
                PostgresStore::open(url, options).await.unwrap()
            }
        }
    }
}

fn the_same_commands_leave_the_same_rows(backend: Backend) {
    let place = Place::new(backend);
    let (seed, commands) = (seed(), count(5_000, 50_000));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let model = Arc::new(Model::new());
        let expected = play(Arc::clone(&model) as _, seed, commands).await;
        let rows = audited(model.as_ref()).await;
        let told = play(place.open().await, seed, commands).await;
        for (at, (told, expected)) in told.iter().zip(&expected).enumerate() {
            // Some answers are long.
            let lines = told.lines().zip(expected.lines()).find(|(told, line)| told != line);
            let what = expected.lines().next().unwrap_or_default();
            assert_eq!(lines, None, "the {at}th command: {what}");
            assert_eq!(told.len(), expected.len(), "the {at}th command: {what}");
        }
        // Opened again, so that only what was stored counts.
        let kept = audited(place.open().await.as_ref()).await;
        for (kept, row) in kept.lines().zip(rows.lines()) {
            assert_eq!(kept, row);
        }
        assert_eq!(kept.len(), rows.len(), "one has more rows");
        command::assert_varied(&expected);
    });
}

on_each! {
    the_same_commands_leave_the_same_rows,
}
