use super::*;

#[test]
fn written() {
    for (us, expected) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1_779_438_600_000_001, "2026-05-22T08:30:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(text(Time::from_unix_us(us)), expected);
        assert_eq!(parse(expected), Some(Time::from_unix_us(us)));
    }
    assert!(text(Time::MAX).starts_with("9999-12-30T"));
}

#[test]
fn written_short() {
    for (us, expected) in [
        (0, "1970-01-01T00:00:00Z"),
        (1_779_438_600_000_001, "2026-05-22T08:30:00.000001Z"),
        (1_779_438_600_120_000, "2026-05-22T08:30:00.12Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(short_text(Time::from_unix_us(us)), expected);
        assert_eq!(parse(expected), Some(Time::from_unix_us(us)));
    }
}

#[test]
fn read_with_nanoseconds() {
    for (written, us) in [
        ("2025-06-06T03:12:30.270067703Z", Some(1_749_179_550_270_067)),
        ("2025-06-06T11:12:30.2700677+08:00", Some(1_749_179_550_270_067)),
        ("2025-06-06T03:12:30Z", Some(1_749_179_550_000_000)),
        ("2025-06-06T03:12:30.2700677031Z", None),
    ] {
        assert_eq!(parse_nanoseconds(written), us.map(Time::from_unix_us), "{written}");
    }
}

#[test]
fn read_to_the_microsecond() {
    for (written, us) in [
        ("2026-05-22T08:30:00Z", Some(1_779_438_600_000_000)),
        ("2026-05-22T08:30:00.5Z", Some(1_779_438_600_500_000)),
        ("2026-05-22T16:30:00+08:00", Some(1_779_438_600_000_000)),
        ("2026-05-22T08:30:00.0000001Z", None),
        ("2026-05-22T08:30:00.Z", None),
        ("2026-05-22T08:30:00", None),
        ("2026-05-22 08:30:00Z", None),
        ("2026-05-22t08:30:00z", None),
        ("2026-05-22T08:30Z", None),
        ("2026-02-30T08:30:00Z", None),
        ("2026-05-22T25:30:00Z", None),
        ("2026-05-22T08:30:00+0800", None),
        ("2026-05-22T08:30:00Z[UTC]", None),
        ("+002026-05-22T08:30:00Z", None),
        ("2026-05-22T08:30:0é", None),
        ("", None),
    ] {
        assert_eq!(parse(written), us.map(Time::from_unix_us), "{written}");
    }
}
