//! The master key of an installation: wraps all other keys, and is stored nowhere by us.
//!
//! The master itself is used only to derive: HMAC-SHA256 under it over one label gives the key
//! that wraps, over another label the check value, so that neither tells anything of the other.
//!
//! Wrapped key: version (1) ‖ nonce (12) ‖ AES-256-GCM of the key's 32 bytes (32 + tag 16).
//! Authenticated with it: version (1) ‖ programme (16) ‖ key id (16) ‖ purpose code (1). A wrapped
//! key put in another row, under another programme or for another purpose does not open.

use core::fmt;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use domain::id::{KeyId, ProgramId};
use domain::secret::Secret;
use ring::hmac;
use zeroize::{Zeroize, Zeroizing};

use crate::KeyError;
use crate::cipher::Cipher;
use crate::compare::equal;
use crate::random::{self, Random, RandomError};

const WRAP_VERSION: u8 = 1;
const WRAP_LABEL: &[u8] = b"vostro master wrap 1";
const CHECK_LABEL: &[u8] = b"vostro master check 1";

/// What a wrapped key is for. A key is never used for two purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Seals stored values, see [`crate::data`]. The only purpose whose keys rotate.
    Data,
    /// Fingerprints of commands, see [`crate::fingerprint`].
    Fingerprint,
    /// Look-up hashes, see [`crate::lookup`].
    Lookup,
    /// Access tokens, see [`crate::token`].
    Token,
    /// Stored PINs.
    Pin,
    /// Card verification values.
    Cvv,
    /// The permutation that PANs come from.
    Pan,
    /// Proof that a restored installation has the keys of its rows.
    Check,
}

impl Purpose {
    pub const ALL: [Self; 8] = [
        Self::Data,
        Self::Fingerprint,
        Self::Lookup,
        Self::Token,
        Self::Pin,
        Self::Cvv,
        Self::Pan,
        Self::Check,
    ];

    /// Stored beside each key and authenticated with it: a code is never given a new meaning.
    pub const fn code(self) -> u8 {
        match self {
            Self::Data => 1,
            Self::Fingerprint => 2,
            Self::Lookup => 3,
            Self::Token => 4,
            Self::Pin => 5,
            Self::Cvv => 6,
            Self::Pan => 7,
            Self::Check => 8,
        }
    }

    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

/// Where a wrapped key belongs. All of it is needed, unchanged, to unwrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyContext {
    /// [`ProgramId::INSTALLATION`] for keys that all programmes share.
    pub program: ProgramId,
    pub id: KeyId,
    pub purpose: Purpose,
}

impl KeyContext {
    fn bytes(&self) -> [u8; 33] {
        let mut out = [0u8; 33];
        out[..16].copy_from_slice(self.program.bytes());
        out[16..32].copy_from_slice(self.id.bytes());
        out[32] = self.purpose.code();
        out
    }
}

/// The master key. Its text is what the operator keeps, and it is not recoverable from anything
/// that is stored.
pub struct MasterKey {
    secret: Secret<[u8; 32]>,
    wrapping: Cipher,
    check: [u8; 8],
}

impl MasterKey {
    /// From 64 hexadecimal digits of either case; white space around them is dropped, since files
    /// end in a new line.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim().as_bytes();
        if text.len() != 64 {
            return Err(KeyError::Text);
        }
        let mut bytes = Zeroizing::new([0u8; 32]);
        HEXLOWER_PERMISSIVE.decode_mut(text, &mut bytes[..]).map_err(|_| KeyError::Text)?;
        Ok(Self::new(Secret::new(*bytes)))
    }

    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self::new(random::key(random)?))
    }

    fn new(secret: Secret<[u8; 32]>) -> Self {
        let derive = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
        let mut wrapping = Zeroizing::new([0u8; 32]);
        wrapping.copy_from_slice(hmac::sign(&derive, WRAP_LABEL).as_ref());
        let mut check = [0u8; 8];
        check.copy_from_slice(&hmac::sign(&derive, CHECK_LABEL).as_ref()[..8]);
        Self { secret, wrapping: Cipher::new(&Secret::new(*wrapping)), check }
    }

    /// The 64 lower-case digits that [`Self::parse`] reads.
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(HEXLOWER.encode(self.secret.expose()))
    }

    /// Stored in clear at first start; a start with another master key is refused by it.
    pub const fn check_value(&self) -> [u8; 8] {
        self.check
    }

    /// Whether a stored check value is this key's.
    pub fn matches(&self, check_value: &[u8]) -> bool {
        equal(&self.check, check_value)
    }

    pub fn wrap(
        &self,
        random: &dyn Random,
        context: &KeyContext,
        key: &Secret<[u8; 32]>,
    ) -> Result<Vec<u8>, KeyError> {
        self.wrapping.seal(random, &[WRAP_VERSION], &context.bytes(), key.expose())
    }

    pub fn unwrap(
        &self,
        context: &KeyContext,
        wrapped: &[u8],
    ) -> Result<Secret<[u8; 32]>, KeyError> {
        if wrapped.first() != Some(&WRAP_VERSION) {
            return Err(KeyError::Malformed);
        }
        let plain = self.wrapping.open(1, &context.bytes(), wrapped)?;
        let mut bytes: [u8; 32] =
            plain.expose().as_slice().try_into().map_err(|_| KeyError::Malformed)?;
        let key = Secret::new(bytes);
        bytes.zeroize();
        Ok(key)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([secret])")
    }
}

#[cfg(test)]
mod tests;
