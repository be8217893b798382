use super::*;

fn query(text: &str) -> Query {
    Query::parse(Some(text)).unwrap()
}

#[test]
fn limits() {
    for (text, rows) in [
        ("", Some(50)),
        ("limit=1", Some(1)),
        ("limit=500", Some(500)),
        ("limit=0", None),
        ("limit=501", None),
        ("limit=0500", None),
        ("limit=-1", None),
        ("limit=%2B1", None),
        ("limit=", None),
        ("limit=ten", None),
    ] {
        let read = Limit::read(&query(text));
        assert_eq!(read.ok().map(Limit::rows), rows, "{text}");
    }
}

#[test]
fn the_last_page_has_no_next() {
    let limit = Limit(2);
    for (rows, page, next) in [
        (vec![], vec![], None),
        (vec![1, 2], vec![1, 2], None),
        (vec![1, 2, 3], vec![1, 2], Some("2".to_owned())),
    ] {
        assert_eq!(cut(rows, limit, i32::to_string), (page, next));
    }
}

#[test]
fn places() {
    let at = Place { seq: 12, ordinal: 3 };
    assert_eq!(place_text(at), "12-3");
    assert_eq!(place(&query("before=12-3"), "before"), Ok(Some(at)));
    assert_eq!(place(&query(""), "before"), Ok(None));
    for text in ["12", "12-", "-3", "012-3", "12-3-4", "%2B1-2", "99999999999999999999-1"] {
        let text = format!("before={text}");
        assert_eq!(place(&query(&text), "before"), Err(bad_cursor("before")));
    }
}
