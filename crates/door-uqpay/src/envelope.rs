//! How answers are written. What succeeds has no envelope; what fails has one of two shapes.

use crate::error::{Code, Failure};
use axum::response::Response;
use gateway::answer::{JSON, json, with_retry_after};
use gateway::edge::Arrival;
use gateway::request_id::RequestId;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;

/// One answer of a transfer, or one error, fits without growing.
const CAPACITY: usize = 128;

/// Which of the vendor's shapes an error has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// `type`, `code` and `message`: issuing.
    Typed,
    /// A number under `code`, and `message`: banking.
    Flat,
    /// The same, but for tokens that are not good: accounts.
    Account,
}

#[derive(Serialize)]
struct Typed<'a> {
    r#type: &'a str,
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Flat<'a> {
    code: u16,
    message: &'a str,
}

/// A word under `code`, and `message`: too many calls, whatever was called.
#[derive(Serialize)]
struct Untyped<'a> {
    code: &'a str,
    message: &'a str,
}

/// The gateway's own, of the token call.
#[derive(Serialize)]
struct Bare<'a> {
    error: &'a str,
}

/// Whom an answer goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    shape: Shape,
    request: Option<RequestId>,
}

impl Reply {
    /// Accounts and what is asked of them have a shape of their own, banking the flat one.
    pub(crate) fn to(parts: &Parts) -> Self {
        let path = parts.uri.path();
        let under = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
        let shape = if under(&["/v1/accounts", "/v1/rfis"]) {
            Shape::Account
        } else if under(&["/v1/connect", "/v1/balances"]) {
            Shape::Flat
        } else {
            Shape::Typed
        };
        let arrival = parts.extensions.get::<Arrival>();
        Self { shape, request: arrival.map(|arrival| arrival.id) }
    }

    pub(crate) fn answer<T: Serialize>(self, result: Result<T, Failure>) -> Response {
        match result {
            Ok(view) => write(StatusCode::OK, &view),
            Err(failure) => self.refuse(failure),
        }
    }

    pub(crate) fn refuse(self, failure: Failure) -> Response {
        failure.log(self.request);
        failed(self.shape, &failure)
    }
}

pub(crate) fn failed(shape: Shape, failure: &Failure) -> Response {
    let (code, message) = (failure.code(), failure.text());
    // Elsewhere 401 and a text that says it has expired, by which clients know to ask for another.
    let unauthorized = matches!(code, Code::TokenExpired | Code::BadToken);
    let status = match shape {
        Shape::Account if unauthorized => StatusCode::FORBIDDEN,
        _ => code.status(),
    };
    let answer = match (shape, code) {
        (_, Code::Processing) => write(status, &Flat { code: 200, message }),
        (_, Code::TooManyRequests) => write(status, &Untyped { code: code.word(), message }),
        (_, Code::InvalidKey) => write(status, &Bare { error: message }),
        (Shape::Account, _) if unauthorized => {
            write(status, &Flat { code: status.as_u16(), message: "Authorization error" })
        }
        (Shape::Flat | Shape::Account, _) => {
            write(status, &Flat { code: status.as_u16(), message })
        }
        (Shape::Typed, _) => {
            write(status, &Typed { r#type: code.kind(), code: code.word(), message })
        }
    };
    with_retry_after(answer, failure.retry_after_s())
}

fn write<T: Serialize>(status: StatusCode, view: &T) -> Response {
    json(status, JSON, CAPACITY, view)
}
