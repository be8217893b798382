//! Exactly once, for any verb: a reference, a fingerprint and the first answer, committed together
//! with the effect.
//!
//! What if it is asked twice: in one batch, the second unit finds the first one's row in memory; in
//! a later one, in the store; on two servers at once, the unique key refuses the second batch,
//! which is run again and then finds the row. A refusal rolls the row back with all else, so it
//! leaves the reference free. A second call that gets no worker in time while the first has one is
//! told that the outcome is not known (`under_way.rs`): it never ran, and the first may.

use crate::verb::{NotFound, Stop, Verb};
use domain::id::{InstructionId, ProgramId, ReferenceKey};
use domain::program::{DuplicatePolicy, Settings};
use domain::reference::Reference;
use domain::stamp::Stamp;
use std::borrow::Cow;
use store::{BoxFuture, Lock, Scope, Store, Wants};
use vault::fingerprint::Canonical;
use vault::lookup::LookupKey;

/// What became of a call that has a reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Idempotent<T> {
    Done(T),
    /// The first answer again; nothing was done now.
    AlreadyDone(T),
}

impl<T> Idempotent<T> {
    pub fn into_inner(self) -> T {
        match self {
            Self::Done(answer) | Self::AlreadyDone(answer) => answer,
        }
    }
}

/// A client's name for a call, unique in its programme, door and scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReferenceName {
    /// Door and what the door scopes by, such as `door/operation`.
    pub scope: Cow<'static, str>,
    pub text: String,
}

impl ReferenceName {
    pub(crate) fn key(&self, lookup: &LookupKey, program: ProgramId) -> ReferenceKey {
        let parts: [&[u8]; 4] =
            [b"reference", program.bytes(), self.scope.as_bytes(), self.text.as_bytes()];
        ReferenceKey::from_bytes(lookup.lookup(&parts))
    }
}

/// What a repeat with the same content gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Repeats {
    Replay,
    /// What the programme's settings say.
    AsProgramme,
    /// The same, of what was completed. A decline is recorded without the reference, which stays
    /// free for the next try.
    CompletedAsProgramme,
}

/// An answer that a reference can keep.
pub trait Kept: Sized + Send + 'static {
    fn keep(&self) -> Vec<u8>;
    fn restore(bytes: &[u8]) -> Option<Self>;
    /// The instruction that the call became, where it became one.
    fn instruction(&self) -> Option<InstructionId>;
    /// Whether it is a "no" that was recorded.
    fn is_declined(&self) -> bool {
        false
    }
}

/// A verb whose parsed command has a canonical form, to tell a repeat from other content.
pub trait Fingerprinted {
    fn canonical(&self) -> Canonical;
}

/// A verb with a reference.
pub struct Once<V> {
    pub key: ReferenceKey,
    pub name: ReferenceName,
    pub fingerprint: [u8; 32],
    pub repeats: Repeats,
    pub verb: V,
}

impl<V: Verb<Answer: Kept>> Verb for Once<V> {
    type Answer = Idempotent<V::Answer>;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Reference>(self.key, Lock::Fixed);
        self.verb.reads(wants);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Self::Answer, Stop> {
        if let Some(first) = scope.get::<Reference>(self.key) {
            if !vault::compare::equal(&first.fingerprint, &self.fingerprint) {
                return Err(Stop::Conflict);
            }
            let refused = self.repeats != Repeats::Replay
                && scope
                    .get::<Settings>(())
                    .is_some_and(|settings| settings.duplicate == DuplicatePolicy::Refuse);
            if refused {
                return Err(Stop::Conflict);
            }
            let answer = V::Answer::restore(&first.answer).expect("answers are kept by their verb");
            return Ok(Idempotent::AlreadyDone(answer));
        }
        let answer = self.verb.decide(scope, stamp)?;
        if self.repeats == Repeats::CompletedAsProgramme && answer.is_declined() {
            return Ok(Idempotent::Done(answer));
        }
        scope.name_instructions(self.key);
        let reference = Reference {
            key: self.key,
            program: scope.program(),
            place: scope.place(),
            scope: self.name.scope.clone().into_owned(),
            text: self.name.text.clone(),
            fingerprint: self.fingerprint,
            instruction: answer.instruction(),
            answer: answer.keep(),
            at: scope.at(),
        };
        scope.add(reference);
        Ok(Idempotent::Done(answer))
    }

    fn reference(&self) -> Option<ReferenceKey> {
        Some(self.key)
    }

    fn resolve<'a>(&'a mut self, store: &'a dyn Store) -> BoxFuture<'a, Result<(), NotFound>> {
        self.verb.resolve(store)
    }
}

#[cfg(test)]
mod tests;
