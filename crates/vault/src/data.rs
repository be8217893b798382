//! Values stored encrypted, each bound to the row and field it was sealed for.
//!
//! Sealed: version (1) ‖ key id (16) ‖ nonce (12) ‖ AES-256-GCM ciphertext ‖ tag (16). The key id
//! is in clear, so that the keys of a programme can be replaced while old values are still read.
//! Authenticated with it: version ‖ key id ‖ programme (16) ‖ noun (length 8, bytes) ‖ row id (16)
//! ‖ field (length 8, bytes). A value copied to another row or field does not open.

use core::fmt;
use domain::id::{KeyId, ProgramId};
use domain::secret::Secret;

use crate::KeyError;
use crate::cipher::Cipher;
use crate::random::Random;

const VERSION: u8 = 1;
const HEADER_LEN: usize = 17;

/// The place of a sealed value. All of it is needed, unchanged, to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext<'a> {
    pub program: ProgramId,
    /// The kind of row, such as `credential`. Part of what is stored: never renamed.
    pub noun: &'static str,
    pub id: &'a [u8; 16],
    /// The column. Part of what is stored: never renamed.
    pub field: &'static str,
}

impl SealContext<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(48 + self.noun.len() + self.field.len());
        out.extend_from_slice(self.program.bytes());
        out.extend_from_slice(&(self.noun.len() as u64).to_be_bytes());
        out.extend_from_slice(self.noun.as_bytes());
        out.extend_from_slice(self.id);
        out.extend_from_slice(&(self.field.len() as u64).to_be_bytes());
        out.extend_from_slice(self.field.as_bytes());
        out
    }
}

/// A key that seals stored values, prepared once.
pub struct DataKey {
    id: KeyId,
    cipher: Cipher,
}

impl DataKey {
    pub fn new(id: KeyId, key: Secret<[u8; 32]>) -> Self {
        Self { id, cipher: Cipher::new(&key) }
    }

    pub const fn id(&self) -> KeyId {
        self.id
    }

    pub fn seal(
        &self,
        random: &dyn Random,
        context: &SealContext<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let mut header = [VERSION; HEADER_LEN];
        header[1..].copy_from_slice(self.id.bytes());
        self.cipher.seal(random, &header, &context.bytes(), plain)
    }

    /// Which key a value was sealed under; `None` where it is not a sealed value of this version.
    /// Says nothing about whether the value is intact.
    pub fn key_id_of(sealed: &[u8]) -> Option<KeyId> {
        let (&version, rest) = sealed.split_first()?;
        let id = rest.first_chunk::<16>()?;
        (version == VERSION).then(|| KeyId::from_bytes(*id))
    }

    pub fn open(
        &self,
        context: &SealContext<'_>,
        sealed: &[u8],
    ) -> Result<Secret<Vec<u8>>, KeyError> {
        let id = Self::key_id_of(sealed).ok_or(KeyError::Malformed)?;
        if id != self.id {
            return Err(KeyError::OtherKey);
        }
        self.cipher.open(HEADER_LEN, &context.bytes(), sealed)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({}, [secret])", self.id)
    }
}

#[cfg(test)]
mod tests;
