//! Fingerprints: whether two commands under one reference are the same command.
//!
//! The fingerprint is HMAC-SHA256 under the programme's fingerprint key over [`Canonical`] bytes,
//! never over the bytes of a request, so that white space, field order and `1.0` against `1.00`
//! make no difference. The key never changes; otherwise every replay would be a conflict.
//!
//! Canonical bytes: version (1) ‖ operation as text ‖ fields in the order the command lists them.
//! A field: tag (1) ‖ length in bytes (8, big-endian) ‖ bytes. Tags: 1 text, 2 id, 3 integer
//! (8 bytes, big-endian two's complement), 4 bytes. Absent is the empty text, since callers send
//! either.

use core::fmt;
use domain::secret::Secret;
use ring::hmac;

const TEXT: u8 = 1;
const ID: u8 = 2;
const INTEGER: u8 = 3;
const BYTES: u8 = 4;

/// What a fingerprint is made over. A change to any operation's list of fields takes a new
/// version, or references of the old list would be read as conflicts.
pub struct Canonical(Vec<u8>);

impl Canonical {
    pub fn new(version: u8, operation: &'static str) -> Self {
        // Enough for a transfer with a remark, so that it allocates once.
        let mut bytes = Vec::with_capacity(256);
        bytes.push(version);
        Self(bytes).text(operation)
    }

    pub fn text(self, text: &str) -> Self {
        self.field(TEXT, text.as_bytes())
    }

    pub fn id(self, id: &[u8; 16]) -> Self {
        // Of known length, so that it is written at once.
        let mut field = [ID; 25];
        field[1..9].copy_from_slice(&16u64.to_be_bytes());
        field[9..].copy_from_slice(id);
        self.written(&field)
    }

    pub fn i64(self, value: i64) -> Self {
        let mut field = [INTEGER; 17];
        field[1..9].copy_from_slice(&8u64.to_be_bytes());
        field[9..].copy_from_slice(&value.to_be_bytes());
        self.written(&field)
    }

    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.field(BYTES, bytes)
    }

    pub fn absent(self) -> Self {
        self.text("")
    }

    fn field(self, tag: u8, bytes: &[u8]) -> Self {
        let mut head = [tag; 9];
        head[1..].copy_from_slice(&(bytes.len() as u64).to_be_bytes());
        let mut field = self.written(&head);
        field.0.extend_from_slice(bytes);
        field
    }

    fn written<const LEN: usize>(mut self, bytes: &[u8; LEN]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

// May hold names and contacts: only its length prints.
impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Canonical({} bytes)", self.0.len())
    }
}

/// A programme's fingerprint key, prepared once.
pub struct FingerprintKey(hmac::Key);

impl FingerprintKey {
    pub fn new(key: Secret<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }

    /// Of the bytes of a [`Canonical`].
    pub fn fingerprint(&self, canonical: &[u8]) -> [u8; 32] {
        let mut out = [0u8; 32];
        out.copy_from_slice(hmac::sign(&self.0, canonical).as_ref());
        out
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey([secret])")
    }
}

#[cfg(test)]
mod tests;
