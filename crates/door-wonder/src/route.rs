//! What is built: the one list that the router is made from and that transcripts are held against.

use crate::{BadPath, Door, PREFIX, account, cardholder, echo, transfer, unsupported};
use axum::Router;
use axum::routing::on;
use gateway::method::Method;
use std::sync::Arc;

/// A built endpoint. The path is below [`PREFIX`]; transfers have their paths by configuration.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    to: To,
}

/// Which handler.
#[derive(Clone, Copy, Debug)]
enum To {
    CreateUser,
    FindUser,
    EditUser,
    LedgerAccounts,
    Echo,
}

const fn route(method: Method, path: &'static str, to: To) -> Route {
    Route { method, path, to }
}

/// All of them but transfers.
pub const ROUTES: &[Route] = &[
    route(Method::Post, "/ts/api/v1/openapi/user", To::CreateUser),
    route(Method::Get, "/ts/api/v1/openapi/user/{reference_id}", To::FindUser),
    route(Method::Put, "/ts/api/v1/openapi/user/{reference_id}", To::EditUser),
    route(Method::Get, "/ts/api/v1/openapi/ledger_accounts", To::LedgerAccounts),
    route(Method::Post, "/payment/api/v1/openapi/echo", To::Echo),
    route(Method::Post, "/payment/api/v1/echo", To::Echo),
];

/// What each path of transfers answers to.
pub const TRANSFER_METHODS: [Method; 2] = [Method::Post, Method::Get];

/// The routes with all of them added.
pub(crate) fn add_to(
    routes: Router<Arc<Door>>,
    transfer_paths: &[String],
) -> Result<Router<Arc<Door>>, BadPath> {
    let routes = ROUTES.iter().fold(routes, |routes, route| {
        let method = route.method.filter();
        let handler = match route.to {
            To::CreateUser => on(method, cardholder::create),
            To::FindUser => on(method, cardholder::find),
            To::EditUser => on(method, cardholder::edit),
            To::LedgerAccounts => on(method, account::list),
            To::Echo => on(method, echo::echo),
        };
        routes.route(route.path, handler)
    });
    let mut taken: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    taken.extend(unsupported::ENDPOINTS.iter().map(|endpoint| endpoint.path));
    transfer_paths.iter().try_fold(routes, |routes, path| {
        let below = path.strip_prefix(PREFIX).filter(|below| is_plain(below));
        let below = below.ok_or_else(|| BadPath(path.clone()))?;
        // What another route would take is not free, nor is one path twice.
        if taken.iter().any(|route| takes(route, below)) {
            return Err(BadPath(path.clone()));
        }
        taken.push(below);
        let post = on(Method::Post.filter(), transfer::create);
        Ok(routes.route(below, post.on(Method::Get.filter(), transfer::list::list)))
    })
}

/// Whether a route takes a path: part by part, where a pattern takes any.
fn takes(route: &str, path: &str) -> bool {
    let same = |(part, given): (&str, &str)| part.starts_with('{') || part == given;
    let parts = route.split('/').count() == path.split('/').count();
    parts && route.split('/').zip(path.split('/')).all(same)
}

/// A path of letters, digits and marks, without what a router takes for a pattern.
fn is_plain(path: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"/-_.".contains(&c);
    path.len() > 1 && path.starts_with('/') && path.bytes().all(plain)
}

#[cfg(test)]
mod tests;
