//! Documented endpoints that are not built: each answers 1900, after the checks that it would
//! make of its caller.
//!
//! Whoever builds one takes its row out of here.

use crate::Door;
use crate::envelope::Reply;
use crate::error::Code;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::on;
use domain::program::Mode;
use gateway::method::Method;
use std::sync::Arc;

/// What is asked of a caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checks {
    /// The headers, whatever the merchant's mode.
    Headers,
    /// The headers, and that the merchant is in this mode.
    Mode(Mode),
    /// Nothing: simulators take no credentials.
    None,
}

/// One endpoint, with the section of the API reference that it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    pub method: Method,
    pub path: &'static str,
    pub checks: Checks,
    pub section: &'static str,
}

const fn get(path: &'static str, section: &'static str) -> Endpoint {
    Endpoint { method: Method::Get, path, checks: Checks::Headers, section }
}

const fn post(path: &'static str, section: &'static str, checks: Checks) -> Endpoint {
    Endpoint { method: Method::Post, path, checks, section }
}

const CREDIT: Checks = Checks::Mode(Mode::Credit);
const AUTHORIZATION: Checks = Checks::Mode(Mode::Authorization);

/// All of them, in the order of the sections.
pub const ENDPOINTS: &[Endpoint] = &[
    post("/cardholder/apply", "3.2", Checks::Headers),
    post("/cardholder/list", "3.3", Checks::Headers),
    get("/cardholder/{cardholder_no}/info", "3.4"),
    post("/card/apply", "3.5", Checks::Headers),
    post("/card/list", "3.6", Checks::Headers),
    get("/card/{card_no}/detail", "3.7"),
    get("/card/{card_no}/private/info", "3.8"),
    post("/card/active", "3.9", Checks::Headers),
    post("/card/status/update", "3.10", Checks::Headers),
    post("/card/pin/set", "3.11", Checks::Headers),
    post("/card/package/list", "3.12", CREDIT),
    post("/card/support/bins", "3.13", AUTHORIZATION),
    get("/card/consume/{consume_no}/info", "3.14"),
    post("/card/consume/list", "3.15", Checks::Headers),
    get("/merchant/client/{card_no}/token", "3.19"),
    post("/merchant/pci/card/detail", "3.20", Checks::Headers),
    post("/simulate/auth", "3.21", Checks::None),
    post("/simulate/consumption_clear", "3.21", Checks::None),
    post("/simulate/consumption_fail", "3.21", Checks::None),
    post("/simulate/reversal", "3.21", Checks::None),
    post("/simulate/refund", "3.21", Checks::None),
];

/// The routes with all of them added.
pub(crate) fn add_to(routes: Router<Arc<Door>>) -> Router<Arc<Door>> {
    ENDPOINTS.iter().fold(routes, |routes, endpoint| {
        let checks = endpoint.checks;
        let answer = async move |State(door): State<Arc<Door>>, request: Request| {
            refuse(&door, request, checks).await
        };
        routes.route(endpoint.path, on(endpoint.method.filter(), answer))
    })
}

async fn refuse(door: &Door, request: Request, checks: Checks) -> Response {
    let (parts, _unread_body) = request.into_parts();
    let checked = match checks {
        Checks::None => Ok(()),
        Checks::Headers => door.authenticate(&parts, None).await.map(drop),
        Checks::Mode(mode) => door.authenticate(&parts, Some(mode)).await.map(drop),
    };
    let failure = checked.map_or_else(|failure| failure, |()| Code::NotSupported.into());
    Reply::to(&parts).refuse(failure)
}

#[cfg(test)]
mod tests;
