//! What is built: the one list that the router is made from and that transcripts are held against.

use crate::{Door, account, token, transfer};
use axum::Router;
use axum::routing::on;
use gateway::method::Method;
use std::sync::Arc;

/// A built endpoint. The path is below the prefix that the door is mounted at.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    to: To,
}

/// Which handler.
#[derive(Clone, Copy, Debug)]
enum To {
    Token,
    Transfer,
    Account,
    TransferList,
}

const fn get(path: &'static str, to: To) -> Route {
    Route { method: Method::Get, path, to }
}

const fn post(path: &'static str, to: To) -> Route {
    Route { method: Method::Post, path, to }
}

/// All of them, in the order of the API reference.
pub const ROUTES: &[Route] = &[
    get("/merchant/token", To::Token),
    post("/account/transfer", To::Transfer),
    get("/account/{cardholder_no}/info", To::Account),
    post("/account/transfer/list", To::TransferList),
];

/// The routes with all of them added.
pub(crate) fn add_to(routes: Router<Arc<Door>>) -> Router<Arc<Door>> {
    ROUTES.iter().fold(routes, |routes, route| {
        let method = route.method.filter();
        let handler = match route.to {
            To::Token => on(method, token::issue),
            To::Transfer => on(method, transfer::create),
            To::Account => on(method, account::find),
            To::TransferList => on(method, transfer::list::list),
        };
        routes.route(route.path, handler)
    })
}
