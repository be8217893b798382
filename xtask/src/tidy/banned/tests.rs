use super::check;
use crate::tree::Tree;

fn count(path: &str, source: &str) -> usize {
    check(&Tree::sample(&[(path, source)])).len()
}

#[test]
fn unfinished_and_skipped_work_is_found_everywhere() {
    for source in [
        "    todo!()",
        "unimplemented!(\"x\")",
        "let a = dbg!(b);",
        "#[ignore]",
        "#[ignore = \"slow\"]",
    ] {
        assert_eq!(count("crates/engine/src/hold.rs", source), 1, "{source}");
        assert_eq!(count("crates/vostro/tests/it/main.rs", source), 1, "{source}");
    }
}

#[test]
fn tests_stand_in_their_own_file() {
    assert_eq!(count("crates/engine/src/hold.rs", "#[cfg(test)]\nmod tests {\n}\n"), 1);
    assert_eq!(count("crates/engine/src/hold.rs", "#[cfg(test)]\nmod tests;\n"), 0);
}

#[test]
fn only_tests_must_not_sleep() {
    for source in [
        "std::thread::sleep(d)",
        "tokio::time::sleep(d).await",
        "sleep(d);",
        "use tokio::time::sleep;",
    ] {
        assert_eq!(count("crates/engine/src/worker/tests.rs", source), 1, "{source}");
        assert_eq!(count("crates/vostro/tests/it/crash.rs", source), 1, "{source}");
        assert_eq!(count("crates/engine/src/worker.rs", source), 0, "{source}");
    }
    assert_eq!(count("crates/engine/src/worker/tests.rs", "clock.sleep(d); oversleep(d);"), 0);
}

#[test]
fn comments_and_literals_may_name_what_is_banned() {
    assert_eq!(count("crates/engine/src/hold.rs", "// no todo!() here\nlet a = \"dbg!(\";"), 0);
}
