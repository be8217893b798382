use super::*;

#[test]
fn milliseconds_and_microseconds() {
    for (us, ms) in [(0, 0), (999, 0), (1_000, 1), (-1, -1), (-1_000, -1), (-1_001, -2)] {
        assert_eq!(Time::from_unix_us(us).unix_ms(), ms, "{us}");
    }
    assert_eq!(Time::from_unix_ms(5), Some(Time::from_unix_us(5_000)));
    assert_eq!(Time::from_unix_ms(-5), Some(Time::from_unix_us(-5_000)));
    assert_eq!(Time::from_unix_ms(i64::MAX), None);
    assert_eq!(Time::from_unix_ms(i64::MIN), None);
}

#[test]
fn time_has_ends() {
    let second = Duration::from_secs(1);
    assert_eq!(Time::ZERO.plus(second), Time::from_unix_us(1_000_000));
    assert_eq!(Time::MAX.plus(second), Time::MAX);
    assert_eq!(Time::ZERO.plus(Duration::MAX), Time::MAX);
    let earliest = Time::from_unix_us(i64::MIN);
    assert_eq!(earliest.plus(second).unix_us(), i64::MIN + 1_000_000);
    assert_eq!(Time::from_unix_us(5).since(Time::from_unix_us(2)), Duration::from_micros(3));
    assert_eq!(Time::from_unix_us(2).since(Time::from_unix_us(5)), Duration::ZERO);
    assert_eq!(Time::MAX.since(earliest), Duration::from_micros(i64::MAX.unsigned_abs()));
}
