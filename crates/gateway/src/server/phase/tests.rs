use super::*;

#[test]
fn late_after_the_limit_and_never_while_handling() {
    let ticks = Arc::new(Ticks::default());
    ticks.now.store(u32::MAX - 3, Ordering::Relaxed);
    let phases = Phases::new(Arc::clone(&ticks));
    let second = Duration::from_secs(1);
    let limits = PhaseLimits::new(2 * second, 8 * second, second);
    assert_eq!(limits.tick(), Duration::from_millis(250));
    for (phase, late_after) in [
        (Phase::Head, Some(9)),
        (Phase::Handling, None),
        (Phase::Idle, Some(33)),
        (Phase::Closing, Some(5)),
    ] {
        phases.enter(phase);
        assert_eq!(phases.now(), phase);
        for tick in 1..100 {
            ticks.advance();
            let late = late_after.is_some_and(|first| tick >= first);
            assert_eq!(phases.is_late(&limits), late, "{phase:?} {tick}");
        }
    }
}
