//! The operator's API: REST under `/v1` on a listener of its own, and the two health paths.
//!
//! A request's road: [`authenticate`] asks for the bearer token, the extractors of [`request`] find
//! the programme and read the body's fields strictly, the handler in the noun's file calls one verb
//! of the engine, and the noun's view is written by [`answer`]. What goes wrong is a
//! [`error::Problem`], whose `code` is the domain's own word.
//!
//! Lists answer `{"data": […], "next": "…"}` and take `limit` and a cursor; see [`paging`]. Amounts
//! are strings of exact decimals beside an `asset`, times are RFC 3339 in UTC, ids are UUID texts.
//! Creating a programme, a credential, a signature key, a cardholder, a sub-account or an endpoint
//! answers 201, everything else 200.
//!
//! Calls that move money or make a sub-account take an `Idempotency-Key`; a repeat is answered with
//! the first answer and `Idempotent-Replayed: true`. Calls that do not take the header refuse it,
//! so that nobody relies on a protection that is not there.
//!
//! What endpoints are sent is written by [`webhook`].
//!
//! It must never know a store, a vendor's word or a clock. To add a call: a handler in the noun's
//! file, a line in its `routes`, and a row in the tests' table of routes.

use axum::Router;
use domain::secret::Secret;
use engine::Engine;
use engine::credential::CredentialForm;
use engine::deliver::Renderers;
use gateway::body::Limits;
use gateway::fault::{Faults, with_fallbacks};
use gateway::time;
use std::sync::Arc;

mod account;
mod answer;
mod authenticate;
mod bulk;
mod cardholder;
mod credential;
mod delivery;
mod endpoint;
mod error;
mod health;
mod hold;
mod inbox;
mod instruction;
mod paging;
mod program;
mod query;
mod rate;
mod request;
mod signature_key;
mod sub_account;
mod transfer;
pub mod webhook;
mod word;

/// A mounted door, as far as credentials are made for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DoorCredentials {
    /// Its short name.
    pub name: &'static str,
    /// What its callers are given.
    pub form: CredentialForm,
}

/// What the wiring decides.
#[derive(Debug)]
pub struct OperatorOptions {
    /// What every call but the health ones must bear. An empty one lets nobody in.
    pub token: Secret<String>,
    /// The mounted doors: those that a credential can be made for.
    pub doors: Vec<DoorCredentials>,
    /// Who writes to endpoints: what a format may be.
    pub formats: Renderers,
    /// Of a request's body.
    pub limits: Limits,
}

/// What handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub engine: Arc<Engine>,
    pub options: Arc<OperatorOptions>,
}

/// Everything that the operator's listener serves. Unknown paths and methods are problems too.
pub fn router(engine: Arc<Engine>, options: OperatorOptions) -> Router {
    let options = Arc::new(options);
    let app = App { engine, options };
    let routes = Router::new()
        .merge(health::routes())
        .merge(program::routes())
        .merge(credential::routes())
        .merge(signature_key::routes())
        .merge(cardholder::routes())
        .merge(sub_account::routes())
        .merge(account::routes())
        .merge(transfer::routes())
        .merge(instruction::routes())
        .merge(rate::routes())
        .merge(hold::routes())
        .merge(endpoint::routes())
        .merge(delivery::routes())
        .merge(inbox::routes())
        .merge(bulk::routes());
    let guard = axum::middleware::from_fn_with_state(app.clone(), authenticate::guard);
    with_fallbacks(routes, faults()).layer(guard).with_state(app)
}

/// How transport faults and panics look on this listener.
pub fn faults() -> Arc<dyn Faults> {
    Arc::new(error::Problems)
}

#[cfg(test)]
mod tests;
