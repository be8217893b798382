//! Signature keys: the RSA keys that prove a credential's requests, and those that we sign with.
//!
//! A credential may have several of each use, so that one is replaced without a moment in which
//! neither is taken: the new one is added, callers move over, the old one is retired for ever.

use crate::coded::coded;
use crate::id::{CredentialId, ProgramId, SignatureKeyId};
use crate::time::Time;

/// The most keys of one credential, retired ones included.
pub const KEYS_MAX: usize = 64;
/// The longest key as it is uploaded, in bytes.
pub const PEM_LEN_MAX: usize = 16_384;

coded! {
    /// Who signs with the private half.
    pub enum SignatureUse {
        /// The caller; we have the public half and verify.
        Verify = 1 "verify",
        /// We; callers have the public half.
        Sign = 2 "sign",
    }
}

coded! {
    pub enum SignatureKeyStatus {
        Active = 1 "active",
        /// For ever.
        Retired = 2 "retired",
    }
}

coded! {
    /// Why something about a signature key was refused, in order of precedence.
    pub enum SignatureKeyRefusal {
        /// Not one RSA key of 2048 to 4096 bits, in PEM.
        BadKey = 1 "bad_signature_key",
        /// Its private half is published, and the programme is not a sandbox.
        PublishedKey = 2 "published_signature_key",
        Missing = 3 "signature_key_missing",
        /// A retired key stays retired.
        Retired = 4 "signature_key_retired",
        TooManyKeys = 5 "too_many_signature_keys",
    }
}

impl SignatureKeyRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// One key of a credential.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureKey {
    /// Follows from the credential, the use and the key itself, so that a key is there once.
    pub id: SignatureKeyId,
    pub program: ProgramId,
    pub credential: CredentialId,
    pub usage: SignatureUse,
    /// The public half: DER of `SubjectPublicKeyInfo`.
    pub public: Vec<u8>,
    /// The private half, sealed under the programme's data key, where it is ours.
    pub sealed_private: Option<Vec<u8>>,
    pub status: SignatureKeyStatus,
    /// 1 when made, one more with each change.
    pub version: u64,
    pub created_at: Time,
    pub retired_at: Option<Time>,
}

impl SignatureKey {
    /// The key, out of use from now on.
    pub fn retired(self, at: Time) -> Self {
        let version = self.version + 1;
        Self { status: SignatureKeyStatus::Retired, retired_at: Some(at), version, ..self }
    }
}
