//! The UQPAY door, its money part: tokens, connected accounts, balances, issuing transfers and the
//! deposit simulator, spoken over the engine.
//!
//! Mounted at `/api`, and again at `/sandbox/api`, since the official clients look for that word in
//! the URL. [`authenticate`] makes a caller of a token and finds the member of the family that
//! acts (`x-on-behalf-of`), `limit` counts its calls where the operator limits them,
//! [`idempotency`] reads the key of a call that writes, the noun's file makes one engine command,
//! [`error`] translates what the engine says into one of the vendor's shapes, and `envelope` writes
//! the answer. The vendor's master and sub-accounts are the programme's sub-accounts; an issuing
//! balance is the reserve of one or an account of the other.
//!
//! It must never know a store, another door, a clock or a source of randomness of its own.
//!
//! Begin with `transfer.rs`. To build one more endpoint: a handler in its noun's file, its row in
//! [`route::ROUTES`], out of [`unsupported::ENDPOINTS`]. To correct a code or a text: the one table
//! in `error.rs`.

mod amount;
mod authenticate;
mod balance;
mod body;
mod deposit;
mod envelope;
pub mod error;
mod family;
mod idempotency;
mod limit;
mod page;
mod rfi;
pub mod route;
mod sub_account;
mod time;
mod token;
mod transfer;
pub mod unsupported;
pub mod webhook;

use axum::Router;
use domain::address::Cidr;
use domain::asset::Asset;
use domain::money::Amount;
use engine::{Clock, Engine};
use family::Masters;
use gateway::body::Limits;
use gateway::fault::{Faults, with_fallbacks};
use limit::Limiter;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// The door's short name: what its credentials say, and what the scopes of its references begin
/// with.
pub const DOOR: &str = "uqpay";
/// Where the door is mounted.
pub const PREFIXES: [&str; 2] = ["/api", "/sandbox/api"];

/// What an operator may set.
#[derive(Clone)]
pub struct DoorOptions {
    /// How long a token lasts.
    pub token_life: Duration,
    /// What a transfer between members costs who sends, in each asset; nothing where it is absent.
    pub transfer_fees: Vec<Amount>,
    /// In which a new member has balances.
    pub currencies: Vec<Asset>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    pub clock: Arc<dyn Clock>,
    pub body: Limits,
    /// Token calls of one credential, and those of all who prove none together; none is counted
    /// where it is absent.
    pub token_calls_per_min: Option<NonZeroU32>,
    /// All other calls of one credential.
    pub calls_per_min: Option<NonZeroU32>,
}

impl DoorOptions {
    /// As documented: half an hour. No fee, and no limit of calls.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            token_life: Duration::from_secs(1_800),
            transfer_fees: Vec::new(),
            currencies: ["SGD", "USD"].into_iter().filter_map(Asset::find).collect(),
            trusted_proxies: Vec::new(),
            clock,
            // Accounts are applied for with scanned documents.
            body: Limits { body_bytes: 1 << 20, ..Limits::default() },
            token_calls_per_min: None,
            calls_per_min: None,
        }
    }
}

/// What every handler shares.
pub(crate) struct Door {
    engine: Arc<Engine>,
    options: DoorOptions,
    limits: Limiter,
    masters: Masters,
}

/// The door's routes, without the prefix that they are mounted at.
pub fn router(engine: Arc<Engine>, options: DoorOptions) -> Router {
    let routes = unsupported::add_to(route::add_to(Router::new()));
    let limits = Limiter::new(&options);
    let door = Door { engine, options, limits, masters: Masters::default() };
    with_fallbacks(routes, faults()).with_state(Arc::new(door))
}

/// How the door shows what goes wrong before or outside its handlers.
pub fn faults() -> Arc<dyn Faults> {
    Arc::new(error::DoorFaults)
}

#[cfg(test)]
mod tests;
