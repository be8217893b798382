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

/// Counts what it is asked for.
struct Counted(Seeded, AtomicU64);

impl Random for Counted {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.fill(out)
    }
}

#[test]
fn short_values_share_a_draw_and_none_is_given_twice() {
    let pooled = PooledRandom::new(Counted(Seeded::new(1), AtomicU64::new(0)));
    let mut given = std::collections::BTreeSet::new();
    let most = POOL / SHORT;
    for _ in 0..3 * most {
        let mut value = [0; SHORT];
        pooled.fill(&mut value).unwrap();
        assert!(given.insert(value), "{value:?} again");
    }
    let asked = || pooled.source.1.load(Ordering::Relaxed);
    assert_eq!(asked(), 3);
    assert!(pooled.pool.lock().unwrap().bytes.iter().all(|byte| *byte == 0), "wiped");
    // Of odd lengths too, and nothing where nothing is wanted.
    for length in [0, 1, 3, 7] {
        let mut value = vec![0; length];
        pooled.fill(&mut value).unwrap();
        assert!(length < 3 || value.iter().any(|byte| *byte != 0));
    }
    assert_eq!(asked(), 4);
    // Keys are drawn by themselves.
    key(&pooled).unwrap();
    key(&pooled).unwrap();
    assert_eq!(asked(), 6);
    assert_eq!(format!("{:?}", pooled.pool.lock().unwrap()), "[secret]");
}

#[test]
fn a_pool_that_can_not_be_filled_gives_nothing() {
    let pooled = PooledRandom::new(Broken);
    for length in [1, 8, 32] {
        assert_eq!(pooled.fill(&mut vec![0; length]), Err(RandomError));
    }
}
