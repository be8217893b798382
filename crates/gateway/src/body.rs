//! A request's whole body, within a number of bytes and a time.

use std::time::Duration;

use crate::fault::{Fault, Faults};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Body;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What one body may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub body_bytes: usize,
    /// From the first look at the body to its last byte.
    pub body_deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 64 * 1024, body_deadline: Duration::from_secs(10) }
    }
}

/// Why there is no body. Each has its own status: 413, 408, 400.
#[derive(Debug, thiserror::Error)]
pub enum BodyFault {
    #[error("the body is larger than allowed")]
    TooLarge,
    #[error("the body did not arrive in time")]
    Timeout,
    #[error("the body broke off")]
    Broken(#[source] BoxError),
}

/// Reads to the end. A body that announces itself as too large is refused unread, and a body of
/// one piece is not copied.
pub async fn read<B>(body: B, limits: Limits) -> Result<Bytes, BodyFault>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |bytes| bytes > limits.body_bytes) {
        return Err(BodyFault::TooLarge);
    }
    // The timer is set only when the body is not there yet, which it mostly is: it comes in the
    // packet of the head.
    tokio::time::timeout(limits.body_deadline, collect(body, limits.body_bytes))
        .await
        .unwrap_or(Err(BodyFault::Timeout))
}

/// As [`read`]; where there is no body, the answer of a door to a request with these headers.
pub async fn read_or_answer(
    headers: &HeaderMap,
    body: axum::body::Body,
    limits: Limits,
    faults: &impl Faults,
) -> Result<Bytes, Response> {
    let answer = |fault: BodyFault| Fault::from(&fault).answer(faults, Some(headers));
    read(body, limits).await.map_err(answer)
}

async fn collect<B>(mut body: B, max: usize) -> Result<Bytes, BodyFault>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let first = next(&mut body, max).await?.unwrap_or_default();
    if body.is_end_stream() {
        return Ok(first);
    }
    let Some(second) = next(&mut body, max - first.len()).await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::with_capacity(max.min(2 * (first.len() + second.len())));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while let Some(more) = next(&mut body, max - whole.len()).await? {
        whole.extend_from_slice(&more);
    }
    Ok(whole.freeze())
}

/// The next piece of data, of at most `left` bytes; trailers are dropped.
async fn next<B>(body: &mut B, left: usize) -> Result<Option<Bytes>, BodyFault>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| BodyFault::Broken(error.into()))?;
        match frame.into_data() {
            Ok(data) if data.len() > left => return Err(BodyFault::TooLarge),
            Ok(data) if data.is_empty() => {}
            Ok(data) => return Ok(Some(data)),
            Err(_trailers) => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
