//! Verbs: what callers may ask for, and how it becomes one unit of work that runs exactly once.
//!
//! Begin with [`Engine`], whose methods are the use cases, one file each under the noun they
//! change. A verb ([`verb::Verb`]) names its reads and decides; [`once::Once`] gives it a
//! reference, [`admitted::Admitted`] asks on the locked rows whether its caller is served;
//! [`job`] carries it through the [`queue`] to a [`worker`], which commits batches.
//!
//! The engine must never know a door's words, SQL, or a backend. Clock and randomness come in
//! through [`Clock`] and the vault's `Random`.
//!
//! To add a use case: a file `<noun>/<verb>.rs` with a verb and a method on [`Engine`], its
//! refusals in `domain`, and scenarios in `tests.rs`.

pub mod account;
pub mod admitted;
mod answers;
pub mod caller;
pub mod cardholder;
pub mod clock;
pub mod credential;
pub mod deliver;
pub mod delivery;
pub mod endpoint;
pub mod error;
pub mod hold;
pub mod instruction;
pub mod job;
mod keyring;
pub mod lease;
pub mod once;
pub mod program;
pub mod queue;
pub mod rate;
pub mod signature_key;
pub mod start;
pub mod sub_account;
pub mod sweep;
pub mod transfer;
mod under_way;
pub mod verb;
pub mod verify;
pub mod worker;

#[cfg(test)]
mod scenario;

pub use caller::{Identified, Presented};
pub use clock::Clock;
pub use deliver::{Deliver, DeliverOptions};
pub use error::{Error, StartError, StoreError};
pub use keyring::lookup_key;
pub use once::{Idempotent, ReferenceName, Repeats};
pub use start::{Engine, EngineOptions};
// Of the traits that are implemented above the engine, and of what its lists are asked by.
pub use store::{BoxFuture, DeliveryFilter};
pub use sweep::{Sweep, SweepOptions};
