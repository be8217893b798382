//! The envelope of every answer: `code`, `data`, `message`.

use crate::DoorOptions;
use crate::error::{Code, Failure, Wire};
use crate::language::Language;
use axum::response::Response;
use gateway::answer::{JSON, json, with_retry_after};
use gateway::edge::Arrival;
use gateway::request_id::RequestId;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;

/// One answer of a transfer, or one error, fits without growing.
const CAPACITY: usize = 512;

#[derive(Serialize)]
struct Success<'a, T> {
    code: u16,
    data: &'a T,
    message: &'a str,
}

/// The same word may stand under `error_code`, where some clients look for it.
#[derive(Serialize)]
struct Refused<'a> {
    code: Wire,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    message: &'a str,
}

/// Whom an answer goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    language: Language,
    request: Option<RequestId>,
    refuse_with_200: bool,
}

impl Reply {
    pub(crate) fn to(parts: &Parts, options: &DoorOptions) -> Self {
        let arrival = parts.extensions.get::<Arrival>();
        Self {
            language: Language::of(&parts.headers),
            request: arrival.map(|arrival| arrival.id),
            refuse_with_200: options.refuse_with_200,
        }
    }

    pub(crate) fn answer<T: Serialize>(self, result: Result<T, Failure>) -> Response {
        match result {
            Ok(data) => json(
                StatusCode::OK,
                JSON,
                CAPACITY,
                &Success { code: 200, data: &data, message: "succeed" },
            ),
            Err(failure) => self.refuse(failure),
        }
    }

    pub(crate) fn refuse(self, failure: Failure) -> Response {
        failure.log(self.request);
        let status = failure.code().status();
        let business = matches!(failure.code().wire(), Wire::Number(_));
        let forgiven = self.refuse_with_200 && business && status == StatusCode::BAD_REQUEST;
        failed(if forgiven { StatusCode::OK } else { status }, self.language, &failure)
    }
}

pub(crate) fn failed(status: StatusCode, language: Language, failure: &Failure) -> Response {
    let code: Code = failure.code();
    let error_code = match code.wire() {
        Wire::Text(text) => Some(text),
        Wire::Number(_) => None,
    };
    let message = failure.message(language);
    let answer =
        json(status, JSON, CAPACITY, &Refused { code: code.wire(), error_code, message: &message });
    with_retry_after(answer, failure.retry_after_s())
}
