use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A clock of milliseconds that the test sets.
fn set() -> (Arc<AtomicU64>, Monotonic) {
    let now = Arc::new(AtomicU64::new(7_000));
    let read = Arc::clone(&now);
    (now, Arc::new(move || Duration::from_millis(read.load(Ordering::Relaxed))))
}

#[test]
fn each_tenth_has_a_rate_of_its_own() {
    let (now, clock) = set();
    let mut tenths = Tenths::new(100, clock);
    for answer in 1..=100 {
        // The first half takes a millisecond each, the second ten.
        let ms = if answer <= 50 { 1 } else { 10 };
        now.fetch_add(ms, Ordering::Relaxed);
        tenths.answered(1);
    }
    let (fast, slow) = ([1_000; 5], [100; 5]);
    assert_eq!(tenths.per_second(), [fast, slow].concat());
}

#[test]
fn what_does_not_divide_is_counted_once() {
    let (now, clock) = set();
    let mut tenths = Tenths::new(17, clock);
    for _ in 0..17 {
        now.fetch_add(1_000, Ordering::Relaxed);
        tenths.answered(1);
    }
    assert_eq!(tenths.per_second(), [1; 10]);
    let lengths: u64 = (1..=10).map(|part| share(17, part) - share(17, part - 1)).sum();
    assert_eq!(lengths, 17);
    assert_eq!(share(u64::MAX, 10), u64::MAX);
}

#[test]
fn too_few_have_no_tenths_and_what_breaks_off_has_those_that_were_over() {
    let (now, clock) = set();
    let mut tenths = Tenths::new(9, Arc::clone(&clock));
    tenths.answered(9);
    assert!(tenths.per_second().is_empty());
    let mut tenths = Tenths::new(20, clock);
    now.fetch_add(1_000, Ordering::Relaxed);
    tenths.answered(5);
    assert_eq!(tenths.per_second(), [2, 0], "of two tenths that end at once, one took no time");
}
