//! Wrapped keys, as stores keep them. What they open is the vault's business.

use crate::id::{KeyId, ProgramId};
use crate::time::Time;

/// A key under the master key, of a programme or of the installation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrappedKey {
    pub id: KeyId,
    pub program: ProgramId,
    /// The vault's number of what the key is for.
    pub purpose: u8,
    pub wrapped: Vec<u8>,
    pub created_at: Time,
}
