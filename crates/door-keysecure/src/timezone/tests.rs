use super::*;
use http::HeaderValue;

#[test]
fn the_grammar() {
    for (text, minutes) in [
        ("UTC+8", Some(480)),
        ("UTC+08", Some(480)),
        ("UTC+8:00", Some(480)),
        ("UTC+08:30", Some(510)),
        ("UTC-3:30", Some(-210)),
        ("UTC+0", Some(0)),
        ("UTC-0", Some(0)),
        ("GMT+5:45", Some(345)),
        ("GMT-12", Some(-720)),
        ("UTC+14", Some(840)),
        ("UTC+18", Some(1080)),
        ("UTC-18:00", Some(-1080)),
        ("UTC+18:01", None),
        ("UTC+19", None),
        ("UTC+99", None),
        ("UTC+8:60", None),
        ("UTC+8:0", None),
        ("UTC+8:000", None),
        ("UTC+8:", None),
        ("UTC+008", None),
        ("UTC+", None),
        ("UTC", None),
        ("GMT", None),
        ("UTC 8", None),
        ("UTC8", None),
        ("UTC+-8", None),
        ("UTC++8", None),
        ("UTC+8 ", None),
        ("utc+8", None),
        ("+8", None),
        ("+08:00", None),
        ("Z", None),
        ("Asia/Shanghai", None),
        ("UTC+８", None),
    ] {
        let read = Timezone::read(text.as_bytes());
        assert_eq!(read.map(|zone| zone.minutes), minutes, "{text}");
    }
}

#[test]
fn absent_is_the_vendors_and_two_are_none() {
    let mut headers = HeaderMap::new();
    assert_eq!(Timezone::of(&headers).unwrap().minutes, 480);
    headers.append(TIMEZONE, HeaderValue::from_static(""));
    assert_eq!(Timezone::of(&headers).unwrap().minutes, 480);
    headers.insert(TIMEZONE, HeaderValue::from_static("UTC-1"));
    assert_eq!(Timezone::of(&headers).unwrap().minutes, -60);
    headers.append(TIMEZONE, HeaderValue::from_static("UTC-1"));
    let failure = Timezone::of(&headers).unwrap_err();
    let msg = failure.message(crate::language::Language::English);
    assert_eq!(msg, "Timezone invalid parameter");
}
