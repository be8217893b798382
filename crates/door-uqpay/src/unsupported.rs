//! Documented endpoints that are not built: each answers `not_supported`, after the checks that it
//! would make of its caller.

use crate::Door;
use crate::authenticate::Acting;
use crate::envelope::Reply;
use crate::error::Code;
use axum::Router;
use axum::routing::on;
use gateway::method::Method;
use std::sync::Arc;

#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    pub method: Method,
    pub path: &'static str,
}

const fn get(path: &'static str) -> Endpoint {
    Endpoint { method: Method::Get, path }
}

const fn post(path: &'static str) -> Endpoint {
    Endpoint { method: Method::Post, path }
}

/// All of them, in the order of the operation index.
pub const ENDPOINTS: &[Endpoint] = &[
    get("/v1/issuing/products"),
    post("/v1/issuing/cardholders"),
    get("/v1/issuing/cardholders"),
    get("/v1/issuing/cardholders/{id}"),
    post("/v1/issuing/cardholders/{id}"),
    post("/v1/issuing/cards"),
    get("/v1/issuing/cards"),
    get("/v1/issuing/cards/{id}"),
    post("/v1/issuing/cards/{id}"),
    post("/v1/issuing/cards/{id}/status"),
    post("/v1/issuing/cards/{id}/recharge"),
    post("/v1/issuing/cards/{id}/withdraw"),
    get("/v1/issuing/cards/{id}/order"),
    get("/v1/issuing/cards/{id}/secure"),
    post("/v1/issuing/cards/{id}/token"),
    post("/v1/issuing/cards/assign"),
    post("/v1/issuing/cards/activate"),
    post("/v1/issuing/cards/pin"),
    post("/v1/issuing/cards/manage/pin"),
    post("/v1/issuing/cards/{id}/elevate_limit"),
    post("/v1/issuing/cards/{id}/risk"),
    Endpoint { method: Method::Delete, path: "/v1/issuing/cards/{id}/risk" },
    get("/v1/issuing/cards/arts"),
    post("/v1/issuing/cards/arts/default"),
    post("/v1/issuing/cards/bulk"),
    get("/v1/issuing/merchant_brands"),
    get("/v1/issuing/transactions"),
    get("/v1/issuing/transactions/{id}"),
    post("/v1/issuing/transactions/unsolicited_refund/release"),
    post("/v1/issuing/reports"),
    get("/v1/issuing/reports/{id}"),
    post("/v1/simulation/issuing/authorization"),
    post("/v1/simulation/issuing/reversal"),
];

/// The routes with all of them added.
pub(crate) fn add_to(routes: Router<Arc<Door>>) -> Router<Arc<Door>> {
    ENDPOINTS.iter().fold(routes, |routes, endpoint| {
        let answer = async |acting: Acting| Reply::refuse(acting.reply, Code::NotSupported.into());
        routes.route(endpoint.path, on(endpoint.method.filter(), answer))
    })
}
