//! One log line per request, at debug level, so that it costs nothing where it is filtered off.
//!
//! It has the method, the shape of the path, the status and the time taken. It never has query,
//! headers or body, and of the path only what cannot be an id or a secret: see [`PathShape`].

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, Uri};
use tracing::{Level, debug, enabled};

use crate::request_id::RequestId;

/// Reads a clock that never goes back; only differences matter.
pub type Monotonic = Arc<dyn Fn() -> Duration + Send + Sync>;

/// What of a request its line needs, kept only where the line will be written.
pub(crate) struct Line {
    id: RequestId,
    method: Method,
    uri: Uri,
    started: Duration,
}

impl Line {
    pub(crate) fn begin(
        id: RequestId,
        method: &Method,
        uri: &Uri,
        clock: &Monotonic,
    ) -> Option<Self> {
        if !enabled!(Level::DEBUG) {
            return None;
        }
        Some(Self { id, method: method.clone(), uri: uri.clone(), started: clock() })
    }

    pub(crate) fn end(self, status: StatusCode, clock: &Monotonic) {
        let taken = clock().saturating_sub(self.started);
        debug!(
            request = %self.id,
            method = %self.method,
            path = %PathShape(self.uri.path()),
            status = status.as_u16(),
            duration_us = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
    }
}

/// A path with every part that is not plainly a route's own word written as `*`. Own words are
/// up to 32 lower-case letters, `-` and `_`, and versions such as `v1`. Ids, card numbers and
/// tokens have digits, capitals or a greater length, and a caller's path can't forge a line.
pub struct PathShape<'a>(pub &'a str);

impl fmt::Display for PathShape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.0.split('/').enumerate() {
            if i > 0 {
                f.write_str("/")?;
            }
            f.write_str(if is_own_word(part) { part } else { "*" })?;
        }
        Ok(())
    }
}

fn is_own_word(part: &str) -> bool {
    if let Some(version) = part.strip_prefix('v')
        && (1..=2).contains(&version.len())
        && version.bytes().all(|c| c.is_ascii_digit())
    {
        return true;
    }
    part.len() <= 32 && part.bytes().all(|c| matches!(c, b'a'..=b'z' | b'-' | b'_'))
}

#[cfg(test)]
mod tests;
