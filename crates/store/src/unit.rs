//! Units of work: what they read, how they run in a batch, and what they may touch.
//!
//! Phases of a batch, in every backend:
//! 1. gather: each unit names its keys ([`Rows::gather`]); its programme's counter is always one.
//! 2. load: the backend fills every wanted key, locked in [`Rows::visit`]'s order.
//! 3. decide: [`Rows::decide`] runs the units in order; a refused one is undone in memory.
//! 4. persist: the backend writes what changed and commits durably, once.
//!
//! If it stops before the commit returned, nothing happened or the outcome is unknown; the callers
//! are answered after it. If a unit is asked twice, its reference's row, loaded in phase 2, says
//! so.

use crate::error::{Failed, StoreError};
use crate::query::BoxFuture;
use crate::rows::{Keyed, Logged, Mark, Rows};
use domain::account::Account;
use domain::id::{AccountId, ProgramId, ReferenceKey};
use domain::program::Counter;
use domain::reference::Reference;
use domain::time::Time;
use domain::transfer::{Entry, Place};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a unit became.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Its changes, if it made any, are part of the batch.
    Applied,
    /// It left nothing.
    Refused,
    /// Something resolved before differs from the locked row; it left nothing.
    Stale,
}

/// How a row is read. The stronger one wins where two units name one key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Lock {
    /// It never changes, so no lock is needed.
    Fixed,
    /// It must not change before the commit.
    Shared,
    /// The unit may change it.
    Exclusive,
}

/// One use case on its way through a batch. It keeps its own answer; none crosses this port.
pub trait Unit: Send {
    fn program(&self) -> ProgramId;
    /// Names what it reads.
    fn reads(&self, wants: &mut Wants<'_>);
    /// Decides, from loaded rows alone. May be run again; the last run counts. `last` is the
    /// programme's latest recorded time.
    fn run(&mut self, scope: &mut Scope<'_>, last: Time) -> Verdict;
    /// A bug was found after a run that had ended well, and what it wrote is undone: the unit must
    /// forget the answer of that run. One that keeps none has nothing to do.
    fn undone(&mut self) {}
    /// Tells its caller, after the commit or after the batch failed.
    fn answer(self: Box<Self>, outcome: Result<(), Failed>);
}

/// One worker's connection. Each worker is an OS thread of its own, so a backend may block here.
pub trait Writer: Send {
    /// Loads, decides, persists and commits. After an error nothing of the batch is in memory or,
    /// but for [`StoreError::Unknown`], in the store; the writer is then dropped and made anew.
    fn commit<'a>(
        &'a mut self,
        units: &'a mut [Box<dyn Unit>],
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// Collects a unit's keys, bound to its programme.
pub struct Wants<'a> {
    rows: &'a mut Rows,
    program: ProgramId,
}

impl Wants<'_> {
    pub fn want<N: Keyed>(&mut self, id: N::Id, lock: Lock) {
        N::table_mut(self.rows).want(self.program, id, lock);
    }
}

impl Rows {
    /// Phase 1: everything that the units read, and their programmes' counters.
    pub fn gather(units: &[Box<dyn Unit>]) -> Self {
        let mut rows = Self::default();
        rows.reserve(units.len());
        for unit in units {
            let program = unit.program();
            rows.counters.want(program, (), Lock::Exclusive);
            unit.reads(&mut Wants { rows: &mut rows, program });
        }
        rows
    }

    /// Phase 3: runs the units in order over the loaded rows.
    pub fn decide(&mut self, units: &mut [Box<dyn Unit>]) {
        for unit in units {
            self.decide_one(unit.as_mut());
        }
    }

    fn decide_one(&mut self, unit: &mut dyn Unit) {
        let program = unit.program();
        let before = self.counters.get(program, ()).copied();
        let counter = before.unwrap_or(Counter { program, seq: 0, last: Time::ZERO });
        let mark = self.mark();
        let mut scope = Scope { rows: self, program, mark, counter, ordinal: 0, at: counter.last };
        let run = catch_unwind(AssertUnwindSafe(|| {
            let verdict = unit.run(&mut scope, counter.last);
            if verdict == Verdict::Applied {
                scope.finish(before.is_some());
            }
            verdict
        }));
        match run {
            Ok(Verdict::Applied) => {}
            Ok(Verdict::Refused | Verdict::Stale) => self.roll_back(&mark),
            Err(_) => {
                // The unit has no answer now, which it reports as an internal fault.
                tracing::error!(%program, "a decision panicked and was rolled back");
                self.roll_back(&mark);
                unit.undone();
            }
        }
    }
}

/// What a decision may touch: the loaded rows of its own programme.
pub struct Scope<'a> {
    rows: &'a mut Rows,
    program: ProgramId,
    mark: Mark,
    counter: Counter,
    ordinal: u32,
    at: Time,
}

impl Scope<'_> {
    pub const fn program(&self) -> ProgramId {
        self.program
    }

    /// The recorded time of this unit.
    pub const fn at(&self) -> Time {
        self.at
    }

    /// Sets the recorded time: the later of the unit's own clock and the programme's last.
    ///
    /// # Panics
    /// When it would go back.
    pub fn record_at(&mut self, at: Time) {
        assert!(at >= self.counter.last, "recorded time never goes back");
        self.at = at;
    }

    /// The place of the next row of this unit.
    pub fn place(&mut self) -> Place {
        let place = Place { seq: self.counter.seq + 1, ordinal: self.ordinal };
        self.ordinal += 1;
        place
    }

    /// The row, or `None` where it is absent. Panics on a read that was not declared.
    pub fn get<N: Keyed>(&self, id: N::Id) -> Option<&N> {
        N::table(self.rows).get(self.program, id)
    }

    /// Adds a row that was absent.
    pub fn add<N: Keyed>(&mut self, row: N) {
        assert!(self.owns(row.program()), "a unit never leaves its programme");
        N::table_mut(self.rows).add(row);
    }

    /// Changes a row that is there.
    pub fn put<N: Keyed>(&mut self, row: N) {
        assert!(self.owns(row.program()), "a unit never leaves its programme");
        N::table_mut(self.rows).put(row);
    }

    pub fn append<N: Logged>(&mut self, row: N) {
        assert!(self.owns(row.program()), "a unit never leaves its programme");
        N::log_mut(self.rows).append(row);
    }

    fn owns(&self, program: ProgramId) -> bool {
        program == self.program
    }

    /// What this unit appended so far.
    pub fn appended<N: Logged + InMark>(&self) -> &[N] {
        N::log(self.rows).since(N::mark(&self.mark))
    }

    /// Lets the instructions that this unit appended name the reference that it is about to add.
    pub fn name_instructions(&mut self, reference: ReferenceKey) {
        for instruction in self.rows.instructions.since_mut(self.mark.instructions) {
            instruction.reference = Some(reference);
        }
    }

    /// The references that this unit added so far.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.rows.references_since(&self.mark)
    }

    /// The entries that this unit appended, to be given their hashes once all else is decided.
    pub fn entries_mut(&mut self) -> &mut [Entry] {
        self.rows.entries.since_mut(self.mark.entries)
    }

    /// The account that this unit already put, to be given its new head.
    pub fn complete_account(&mut self, id: AccountId) -> &mut Account {
        self.rows.accounts.complete(self.program, id)
    }

    /// Moves the counter, if the unit changed anything.
    fn finish(&mut self, counted: bool) {
        if self.rows.mark() == self.mark {
            return;
        }
        let events = self.rows.events.since(self.mark.events);
        assert!(!events.is_empty(), "every applied unit writes an event");
        let seq = self.counter.seq + 1;
        let counter = Counter { program: self.program, seq, last: self.at };
        if counted {
            self.rows.counters.put(counter);
        } else {
            self.rows.counters.add(counter);
        }
    }
}

/// A log whose length a mark keeps.
pub trait InMark {
    fn mark(mark: &Mark) -> usize;
}

macro_rules! in_mark {
    ($($noun:ty => $field:ident,)*) => {$(
        impl InMark for $noun {
            fn mark(mark: &Mark) -> usize {
                mark.$field
            }
        }
    )*};
}

in_mark! {
    domain::instruction::Instruction => instructions,
    domain::transfer::Transfer => transfers,
    domain::transfer::Entry => entries,
    domain::event::Event => events,
}
