//! Access tokens that need no row: what they say is in them, under a MAC.
//!
//! Token: base64url without padding of version (1) ‖ programme (16) ‖ credential (16) ‖ version of
//! the credential (8) ‖ expiry in microseconds (8) ‖ HMAC-SHA256 of all before it (32). These 81
//! bytes are 108 characters with no bits left over, so a token has one spelling only.
//!
//! A token is void as soon as its credential's version has moved on: the caller compares it, and
//! the expiry, with what is stored and with its clock.

use core::fmt;
use data_encoding::BASE64URL_NOPAD;
use domain::id::{CredentialId, ProgramId};
use domain::secret::Secret;
use domain::time::Time;
use ring::hmac;

const VERSION: u8 = 1;
const BODY_LEN: usize = 49;
const TOKEN_LEN: usize = BODY_LEN + 32;
/// Characters of a token.
pub const TEXT_LEN: usize = 108;

/// What a token says. Nothing of it is secret; only the MAC makes it a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenClaims {
    pub program: ProgramId,
    pub credential: CredentialId,
    /// The credential's version when the token was made.
    pub version: u64,
    pub expires_at: Time,
}

/// The installation's token key, prepared once.
pub struct TokenKey(hmac::Key);

impl TokenKey {
    pub fn new(key: Secret<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }

    pub fn issue(&self, claims: &TokenClaims) -> Secret<String> {
        let mut bytes = [0u8; TOKEN_LEN];
        bytes[0] = VERSION;
        bytes[1..17].copy_from_slice(claims.program.bytes());
        bytes[17..33].copy_from_slice(claims.credential.bytes());
        bytes[33..41].copy_from_slice(&claims.version.to_be_bytes());
        bytes[41..49].copy_from_slice(&claims.expires_at.unix_us().to_be_bytes());
        let mac = hmac::sign(&self.0, &bytes[..BODY_LEN]);
        bytes[BODY_LEN..].copy_from_slice(mac.as_ref());
        Secret::new(BASE64URL_NOPAD.encode(&bytes))
    }

    /// What a token of ours says, expired or not; `None` for everything else. Allocates nothing.
    pub fn read(&self, text: &str) -> Option<TokenClaims> {
        if text.len() != TEXT_LEN {
            return None;
        }
        let mut bytes = [0u8; TOKEN_LEN];
        BASE64URL_NOPAD.decode_mut(text.as_bytes(), &mut bytes).ok()?;
        let (body, mac) = bytes.split_at(BODY_LEN);
        // Compares in constant time; nothing of the body is looked at before.
        hmac::verify(&self.0, body, mac).ok()?;
        let (&version, rest) = body.split_first()?;
        let (program, rest) = rest.split_first_chunk()?;
        let (credential, rest) = rest.split_first_chunk()?;
        let (credential_version, expires_at) = rest.split_first_chunk()?;
        (version == VERSION).then_some(TokenClaims {
            program: ProgramId::from_bytes(*program),
            credential: CredentialId::from_bytes(*credential),
            version: u64::from_be_bytes(*credential_version),
            expires_at: Time::from_unix_us(i64::from_be_bytes(expires_at.try_into().ok()?)),
        })
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey([secret])")
    }
}

#[cfg(test)]
mod tests;
