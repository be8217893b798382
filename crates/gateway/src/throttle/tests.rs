use super::*;

const NOW_US: i64 = 1_780_000_000_000_000;

fn throttle(calls: u32, keys_max: usize) -> Throttle<u32> {
    Throttle::per_minute(NonZeroU32::new(calls).unwrap(), keys_max)
}

fn after(us: i64) -> Time {
    Time::from_unix_us(NOW_US + us)
}

/// Takes until it is refused; how many were let through, and what was said then.
fn drain(throttle: &Throttle<u32>, key: u32, now: Time) -> (u32, TooMany) {
    let refused = |taken| throttle.take(key, now).err().map(|too_many| (taken, too_many));
    (0..).find_map(refused).unwrap()
}

#[test]
fn a_minutes_calls_may_come_at_once_and_come_back_evenly() {
    for (calls, each_us) in [(1, 60_000_000), (7, 8_571_428), (60, 1_000_000), (500, 120_000)] {
        let throttle = throttle(calls, 8);
        let (taken, too_many) = drain(&throttle, 1, after(0));
        assert_eq!(taken, calls);
        assert_eq!(i64::from(too_many.retry_after_s), (each_us + 999_999) / 1_000_000);
        assert_eq!(drain(&throttle, 1, after(each_us - 1)).0, 0, "{calls}");
        assert_eq!(drain(&throttle, 1, after(each_us)).0, 1, "{calls}");
        assert_eq!(drain(&throttle, 1, after(4 * each_us)).0, 3.min(calls), "{calls}");
        assert_eq!(drain(&throttle, 1, after(3_600_000_000)).0, calls, "no more than is in it");
    }
}

#[test]
fn who_waits_as_long_as_was_said_is_let_through() {
    let throttle = throttle(7, 8);
    let (mut now_us, mut random) = (0, fastrand::Rng::with_seed(5));
    for _ in 0..1_000 {
        now_us += random.i64(0..20_000_000);
        if let Err(too_many) = throttle.take(1, after(now_us)) {
            assert!((1..=9).contains(&too_many.retry_after_s));
            now_us += i64::from(too_many.retry_after_s) * 1_000_000;
            throttle.take(1, after(now_us)).unwrap();
        }
    }
}

#[test]
fn who_is_refused_uses_nothing_up() {
    let throttle = throttle(60, 8);
    drain(&throttle, 1, after(0));
    for us in 0..1_000 {
        assert!(throttle.take(1, after(us)).is_err());
    }
    throttle.take(1, after(1_000_000)).unwrap();
}

#[test]
fn each_key_has_its_own() {
    let throttle = throttle(3, 8);
    assert_eq!(drain(&throttle, 1, after(0)).0, 3);
    assert_eq!(drain(&throttle, 2, after(0)).0, 3);
    assert_eq!(drain(&throttle, 1, after(20_000_000)).0, 1);
    assert_eq!(drain(&throttle, 2, after(20_000_000)).0, 1);
}

#[test]
fn a_clock_that_is_set_back_keeps_nobody_out_for_long() {
    let throttle = throttle(60, 8);
    drain(&throttle, 1, after(0));
    let hour_us = 3_600_000_000;
    let (taken, too_many) = drain(&throttle, 1, after(-hour_us));
    assert_eq!((taken, too_many.retry_after_s), (0, 1));
    assert_eq!(drain(&throttle, 1, after(1_000_000 - hour_us)).0, 1);
    assert_eq!(drain(&throttle, 1, after(61_000_000 - hour_us)).0, 60);
    throttle.take(2, after(-hour_us)).unwrap();
}

#[test]
fn memory_has_a_bound() {
    let throttle = throttle(60, 100);
    let kept = || throttle.full_at.lock().unwrap().len();
    for key in 0..10_000 {
        throttle.take(key, after(0)).unwrap();
        assert!(kept() <= 100);
    }
    // One after the other is full again, and makes room for the next.
    for key in 0..10_000 {
        throttle.take(key, after(i64::from(key) * 100_000)).unwrap();
        assert!(kept() <= 100);
    }
}

#[test]
fn who_has_called_is_remembered_while_there_is_room() {
    let throttle = throttle(60, 100);
    for key in 0..60 {
        throttle.take(key, after(0)).unwrap();
    }
    // These are full again, so that they make room; those who come after them stay.
    let now = after(1_000_000);
    for key in 100..200 {
        assert_eq!(drain(&throttle, key, now).0, 60);
    }
    let left = (100..200).filter(|key| throttle.take(*key, now).is_ok()).count();
    assert_eq!(left, 0);
}

#[test]
fn limits_at_their_ends() {
    let one = throttle(1, 1);
    assert_eq!(drain(&one, 1, after(0)), (1, TooMany { retry_after_s: 60 }));
    one.take(2, after(0)).unwrap();
    let many = throttle(u32::MAX, 1);
    assert!((0..10_000).all(|_| many.take(1, after(0)).is_ok()));
    let end = throttle(60, 1);
    end.take(1, Time::MAX).unwrap();
}
