//! Look-up hashes: a row is found by a value that is not stored in clear, or whose length must
//! not matter, through 16 bytes that nobody without the key can make.
//!
//! BLAKE3 keyed, over each part's length (8 bytes, big-endian) and bytes; the first 16 bytes of the
//! hash. At 16 bytes, 10⁹ rows of one kind meet by chance with a probability of 10⁻²¹. Parts
//! begin with a word that names the kind, so that kinds never share a hash.

use core::fmt;
use domain::secret::Secret;

/// The installation's look-up key. It never changes: all stored hashes depend on it.
pub struct LookupKey(Secret<[u8; 32]>);

impl LookupKey {
    pub fn new(key: Secret<[u8; 32]>) -> Self {
        Self(key)
    }

    pub fn lookup(&self, parts: &[&[u8]]) -> [u8; 16] {
        let hash = match together(parts, &mut [0; TOGETHER]) {
            Some(bytes) => blake3::keyed_hash(self.0.expose(), bytes),
            None => self.one_by_one(parts),
        };
        let mut out = [0u8; 16];
        out.copy_from_slice(&hash.as_bytes()[..16]);
        out
    }

    fn one_by_one(&self, parts: &[&[u8]]) -> blake3::Hash {
        let mut hasher = self.hasher();
        for part in parts {
            hasher.update(&length(part));
            hasher.update(part);
        }
        hasher.finalize()
    }

    fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(self.0.expose())
    }
}

/// Bytes that are hashed in one go, which costs a fraction of a hasher that is told of them part by
/// part. Nearly all look-ups have fewer.
const TOGETHER: usize = 256;

fn length(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_be_bytes()
}

/// What is hashed of the parts, where it fits.
fn together<'a>(parts: &[&[u8]], bytes: &'a mut [u8; TOGETHER]) -> Option<&'a [u8]> {
    let mut end = 0;
    for part in parts {
        let (begin, middle) = (end, end + 8);
        end = middle + part.len();
        bytes.get_mut(begin..middle)?.copy_from_slice(&length(part));
        bytes.get_mut(middle..end)?.copy_from_slice(part);
    }
    Some(&bytes[..end])
}

impl fmt::Debug for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupKey([secret])")
    }
}

#[cfg(test)]
mod tests;
