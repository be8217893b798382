use super::*;

#[test]
fn times_stand_at_the_vendors_offset_in_whole_seconds() {
    for (us, expected, digits) in [
        (1_711_012_652_000_000, "2024-03-21T17:17:32+08:00", "240321"),
        (1_711_012_652_999_999, "2024-03-21T17:17:32+08:00", "240321"),
        // Midnight there is 16:00 in Greenwich.
        (1_711_036_799_000_000, "2024-03-21T23:59:59+08:00", "240321"),
        (1_711_036_800_000_000, "2024-03-22T00:00:00+08:00", "240322"),
        (0, "1970-01-01T08:00:00+08:00", "700101"),
    ] {
        let at = Time::from_unix_us(us);
        assert_eq!((&*text(at), &*day(at)), (expected, digits));
    }
}

#[test]
fn no_time_is_too_far() {
    for us in [i64::MIN, i64::MAX] {
        let at = Time::from_unix_us(us);
        assert!(text(at).ends_with("+08:00") && day(at).len() == 6);
    }
}
