use super::check;
use crate::tree::Tree;

fn count(path: &str, source: &str) -> usize {
    check(&Tree::sample(&[(path, source)])).len()
}

#[test]
fn only_the_wiring_reads_the_world() {
    for source in [
        "let now = std::time::SystemTime::now();",
        "let start = tokio::time::Instant::now();",
        "let home = std::env::var_os(\"HOME\");",
        "let id = Uuid::new_v4();",
        "let mut rng = fastrand::Rng::new();",
        "fastrand::shuffle(&mut cards);",
        "let random = ring::rand::SystemRandom::new();",
    ] {
        assert_eq!(count("crates/engine/src/queue.rs", source), 1, "{source}");
        assert_eq!(count("crates/engine/src/queue/tests.rs", source), 1, "{source}");
        assert_eq!(count("crates/vostro/src/clock.rs", source), 0, "{source}");
        assert_eq!(count("xtask/src/steps.rs", source), 0, "{source}");
    }
}

#[test]
fn what_is_handed_in_is_allowed() {
    for source in [
        "let now = clock.now();",
        "let rng = fastrand::Rng::with_seed(seed);",
        "const HERE: &str = env!(\"CARGO_MANIFEST_DIR\");",
        "// never SystemTime::now()",
    ] {
        assert_eq!(count("crates/engine/src/queue.rs", source), 0, "{source}");
    }
}
