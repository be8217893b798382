//! The one queue in front of the workers.
//!
//! Its key is the programme: every unit takes its programme's counter, so two batches that share a
//! programme would only wait for each other in the store. A worker takes, lane by lane, all that
//! waits of the programmes that no batch in flight holds. Each lane is bounded by itself, so that
//! bulk work leaves room for authorizations; a full one says so at once.

use domain::id::{ProgramId, ReferenceKey};
use foldhash::fast::RandomState;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use store::{Failed, Unit};
use tokio::sync::Notify;

/// Which units go first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lane {
    /// Authorizations, which a merchant's terminal waits for.
    Authorization,
    Ordinary,
}

/// Decides between the worker that takes a unit and the caller that stops waiting for it, so that a
/// unit past its deadline is certain never to run.
#[derive(Clone, Default)]
pub(crate) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Whether the asker is the first to ask.
    pub(crate) fn win(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// A unit that waits, and the claim on it.
pub(crate) struct Waiting {
    pub unit: Box<dyn Unit>,
    pub claim: Claim,
    pub reference: Option<ReferenceKey>,
}

#[derive(Default)]
struct LaneState {
    programs: HashMap<ProgramId, VecDeque<Waiting>, RandomState>,
    /// Programmes with waiting units, longest waiting first.
    order: VecDeque<ProgramId>,
    waiting: usize,
}

type InFlight = HashSet<ProgramId, RandomState>;

#[derive(Default)]
struct State {
    authorization: LaneState,
    ordinary: LaneState,
    in_flight: InFlight,
    closed: bool,
}

/// The bounds of one batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    pub units: usize,
    /// A database that is spread over machines by programme commits on one machine only if this
    /// is one.
    pub programs: usize,
}

/// What a worker took: the units in order, and the programmes to give back.
pub(crate) struct Taken {
    pub units: Vec<Waiting>,
    pub programs: Vec<ProgramId>,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    ready: Notify,
    /// Units that may wait at one time in a lane.
    bound: usize,
    batch: Most,
}

impl LaneState {
    fn push(&mut self, waiting: Waiting) {
        let program = waiting.unit.program();
        let units = self.programs.entry(program).or_default();
        if units.is_empty() {
            self.order.push_back(program);
        }
        units.push_back(waiting);
        self.waiting += 1;
    }

    /// Takes what waits of programmes that are free or already part of `taken`.
    fn take(&mut self, in_flight: &InFlight, taken: &mut Taken, most: Most) {
        let mut kept = VecDeque::new();
        let mut cut_short = VecDeque::new();
        while let Some(program) = self.order.pop_front() {
            let ours = taken.programs.contains(&program);
            let room = most.units.saturating_sub(taken.units.len());
            let closed = taken.programs.len() >= most.programs || in_flight.contains(&program);
            if room == 0 || (closed && !ours) {
                kept.push_back(program);
                continue;
            }
            let Some(units) = self.programs.get_mut(&program) else {
                continue;
            };
            let count = units.len().min(room);
            taken.units.extend(units.drain(..count));
            self.waiting -= count;
            if units.is_empty() {
                self.programs.remove(&program);
            } else {
                cut_short.push_back(program);
            }
            if !ours {
                taken.programs.push(program);
            }
        }
        // Behind the others: a programme that fills every batch must not starve them.
        kept.append(&mut cut_short);
        self.order = kept;
    }
}

impl State {
    fn waits(&self) -> bool {
        self.authorization.waiting > 0 || self.ordinary.waiting > 0
    }

    fn take(&mut self, most: Most) -> Option<Taken> {
        let mut taken = Taken { units: Vec::new(), programs: Vec::new() };
        self.authorization.take(&self.in_flight, &mut taken, most);
        self.ordinary.take(&self.in_flight, &mut taken, most);
        if taken.units.is_empty() {
            return None;
        }
        self.in_flight.extend(taken.programs.iter().copied());
        Some(taken)
    }
}

impl Queue {
    pub(crate) fn new(bound: usize, batch: Most) -> Self {
        Self { state: Mutex::default(), ready: Notify::new(), bound, batch }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the queue")
    }

    /// Hands the unit back where it can't wait here.
    pub(crate) fn push(&self, lane: Lane, waiting: Waiting) -> Result<(), (Waiting, Failed)> {
        let mut state = self.state();
        if state.closed {
            return Err((waiting, Failed::Stopped));
        }
        let lane = match lane {
            Lane::Authorization => &mut state.authorization,
            Lane::Ordinary => &mut state.ordinary,
        };
        if lane.waiting >= self.bound {
            return Err((waiting, Failed::Busy));
        }
        lane.push(waiting);
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// Waits for work; `None` once the queue is closed.
    pub(crate) async fn take(&self) -> Option<Taken> {
        loop {
            {
                let mut state = self.state();
                if state.closed {
                    drop(state);
                    // Passes the word on to a worker that was between its look and its wait.
                    self.ready.notify_one();
                    return None;
                }
                if let Some(taken) = state.take(self.batch) {
                    let more = state.waits();
                    drop(state);
                    if more {
                        self.ready.notify_one();
                    }
                    return Some(taken);
                }
            }
            // A push between the look above and this wait left a permit behind, so none is missed.
            self.ready.notified().await;
        }
    }

    /// Gives programmes back after their batch was settled.
    pub(crate) fn release(&self, programs: &[ProgramId]) {
        let mut state = self.state();
        for program in programs {
            state.in_flight.remove(program);
        }
        let more = state.waits();
        drop(state);
        if more {
            self.ready.notify_one();
        }
    }

    /// Refuses what comes and hands back what nobody took; workers stop after their batch.
    pub(crate) fn close(&self) -> Vec<Waiting> {
        let mut state = self.state();
        state.closed = true;
        let mut left = Vec::new();
        let State { authorization, ordinary, .. } = &mut *state;
        for lane in [authorization, ordinary] {
            lane.order.clear();
            lane.waiting = 0;
            left.extend(lane.programs.drain().flat_map(|(_, units)| units));
        }
        drop(state);
        self.ready.notify_one();
        left
    }
}

#[cfg(test)]
mod tests;
