//! A seeded simulation: groups of random calls at once, faults planted below them, an auditor that
//! predicts every answer and every balance, and between the groups the workers of two servers that
//! deliver what happened.
//!
//! The worker is a task of the same thread, so calls are decided in the order in which they are
//! made, programme by programme, and a seed repeats a run to the byte.

mod deliver;
mod draw;

use super::auditor::{Auditor, Books};
use super::command::{Call, Command, Fate, document_of};
use super::receivers::Receivers;
use super::webhook::Webhook;
use super::{Copied, Programme, World, asset, person};
use crate::EngineOptions;
use crate::cardholder::CreateCardholder;
use crate::deliver::Deliver;
use crate::once::Repeats;
use domain::account::{Account, AccountKey, AccountKind};
use domain::cardholder::CardholderStatus;
use domain::hold::Hold;
use domain::reference::Reference;
use domain::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::model::Fault;
use store::schema::TableSpec;
use store::{Constraint, Noun};

const HOLDERS: [(&str, CardholderStatus); 3] = [
    ("U1", CardholderStatus::Approved),
    ("U2", CardholderStatus::Approved),
    ("U3", CardholderStatus::Pending),
];
const WALLET_ASSETS: [&str; 2] = ["TUSDT", "USD"];
pub(super) const ASSETS: [&str; 3] = ["TUSDT", "USD", "JPY"];
const GROUP_MAX: usize = 12;

/// Says the seed of a run that failed.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the simulation failed with seed {}", self.0);
        }
    }
}

/// What a fault does to the calls that it meets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Planted {
    Nothing,
    /// Nothing is written; a call alone in its batch hears of it.
    Lost,
    UnknownWritten,
    UnknownLost,
}

struct Simulation {
    world: World,
    /// Another server on the same store.
    second: World,
    receivers: Arc<Receivers>,
    workers: [Deliver; 2],
    programmes: Vec<Arc<Programme>>,
    auditors: Vec<Auditor>,
    rng: fastrand::Rng,
    /// Calls that were made, to be made again.
    made: Vec<Call>,
    /// How often each kind of answer was given.
    met: BTreeMap<&'static str, u64>,
}

async fn programme(world: &World, name: &str) -> (Arc<Programme>, Auditor) {
    let programme = world.programme(name).await;
    let mut books = Books::new(programme.id);
    for code in ASSETS {
        for kind in AccountKind::PROGRAM_OWN {
            books.open(AccountKey::own(programme.id, kind, asset(code)));
        }
    }
    let mut holders = BTreeMap::new();
    let (mut ids, mut wallets) = (BTreeMap::new(), BTreeMap::new());
    for (number, status) in HOLDERS {
        let command = CreateCardholder {
            number: Some(number.to_owned()),
            unique_number: Some(number.to_owned()),
            status,
            assets: WALLET_ASSETS.map(asset).to_vec(),
        };
        let engine = &world.engine;
        let made = engine.create_cardholder(programme.id, command).await.unwrap();
        let person = person(number, &document_of(number));
        engine.set_identity(programme.caller(), number, &person).await.unwrap();
        ids.insert(number.to_owned(), made.id);
        holders.insert(number.to_owned(), status);
        for code in WALLET_ASSETS {
            let key = programme.wallet(number, code);
            books.open(key);
            wallets.insert((number.to_owned(), asset(code)), key.id());
        }
    }
    let mut auditor = Auditor::new(books, crate::Clock::now(world.clock.as_ref()));
    auditor.holders = holders;
    auditor.ids = ids;
    auditor.wallets = wallets;
    (Arc::new(programme), auditor)
}

impl Simulation {
    async fn start(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let options = EngineOptions { batch_max: rng.usize(1..10), ..EngineOptions::default() };
        let world = World::seeded(options, seed).await;
        let (mut programmes, mut auditors) = (Vec::new(), Vec::new());
        for name in ["first", "second"] {
            let (programme, auditor) = programme(&world, name).await;
            programmes.push(programme);
            auditors.push(auditor);
        }
        let second = world.beside(!seed).await;
        let receivers = Receivers::new(&world.gate);
        let workers = [&world, &second].map(|server| receivers.worker(&server.engine));
        let (made, met) = (Vec::new(), BTreeMap::new());
        Self { world, second, receivers, workers, programmes, auditors, rng, made, met }
    }

    fn by_operator(program: usize, asked: Webhook) -> Call {
        let (command, remark) = (Command::Webhook(asked), String::new());
        let repeats = Repeats::Replay;
        Call { program, caller: false, command, remark, reference: None, repeats }
    }

    /// Mostly on, sometimes back: what is recorded never goes back.
    fn move_clock(&mut self) {
        let now = crate::Clock::now(self.world.clock.as_ref());
        let forward = Duration::from_secs(self.rng.u64(0..6 * 3600));
        let next = match self.rng.u8(0..10) {
            0 => Time::from_unix_us(now.unix_us() - self.rng.i64(0..7_200_000_000)),
            1 => now.plus(forward * 20),
            2..6 => now.plus(forward),
            _ => now,
        };
        self.world.clock.set(next);
    }

    fn plant(&mut self) -> Planted {
        static CLASHED: &TableSpec = <Reference as Noun>::TABLE;
        let faults = &self.world.faults;
        if self.rng.u8(0..4) == 0 {
            let again = [Fault::Contention, Fault::Conflict(Constraint::Natural(CLASHED))];
            faults.repeat(again[self.rng.usize(0..2)], self.rng.usize(1..5));
        }
        let (fault, planted) = match self.rng.u8(0..16) {
            0 => (Fault::Unavailable, Planted::Lost),
            1 => (Fault::Corrupt, Planted::Lost),
            2 => (Fault::UnknownWritten, Planted::UnknownWritten),
            3 => (Fault::UnknownLost, Planted::UnknownLost),
            _ => return Planted::Nothing,
        };
        faults.next(fault);
        planted
    }

    async fn run_all(&self, calls: &[Call]) -> Vec<Fate> {
        let mut running = Vec::with_capacity(calls.len());
        for call in calls {
            let (call, programme) = (call.clone(), Arc::clone(&self.programmes[call.program]));
            running.push(tokio::spawn(async move { call.run(&programme).await }));
        }
        let mut fates = Vec::with_capacity(calls.len());
        for call in running {
            fates.push(call.await.unwrap());
        }
        fates
    }

    async fn step(&mut self) {
        self.move_clock();
        let group = self.rng.usize(1..=GROUP_MAX);
        let calls: Vec<_> = (0..group).map(|_| self.draw()).collect();
        let planted = self.plant();
        let fates = self.run_all(&calls).await;
        self.world.faults.heal();
        let mut unsettled = Vec::new();
        for (call, fate) in calls.iter().zip(&fates) {
            *self.met.entry(fate.word()).or_default() += 1;
            match (planted, fate) {
                (Planted::Lost, Fate::Unavailable | Fate::Other(_)) => {}
                (Planted::UnknownLost, Fate::Unknown) => unsettled.push(call),
                (Planted::UnknownWritten, Fate::Unknown) => {
                    self.predict(call);
                    unsettled.push(call);
                }
                _ => self.judge(call, fate),
            }
        }
        // Asking again settles what was unknown.
        for call in unsettled.into_iter().filter(|call| call.reference.is_some()) {
            let fate = call.run(&self.programmes[call.program]).await;
            *self.met.entry(fate.word()).or_default() += 1;
            self.judge(call, &fate);
        }
        self.made.extend(calls);
        if self.rng.u8(0..3) == 0 {
            self.deliver().await;
        }
    }

    fn predict(&mut self, call: &Call) -> super::auditor::Prediction {
        let clock = crate::Clock::now(self.world.clock.as_ref());
        self.auditors[call.program].predict(call, clock)
    }

    fn judge(&mut self, call: &Call, fate: &Fate) {
        let predicted = self.predict(call);
        self.auditors[call.program].compare(call, &predicted, fate);
    }

    /// Every row against the auditor's, then the rows against themselves.
    async fn audit(&self) -> Copied {
        let copied = self.world.copied().await;
        for (programme, auditor) in self.programmes.iter().zip(&self.auditors) {
            let rows = copied.all::<Account>();
            let rows: Vec<_> = rows.iter().filter(|row| row.program == programme.id).collect();
            assert_eq!(rows.len(), auditor.books.sheets.len());
            let mut totals = BTreeMap::new();
            for row in rows {
                let sheet = &auditor.books.sheets[&row.id];
                assert_eq!((row.sums, row.version), (sheet.sums, sheet.version), "{row:?}");
                *totals.entry(row.asset).or_insert(0i128) += i128::from(row.sums.balance());
            }
            assert!(totals.values().all(|total| *total == 0), "{totals:?}");
            let references = copied.all::<Reference>().into_iter();
            let ours = references
                .filter(|row| row.program == programme.id && row.scope == "test/scope")
                .count();
            assert_eq!(ours, auditor.references());
            for (id, sheet) in &auditor.holds {
                let row = copied.one::<Hold>(|row| row.id == *id);
                let stored = (row.captured, row.remaining, row.state, row.expires_at);
                let should = (sheet.captured, sheet.remaining, sheet.state, sheet.expires_at);
                assert_eq!(stored, should, "{row:?}");
            }
        }
        self.world.verified().await;
        copied
    }
}

/// What a run left and what it met.
struct Ran {
    copied: Copied,
    met: BTreeMap<&'static str, u64>,
}

/// Runs a seed for as many groups of calls.
async fn run(seed: u64, groups: u64) -> Ran {
    let said = Seed(seed);
    let mut simulation = Simulation::start(seed).await;
    for group in 0..groups {
        simulation.step().await;
        if group % 16 == 0 {
            simulation.audit().await;
        }
    }
    simulation.settle_deliveries().await;
    let copied = simulation.audit().await;
    drop(said);
    Ran { copied, met: simulation.met }
}

#[cfg(test)]
mod tests;
