//! How long the long tests run: a count for every day, and the full count of `--full`.

/// The first where the whole is asked for in haste, the second with `--full`.
pub fn count(daily: u32, full: u32) -> u32 {
    if std::env::var_os("VOSTRO_FULL").is_some() { full } else { daily }
}

/// A seed, printed so that a failure can be repeated with `VOSTRO_TEST_RUN_SEED`.
pub fn seed() -> u64 {
    let seed = match std::env::var("VOSTRO_TEST_RUN_SEED") {
        Ok(text) => text.parse().expect("VOSTRO_TEST_RUN_SEED is a number"),
        Err(_) => fastrand::u64(..),
    };
    eprintln!("VOSTRO_TEST_RUN_SEED={seed}");
    seed
}
