//! Documented endpoints with known paths that are not built: each answers 300006, after the checks
//! that it would make of its caller.

use crate::Door;
use crate::authenticate::Signed;
use crate::error::{Code, Failure};
use axum::Router;
use axum::extract::State;
use axum::routing::on;
use gateway::method::Method;
use std::sync::Arc;

#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    pub method: Method,
    pub path: &'static str,
}

/// All of them.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint { method: Method::Post, path: "/ts/api/v1/openapi/cards" },
    Endpoint { method: Method::Get, path: "/ts/api/v1/openapi/cards" },
    Endpoint { method: Method::Get, path: "/ts/api/v1/openapi/cards/{id}/limit/history" },
    Endpoint { method: Method::Get, path: "/ts/api/v1/openapi/transactions" },
    Endpoint { method: Method::Post, path: "/payment/api/v1/openapi/orders" },
];

/// The routes with all of them added.
pub(crate) fn add_to(routes: Router<Arc<Door>>) -> Router<Arc<Door>> {
    ENDPOINTS.iter().fold(routes, |routes, endpoint| {
        let answer = async |State(door): State<Arc<Door>>, signed: Signed| {
            let admitted = door.engine.admit(&signed.caller).await.map_err(Failure::from);
            let failure = admitted.map_or_else(|failure| failure, |()| Code::NotSupported.into());
            signed.reply.refuse(failure)
        };
        routes.route(endpoint.path, on(endpoint.method.filter(), answer))
    })
}
