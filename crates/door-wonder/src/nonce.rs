//! Nonces that were used. A nonce that comes again with another signature is refused; the same
//! request to the byte passes, since that is how a client asks again whose answer was lost.
//!
//! Kept in memory, by one server, for as long as the time of the request is in the window. Beyond
//! the bound the oldest is forgotten: it protects what has no reference of its own, and what moves
//! money has one.

use domain::time::Time;
use foldhash::fast::RandomState;
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// What a nonce is remembered by, and what with.
type Digest = [u8; 16];

#[derive(Default)]
struct Seen {
    signatures: HashMap<Digest, Digest, RandomState>,
    /// In the order in which they came.
    order: VecDeque<(Digest, Time)>,
}

impl Seen {
    fn forget_oldest(&mut self) {
        if let Some((oldest, _)) = self.order.pop_front() {
            self.signatures.remove(&oldest);
        }
    }
}

pub(crate) struct Nonces {
    max: usize,
    seen: Mutex<Seen>,
}

/// A nonce that was used for another request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Used;

/// Length before each part, so that two never run into each other.
fn digest(parts: [&[u8]; 3]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut digest = Digest::default();
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    digest
}

impl Nonces {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, seen: Mutex::default() }
    }

    /// Remembers a request that was verified, until `until`.
    pub(crate) fn check(
        &self,
        (app_id, time, nonce): (&str, &str, &str),
        signature: &[u8],
        now: Time,
        until: Time,
    ) -> Result<(), Used> {
        let key = digest([app_id.as_bytes(), time.as_bytes(), nonce.as_bytes()]);
        let signature = digest([signature, b"", b""]);
        let mut seen = self.seen.lock().expect("nothing panics while it holds the nonces");
        while seen.order.front().is_some_and(|(_, until)| *until < now) {
            seen.forget_oldest();
        }
        match seen.signatures.get(&key) {
            Some(known) if *known == signature => Ok(()),
            Some(_) => Err(Used),
            None => {
                seen.signatures.insert(key, signature);
                seen.order.push_back((key, until));
                if seen.order.len() > self.max {
                    seen.forget_oldest();
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
