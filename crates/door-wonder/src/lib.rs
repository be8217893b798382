//! The Wonder door: platform transfers between users, and what they need, spoken over the engine.
//!
//! Mounted at `/svc`. Every call is signed: [`authenticate`] parses the `Credential`, asks whose
//! AppID it is, and verifies the signature ([`signature`]) over method, target and body as they
//! were sent, before a byte of the body is parsed. Then the noun's file makes one engine command,
//! [`error`] translates what the engine says, and `envelope` writes the answer. The vendor's
//! "user" is a cardholder, its "platform transfer" an instruction from wallet to wallet.
//!
//! It must never know a store, another door, a clock or a source of randomness of its own.
//!
//! Begin with `transfer.rs`. To build one more endpoint: a handler in its noun's file, its row in
//! [`route::ROUTES`] and its transcript in `contract/`. To correct a code, a status or a text: the
//! one table in `error.rs`.

mod account;
mod amount;
mod authenticate;
mod cardholder;
mod credential;
mod echo;
mod envelope;
pub mod error;
pub mod language;
mod nonce;
mod query;
pub mod route;
pub mod signature;
mod transfer;
pub mod unsupported;

use axum::Router;
use domain::address::Cidr;
use domain::asset::Asset;
use engine::{Clock, Engine};
use gateway::body::Limits;
use gateway::fault::{Faults, with_fallbacks};
use nonce::Nonces;
use std::sync::Arc;
use std::time::Duration;

/// The door's short name: what its credentials say, and what the scopes of its references begin
/// with.
pub const DOOR: &str = "wonder";
/// Where the door is mounted. The signature covers it.
pub const PREFIX: &str = "/svc";

/// Where platform transfers are, unless an operator says otherwise: the first is the likeliest,
/// the others are spellings that were seen or guessed.
pub const TRANSFER_PATHS: [&str; 4] = [
    "/svc/ts/api/v1/openapi/platform_transfer",
    "/svc/ts/api/v1/openapi/platform_transfers",
    "/svc/ts/api/v1/openapi/platform-transfer",
    "/svc/ts/api/v1/openapi/platform/transfer",
];

/// What a `ref_id` that was settled may be used for again, with other parties or another amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefIdReuse {
    /// Nothing.
    Refuse,
    /// Another transfer.
    Allow,
}

/// What an operator may set.
#[derive(Clone)]
pub struct DoorOptions {
    /// Full paths below [`PREFIX`].
    pub transfer_paths: Vec<String>,
    /// What is transferred; new users get a wallet in each.
    pub currencies: Vec<Asset>,
    pub ref_id_reuse: RefIdReuse,
    /// Whether business errors come with status 200, for clients that look at `code` only.
    pub refuse_with_200: bool,
    /// How far the time of a request may be from ours, either way.
    pub request_time_window: Duration,
    /// Requests of one window that are remembered to tell repeats from others.
    pub nonces_max: usize,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    pub clock: Arc<dyn Clock>,
    pub body: Limits,
}

impl DoorOptions {
    /// As documented, with the currencies that are seen.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            transfer_paths: TRANSFER_PATHS.map(str::to_owned).to_vec(),
            currencies: ["USD", "HKD"].into_iter().filter_map(Asset::find).collect(),
            ref_id_reuse: RefIdReuse::Refuse,
            refuse_with_200: false,
            request_time_window: Duration::from_secs(1_800),
            nonces_max: 262_144,
            trusted_proxies: Vec::new(),
            clock,
            body: Limits::default(),
        }
    }
}

/// A path that can't be one of platform transfers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} can't be a path of platform transfers: it must begin with /svc/ and be free")]
pub struct BadPath(pub String);

/// What every handler shares.
pub(crate) struct Door {
    engine: Arc<Engine>,
    options: DoorOptions,
    nonces: Nonces,
}

/// The door's routes, without the prefix that they are mounted at.
pub fn router(engine: Arc<Engine>, options: DoorOptions) -> Result<Router, BadPath> {
    let routes = route::add_to(Router::new(), &options.transfer_paths)?;
    let routes = unsupported::add_to(routes);
    let nonces = Nonces::new(options.nonces_max);
    Ok(with_fallbacks(routes, faults()).with_state(Arc::new(Door { engine, options, nonces })))
}

/// How the door shows what goes wrong before or outside its handlers.
pub fn faults() -> Arc<dyn Faults> {
    Arc::new(error::DoorFaults)
}

#[cfg(test)]
mod tests;
