//! A verb on its way through a batch: the stamp, the slot for its answer, and who waits for it.

use crate::transfer::seal::seal;
use crate::verb::{Stop, Verb};
use domain::id::ProgramId;
use domain::stamp::Stamp;
use domain::time::Time;
use store::{Failed, Scope, Unit, Verdict, Wants};
use tokio::sync::oneshot;

/// What the waiting caller gets.
pub(crate) enum Reply<V: Verb> {
    Answer(V::Answer),
    Stopped(Stop),
    /// The verb comes back, to be resolved and queued again with the same stamp.
    Stale(Box<Job<V>>),
    Failed(Failed),
}

/// A verb, queued.
pub(crate) struct Job<V: Verb> {
    program: ProgramId,
    stamp: Stamp,
    pub verb: V,
    /// Filled by the last run; empty after a panic.
    result: Option<Result<V::Answer, Stop>>,
    /// Who is told, once.
    waiting: Option<oneshot::Sender<Reply<V>>>,
}

impl<V: Verb> Job<V> {
    pub(crate) const fn new(program: ProgramId, stamp: Stamp, verb: V) -> Self {
        Self { program, stamp, verb, result: None, waiting: None }
    }

    /// Where the reply to the next run of a batch comes.
    pub(crate) fn ask(&mut self) -> oneshot::Receiver<Reply<V>> {
        let (waiting, reply) = oneshot::channel();
        self.waiting = Some(waiting);
        reply
    }
}

impl<V: Verb> Unit for Job<V> {
    fn program(&self) -> ProgramId {
        self.program
    }

    fn reads(&self, wants: &mut Wants<'_>) {
        self.verb.reads(wants);
    }

    fn run(&mut self, scope: &mut Scope<'_>, last: Time) -> Verdict {
        self.result = None;
        self.stamp.rewind();
        scope.record_at(self.stamp.clock().max(last));
        let result = self.verb.decide(scope, &mut self.stamp);
        if result.is_ok() {
            seal(scope);
        }
        let verdict = match &result {
            Ok(_) => Verdict::Applied,
            Err(Stop::Stale) => Verdict::Stale,
            Err(Stop::Refused(_) | Stop::Denied(_) | Stop::Conflict) => Verdict::Refused,
        };
        self.result = Some(result);
        verdict
    }

    fn undone(&mut self) {
        self.result = None;
    }

    fn answer(mut self: Box<Self>, outcome: Result<(), Failed>) {
        let Some(waiting) = self.waiting.take() else { return };
        let reply = match (outcome, self.result.take()) {
            (Err(failed), _) => Reply::Failed(failed),
            (Ok(()), Some(Ok(answer))) => Reply::Answer(answer),
            (Ok(()), Some(Err(Stop::Stale))) => Reply::Stale(self),
            (Ok(()), Some(Err(stop))) => Reply::Stopped(stop),
            (Ok(()), None) => Reply::Failed(Failed::Internal),
        };
        // A caller that has gone away asks again with its reference.
        let _ = waiting.send(reply);
    }
}
