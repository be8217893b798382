//! A verb: one use case as a struct of its inputs, so that running it again is safe.

use domain::credential::Denied;
use domain::id::ReferenceKey;
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use store::{BoxFuture, Scope, Store, StoreError, Wants};

/// One use case. `decide` sees loaded rows and a stamp and nothing else: no input or output, no
/// clock, no randomness.
pub trait Verb: Send + 'static {
    type Answer: Send + 'static;

    /// Names what it reads.
    fn reads(&self, wants: &mut Wants<'_>);

    /// Decides. Anything but `Ok` leaves nothing behind.
    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Self::Answer, Stop>;

    /// What a repeat of the call has too, where it may be repeated.
    fn reference(&self) -> Option<ReferenceKey> {
        None
    }

    /// Looks up again what was resolved before it was queued; asked after [`Stop::Stale`].
    fn resolve<'a>(&'a mut self, _store: &'a dyn Store) -> BoxFuture<'a, Result<(), NotFound>> {
        Box::pin(async { Ok(()) })
    }
}

/// Why a decision ended without an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    Refused(Refusal),
    Denied(Denied),
    /// The reference was used for something else, or may not be repeated.
    Conflict,
    /// Something resolved before differs from the locked row.
    Stale,
}

impl<R: Into<Refusal>> From<R> for Stop {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

/// What was named before is not there any more, or could not be read.
#[derive(Debug)]
pub enum NotFound {
    Gone,
    Store(StoreError),
}

impl From<StoreError> for NotFound {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
