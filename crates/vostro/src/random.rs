//! The random generator of the process: the system's, or in a test build a seeded one.

#![cfg_attr(
    feature = "test-control",
    expect(clippy::disallowed_methods, reason = "the wiring reads the environment, once")
)]

use std::sync::Arc;
use vault::random::{PooledRandom, Random, SystemRandom};

/// Repeats from its seed: for transcripts.
#[cfg(feature = "test-control")]
struct SeededRandom(std::sync::Mutex<u64>);

#[cfg(feature = "test-control")]
impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), vault::random::RandomError> {
        let mut state = self.0.lock().expect("nothing panics while it holds the seed");
        for chunk in out.chunks_mut(8) {
            // The step and finalizer of splitmix64.
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut n = *state;
            n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            n ^= n >> 31;
            chunk.copy_from_slice(&n.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub fn random() -> Arc<dyn Random> {
    #[cfg(feature = "test-control")]
    if let Ok(seed) = std::env::var("VOSTRO_TEST_SEED") {
        let seed = seed.parse().expect("VOSTRO_TEST_SEED is a number");
        return Arc::new(SeededRandom(std::sync::Mutex::new(seed)));
    }
    Arc::new(PooledRandom::new(SystemRandom::new()))
}

/// A number to begin request ids with.
pub fn seed(random: &dyn Random) -> u64 {
    let mut bytes = [0u8; 8];
    match random.fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        // Request ids are no secret; the process id still tells processes apart.
        Err(_) => u64::from(std::process::id()),
    }
}
