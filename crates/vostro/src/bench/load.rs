//! The closed loop: each connection sends its next request when it has the last one's answer.

use super::draw::Draw;
use super::figures::{Kind, Tally};
use super::request::{Merchant, Request, token_request};
use super::response::{self, BadAnswer};
use super::server::Server;
use crate::clock;
use domain::secret::Secret;
use engine::Clock;
use gateway::access_log::Monotonic;
use serde::Deserialize;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The most that one measurement may have: each is a descriptor in either process.
pub const CONNECTIONS_MAX: i64 = 10_000;

/// An answer that takes longer than this ends the measurement.
const ANSWER_DEADLINE: Duration = Duration::from_secs(30);
/// Answers are smaller, so that one read takes one.
const BUFFER: usize = 4_096;
/// Cardholders are drawn the same way each time.
const SEED: u64 = 0x766f_7374_726f;

/// When a measurement ends. What is under way then is waited for.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    Time(Duration),
    /// So many requests were sent.
    Count(u64),
}

/// What the callers of one measurement may still begin.
pub struct Budget {
    /// On the monotonic clock.
    ends_at: Duration,
    left: AtomicU64,
}

impl Budget {
    pub fn new(until: Until, now: Duration) -> Self {
        let (ends_at, left) = match until {
            Until::Time(length) => (now + length, u64::MAX),
            Until::Count(count) => (Duration::MAX, count),
        };
        Self { ends_at, left: AtomicU64::new(left) }
    }

    /// Whether one more may be begun at this time.
    pub fn goes_on(&self, now: Duration) -> bool {
        let take = |left: u64| left.checked_sub(1);
        now < self.ends_at
            && self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

/// Of a hundred requests, how many repeat the connection's last transfer, and how many read.
#[derive(Clone, Copy, Default, Debug)]
pub struct Mix {
    pub duplicates: u32,
    pub reads: u32,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// Part of its transfers' numbers.
    number: u32,
    kind: Kind,
    connections: u32,
    until: Until,
    mix: Mix,
}

impl Stage {
    /// Of transfers alone.
    pub fn new(number: u32, kind: Kind, connections: u32, until: Until) -> Self {
        Self { number, kind, connections, until, mix: Mix::default() }
    }

    pub const fn mixed(self, mix: Mix) -> Self {
        Self { mix, ..self }
    }
}

/// What a request does to the store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    New,
    Repeat,
    Read,
}

/// What ends a connection.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("the connection broke")]
    Connection(#[from] std::io::Error),
    #[error("the server closed the connection")]
    Closed,
    #[error("the server's answer can't be read")]
    BadAnswer(#[from] BadAnswer),
    #[error("the server gave no token: {0}")]
    NoToken(String),
    #[error("an answer took longer than {} s", ANSWER_DEADLINE.as_secs())]
    Late,
}

/// A connection, and what was read of its answer.
struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

/// The status of an answer, and where its body stands.
type Answered = (u16, Range<usize>);

impl Line {
    async fn open(server: SocketAddr) -> Result<Self, LoadError> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(BUFFER) })
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answered, LoadError> {
        self.stream.write_all(request).await?;
        self.read.clear();
        loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(LoadError::Closed);
            }
            if let Some(answer) = response::read(&self.read)? {
                return Ok((answer.status, answer.body));
            }
            self.read.reserve(BUFFER);
        }
    }
}

/// What the connections of one measurement share.
struct Shared {
    clock: Arc<dyn Clock>,
    monotonic: Monotonic,
    budget: Budget,
    draw: Draw,
    mix: Mix,
    tally: Mutex<Tally>,
}

impl Shared {
    fn tell(&self, tell: impl FnOnce(&mut Tally)) {
        tell(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The merchants of a server, with their tokens.
pub struct Load {
    server: SocketAddr,
    merchants: Vec<Arc<Merchant>>,
    draw: Draw,
}

impl Load {
    /// Fetches a token for each merchant.
    pub async fn prepare(server: &Server, draw: Draw) -> Result<Self, LoadError> {
        let (address, host) = (server.address(), server.address().to_string());
        let mut merchants = Vec::new();
        let mut line = Line::open(address).await?;
        for api_key in server.api_keys() {
            let now = unix_ms(clock::clock().as_ref());
            let request = token_request(&host, server.base(), api_key, now);
            let (_, body) = line.exchange(request.as_bytes()).await?;
            let token = token(&line.read[body])?;
            let (host, base) = (host.clone(), server.base().to_owned());
            merchants.push(Arc::new(Merchant { host, base, api_key: api_key.clone(), token }));
        }
        Ok(Self { server: address, merchants, draw })
    }

    /// One measurement. All connections are open before the first request is sent.
    pub async fn run(&self, stage: &Stage) -> Result<Tally, LoadError> {
        let monotonic = clock::monotonic();
        let mut lines = Vec::new();
        for _ in 0..stage.connections {
            lines.push(Line::open(self.server).await?);
        }
        let shared = Arc::new(Shared {
            clock: clock::clock(),
            budget: Budget::new(stage.until, monotonic()),
            monotonic,
            draw: self.draw.clone(),
            mix: stage.mix,
            tally: Mutex::new(Tally::new()),
        });
        let mut tasks = JoinSet::new();
        for (connection, (line, merchant)) in (0..).zip(lines.into_iter().zip(self.each())) {
            let request = Request::new(merchant, stage.kind, stage.number, connection);
            let shared = Arc::clone(&shared);
            let merchant = Arc::clone(merchant);
            let rng = fastrand::Rng::with_seed(SEED ^ u64::from(connection));
            tasks.spawn(async move {
                if let Err(error) = drive(line, request, &merchant, rng, &shared).await {
                    shared.tell(|tally| tally.failed(error.to_string()));
                }
            });
        }
        wait(tasks, &shared).await?;
        let mut tally = shared.tally.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::replace(&mut *tally, Tally::new()))
    }

    /// The merchants in turns, without an end.
    fn each(&self) -> impl Iterator<Item = &Arc<Merchant>> {
        self.merchants.iter().cycle()
    }
}

/// One look per deadline, instead of a timer for each request: an answer that does not come is
/// noticed because nothing at all was answered between two looks.
async fn wait(mut tasks: JoinSet<()>, shared: &Shared) -> Result<(), LoadError> {
    let answers = || {
        let tally = shared.tally.lock().unwrap_or_else(PoisonError::into_inner);
        (tally.transfers(), tally.errors())
    };
    let mut before = answers();
    loop {
        match tokio::time::timeout(ANSWER_DEADLINE, tasks.join_next()).await {
            Ok(None) => return Ok(()),
            Ok(Some(_)) => {}
            Err(_) if answers() == before => return Err(LoadError::Late),
            Err(_) => before = answers(),
        }
    }
}

/// One connection until the measurement ends.
async fn drive(
    mut line: Line,
    mut request: Request,
    merchant: &Merchant,
    mut rng: fastrand::Rng,
    shared: &Shared,
) -> Result<(), LoadError> {
    let mut begun = (shared.monotonic)();
    // The holder and number of the last transfer, which a repeat has again.
    let mut last = None;
    let mut count = 0;
    while shared.budget.goes_on(begun) {
        let now = unix_ms(shared.clock.as_ref());
        let effect = effect(shared.mix, last.is_some(), &mut rng);
        let (status, body) = if effect == Effect::Read {
            let holder = shared.draw.next(&mut rng);
            line.exchange(&Request::read(merchant, now, holder)).await?
        } else {
            let new = effect == Effect::New;
            let fresh = (shared.draw.next(&mut rng), count);
            let (holder, number) = last.filter(|_| !new).unwrap_or(fresh);
            (last, count) = (Some((holder, number)), count + u64::from(new));
            line.exchange(request.fill(now, holder, number)).await?
        };
        let ended = (shared.monotonic)();
        let outcome = response::outcome(status, &line.read[body]);
        shared.tell(|tally| match outcome {
            Ok(()) => {
                tally.succeeded(ended.saturating_sub(begun));
                match effect {
                    Effect::New => {}
                    Effect::Repeat => tally.repeated(),
                    Effect::Read => tally.read(),
                }
            }
            Err(error) => tally.failed(error),
        });
        begun = ended;
    }
    Ok(())
}

fn effect(mix: Mix, can_repeat: bool, rng: &mut fastrand::Rng) -> Effect {
    if mix.duplicates == 0 && mix.reads == 0 {
        return Effect::New;
    }
    match rng.u32(..100) {
        drawn if drawn < mix.reads => Effect::Read,
        drawn if drawn < mix.reads + mix.duplicates && can_repeat => Effect::Repeat,
        _ => Effect::New,
    }
}

fn unix_ms(clock: &dyn Clock) -> u64 {
    u64::try_from(clock.now().unix_ms()).unwrap_or(0)
}

#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(default)]
    msg: String,
    data: Option<TokenData>,
}

#[derive(Deserialize)]
struct TokenData {
    access_token: String,
}

fn token(body: &[u8]) -> Result<Secret<String>, LoadError> {
    let answer: Result<TokenAnswer, _> = serde_json::from_slice(body);
    match answer {
        Ok(TokenAnswer { data: Some(data), .. }) => Ok(Secret::new(data.access_token)),
        Ok(TokenAnswer { msg, data: None }) => Err(LoadError::NoToken(msg)),
        Err(_) => Err(LoadError::NoToken("no envelope".to_owned())),
    }
}
