//! A unit of work made of steps, and what its caller was told.
//!
//! The engine stands above the store, so the suite has units of its own: a [`Work`] is a list of
//! steps that run in one scope, all or none, with an optional reference around them. The verbs
//! that tests speak (`post`, `hold`, `capture`, …) are steps, see `steps.rs`.

use crate::error::Failed;
use crate::rows::Keyed;
use crate::unit::{Lock, Scope, Unit, Verdict, Wants};
use domain::account::Account;
use domain::chain::{Hash, entry_hash, instruction_digest, transfer_digest};
use domain::event::{Event, EventKind};
use domain::id::{EventId, ProgramId, ReferenceKey};
use domain::instruction::Instruction;
use domain::reference::Reference;
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::time::Time;
use domain::transfer::{Cause, Transfer};
use std::sync::{Arc, Mutex, PoisonError};

/// What the caller of a unit was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    Done,
    /// The reference was there with the same content, so nothing was done now.
    Again,
    /// The reference was there with other content.
    OtherContent,
    Refused(Refusal),
    Stale,
    /// The decision has no answer: it panicked.
    Panicked,
    Failed(Failed),
}

/// Why a step ended its unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    Refused(Refusal),
    OtherContent,
    Stale,
}

impl<R: Into<Refusal>> From<R> for Stop {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

/// Where the answer of a unit arrives.
#[derive(Clone, Default)]
pub struct Ticket(Arc<Mutex<Option<Told>>>);

impl Ticket {
    /// # Panics
    /// When nobody answered.
    pub fn told(&self) -> Told {
        let told = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.expect("every unit is answered")
    }

    fn tell(&self, told: Told) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(slot.is_none(), "a unit is answered once");
        *slot = Some(told);
    }
}

type Reads = Box<dyn Fn(&mut Wants<'_>) + Send>;
type Decide = Box<dyn Fn(&mut Scope<'_>, &mut Stamp) -> Result<(), Stop> + Send>;

struct Named {
    key: ReferenceKey,
    text: String,
    content: u8,
}

/// A unit of work of the suite.
pub struct Work {
    program: ProgramId,
    stamp: Stamp,
    reference: Option<Named>,
    reads: Vec<Reads>,
    steps: Vec<Decide>,
    /// Filled by the last run; empty after a panic.
    result: Option<Result<Told, Stop>>,
    ticket: Ticket,
}

impl Work {
    pub fn new(program: ProgramId, stamp: Stamp) -> Self {
        Self {
            program,
            stamp,
            reference: None,
            reads: Vec::new(),
            steps: Vec::new(),
            result: None,
            ticket: Ticket::default(),
        }
    }

    /// Its clock reading.
    pub const fn clock(&self) -> Time {
        self.stamp.clock()
    }

    pub fn ticket(&self) -> Ticket {
        self.ticket.clone()
    }

    /// Declares a read.
    #[must_use]
    pub fn reads<N: Keyed>(mut self, id: N::Id, lock: Lock) -> Self
    where
        N::Id: Send + 'static,
    {
        self.reads.push(Box::new(move |wants| wants.want::<N>(id, lock)));
        self
    }

    /// Appends a step.
    #[must_use]
    pub fn step(
        mut self,
        step: impl Fn(&mut Scope<'_>, &mut Stamp) -> Result<(), Stop> + Send + 'static,
    ) -> Self {
        self.steps.push(Box::new(step));
        self
    }

    /// Runs the steps once for this reference; `content` stands for what the call says.
    #[must_use]
    pub fn once(self, text: &str, content: u8) -> Self {
        self.once_as(key_of(text), text, content)
    }

    /// As [`Work::once`], with a key of one's own.
    #[must_use]
    pub fn once_as(mut self, key: ReferenceKey, text: &str, content: u8) -> Self {
        let text = text.to_owned();
        self.reference = Some(Named { key, text, content });
        self.reads::<Reference>(key, Lock::Fixed)
    }

    fn decide(&mut self, scope: &mut Scope<'_>) -> Result<Told, Stop> {
        if let Some(named) = &self.reference
            && let Some(first) = scope.get::<Reference>(named.key)
        {
            return if first.fingerprint == [named.content; 32] {
                Ok(Told::Again)
            } else {
                Err(Stop::OtherContent)
            };
        }
        for step in &self.steps {
            step(scope, &mut self.stamp)?;
        }
        if let Some(named) = &self.reference {
            scope.name_instructions(named.key);
            let row = named.row(scope);
            scope.add(row);
            if scope.appended::<Event>().is_empty() {
                tell(scope, &mut self.stamp, EventKind::ProgramUpdated, [0x56; 16]);
            }
        }
        seal(scope);
        Ok(Told::Done)
    }
}

impl Unit for Work {
    fn program(&self) -> ProgramId {
        self.program
    }

    fn reads(&self, wants: &mut Wants<'_>) {
        for reads in &self.reads {
            reads(wants);
        }
    }

    fn run(&mut self, scope: &mut Scope<'_>, last: Time) -> Verdict {
        self.result = None;
        self.stamp.rewind();
        scope.record_at(self.stamp.clock().max(last));
        let result = self.decide(scope);
        let verdict = match result {
            Ok(_) => Verdict::Applied,
            Err(Stop::Stale) => Verdict::Stale,
            Err(Stop::Refused(_) | Stop::OtherContent) => Verdict::Refused,
        };
        self.result = Some(result);
        verdict
    }

    fn undone(&mut self) {
        self.result = None;
    }

    fn answer(self: Box<Self>, outcome: Result<(), Failed>) {
        let told = match (outcome, self.result) {
            (Err(failed), _) => Told::Failed(failed),
            (Ok(()), None) => Told::Panicked,
            (Ok(()), Some(Ok(told))) => told,
            (Ok(()), Some(Err(Stop::Refused(refusal)))) => Told::Refused(refusal),
            (Ok(()), Some(Err(Stop::OtherContent))) => Told::OtherContent,
            (Ok(()), Some(Err(Stop::Stale))) => Told::Stale,
        };
        self.ticket.tell(told);
    }
}

impl Named {
    fn row(&self, scope: &mut Scope<'_>) -> Reference {
        let first = scope.appended::<Instruction>().first();
        let instruction = first.map(|row| row.id);
        // Shaped as the engine's answers are.
        let answer = first.map_or_else(Vec::new, |row| {
            let mut answer = [&[1, row.outcome.code()], &row.id.bytes()[..]].concat();
            for number in [row.before_minor, row.after_minor, row.at.unix_us()] {
                answer.extend_from_slice(&number.to_be_bytes());
            }
            answer
        });
        Reference {
            key: self.key,
            program: scope.program(),
            place: scope.place(),
            scope: "suite".to_owned(),
            text: self.text.clone(),
            fingerprint: [self.content; 32],
            instruction,
            answer,
            at: scope.at(),
        }
    }
}

/// A key for a text: its ends and its length, which is enough to tell the texts of a test apart.
pub fn key_of(text: &str) -> ReferenceKey {
    let mut key = [0u8; 16];
    for (at, byte) in text.bytes().enumerate() {
        // Rotated, so that the same letters in another order are another key.
        key[at % 16] = key[at % 16].rotate_left(3) ^ byte;
    }
    key[15] ^= u8::try_from(text.len() % 256).unwrap_or(0);
    ReferenceKey::from_bytes(key)
}

/// Writes the event that every applied unit owes.
pub fn tell(scope: &mut Scope<'_>, stamp: &mut Stamp, kind: EventKind, subject: [u8; 16]) {
    let event = Event {
        id: EventId::from_bytes(stamp.id()),
        program: scope.program(),
        place: scope.place(),
        kind,
        subject,
        at: scope.at(),
    };
    scope.append(event);
}

/// Gives every new entry its hash, once all else of the unit is decided.
fn seal(scope: &mut Scope<'_>) {
    let transfers = scope.appended::<Transfer>().to_vec();
    let instructions = scope.appended::<Instruction>().to_vec();
    let references: Vec<Reference> = scope.references().cloned().collect();
    let cause_of = |transfer: &Transfer| match transfer.cause {
        Cause::Expiry => Hash::ZERO,
        Cause::Instruction(id) => {
            let cause = instructions.iter().find(|row| row.id == id);
            let cause = cause.expect("a transfer's instruction is of the same unit");
            let named = references.iter().find(|row| Some(row.key) == cause.reference);
            instruction_digest(cause, named)
        }
    };
    for index in 0..scope.entries_mut().len() {
        let mut entry = scope.entries_mut()[index];
        // A row that a case appended as it is has its hash already.
        let Some(transfer) = transfers.iter().find(|row| row.id == entry.transfer) else {
            continue;
        };
        let account: &mut Account = scope.complete_account(entry.account);
        entry.hash =
            entry_hash(account.head, &entry, transfer_digest(transfer), cause_of(transfer));
        account.head = entry.hash;
        scope.entries_mut()[index] = entry;
    }
}
