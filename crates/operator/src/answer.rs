//! How what a handler found is written.

use axum::response::Response;
use gateway::answer::{JSON, json};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

/// Most views of one thing fit without growing.
pub(crate) const CAPACITY: usize = 512;

/// Says that an answer is the first one again and that nothing was done now.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// JSON with status 200.
pub(crate) fn ok(view: &impl Serialize) -> Response {
    json(StatusCode::OK, JSON, CAPACITY, view)
}

/// JSON with status 201.
pub(crate) fn created(view: &impl Serialize) -> Response {
    json(StatusCode::CREATED, JSON, CAPACITY, view)
}

/// The answer to a repeat.
pub(crate) fn replayed(mut answer: Response) -> Response {
    answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    answer
}
