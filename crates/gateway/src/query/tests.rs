use super::*;

#[test]
fn escapes() {
    for (text, expected) in [
        ("", Some("")),
        ("a+b%20c", Some("a b c")),
        ("%C3%a9", Some("é")),
        ("2026-05-22T08:30:00%2B08:00", Some("2026-05-22T08:30:00+08:00")),
        ("%", None),
        ("%2", None),
        ("%zz", None),
        ("%+1", None),
        ("%ff", None),
    ] {
        assert_eq!(decode(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn in_their_order_and_once() {
    let read = |text| pairs(Some(text)).unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(pairs(None).unwrap(), []);
    assert_eq!(read("&&"), []);
    let filter = "filter[a][_eq]=x%26y&offset=0&filter%5Bb%5D%5B_eq%5D&=z";
    let expected = [
        pair("filter[a][_eq]", "x&y"),
        pair("offset", "0"),
        pair("filter[b][_eq]", ""),
        pair("", "z"),
    ];
    assert_eq!(read(filter), expected);
    assert_eq!(pairs(Some("a=1&%61=2")), Err(QueryFault::Duplicate("a".to_owned())));
    assert_eq!(pairs(Some("a=%")), Err(QueryFault::BrokenEscape));
}
