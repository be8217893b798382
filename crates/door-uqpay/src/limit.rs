//! How often a client may call, where the operator has set it: token calls for themselves, all
//! other calls together.
//!
//! A call is counted once its caller has proved who it is, and before anything of it is read or
//! done: a refused one has no effect and leaves its key free. A limit belongs to a credential,
//! whichever member it acts for and whichever mount it calls. Who asks for a token and proves
//! nothing shares one count with all who do so: they can't fill the memory, and can't use up what
//! belongs to a client whose id they know.

use crate::DoorOptions;
use crate::error::Failure;
use domain::id::{CredentialId, ProgramId};
use engine::Clock;
use gateway::throttle::Throttle;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Credentials that are counted at one time, by each limit.
const CLIENTS_MAX: usize = 65_536;

/// Whose calls are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Client {
    Known(ProgramId, CredentialId),
    Unproven,
}

pub(crate) struct Limiter {
    clock: Arc<dyn Clock>,
    token_calls: Option<Throttle<Client>>,
    calls: Option<Throttle<Client>>,
}

impl Limiter {
    pub(crate) fn new(options: &DoorOptions) -> Self {
        let throttle = |calls: NonZeroU32| Throttle::per_minute(calls, CLIENTS_MAX);
        Self {
            clock: Arc::clone(&options.clock),
            token_calls: options.token_calls_per_min.map(throttle),
            calls: options.calls_per_min.map(throttle),
        }
    }

    /// A call for a token.
    pub(crate) fn token_call(&self, client: Client) -> Result<(), Failure> {
        self.count(self.token_calls.as_ref(), client)
    }

    /// A call with a good token.
    pub(crate) fn call(&self, client: Client) -> Result<(), Failure> {
        self.count(self.calls.as_ref(), client)
    }

    fn count(&self, throttle: Option<&Throttle<Client>>, client: Client) -> Result<(), Failure> {
        let Some(throttle) = throttle else { return Ok(()) };
        throttle.take(client, self.clock.now()).map_err(Failure::too_many)
    }
}

#[cfg(test)]
mod tests;
