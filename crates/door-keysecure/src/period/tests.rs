use super::*;
use crate::language::Language;
use http::{HeaderMap, HeaderName, HeaderValue};

fn zone(text: &'static str) -> Timezone {
    let mut headers = HeaderMap::new();
    let name = HeaderName::from_static("timezone");
    headers.insert(name, HeaderValue::from_static(text));
    Timezone::of(&headers).unwrap()
}

/// From and until in Unix seconds, or the code with its text.
fn read(start: &str, end: &str, zone: Timezone) -> Result<(i64, i64), (u16, String)> {
    let body = format!(r#"{{"start_time":"{start}","end_time":"{end}"}}"#);
    let body = Object::parse(body.as_bytes()).unwrap();
    match Period::read(&body, zone) {
        Ok(period) => {
            let seconds = |time: Time| {
                assert_eq!(time.unix_us() % 1_000_000, 0);
                time.unix_us() / 1_000_000
            };
            Ok((seconds(period.from), seconds(period.until)))
        }
        Err(failure) => {
            let msg = failure.message(Language::English).into_owned();
            Err((failure.code().number(), msg))
        }
    }
}

const DAY: i64 = 86_400;
/// 2024-05-21 00:00:00 UTC.
const MAY_21: i64 = 1_716_249_600;

#[test]
fn days_and_seconds_are_included() {
    let utc = zone("UTC+0");
    for (start, end, expected) in [
        ("2024-05-21", "2024-05-21", (MAY_21, MAY_21 + DAY)),
        ("2024-05-21", "2024-05-22", (MAY_21, MAY_21 + 2 * DAY)),
        ("2024-05-21 00:00:00", "2024-05-21", (MAY_21, MAY_21 + DAY)),
        ("2024-05-21", "2024-05-21 00:00:01", (MAY_21, MAY_21 + 2)),
        ("2024-05-21 10:00:00", "2024-05-21 10:00:01", (MAY_21 + 36_000, MAY_21 + 36_002)),
        ("2024-02-29", "2024-02-29", (MAY_21 - 82 * DAY, MAY_21 - 81 * DAY)),
    ] {
        assert_eq!(read(start, end, utc), Ok(expected), "{start} {end}");
    }
}

#[test]
fn the_zone_moves_the_bounds() {
    for (zone, hours) in [("UTC+8", 8), ("UTC-5", -5), ("GMT+18", 18)] {
        let expected = (MAY_21 - hours * 3_600, MAY_21 + DAY - hours * 3_600);
        assert_eq!(read("2024-05-21", "2024-05-21", self::zone(zone)), Ok(expected), "{zone}");
    }
}

#[test]
fn an_end_that_is_not_after_the_start() {
    let zone = zone("UTC+8");
    let code = Err((1019, "Query end time must be after start time".to_owned()));
    for (start, end) in [
        ("2024-05-22", "2024-05-21"),
        ("2024-05-21 10:00:00", "2024-05-21 10:00:00"),
        ("2024-05-21 10:00:01", "2024-05-21 10:00:00"),
        ("2024-05-21", "2024-05-21 00:00:00"),
        // More than 90 days backwards is still backwards.
        ("2024-12-31", "2024-01-01"),
    ] {
        assert_eq!(read(start, end, zone), code, "{start} {end}");
    }
}

#[test]
fn ninety_days_and_no_more() {
    let zone = zone("UTC+8");
    for (start, end, good) in [
        // The documented example: 90 days with the last one.
        ("2026-01-01", "2026-03-31", true),
        ("2026-01-01", "2026-04-01", false),
        ("2026-01-01 00:00:00", "2026-04-01 00:00:00", true),
        ("2026-01-01 00:00:00", "2026-04-01 00:00:01", false),
        ("2026-01-01 12:00:00", "2026-03-31", true),
        ("0000-01-01", "9999-12-30", false),
    ] {
        match read(start, end, zone) {
            Ok(_) => assert!(good, "{start} {end}"),
            Err((code, _)) => assert_eq!((good, code), (false, 1020), "{start} {end}"),
        }
    }
}

#[test]
fn what_is_no_time() {
    let zone = zone("UTC+8");
    for bad in [
        "2024-5-21",
        "2024-05-32",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-05-00",
        "2024/05/21",
        "20240521",
        "2024-05-21T10:00:00",
        "2024-05-21 10:00",
        "2024-05-21 24:00:00",
        "2024-05-21 10:60:00",
        "2024-05-21 10:00:60",
        "2024-05-21 10:00:00Z",
        "2024-05-21 ",
        " 2024-05-21",
        "+024-05-21",
        "-024-05-21",
        "２024-05-21",
        "1716307200000",
        "today",
        "",
    ] {
        let start = Err((1004, "start_time invalid parameter".to_owned()));
        assert_eq!(read(bad, "2024-05-21", zone), start, "{bad}");
        let end = Err((1004, "end_time invalid parameter".to_owned()));
        assert_eq!(read("2024-05-21", bad, zone), end, "{bad}");
    }
    // The last day has no next, and is no fault of the program.
    let end = read("9999-12-31", "9999-12-31", zone);
    assert_eq!(end, Err((1004, "end_time invalid parameter".to_owned())));
}

#[test]
fn both_are_required() {
    let zone = zone("UTC+8");
    for (body, field) in [
        (r#"{}"#, "start_time"),
        (r#"{"start_time":"2024-05-21"}"#, "end_time"),
        (r#"{"start_time":20240521,"end_time":"2024-05-21"}"#, "start_time"),
        (r#"{"start_time":"2024-05-21","end_time":null}"#, "end_time"),
    ] {
        let body = Object::parse(body.as_bytes()).unwrap();
        let failure = Period::read(&body, zone).unwrap_err();
        let msg = failure.message(Language::English);
        assert_eq!(msg, format!("{field} invalid parameter"));
    }
}
