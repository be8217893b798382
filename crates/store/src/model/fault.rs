//! What goes wrong on purpose.

use crate::error::{Constraint, StoreError};
use domain::id::ProgramId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

/// What becomes of a commit, once its units were decided.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing is written: [`StoreError::Unavailable`].
    Unavailable,
    /// Nothing is written: [`StoreError::Contention`].
    Contention,
    /// Nothing is written: [`StoreError::Conflict`].
    Conflict(Constraint),
    /// Nothing is written: [`StoreError::Corrupt`].
    Corrupt,
    /// Everything is written, and the answer is [`StoreError::Unknown`].
    UnknownWritten,
    /// Nothing is written, and the answer is [`StoreError::Unknown`].
    UnknownLost,
}

#[derive(Default)]
struct Plan {
    next: VecDeque<Fault>,
    poisoned: BTreeMap<ProgramId, Fault>,
    met: u64,
}

/// The faults to come. Clones share one plan.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

impl Faults {
    /// The next commit that has no fault yet meets this one.
    pub fn next(&self, fault: Fault) {
        self.plan().next.push_back(fault);
    }

    /// As many commits as `times` meet this one, one after the other.
    pub fn repeat(&self, fault: Fault, times: usize) {
        self.plan().next.extend(core::iter::repeat_n(fault, times));
    }

    /// Every commit with a unit of this programme meets this one, until [`Faults::heal`].
    pub fn poison(&self, program: ProgramId, fault: Fault) {
        self.plan().poisoned.insert(program, fault);
    }

    /// Nothing more goes wrong.
    pub fn heal(&self) {
        let mut plan = self.plan();
        plan.next.clear();
        plan.poisoned.clear();
    }

    /// How many commits have met a fault so far.
    pub fn met(&self) -> u64 {
        self.plan().met
    }

    /// What becomes of a commit with units of these programmes.
    pub(super) fn take(&self, mut programs: impl Iterator<Item = ProgramId>) -> Option<Fault> {
        let mut plan = self.plan();
        let poison = programs.find_map(|program| plan.poisoned.get(&program).copied());
        let fault = poison.or_else(|| plan.next.pop_front());
        plan.met += u64::from(fault.is_some());
        fault
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().expect("nothing under this lock panics")
    }
}

/// The source of every fault that was planted.
#[derive(Debug, thiserror::Error)]
#[error("planted by a test")]
struct Planted;

impl Fault {
    pub(super) const fn writes(self) -> bool {
        matches!(self, Self::UnknownWritten)
    }

    pub(super) fn error(self) -> StoreError {
        match self {
            Self::Unavailable => StoreError::Unavailable(Box::new(Planted)),
            Self::Contention => StoreError::Contention,
            Self::Conflict(constraint) => StoreError::Conflict(constraint),
            Self::Corrupt => StoreError::Corrupt {
                table: crate::account::ACCOUNT.name,
                column: "kind",
                row: "(planted)".to_owned(),
                source: Box::new(Planted),
            },
            Self::UnknownWritten | Self::UnknownLost => StoreError::Unknown(Box::new(Planted)),
        }
    }
}
