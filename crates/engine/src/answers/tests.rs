use super::{Answers, Units};
use crate::scenario::Hears;
use domain::id::{ProgramId, ReferenceKey};
use std::sync::Arc;
use std::thread::{self, ThreadId};
use store::{Failed, Unit};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a caller is told, and by which thread.
type Told = (u8, Result<(), Failed>, ThreadId);

struct Callers {
    answers: Arc<Answers>,
    to: UnboundedSender<Told>,
    told: UnboundedReceiver<Told>,
}

impl Callers {
    fn new() -> Self {
        let (to, told) = unbounded_channel();
        Self { answers: Arc::default(), to, told }
    }

    fn units(&self, numbers: &[u8]) -> Units {
        let unit = |number: &u8| -> Box<dyn Unit> {
            let (number, to) = (*number, self.to.clone());
            let answer = move |outcome| to.send((number, outcome, thread::current().id())).unwrap();
            Box::new(Hears { program: ProgramId::from_bytes([1; 16]), answer })
        };
        numbers.iter().map(unit).collect()
    }

    /// As a worker does, on a thread of its own, which is over when this returns.
    fn settle(&self, numbers: &[u8], outcome: Result<(), Failed>) -> ThreadId {
        let (answers, units) = (Arc::clone(&self.answers), self.units(numbers));
        let worker = thread::spawn(move || {
            answers.settled(units, outcome);
            thread::current().id()
        });
        worker.join().unwrap()
    }

    /// What was told by now.
    fn told(&mut self) -> Vec<Told> {
        std::iter::from_fn(|| self.told.try_recv().ok()).collect()
    }
}

const DONE: Result<(), Failed> = Ok(());
const BUSY: Result<(), Failed> = Err(Failed::Busy);

fn reference(number: u8) -> ReferenceKey {
    ReferenceKey::from_bytes([number; 16])
}

#[tokio::test]
async fn callers_are_told_on_their_own_thread_in_the_order_of_batches() {
    let mut callers = Callers::new();
    let task = tokio::spawn(callers.answers.serve());
    callers.settle(&[1, 2], DONE);
    callers.settle(&[3], BUSY);
    assert!(callers.told().is_empty(), "nobody else tells them");
    let here = thread::current().id();
    for expected in [(1, DONE), (2, DONE), (3, BUSY)] {
        let (number, outcome, by) = callers.told.recv().await.unwrap();
        assert_eq!((number, outcome), expected);
        assert_eq!(by, here);
    }
    // The task waits by now, and is woken.
    callers.settle(&[4], DONE);
    assert_eq!(callers.told.recv().await, Some((4, DONE, here)));
    callers.answers.stop();
    task.await.unwrap();
}

#[tokio::test]
async fn a_reference_is_under_way_until_its_callers_were_told() {
    let mut callers = Callers::new();
    let answers = Arc::clone(&callers.answers);
    let task = tokio::spawn(answers.serve());
    answers.under_way.begin(&[reference(1), reference(2)]);
    callers.settle(&[1], DONE);
    answers.ended(vec![reference(1)]);
    assert!(answers.under_way.has(reference(1)), "its caller was not told yet");
    assert!(callers.told.recv().await.is_some());
    answers.stop();
    task.await.unwrap();
    assert!(!answers.under_way.has(reference(1)));
    assert!(answers.under_way.has(reference(2)));
}

#[test]
fn without_a_task_the_worker_tells_them() {
    let mut callers = Callers::new();
    let worker = callers.settle(&[1, 2], BUSY);
    assert_eq!(callers.told(), [(1, BUSY, worker), (2, BUSY, worker)]);
    callers.answers.under_way.begin(&[reference(1)]);
    callers.answers.ended(vec![reference(1)]);
    assert!(!callers.answers.under_way.has(reference(1)));
}

#[tokio::test]
async fn who_stops_it_tells_the_rest() {
    let mut callers = Callers::new();
    let task = tokio::spawn(callers.answers.serve());
    callers.settle(&[1], DONE);
    let answers = Arc::clone(&callers.answers);
    let stopper = thread::spawn(move || {
        answers.stop();
        thread::current().id()
    });
    let stopper = stopper.join().unwrap();
    assert_eq!(callers.told(), [(1, DONE, stopper)]);
    let worker = callers.settle(&[2], DONE);
    assert_eq!(callers.told(), [(2, DONE, worker)]);
    task.await.unwrap();
}

#[test]
fn a_runtime_that_ends_leaves_nobody_untold() {
    let mut callers = Callers::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.spawn(callers.answers.serve());
    callers.settle(&[1, 2], DONE);
    assert!(callers.told().is_empty());
    drop(runtime);
    let here = thread::current().id();
    assert_eq!(callers.told(), [(1, DONE, here), (2, DONE, here)]);
    let worker = callers.settle(&[3], DONE);
    assert_eq!(callers.told(), [(3, DONE, worker)]);
}
