use super::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Splitmix64: the same bytes in every run, and different ones at every call.
pub(crate) struct Seeded(AtomicU64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        for chunk in out.chunks_mut(8) {
            let step = 0x9e37_79b9_7f4a_7c15u64;
            let mut z = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A generator that has failed.
pub(crate) struct Broken;

impl Random for Broken {
    fn fill(&self, _out: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
}

/// Any published value, from its hexadecimal text.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

#[test]
fn the_system_gives_other_bytes_each_time() {
    let random = SystemRandom::new();
    let (one, two) = (key(&random).unwrap(), key(&random).unwrap());
    assert_ne!(one.expose(), two.expose());
    assert_ne!(one.expose(), &[0; 32]);
}

#[test]
fn a_broken_source_makes_no_key() {
    assert!(key(&Broken).is_err());
}
