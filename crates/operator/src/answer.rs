//! How what a handler found is written.

use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

/// Says that an answer is the first one again and that nothing was done now.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// JSON with status 200.
pub(crate) fn ok(view: &impl Serialize) -> Response {
    json(StatusCode::OK, "application/json", view)
}

/// JSON with status 201.
pub(crate) fn created(view: &impl Serialize) -> Response {
    json(StatusCode::CREATED, "application/json", view)
}

/// The answer to a repeat.
pub(crate) fn replayed(mut answer: Response) -> Response {
    answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    answer
}

pub(crate) fn json(status: StatusCode, media: &'static str, view: &impl Serialize) -> Response {
    let body = serde_json::to_vec(view).expect("views have text keys and no fallible values");
    let mut answer = Response::new(Bytes::from(body).into());
    *answer.status_mut() = status;
    let media = HeaderValue::from_static(media);
    answer.headers_mut().insert(CONTENT_TYPE, media);
    answer
}
