//! The id of a request: 16 hexadecimal digits, in its span, its log lines and its answer.

use core::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderName, HeaderValue};

/// Where the answer carries the id.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Unique within a process, and between processes as far as their seeds are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u64);

impl RequestId {
    /// As [`fmt::Display`] writes it.
    pub fn header(self) -> HeaderValue {
        let mut text = [0u8; 16];
        for (place, digit) in text.iter_mut().enumerate() {
            let nibble = (self.0 >> (60 - 4 * place)) & 0xf;
            *digit = b"0123456789abcdef"[nibble as usize];
        }
        HeaderValue::from_bytes(&text).expect("hexadecimal digits are a header value")
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

/// Makes ids: a counter from a seed, spread over all bits so that neighbours look apart.
#[derive(Debug)]
pub struct RequestIds(AtomicU64);

impl RequestIds {
    /// `seed` is random in production and fixed in a test.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub fn next(&self) -> RequestId {
        let n = self.0.fetch_add(1, Ordering::Relaxed);
        RequestId(spread(n))
    }
}

/// The finalizer of splitmix64: one to one, so different counts stay different ids.
const fn spread(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests;
