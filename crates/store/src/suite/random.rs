//! Random commands from a seed: the same commands must leave the same rows in any store, in
//! batches of any sizes, with commits that fail and are run again, across reopening.

use super::Backend;
use super::harness::{Book, Harness, START, cardholder, hold, program};
use super::steps::{Leg, Reserve};
use super::work::{Told, Work};
use core::time::Duration;
use domain::account::AccountKey;
use domain::cardholder::{Cardholder, CardholderStatus, Identity};
use domain::hold::{Completion, LIFE_MAX};
use domain::id::{AccountId, BlindKey, ProgramId};
use domain::program::{DuplicatePolicy, Environment, Mode, ProgramStatus, Settings};
use domain::stamp::Stamp;
use domain::time::Time;
use fastrand::Rng;
use std::collections::BTreeMap;

/// One unit's task.
#[derive(Clone, Debug)]
enum Task {
    Open(AccountKey, Option<i64>),
    Legs(Vec<Leg>),
    Hold(Reserve),
    Capture(Reserve, i64, Completion),
    Void(Reserve),
    Expire(Reserve),
    Declined(AccountId, i64),
    Cardholder(Cardholder),
    Settings(Settings),
    Nothing,
}

/// What becomes of it after its task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Twist {
    None,
    Refused,
    Stale,
    Panics,
}

/// One unit, to be made anew for each run.
#[derive(Clone, Debug)]
struct Command {
    program: ProgramId,
    stamp: Stamp,
    reference: Option<(String, u8)>,
    tasks: Vec<Task>,
    twist: Twist,
}

impl Command {
    fn work(&self) -> Work {
        let start = Work::new(self.program, self.stamp);
        let work = self.tasks.iter().cloned().fold(start, |work, task| match task {
            Task::Open(key, floor) => work.open(key, floor),
            Task::Legs(legs) => work.legs(&legs),
            Task::Hold(wish) => work.hold(wish),
            Task::Capture(of, minor, completion) => work.capture(&of, minor, completion),
            Task::Void(of) => work.void(&of),
            Task::Expire(of) => work.expire(&of),
            Task::Declined(account, minor) => work.declined(account, minor),
            Task::Cardholder(row) => work.set(row),
            Task::Settings(row) => work.set(row),
            Task::Nothing => work,
        });
        let work = match self.twist {
            Twist::None => work,
            Twist::Refused => work.refuse(),
            Twist::Stale => work.stale(),
            Twist::Panics => work.panics(),
        };
        match &self.reference {
            Some((text, content)) => work.once(text, *content),
            None => work,
        }
    }
}

/// Draws commands; what it draws depends on the seed and on nothing that a store answers.
struct Dice {
    rng: Rng,
    now: Time,
    programs: Vec<[Book; 2]>,
    /// By programme; many were refused.
    holds: BTreeMap<ProgramId, Vec<Reserve>>,
}

impl Dice {
    fn new(seed: u64) -> Self {
        let books = |number| ["USD", "JPY"].map(|code| Book::of(program(number), code));
        Self {
            rng: Rng::with_seed(seed),
            now: START,
            programs: (1..=3).map(books).collect(),
            holds: BTreeMap::new(),
        }
    }

    fn one_in(&mut self, times: u32) -> bool {
        self.rng.u32(0..times) == 0
    }

    fn amount(&mut self) -> i64 {
        match self.rng.u32(0..40) {
            0 => i64::MAX,
            1 => self.rng.i64(1..i64::MAX),
            2..6 => self.rng.i64(1..100_000),
            _ => self.rng.i64(1..200),
        }
    }

    fn account(&mut self, book: &Book) -> AccountId {
        let all = [book.external, book.reserve, book.settlement, book.alice, book.bob];
        all[self.rng.usize(0..all.len())]
    }

    /// Mostly in one asset, mostly two accounts.
    fn leg(&mut self, books: &[Book; 2]) -> Leg {
        let book = books[self.rng.usize(0..2)];
        let other = if self.one_in(30) { books[0] } else { book };
        let funding = self.one_in(3);
        Leg {
            debit: if funding { book.external } else { self.account(&book) },
            credit: self.account(&other),
            minor: self.amount(),
            conversion: None,
        }
    }

    fn reserve(&mut self, number: u8, books: &[Book; 2]) -> Reserve {
        let leg = self.leg(books);
        let life = Duration::from_micros(self.rng.u64(0..10_000_000));
        let life = if self.one_in(20) { LIFE_MAX * 2 } else { life };
        Reserve {
            id: hold(number),
            debit: leg.debit,
            credit: leg.credit,
            minor: leg.minor,
            expires_at: self.now.plus(life),
        }
    }

    fn task(&mut self, books: &[Book; 2]) -> Task {
        let program = books[0].program;
        let holds = self.holds.get(&program).map_or(&[][..], Vec::as_slice);
        // The newest ones: older ones have mostly ended.
        let recent = &holds[holds.len().saturating_sub(8)..];
        let known = self.rng.choice(recent).copied();
        match (self.rng.u32(0..24), known) {
            (0 | 1, _) => self.open(books),
            (2..6, _) => self.hold(books),
            (6..10, Some(of)) => {
                let completions = [Completion::Partial, Completion::Final];
                Task::Capture(of, self.amount(), completions[self.rng.usize(0..2)])
            }
            (10 | 11, Some(of)) => Task::Void(of),
            (12..15, Some(of)) => Task::Expire(of),
            (15, _) => Task::Declined(self.account(&books[0]), self.amount()),
            (16, _) => Task::Cardholder(self.cardholder(program)),
            (17, _) => Task::Settings(self.settings(program)),
            (18, _) if self.one_in(4) => Task::Nothing,
            _ => {
                let count = if self.one_in(5) { self.rng.usize(2..5) } else { 1 };
                Task::Legs((0..count).map(|_| self.leg(books)).collect())
            }
        }
    }

    fn open(&mut self, books: &[Book; 2]) -> Task {
        let keys = books[self.rng.usize(0..2)].keys();
        let key = keys[self.rng.usize(0..keys.len())];
        let floor = if self.one_in(3) { Some(-500) } else { key.kind.default_floor() };
        Task::Open(key, floor)
    }

    /// Few ids, so that some are placed twice and some in two programmes.
    fn hold(&mut self, books: &[Book; 2]) -> Task {
        let number = self.rng.u8(0..=255);
        let wish = self.reserve(number, books);
        self.holds.entry(books[0].program).or_default().push(wish);
        Task::Hold(wish)
    }

    fn cardholder(&mut self, program: ProgramId) -> Cardholder {
        let number = self.rng.u8(0..10);
        let statuses = CardholderStatus::ALL;
        Cardholder {
            id: cardholder(number),
            program,
            number: format!("U{number}"),
            unique_number: self.rng.bool().then(|| "Ü".repeat(usize::from(number))),
            status: statuses[self.rng.usize(0..statuses.len())],
            identity: self.identity(),
            version: self.rng.u64(1..100),
            created_at: self.now,
        }
    }

    fn identity(&mut self) -> Option<Identity> {
        self.rng.bool().then(|| Identity {
            sealed: vec![self.rng.u8(0..=255); self.rng.usize(0..40)],
            phone: BlindKey::from_bytes([self.rng.u8(0..=255); 16]),
            document: BlindKey::from_bytes([self.rng.u8(0..=255); 16]),
        })
    }

    fn settings(&mut self, program: ProgramId) -> Settings {
        Settings {
            program,
            status: ProgramStatus::ALL[self.rng.usize(0..ProgramStatus::ALL.len())],
            environment: Environment::ALL[self.rng.usize(0..Environment::ALL.len())],
            mode: Mode::ALL[self.rng.usize(0..Mode::ALL.len())],
            duplicate: DuplicatePolicy::ALL[self.rng.usize(0..DuplicatePolicy::ALL.len())],
            version: self.rng.u64(1..100),
            created_at: self.now,
        }
    }

    fn command(&mut self, number: u64) -> Command {
        let books = self.programs[self.rng.usize(0..self.programs.len())];
        // Clocks of several servers: mostly forwards.
        self.now = self.now.plus(Duration::from_micros(self.rng.u64(0..100_000)));
        let back = if self.one_in(10) { self.rng.i64(0..500_000) } else { 0 };
        let clock = Time::from_unix_us(self.now.unix_us() - back);
        let tasks = if self.one_in(6) { self.rng.usize(2..4) } else { 1 };
        let twist = match self.rng.u32(0..60) {
            0..3 => Twist::Refused,
            3 => Twist::Stale,
            4 => Twist::Panics,
            _ => Twist::None,
        };
        let named = self.one_in(2);
        let reference = named.then(|| {
            let text = format!("reference {}", self.rng.u32(0..300));
            (text, u8::from(self.one_in(5)))
        });
        Command {
            program: books[0].program,
            stamp: Stamp::new(clock, number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            reference,
            tasks: (0..tasks).map(|_| self.task(&books)).collect(),
            twist,
        }
    }
}

/// Says the seed when a check fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("random commands from seed {}", self.0);
        }
    }
}

/// What a store made of the commands.
struct Played {
    told: Vec<Told>,
    dump: String,
}

/// Runs the commands in batches of random sizes, and audits what they leave.
async fn play(commands: &[Command], mut rng: Rng, backend: Box<dyn Backend>) -> Played {
    let mut harness = Harness::open(backend).await;
    let (mut told, mut rest) = (Vec::new(), commands);
    while !rest.is_empty() {
        let longest = if rng.u32(0..4) == 0 { 100 } else { 10 };
        let (batch, after) = rest.split_at(rng.usize(1..=longest).min(rest.len()));
        let works = || batch.iter().map(Command::work).collect();
        match rng.u32(0..40) {
            0 => harness.reopen().await,
            1 => harness.drop_writer(),
            2 => {
                harness.fail_next_commit();
                let (result, _) = harness.try_commit(works()).await;
                assert!(result.is_err(), "a planted failure is an error");
            }
            _ => {}
        }
        told.extend(harness.commit(works()).await);
        rest = after;
    }
    harness.audit().await;
    let dump = harness.dump().await;
    Played { told, dump }
}

/// Gives two stores the same random commands, and compares every answer and every row.
///
/// # Panics
/// Where they differ; the seed is printed, and draws the same commands again.
pub async fn twins(seed: u64, count: u64, left: Box<dyn Backend>, right: Box<dyn Backend>) {
    let _seed = Seed(seed);
    let mut dice = Dice::new(seed);
    let commands: Vec<Command> = (1..=count).map(|number| dice.command(number)).collect();
    let one = play(&commands, Rng::with_seed(seed ^ 1), left).await;
    let other = play(&commands, Rng::with_seed(seed ^ 2), right).await;
    for (at, command) in commands.iter().enumerate() {
        assert_eq!(one.told[at], other.told[at], "command {at}: {command:?}");
    }
    for (line, twin) in one.dump.lines().zip(other.dump.lines()) {
        assert_eq!(line, twin);
    }
    assert_eq!(one.dump.len(), other.dump.len(), "one dump goes on");
}

#[cfg(test)]
mod tests;
