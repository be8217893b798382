//! Where randomness comes from: passed in, so that a test may use a seeded one.

use domain::secret::Secret;
use ring::rand::{SecureRandom, SystemRandom as RingRandom};
use std::fmt;
use std::sync::Mutex;
use zeroize::Zeroizing;

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

/// The operating system's generator, asked for many short values at once: a call into the system
/// for each would cost more than what most of them are for. Keys are drawn one by one.
#[derive(Debug)]
pub struct PooledRandom<R> {
    source: R,
    pool: Mutex<Pool>,
}

/// What was drawn and not given out yet. Each byte is given out once, and is wiped then.
struct Pool {
    bytes: Zeroizing<[u8; POOL]>,
    left: usize,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

const POOL: usize = 2_048;
/// The longest value that comes from the pool.
const SHORT: usize = 8;

impl<R: Random> PooledRandom<R> {
    pub fn new(source: R) -> Self {
        let pool = Pool { bytes: Zeroizing::new([0; POOL]), left: 0 };
        Self { source, pool: Mutex::new(pool) }
    }
}

impl<R: Random> Random for PooledRandom<R> {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        if out.len() > SHORT {
            return self.source.fill(out);
        }
        let mut pool = self.pool.lock().expect("nothing panics while it holds the pool");
        let Pool { bytes, left } = &mut *pool;
        if *left < out.len() {
            self.source.fill(&mut bytes[..])?;
            *left = POOL;
        }
        let given = &mut bytes[*left - out.len()..*left];
        out.copy_from_slice(given);
        given.fill(0);
        *left -= out.len();
        Ok(())
    }
}

/// A new key of any purpose.
pub fn key(random: &dyn Random) -> Result<Secret<[u8; 32]>, RandomError> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    random.fill(&mut bytes[..])?;
    Ok(Secret::new(*bytes))
}

#[cfg(test)]
pub(crate) mod tests;
