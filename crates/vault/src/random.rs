//! Where randomness comes from: passed in, so that a test may use a seeded one.

use domain::secret::Secret;
use ring::rand::{SecureRandom, SystemRandom as RingRandom};

/// The source gave nothing; whoever asked must not go on with what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the random generator gave nothing")]
pub struct RandomError;

/// A source of bytes that nobody can foresee.
pub trait Random: Send + Sync {
    /// Fills all of `out`, or fails.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system's generator.
#[derive(Debug, Clone)]
pub struct SystemRandom(RingRandom);

impl SystemRandom {
    pub fn new() -> Self {
        Self(RingRandom::new())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(out).map_err(|_unspecified| RandomError)
    }
}

/// A new key of any purpose.
pub fn key(random: &dyn Random) -> Result<Secret<[u8; 32]>, RandomError> {
    let mut bytes = zeroize::Zeroizing::new([0u8; 32]);
    random.fill(&mut bytes[..])?;
    Ok(Secret::new(*bytes))
}

#[cfg(test)]
pub(crate) mod tests;
