//! Transport faults: what goes wrong before a door's own rules are reached, and how each door
//! makes an answer of it in its own shape.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::body::BodyFault;
use crate::json::JsonFault;

/// What happened, without a word of the request in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The body is larger than allowed.
    TooLarge,
    /// The body broke off, or is not what the door reads.
    Malformed,
    /// The body did not arrive in time.
    Timeout,
    /// No such path.
    NotFound,
    /// The path exists, for another method.
    MethodNotAllowed,
    /// A bug: nothing is known about the effect.
    Internal,
    /// Nothing was done; the same request may be sent again after this many seconds.
    Busy { retry_after_s: u32 },
    /// Nothing was done, because the server is stopping or its store is away.
    Unavailable,
    /// Taken, but not finished in time: the effect is known only by asking again.
    Unknown,
}

impl Fault {
    /// The status of plain HTTP; a door may have its own.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy { .. } | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unknown => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The door's answer, with `Retry-After` where the fault says when.
    pub fn answer(self, faults: &dyn Faults, request: Option<&HeaderMap>) -> Response {
        let mut answer = faults.render(self, request);
        if let Self::Busy { retry_after_s } = self {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        answer
    }
}

impl From<&BodyFault> for Fault {
    fn from(fault: &BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::TooLarge,
            BodyFault::Timeout => Self::Timeout,
            BodyFault::Broken(_) => Self::Malformed,
        }
    }
}

impl From<&JsonFault> for Fault {
    fn from(_fault: &JsonFault) -> Self {
        Self::Malformed
    }
}

/// Seconds after which a full queue may be tried again.
pub const BUSY_RETRY_S: u32 = 1;
/// Seconds after which a stopping server, or one whose store is away, may be tried again.
pub const AWAY_RETRY_S: u32 = 5;

/// An error and all that caused it, in one line, for a log.
#[derive(Debug, Clone, Copy)]
pub struct Causes<'a>(pub &'a dyn std::error::Error);

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// How one door shows transport faults.
pub trait Faults: Send + Sync + 'static {
    /// `request` has the headers, for the caller's language; it is absent where a panic took the
    /// request with it.
    fn render(&self, fault: Fault, request: Option<&HeaderMap>) -> Response;
}

/// For paths that belong to no door: the status and nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Faults for Plain {
    fn render(&self, fault: Fault, _request: Option<&HeaderMap>) -> Response {
        let mut answer = Response::default();
        *answer.status_mut() = fault.status();
        answer
    }
}

/// The router with unknown paths and methods answered in the door's shape. To be called when all
/// routes are there, since a method fallback covers only the routes before it.
pub fn with_fallbacks<S>(router: Router<S>, faults: Arc<dyn Faults>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let for_methods = Arc::clone(&faults);
    router
        .fallback(async move |request: Request| {
            Fault::NotFound.answer(&*faults, Some(request.headers()))
        })
        .method_not_allowed_fallback(async move |request: Request| {
            Fault::MethodNotAllowed.answer(&*for_methods, Some(request.headers()))
        })
}

#[cfg(test)]
mod tests;
