//! How an answer is written, whatever envelope a door has.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

pub const JSON: &str = "application/json";

/// JSON of a media type. What fits `capacity` does not grow.
///
/// # Panics
/// Where a view can't be written: views are structs of text and numbers.
pub fn json<T: Serialize + ?Sized>(
    status: StatusCode,
    media: &'static str,
    capacity: usize,
    view: &T,
) -> Response {
    let mut bytes = Vec::with_capacity(capacity);
    serde_json::to_writer(&mut bytes, view)
        .expect("answers are structs of text and numbers, and memory takes them");
    let mut answer = Response::new(Body::from(bytes));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    answer
}

/// The answer with `Retry-After`, where there is something to wait for.
pub fn with_retry_after(mut answer: Response, seconds: Option<u32>) -> Response {
    if let Some(seconds) = seconds {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}
