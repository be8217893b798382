//! Answers on their way back, a batch at a time.
//!
//! Callers are told by a task of the runtime that they wait on, which takes what a worker has
//! settled in one go: the worker wakes one task and not each caller from another thread, frees
//! nothing that was made there, and goes on with its next batch. Where that task is not, since its
//! runtime has ended or nobody started it, the worker tells them itself. If it stops before all are
//! told, whoever ends it tells the rest.

use crate::under_way::UnderWay;
use domain::id::ReferenceKey;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard};
use store::{Failed, Unit};
use tokio::sync::Notify;

pub(crate) type Units = Vec<Box<dyn Unit>>;

/// What a worker reports.
enum Report {
    Settled(Units, Result<(), Failed>),
    /// These are answered by now.
    Ended(Vec<ReferenceKey>),
}

#[derive(Default)]
struct State {
    reports: Vec<Report>,
    /// Whether there is a task that takes them.
    served: bool,
}

#[derive(Default)]
pub(crate) struct Answers {
    state: Mutex<State>,
    ready: Notify,
    /// Of units that were taken and not answered.
    pub under_way: UnderWay,
}

impl Answers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the answers")
    }

    /// Tells these callers their outcome.
    pub(crate) fn settled(&self, units: Units, outcome: Result<(), Failed>) {
        self.report(Report::Settled(units, outcome));
    }

    /// Ends these references, behind what was settled before.
    pub(crate) fn ended(&self, references: Vec<ReferenceKey>) {
        if !references.is_empty() {
            self.report(Report::Ended(references));
        }
    }

    fn report(&self, report: Report) {
        let mut state = self.state();
        if state.served {
            state.reports.push(report);
            drop(state);
            self.ready.notify_one();
        } else {
            drop(state);
            self.tell(report);
        }
    }

    fn tell(&self, report: Report) {
        match report {
            Report::Settled(units, outcome) => {
                units.into_iter().for_each(|unit| unit.answer(outcome));
            }
            Report::Ended(references) => self.under_way.end(&references),
        }
    }

    /// The task. From this call on there is one, until its future is dropped or
    /// [`Answers::stop`] is called.
    pub(crate) fn serve(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        self.state().served = true;
        let serving = Serving(Arc::clone(self));
        async move {
            let answers = &serving.0;
            loop {
                let (reports, served) = {
                    let mut state = answers.state();
                    (core::mem::take(&mut state.reports), state.served)
                };
                if !reports.is_empty() {
                    reports.into_iter().for_each(|report| answers.tell(report));
                } else if served {
                    // A report between the look above and this wait left a permit behind.
                    answers.ready.notified().await;
                } else {
                    break;
                }
            }
        }
    }

    /// Tells on the caller's thread what is not told yet, and ends the task.
    pub(crate) fn stop(&self) {
        let left = {
            let mut state = self.state();
            state.served = false;
            core::mem::take(&mut state.reports)
        };
        left.into_iter().for_each(|report| self.tell(report));
        self.ready.notify_one();
    }
}

/// However the task ends, nothing is left untold.
struct Serving(Arc<Answers>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests;
