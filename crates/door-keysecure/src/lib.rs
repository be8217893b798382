//! The KeySecure door: the merchant open platform's wire, spoken over the engine.
//!
//! Mounted at `/open-api/v1`. A request's road: `authenticate` checks the headers in the vendor's
//! order and makes a caller of them, the noun's file parses the body into one engine command,
//! [`error`] translates what the engine says into the vendor's codes, and `envelope` writes the
//! answer. Built are `token` and the account part: `account` and `transfer`. Every other
//! documented endpoint stands in [`unsupported`] and answers the door's own code for that.
//!
//! It must never know a store, another door, a clock or a source of randomness of its own.
//!
//! Begin with `transfer.rs`. To build one more endpoint: take its row out of
//! [`unsupported::ENDPOINTS`], add a handler in its noun's file, its row in [`route::ROUTES`] and
//! its transcript in `contract/`. To correct a code or a text: the one table in `error.rs`.

mod account;
mod authenticate;
mod body;
mod envelope;
pub mod error;
pub mod language;
mod period;
pub mod route;
mod timezone;
mod token;
mod transfer;
pub mod unsupported;

use axum::Router;
use axum::routing::post;
use domain::address::Cidr;
use engine::{Clock, Engine};
use gateway::body::Limits;
use gateway::fault::{Faults, with_fallbacks};
use std::sync::Arc;

/// The door's short name: what its credentials say, and what the scopes of its references begin
/// with.
pub const DOOR: &str = "keysecure";

/// What an operator may set.
#[derive(Clone)]
pub struct DoorOptions {
    /// Forgives a merchant's clock that is ahead. The documentation forgives nothing.
    pub timestamp_future_tolerance_ms: u64,
    /// How old a `Timestamp` may be.
    pub timestamp_window_ms: u64,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    pub clock: Arc<dyn Clock>,
    pub body: Limits,
    /// Offers `account/transfer/rehearsal`, the baseline of the benchmark, which writes nothing.
    pub rehearsal: bool,
}

impl DoorOptions {
    /// As documented: a window of 60 s, no proxies.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            timestamp_future_tolerance_ms: 0,
            timestamp_window_ms: 60_000,
            trusted_proxies: Vec::new(),
            clock,
            body: Limits::default(),
            rehearsal: false,
        }
    }
}

/// What every handler shares.
pub(crate) struct Door {
    engine: Arc<Engine>,
    options: DoorOptions,
}

/// The door's routes, without the prefix that they are mounted at.
pub fn router(engine: Arc<Engine>, options: DoorOptions) -> Router {
    let rehearsal = options.rehearsal;
    let mut routes = route::add_to(Router::new());
    if rehearsal {
        routes = routes.route("/account/transfer/rehearsal", post(transfer::rehearse));
    }
    let routes = unsupported::add_to(routes);
    with_fallbacks(routes, faults()).with_state(Arc::new(Door { engine, options }))
}

/// How the door shows what goes wrong before or outside its handlers.
pub fn faults() -> Arc<dyn Faults> {
    Arc::new(error::DoorFaults)
}

#[cfg(test)]
mod tests;
