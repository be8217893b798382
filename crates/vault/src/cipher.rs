//! AES-256-GCM with a random nonce, the one form in which anything here is encrypted.
//!
//! Sealed: header ‖ 12-byte nonce ‖ ciphertext ‖ 16-byte tag. The header is the caller's, stays in
//! clear and is authenticated, as is the context that the caller names. A random nonce of 96 bits
//! allows 2³² values under one key before a repetition becomes likely enough to matter (NIST
//! SP 800-38D, 8.3); a data key is replaced long before.

use domain::secret::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroize;

use crate::KeyError;
use crate::random::Random;

const TAG_LEN: usize = 16;

/// A key with its schedule, prepared once.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &Secret<[u8; 32]>) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key.expose())
            .expect("AES-256 takes every key of 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// Header, fresh nonce, ciphertext and tag; `context` must be given again to open.
    pub(crate) fn seal(
        &self,
        random: &dyn Random,
        header: &[u8],
        context: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0u8; NONCE_LEN];
        random.fill(&mut nonce)?;
        self.seal_with(nonce, header, context, plain)
    }

    fn seal_with(
        &self,
        nonce: [u8; NONCE_LEN],
        header: &[u8],
        context: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let start = header.len() + NONCE_LEN;
        let mut out = Vec::with_capacity(start + plain.len() + TAG_LEN);
        out.extend_from_slice(header);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let aad = Aad::from(authenticated(header, context));
        let nonce = Nonce::assume_unique_for_key(nonce);
        let Ok(tag) = self.0.seal_in_place_separate_tag(nonce, aad, &mut out[start..]) else {
            out.zeroize();
            return Err(KeyError::TooLong);
        };
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// The plain bytes, where nothing of header, nonce, ciphertext, tag or context has changed.
    pub(crate) fn open(
        &self,
        header_len: usize,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Secret<Vec<u8>>, KeyError> {
        if sealed.len() < header_len + NONCE_LEN + TAG_LEN {
            return Err(KeyError::Malformed);
        }
        let (header, rest) = sealed.split_at(header_len);
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::Malformed)?;
        let aad = Aad::from(authenticated(header, context));
        let mut plain = body.to_vec();
        // Where the tag is wrong, ring has overwritten what it deciphered.
        self.0.open_in_place(nonce, aad, &mut plain).map_err(|_| KeyError::Refused)?;
        plain.truncate(body.len() - TAG_LEN);
        Ok(Secret::new(plain))
    }
}

/// Headers have one length per version byte, which comes first, so the border is not ambiguous.
fn authenticated(header: &[u8], context: &[u8]) -> Vec<u8> {
    [header, context].concat()
}

#[cfg(test)]
mod tests;
