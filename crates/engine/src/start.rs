//! The engine: its parts, how it starts and stops, and how a verb is run.

use crate::admitted::{Admitted, By};
use crate::answers::Answers;
use crate::caller::Callers;
use crate::clock::Clock;
use crate::error::{Error, StartError};
use crate::job::{Job, Reply};
use crate::keyring::{INSTALLATION_PURPOSES, Keyring, ProgramKeys, make_key, open_key};
use crate::once::{Fingerprinted, Idempotent, Kept, Once, ReferenceName, Repeats};
use crate::program::keys::EnsureKeys;
use crate::queue::{Claim, Lane, Most, Queue, Waiting};
use crate::verb::{NotFound, Stop, Verb};
use crate::worker::Worker;
use domain::id::{ProgramId, ReferenceKey, ServerId};
use domain::key::WrappedKey;
use domain::stamp::Stamp;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use store::{Failed, Store};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};
use vault::lookup::LookupKey;
use vault::master::{MasterKey, Purpose};
use vault::random::Random;
use vault::token::TokenKey;

/// Bounds of the engine. The defaults suit one server.
#[derive(Clone, Copy, Debug)]
pub struct EngineOptions {
    /// Units that may wait at one time in each lane; more are answered "busy" at once.
    pub queue_bound: usize,
    /// Units of one commit.
    pub batch_max: usize,
    /// Whether a commit may not mix programmes, for a database that is spread by programme.
    pub one_program_per_commit: bool,
    /// How long a unit may wait for a worker before it is refused.
    pub queue_deadline: Duration,
    /// How long a caller waits for an answer before it is told that the outcome is unknown.
    pub answer_deadline: Duration,
    /// Workers, or what the store asks for.
    pub workers: Option<usize>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            queue_bound: 16_384,
            batch_max: 1_024,
            one_program_per_commit: false,
            queue_deadline: Duration::from_secs(5),
            answer_deadline: Duration::from_secs(15),
            workers: None,
        }
    }
}

/// Runs of a verb whose resolved rows had changed.
const STALE_RUNS_MAX: u32 = 4;

/// Everything a use case needs. Shared by all doors.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) keyring: Keyring,
    pub(crate) callers: Callers,
    /// Who this is among the servers of one store.
    pub(crate) server: ServerId,
    runner: Runner,
}

/// The queue, its workers, and the way back.
struct Runner {
    queue: Arc<Queue>,
    answers: Arc<Answers>,
    options: EngineOptions,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl Runner {
    fn start(store: &Arc<dyn Store>, options: EngineOptions) -> Result<Self, StartError> {
        // From here on dropping it stops the workers, should one of the next not start.
        let runner = Self::idle(options);
        if let Ok(callers) = Handle::try_current() {
            callers.spawn(runner.answers.serve());
        }
        let count = options.workers.unwrap_or_else(|| store.workers()).max(1);
        for number in 0..count {
            let worker = runner.worker(store);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(StartError::Worker)?;
            let thread = std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || runtime.block_on(worker.run()))
                .map_err(StartError::Worker)?;
            runner.workers.lock().expect("no panic holds it").push(thread);
        }
        Ok(runner)
    }

    /// Without a worker.
    fn idle(options: EngineOptions) -> Self {
        let programs = if options.one_program_per_commit { 1 } else { usize::MAX };
        let batch = Most { units: options.batch_max, programs };
        let queue = Arc::new(Queue::new(options.queue_bound, batch));
        Self { queue, answers: Arc::default(), options, workers: Mutex::default() }
    }

    fn worker(&self, store: &Arc<dyn Store>) -> Worker {
        Worker::new(Arc::clone(store), Arc::clone(&self.queue), Arc::clone(&self.answers))
    }

    /// What was taken is finished, what was not is refused. Blocks until the workers are done.
    fn stop(&self) {
        for waiting in self.queue.close() {
            waiting.unit.answer(Err(Failed::Stopped));
        }
        let workers = core::mem::take(&mut *self.workers.lock().expect("no panic holds it"));
        for worker in workers {
            if worker.join().is_err() {
                tracing::error!("a worker panicked");
            }
        }
        self.answers.stop();
    }

    /// Why nothing of a call was done that no worker has taken.
    fn untaken(&self, reference: Option<ReferenceKey>) -> Failed {
        match reference {
            Some(reference) if self.answers.under_way.has(reference) => Failed::Unknown,
            Some(_) | None => Failed::Busy,
        }
    }

    async fn run<V: Verb>(
        &self,
        store: &dyn Store,
        lane: Lane,
        mut job: Box<Job<V>>,
    ) -> Result<V::Answer, Error> {
        let EngineOptions { queue_deadline, answer_deadline, .. } = self.options;
        // One timer for both deadlines, since most calls are answered before either.
        let mut time = pin!(sleep(queue_deadline));
        let untaken = time.deadline();
        let longer = answer_deadline.saturating_sub(queue_deadline);
        let unanswered = untaken.checked_add(longer).unwrap_or(untaken);
        for _ in 0..STALE_RUNS_MAX {
            let (reference, mut reply) = (job.verb.reference(), job.ask());
            let claim = Claim::default();
            let waiting = Waiting { unit: job, claim: claim.clone(), reference };
            if let Err((_, failed)) = self.queue.push(lane, waiting) {
                return Err(failed.into());
            }
            let early = within(time.as_mut(), &mut reply).await;
            let reply = match early {
                Some(reply) => reply,
                // Nobody has taken it, and now nobody will.
                None if claim.win() => Reply::Failed(self.untaken(reference)),
                None => {
                    time.as_mut().reset(unanswered);
                    let late = within(time.as_mut(), &mut reply).await;
                    time.as_mut().reset(untaken);
                    late.unwrap_or(Reply::Failed(Failed::Unknown))
                }
            };
            match reply {
                Reply::Answer(answer) => return Ok(answer),
                Reply::Stopped(stop) => return Err(stopped(stop)),
                Reply::Failed(failed) => return Err(failed.into()),
                Reply::Stale(stale) => job = stale,
            }
            job.verb.resolve(store).await.map_err(|gone| match gone {
                NotFound::Gone => Error::NotFound,
                NotFound::Store(error) => Error::Store(error),
            })?;
        }
        Err(Error::Busy)
    }
}

/// The reply, if it comes before the time is over.
async fn within<V: Verb>(
    time: Pin<&mut Sleep>,
    reply: &mut oneshot::Receiver<Reply<V>>,
) -> Option<Reply<V>> {
    tokio::select! {
        biased;
        reply = reply => Some(reply.unwrap_or(Reply::Failed(Failed::Unknown))),
        () = time => None,
    }
}

fn stopped(stop: Stop) -> Error {
    match stop {
        Stop::Refused(refusal) => Error::Refused(refusal),
        Stop::Denied(denied) => Error::Denied(denied),
        Stop::Conflict => Error::Conflict,
        Stop::Stale => Error::Busy,
    }
}

impl Engine {
    /// Starts the workers, makes or opens the installation's keys, and refuses a wrong master key.
    pub async fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        master: MasterKey,
        options: EngineOptions,
    ) -> Result<Arc<Self>, StartError> {
        let runner = Runner::start(&store, options)?;
        Self::open(store, clock, random, master, runner).await
    }

    async fn open(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        master: MasterKey,
        runner: Runner,
    ) -> Result<Arc<Self>, StartError> {
        let opened =
            installation_keys(&runner, store.as_ref(), clock.as_ref(), random.as_ref(), &master);
        let (lookup, token) = opened.await?;
        let keyring = Keyring::new(master, lookup, token);
        let callers = Callers::default();
        let mut server = [0u8; 16];
        random.fill(&mut server).map_err(StartError::Random)?;
        let server = ServerId::from_bytes(server);
        Ok(Arc::new(Self { store, clock, random, keyring, callers, server, runner }))
    }

    /// Orderly: what a worker has taken is finished and answered, what waits is refused. Blocks.
    pub fn stop(&self) {
        self.runner.stop();
    }

    /// Whether the store answers, for readiness.
    pub async fn ready(&self) -> bool {
        self.store.counter(ProgramId::INSTALLATION).await.is_ok()
    }

    pub(crate) fn stamp(&self) -> Result<Stamp, Error> {
        let mut seed = [0u8; 8];
        self.random.fill(&mut seed).map_err(|_| Error::Internal("no random bytes"))?;
        Ok(Stamp::new(self.clock.now(), u64::from_le_bytes(seed)))
    }

    /// Runs a verb that asks nobody whether it may: the engine's own units.
    ///
    /// The verb is boxed here and not in the future: what a future is given, it carries through
    /// each of its moves, and it is moved into each future around it.
    pub(crate) fn run<V: Verb>(
        &self,
        program: ProgramId,
        verb: V,
    ) -> impl Future<Output = Result<V::Answer, Error>> + Send {
        let job = self.stamp().map(|stamp| Box::new(Job::new(program, stamp, verb)));
        async move { self.runner.run(self.store.as_ref(), Lane::Ordinary, job?).await }
    }

    /// Runs a verb for somebody.
    pub(crate) fn run_by<V: Verb>(
        &self,
        program: ProgramId,
        by: By,
        verb: V,
    ) -> impl Future<Output = Result<V::Answer, Error>> + Send {
        self.run(program, Admitted { by, verb })
    }

    /// Runs a verb for somebody exactly once, where a reference is given.
    pub(crate) fn run_once<V: Verb<Answer: Kept> + Fingerprinted>(
        &self,
        program: ProgramId,
        by: By,
        reference: Option<(ReferenceName, Repeats)>,
        verb: V,
    ) -> impl Future<Output = Result<Idempotent<V::Answer>, Error>> + Send {
        let begun = match (reference, self.keyring.cached(program)) {
            (Some((name, repeats)), Some(keys)) => {
                let once = self.once(program, &keys, name, repeats, verb);
                Ok(self.run_by(program, by, once))
            }
            (reference, _) => Err(Box::pin(self.run_rarely(program, by, reference, verb))),
        };
        async move {
            match begun {
                Ok(usual) => usual.await,
                Err(rare) => rare.await,
            }
        }
    }

    /// Without a reference, or before the programme's keys are in memory.
    async fn run_rarely<V: Verb<Answer: Kept> + Fingerprinted>(
        &self,
        program: ProgramId,
        by: By,
        reference: Option<(ReferenceName, Repeats)>,
        verb: V,
    ) -> Result<Idempotent<V::Answer>, Error> {
        let Some((name, repeats)) = reference else {
            return self.run_by(program, by, verb).await.map(Idempotent::Done);
        };
        let keys = self.program_keys(program).await?;
        self.run_by(program, by, self.once(program, &keys, name, repeats, verb)).await
    }

    fn once<V: Fingerprinted>(
        &self,
        program: ProgramId,
        keys: &ProgramKeys,
        name: ReferenceName,
        repeats: Repeats,
        verb: V,
    ) -> Once<V> {
        let fingerprint = keys.fingerprint.fingerprint(verb.canonical().as_bytes());
        Once { key: self.reference_key(program, &name), name, fingerprint, repeats, verb }
    }

    pub(crate) fn reference_key(&self, program: ProgramId, name: &ReferenceName) -> ReferenceKey {
        name.key(&self.keyring.lookup, program)
    }

    /// A programme's keys, from memory or the store.
    pub(crate) async fn program_keys(&self, program: ProgramId) -> Result<Arc<ProgramKeys>, Error> {
        if let Some(keys) = self.keyring.cached(program) {
            return Ok(keys);
        }
        let rows = self.store.keys(program).await?;
        match self.keyring.open(program, &rows) {
            Ok(Some(keys)) => Ok(keys),
            Ok(None) => Err(Error::NotFound),
            Err(_) => Err(Error::Internal("a programme's key does not open")),
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Makes what is missing, under the ids that follow from the purposes, so that two servers that
/// start at once end with the same keys; then opens what is stored.
async fn installation_keys(
    runner: &Runner,
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
    master: &MasterKey,
) -> Result<(LookupKey, TokenKey), StartError> {
    let program = ProgramId::INSTALLATION;
    let stored = keys_of(store, program).await?;
    let check = |rows: &[WrappedKey]| {
        rows.iter().find(|row| row.purpose == Purpose::Check.code()).map(|row| row.wrapped.clone())
    };
    if check(&stored).is_some_and(|value| !master.matches(&value)) {
        return Err(StartError::WrongMasterKey);
    }
    let now = clock.now();
    let mut wanted = vec![WrappedKey {
        id: crate::keyring::first_key_id(Purpose::Check),
        program,
        purpose: Purpose::Check.code(),
        wrapped: master.check_value().to_vec(),
        created_at: now,
    }];
    for purpose in INSTALLATION_PURPOSES {
        wanted.push(make_key(master, random, program, purpose, now)?);
    }
    wanted.retain(|key| !stored.iter().any(|row| row.purpose == key.purpose));
    if !wanted.is_empty() {
        let mut seed = [0u8; 8];
        random.fill(&mut seed).map_err(StartError::Random)?;
        let stamp = Stamp::new(now, u64::from_le_bytes(seed));
        let verb = EnsureKeys { keys: wanted };
        let run = runner.run(store, Lane::Ordinary, Box::new(Job::new(program, stamp, verb)));
        run.await.map_err(StartError::Store)?;
    }
    let stored = keys_of(store, program).await?;
    // Another server may have been first, with another master key.
    if !check(&stored).is_some_and(|value| master.matches(&value)) {
        return Err(StartError::WrongMasterKey);
    }
    let open = |purpose| {
        let key = open_key(master, &stored, purpose)?;
        key.map(|(_, key)| key).ok_or(StartError::Store(Error::Internal("a key is missing")))
    };
    Ok((LookupKey::new(open(Purpose::Lookup)?), TokenKey::new(open(Purpose::Token)?)))
}

async fn keys_of(store: &dyn Store, program: ProgramId) -> Result<Vec<WrappedKey>, StartError> {
    store.keys(program).await.map_err(|error| StartError::Store(Error::Store(error)))
}

#[cfg(any(test, feature = "here"))]
impl Engine {
    /// As [`Engine::start`], with the workers as tasks of the calling runtime.
    pub async fn start_here(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        master: MasterKey,
        options: EngineOptions,
    ) -> Result<Arc<Self>, StartError> {
        let runner = Runner::idle(options);
        for _ in 0..options.workers.unwrap_or(1) {
            tokio::spawn(runner.worker(&store).run());
        }
        Self::open(store, clock, random, master, runner).await
    }
}

#[cfg(test)]
mod tests;
