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
        let mut hasher = self.hasher();
        for part in parts {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut out = [0u8; 16];
        out.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        out
    }

    fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(self.0.expose())
    }
}

impl fmt::Debug for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupKey([secret])")
    }
}

#[cfg(test)]
mod tests;
