use super::{Engine, EngineOptions, STALE_RUNS_MAX};
use crate::error::{Error, StartError};
use crate::instruction::event;
use crate::once::Idempotent;
use crate::scenario::{
    Gate, Programme, TestClock, World, code, done, master, programme_of, quiet, seeded, tusdt,
};
use crate::transfer::Direction::In;
use crate::verb::{NotFound, Stop, Verb};
use domain::event::EventKind;
use domain::id::ProgramId;
use domain::stamp::Stamp;
use domain::time::Time;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::model::{Fault, Model};
use store::{BoxFuture, Scope, Store, StoreError, Wants};
use vault::master::MasterKey;

/// Long enough for everything, short enough to be waited for.
const MOMENT: Duration = Duration::from_millis(20);
const NEVER: Duration = Duration::from_secs(3_600);

async fn start(
    store: &Arc<dyn Store>,
    master: MasterKey,
    seed: u64,
) -> Result<Arc<Engine>, StartError> {
    let clock = Arc::new(TestClock::new());
    let options = EngineOptions::default();
    Engine::start_here(Arc::clone(store), clock, seeded(seed), master, options).await
}

/// A token of one engine, and whether another takes it and finds the programme by its name.
async fn agree(one: &Arc<Engine>, other: &Arc<Engine>, name: &str) {
    let programme = programme_of(one, name).await;
    let presented = programme.presented();
    let (token, _) = one.issue_token(&presented).await.unwrap();
    let identified = other.identify(&presented).await.unwrap();
    other.check_token(&presented, &identified, token.expose(), None).await.unwrap();
    assert_eq!(other.find_program(name).await.unwrap().unwrap().0.id, programme.id);
    let opened = other.api_secret(&programme.credential).await.unwrap();
    assert_eq!(opened.expose().len(), 32);
}

#[tokio::test]
async fn a_restart_finds_the_same_keys_and_refuses_another_master() {
    let store: Arc<dyn Store> = Arc::new(Model::new());
    let first = start(&store, master('0'), 1).await.unwrap();
    let seq = store.counter(ProgramId::INSTALLATION).await.unwrap().unwrap().seq;
    let second = start(&store, master('0'), 2).await.unwrap();
    assert_eq!(store.counter(ProgramId::INSTALLATION).await.unwrap().unwrap().seq, seq);
    agree(&first, &second, "one").await;
    agree(&second, &first, "two").await;
    let wrong = start(&store, master('1'), 3).await;
    assert!(matches!(wrong, Err(StartError::WrongMasterKey)));
    assert!(first.ready().await);
}

#[tokio::test]
async fn two_that_start_at_once_end_with_the_same_keys() {
    let store: Arc<dyn Store> = Arc::new(Model::new());
    let (one, other) = tokio::join!(start(&store, master('0'), 1), start(&store, master('0'), 2));
    agree(&one.unwrap(), &other.unwrap(), "one").await;
    assert_eq!(store.keys(ProgramId::INSTALLATION).await.unwrap().len(), 3);
    // With two masters one of them is wrong, whoever was first.
    let store: Arc<dyn Store> = Arc::new(Model::new());
    let (one, other) = tokio::join!(start(&store, master('0'), 1), start(&store, master('1'), 2));
    let wrong = |start: &Result<_, StartError>| matches!(start, Err(StartError::WrongMasterKey));
    assert_eq!(u8::from(wrong(&one)) + u8::from(wrong(&other)), 1);
}

#[tokio::test]
async fn a_start_that_fails_can_be_tried_again() {
    for fault in [Fault::Unavailable, Fault::UnknownLost, Fault::UnknownWritten] {
        let model = Model::new();
        model.faults().next(fault);
        let store: Arc<dyn Store> = Arc::new(model);
        assert!(matches!(start(&store, master('0'), 1).await, Err(StartError::Store(_))));
        let (one, other) =
            tokio::join!(start(&store, master('0'), 2), start(&store, master('0'), 3));
        agree(&one.unwrap(), &other.unwrap(), "one").await;
    }
}

/// A world with a programme that has money and a holder, and a gate that is closed.
async fn gated(options: EngineOptions) -> (World, Arc<Programme>) {
    let world = World::with(options).await;
    let programme = Arc::new(world.programme("one").await);
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 1_000).await;
    world.gate.forget_entered();
    world.gate.forget_batches();
    world.gate.close();
    (world, programme)
}

type Loading = tokio::task::JoinHandle<Result<Idempotent<crate::instruction::Receipt>, Error>>;

fn load(programme: &Arc<Programme>, reference: &'static str) -> Loading {
    let programme = Arc::clone(programme);
    tokio::spawn(async move { programme.load(In, "U1", tusdt(1), reference).await })
}

#[tokio::test]
async fn a_full_queue_says_busy_at_once() {
    let options = EngineOptions { queue_bound: 2, ..EngineOptions::default() };
    let (world, programme) = gated(options).await;
    let taken = load(&programme, "a");
    world.gate.entered().await;
    let (second, third, fourth) =
        (load(&programme, "b"), load(&programme, "c"), load(&programme, "d"));
    assert_eq!(code(fourth.await.unwrap()), "busy");
    world.gate.open();
    for call in [taken, second, third] {
        done(call.await.unwrap());
    }
    done(load(&programme, "d").await.unwrap());
    world.verified().await;
}

#[tokio::test]
async fn past_its_deadline_a_unit_is_refused_and_never_runs() {
    let options = EngineOptions { queue_deadline: MOMENT, ..EngineOptions::default() };
    let (world, programme) = gated(options).await;
    let taken = load(&programme, "a");
    world.gate.entered().await;
    // Nobody takes it while its programme is in flight.
    assert_eq!(code(load(&programme, "b").await.unwrap()), "busy");
    // What was taken is finished, though its time to be taken is over as well.
    world.gate.open();
    assert_eq!(done(taken.await.unwrap()).after_minor, 1);
    assert_eq!(done(load(&programme, "c").await.unwrap()).after_minor, 2);
    assert_eq!(world.gate.batches().concat().len(), 2);
    assert_eq!(done(load(&programme, "b").await.unwrap()).after_minor, 3);
    world.verified().await;
}

/// The first may do it yet, so it would be wrong to say that nothing was done.
#[tokio::test]
async fn who_repeats_a_call_under_way_is_told_so() {
    let options = EngineOptions { queue_deadline: MOMENT, ..EngineOptions::default() };
    let (world, programme) = gated(options).await;
    let taken = load(&programme, "a");
    world.gate.entered().await;
    for _ in 0..2 {
        assert!(matches!(load(&programme, "a").await.unwrap(), Err(Error::Unknown)));
        assert_eq!(code(load(&programme, "b").await.unwrap()), "busy");
    }
    world.gate.open();
    let first = done(taken.await.unwrap());
    let again = load(&programme, "a").await.unwrap().unwrap();
    assert!(matches!(again, Idempotent::AlreadyDone(receipt) if receipt == first));
    // It is under way no longer, and what was never taken never was.
    world.gate.forget_entered();
    world.gate.close();
    let other = load(&programme, "c");
    world.gate.entered().await;
    for reference in ["a", "b"] {
        assert_eq!(code(load(&programme, reference).await.unwrap()), "busy");
    }
    world.gate.open();
    done(other.await.unwrap());
    world.verified().await;
}

#[tokio::test]
async fn who_is_not_answered_in_time_asks_again() {
    let (queue_deadline, answer_deadline) = (MOMENT, 2 * MOMENT);
    let options = EngineOptions { queue_deadline, answer_deadline, ..EngineOptions::default() };
    let (world, programme) = gated(options).await;
    let taken = load(&programme, "a");
    world.gate.entered().await;
    assert!(matches!(taken.await.unwrap(), Err(Error::Unknown)));
    world.gate.open();
    let again = load(&programme, "a").await.unwrap().unwrap();
    assert!(matches!(again, Idempotent::AlreadyDone(receipt) if receipt.after_minor == 1));
    world.verified().await;
}

#[tokio::test]
async fn a_programme_in_flight_is_not_taken_by_another_worker() {
    let options = EngineOptions { workers: Some(2), ..EngineOptions::default() };
    let (world, one) = gated(options).await;
    world.gate.open();
    let two = Arc::new(world.programme("two").await);
    two.approved("U1").await;
    two.fund(two.reserve(), 10).await;
    let gate = &world.gate;
    gate.forget_entered();
    gate.forget_batches();
    gate.close();
    let first = load(&one, "a");
    gate.entered().await;
    let (second, beside) = (load(&one, "b"), load(&two, "a"));
    gate.entered().await;
    assert_eq!(gate.batches(), [[one.id], [two.id]]);
    gate.open();
    for call in [first, second, beside] {
        done(call.await.unwrap());
    }
    assert_eq!(gate.batches(), [[one.id], [two.id], [one.id]]);
    world.verified().await;
}

#[tokio::test]
async fn stopped_it_finishes_what_was_taken_and_refuses_the_rest() {
    let gate = Gate::new(Model::new());
    let store: Arc<dyn Store> = Arc::new(gate.clone());
    let clock = Arc::new(TestClock::new());
    let options = EngineOptions::default();
    let engine =
        Engine::start(Arc::clone(&store), clock, seeded(1), master('0'), options).await.unwrap();
    let programme = Arc::new(programme_of(&engine, "one").await);
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 10).await;
    gate.forget_entered();
    gate.close();
    let taken = load(&programme, "a");
    gate.entered().await;
    let waiting = load(&programme, "b");
    // Its turn to be queued comes before this thread goes on.
    tokio::task::yield_now().await;
    let stopping = {
        let engine = Arc::clone(&engine);
        tokio::task::spawn_blocking(move || engine.stop())
    };
    assert_eq!(code(waiting.await.unwrap()), "stopping");
    assert_eq!(code(load(&programme, "c").await.unwrap()), "stopping");
    gate.open();
    done(taken.await.unwrap());
    stopping.await.unwrap();
    // Twice is once.
    engine.stop();
    let mut snapshot = store.snapshot().await.unwrap();
    let verified = crate::verify::verify(snapshot.as_mut(), None, &mut quiet()).await;
    assert_eq!(verified.unwrap().instructions, 2);
}

/// What a run of [`Wobbly`] saw.
type Runs = Arc<Mutex<Vec<(Time, [u8; 16])>>>;

/// Finds that what it resolved has changed, so many times.
struct Wobbly {
    stale: u32,
    gone: Option<NotFound>,
    runs: Runs,
}

impl Verb for Wobbly {
    type Answer = ();

    fn reads(&self, _: &mut Wants<'_>) {}

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<(), Stop> {
        self.runs.lock().unwrap().push((stamp.clock(), stamp.id()));
        let subject = *scope.program().bytes();
        event(scope, stamp, EventKind::ProgramUpdated, subject);
        if self.stale > 0 { Err(Stop::Stale) } else { Ok(()) }
    }

    fn resolve<'a>(&'a mut self, _: &'a dyn Store) -> BoxFuture<'a, Result<(), NotFound>> {
        self.stale -= 1;
        let found = self.gone.take().map_or(Ok(()), Err);
        Box::pin(async { found })
    }
}

#[tokio::test]
async fn stale_is_resolved_and_queued_again_with_the_same_stamp_then_busy() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    for stale in 0..=STALE_RUNS_MAX {
        let runs = Runs::default();
        let verb = Wobbly { stale, gone: None, runs: Arc::clone(&runs) };
        let seq = programme.seq().await;
        let answer = world.engine.run(programme.id, verb).await;
        let runs = runs.lock().unwrap().clone();
        assert_eq!(runs.len(), usize::try_from(STALE_RUNS_MAX.min(stale + 1)).unwrap());
        assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
        // The first run and three more.
        if stale <= 3 {
            answer.unwrap();
            assert_eq!(programme.seq().await, seq + 1);
        } else {
            assert_eq!(code(answer), "busy");
            assert_eq!(programme.seq().await, seq);
        }
    }
    world.verified().await;
}

#[tokio::test]
async fn what_is_gone_when_looked_up_again_is_not_found() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let away = NotFound::Store(StoreError::Unavailable("away".into()));
    for (gone, told) in [(NotFound::Gone, "not found"), (away, "the store failed")] {
        let verb = Wobbly { stale: 1, gone: Some(gone), runs: Runs::default() };
        assert_eq!(code(world.engine.run(programme.id, verb).await), told);
    }
    world.verified().await;
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_its_unit_to_be_done() {
    let options = EngineOptions { queue_deadline: NEVER, ..EngineOptions::default() };
    let (world, programme) = gated(options).await;
    let calling = load(&programme, "a");
    world.gate.entered().await;
    calling.abort();
    assert!(calling.await.unwrap_err().is_cancelled());
    world.gate.open();
    let again = load(&programme, "a").await.unwrap().unwrap();
    assert!(matches!(again, Idempotent::AlreadyDone(_)));
    world.verified().await;
}
