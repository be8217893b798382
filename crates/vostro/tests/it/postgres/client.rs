//! A merchant that knows several servers: who is not answered by one asks the next, with the same
//! number, until the answer is there.

use super::site::HOLDERS;
use crate::books::Asked;
use crate::http::Answer;
use crate::merchant::{Merchant, code};
use crate::server::Service;
use fastrand::Rng;
use serde_json::Value;
use std::io;
use std::ops::AddAssign;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SYSTEM_ERROR: i64 = 1001;

/// Nobody waits longer for anything. A machine that is busy with other tests needs some of it.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// Where each server listens now.
pub struct Front(Vec<Mutex<String>>);

impl Front {
    pub fn of(servers: &[Service]) -> Arc<Self> {
        Arc::new(Self(servers.iter().map(|server| Mutex::new(server.public())).collect()))
    }

    pub fn servers(&self) -> usize {
        self.0.len()
    }

    pub fn address(&self, server: usize) -> String {
        self.0[server].lock().unwrap().clone()
    }

    /// After a server was started anew.
    pub fn moved(&self, server: usize, address: String) {
        *self.0[server].lock().unwrap() = address;
    }
}

/// What an answer is to somebody who may ask again.
#[derive(Debug)]
pub enum Said {
    Done(Value),
    /// Nothing happened.
    Retry,
    /// It may have happened.
    Unknown,
    /// The connection broke: the same, without words.
    Lost,
}

impl Said {
    /// Fails on what is none of these: none of the tests' calls has a business reason to be
    /// refused, and a fault of the database must not be told as one, nor as one of ours.
    pub fn of(answer: io::Result<Answer>) -> Self {
        let Ok(answer) = answer else { return Self::Lost };
        let json = answer.json();
        let text = json["msg"].as_str().unwrap_or_default();
        match code(&json) {
            0 => Self::Done(json),
            SYSTEM_ERROR if text.contains("outcome unknown") => Self::Unknown,
            SYSTEM_ERROR if answer.header("retry-after").is_some() => Self::Retry,
            _ => panic!("neither done nor to be asked again: {}\n{json}", answer.head),
        }
    }
}

/// How often somebody had to ask again.
#[derive(Clone, Copy, Default, Debug)]
pub struct Tally {
    pub retry: u64,
    pub unknown: u64,
    pub lost: u64,
}

impl Tally {
    fn count(&mut self, said: &Said) {
        match said {
            Said::Done(_) => {}
            Said::Retry => self.retry += 1,
            Said::Unknown => self.unknown += 1,
            Said::Lost => self.lost += 1,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.retry += other.retry;
        self.unknown += other.unknown;
        self.lost += other.lost;
    }
}

/// Does it once for each number, all at the same time.
pub fn each<T: Send>(count: usize, ask: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let ask = &ask;
        let clients: Vec<_> = (0..count).map(|client| scope.spawn(move || ask(client))).collect();
        clients.into_iter().map(|client| client.join().expect("no client panics")).collect()
    })
}

pub struct Client {
    front: Arc<Front>,
    /// One for each server.
    merchants: Vec<Merchant>,
    /// The server that is asked next.
    next: usize,
    pub tally: Tally,
}

impl Client {
    /// With a token of the merchant's. Begins with a server of the caller's choice.
    pub fn new(front: &Arc<Front>, merchant: &Merchant, next: usize) -> Self {
        let merchants = (0..front.servers()).map(|_| merchant.again()).collect();
        Self { front: Arc::clone(front), merchants, next, tally: Tally::default() }
    }

    /// Asks a server once.
    pub fn once(&mut self, server: usize, method: &str, path: &str, body: &str) -> Said {
        let (address, merchant) = (self.front.address(server), &mut self.merchants[server]);
        if merchant.address() != address {
            merchant.follow(&address);
        }
        let said = Said::of(merchant.raw(method, path, body));
        self.tally.count(&said);
        said
    }

    /// Asks a server until it is done.
    pub fn until_done_at(&mut self, server: usize, method: &str, path: &str, body: &str) -> Value {
        let begun = Instant::now();
        loop {
            if let Said::Done(answer) = self.once(server, method, path, body) {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "for ever: {path} {body} {:?}", self.tally);
        }
    }

    /// A transfer of one server alone.
    pub fn transfer_at(&mut self, server: usize, asked: &Asked) -> Value {
        self.until_done_at(server, "POST", "/account/transfer", &asked.body())
    }

    /// Asks a server for transfers, each number once, until one is not done; all it was told.
    /// `done` hears of each that is.
    pub fn while_done(
        &mut self,
        server: usize,
        rng: &mut Rng,
        name: &str,
        mut done: impl FnMut(),
    ) -> Vec<(Asked, Said)> {
        let mut told = Vec::new();
        loop {
            let asked = Asked::random(rng, &HOLDERS, format!("{name}_{}", told.len()));
            let said = self.once(server, "POST", "/account/transfer", &asked.body());
            let ended = !matches!(said, Said::Done(_));
            told.push((asked, said));
            if ended {
                return told;
            }
            done();
        }
    }

    /// Asks one server once, and the next one the next time.
    pub fn in_turn(&mut self, asked: &Asked) -> (usize, Said) {
        let server = self.next;
        self.next = (server + 1) % self.merchants.len();
        (server, self.once(server, "POST", "/account/transfer", &asked.body()))
    }

    /// A transfer of server after server.
    pub fn transfer(&mut self, asked: &Asked) -> Value {
        let begun = Instant::now();
        loop {
            if let (_, Said::Done(answer)) = self.in_turn(asked) {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "for ever: {asked:?} {:?}", self.tally);
        }
    }
}
