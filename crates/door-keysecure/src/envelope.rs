//! The envelope of every answer: `code`, `msg`, and `data` where there is no error.

use crate::error::{Code, Failure};
use crate::language::Language;
use axum::response::Response;
use domain::id::InstructionId;
use gateway::answer::{JSON, json, with_retry_after};
use gateway::edge::Arrival;
use gateway::request_id::RequestId;
use http::StatusCode;
use http::request::Parts;
use serde::{Serialize, Serializer};
use std::fmt;

/// One answer of a transfer, or one error, fits without growing.
const CAPACITY: usize = 256;

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: u16,
    msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a T>,
}

/// The `data` of every list; its end is a page with fewer rows than asked for.
#[derive(Serialize)]
pub(crate) struct List<T> {
    pub list: Vec<T>,
}

/// Whom an answer goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    language: Language,
    request: Option<RequestId>,
}

impl Reply {
    pub(crate) fn to(parts: &Parts) -> Self {
        let arrival = parts.extensions.get::<Arrival>();
        Self { language: Language::of(&parts.headers), request: arrival.map(|arrival| arrival.id) }
    }

    /// 200, whatever became of it: callers decide on `code`.
    pub(crate) fn answer<T: Serialize>(self, result: Result<T, Failure>) -> Response {
        match result {
            Ok(data) => success(self.language, &data),
            Err(failure) => {
                failure.log(self.request);
                failed(StatusCode::OK, self.language, &failure)
            }
        }
    }

    pub(crate) fn refuse(self, failure: Failure) -> Response {
        self.answer::<()>(Err(failure))
    }
}

fn success<T: Serialize>(language: Language, data: &T) -> Response {
    let code = Code::Success;
    json(
        StatusCode::OK,
        JSON,
        CAPACITY,
        &Envelope { code: code.number(), msg: code.text(language), data: Some(data) },
    )
}

/// Without the key `data`.
pub(crate) fn failed(status: StatusCode, language: Language, failure: &Failure) -> Response {
    let msg = failure.message(language);
    let envelope: Envelope<'_, ()> =
        Envelope { code: failure.code().number(), msg: &msg, data: None };
    let answer = json(status, JSON, CAPACITY, &envelope);
    with_retry_after(answer, failure.retry_after_s())
}

/// A value as the text that it displays, such as money.
pub(crate) struct Shown<T>(pub T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A transfer's number on the wire: 32 hexadecimal digits without dashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TransferNo(pub InstructionId);

impl Serialize for TransferNo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0u8; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0.bytes()) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 0xf)];
        }
        let text = std::str::from_utf8(&text).expect("hexadecimal digits are ASCII");
        serializer.serialize_str(text)
    }
}

#[cfg(test)]
mod tests;
