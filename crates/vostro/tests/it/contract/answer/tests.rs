use super::*;

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn each_kind_takes_what_it_says_and_no_more() {
    let id = "0123456789abcdef0123456789abcdef";
    let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    let good = [
        (Kind::Id, id, 32),
        (Kind::Uuid, uuid, 36),
        (Kind::Ms, "1780000000000", 13),
        (Kind::Rfc3339, "2026-05-28T20:26:40Z", 20),
        (Kind::Rfc3339, "2026-05-28T20:26:40.123456+08:00", 32),
        (Kind::Token, "AbC-_.0123456789", 16),
        (Kind::Short, "T260529-ABCDEFGH", 16),
        (Kind::Short, "SABCDEF2", 8),
    ];
    for (kind, text, len) in good {
        let followed = format!("{text}\",\"x\":1");
        assert_eq!(kind.take(&followed).map(str::len), Some(len), "{kind:?} {text}");
    }
    let bad = [
        (Kind::Id, &id[1..]),
        (Kind::Id, "0123456789ABCDEF0123456789ABCDEF"),
        (Kind::Uuid, id),
        (Kind::Uuid, "0123456789ab-cdef-0123-4567-89abcdef"),
        (Kind::Ms, "178000000000"),
        (Kind::Ms, "17800000000000"),
        (Kind::Rfc3339, "2026-05-28 20:26:40Z"),
        (Kind::Rfc3339, "2026-05-28T20:26:40"),
        (Kind::Rfc3339, "2026-05-28T20:26:40.Z"),
        (Kind::Rfc3339, "2026-05-28T20:26:40+0800"),
        (Kind::Token, "short"),
        (Kind::Token, ""),
        (Kind::Short, "SABCDEF"),
        (Kind::Short, "sabcdef2"),
    ];
    for (kind, text) in bad {
        assert_eq!(kind.take(text), None, "{kind:?} {text}");
    }
}

#[test]
fn what_was_captured_must_come_again() {
    let mut variables = Variables::at(0);
    let (first, second) = ("a".repeat(32), "b".repeat(32));
    let answer = |id: &str| vec![format!(r#"{{"no":"{id}","again":"{id}"}}"#)];
    let expected = [r#"{"no":"{{id:no}}","again":"{{no}}"}"#.to_owned()];
    let both = [r#"{"no":"{{no}}","again":"{{id}}"}"#.to_owned()];
    // Nothing is captured of an answer that differs.
    let other = [format!(r#"{{"no":"{first}","again":"{second}"}}"#)];
    assert!(compare(&expected, &other, &mut variables).is_err());
    assert!(compare(&both, &answer(&first), &mut variables).is_err());
    assert_eq!(compare(&expected, &answer(&first), &mut variables), Ok(()));
    assert_eq!(compare(&both, &answer(&first), &mut variables), Ok(()));
    assert!(compare(&both, &answer(&second), &mut variables).is_err());
}

#[test]
fn a_difference_is_shown_where_it_is() {
    let mut variables = Variables::at(0);
    let expected = lines("HTTP/1.1 200 OK\ncontent-type: a\n\n{\"ms\":{{ms}},\"msg\":\"成功\"}");
    let actual =
        lines("HTTP/1.1 200 OK\ncontent-type: a\n\n{\"ms\":1780000000000,\"msg\":\"成败\"}");
    let told = compare(&expected, &actual, &mut variables).unwrap_err();
    let shown = "    HTTP/1.1 200 OK
    content-type: a
    \n  - {\"ms\":{{ms}},\"msg\":\"成功\"}
  + {\"ms\":1780000000000,\"msg\":\"成败\"}
                                ^\n";
    assert_eq!(told, shown);
    // A field too many, and one too few.
    let more = lines("HTTP/1.1 200 OK\nallow: POST\ncontent-type: a\n\nx");
    let fewer = lines("HTTP/1.1 200 OK\ncontent-type: a\n\nx");
    let told = compare(&fewer, &more, &mut variables).unwrap_err();
    assert!(told.contains("  + allow: POST\n    content-type: a\n"), "{told}");
    let told = compare(&more, &fewer, &mut variables).unwrap_err();
    assert!(told.contains("  - allow: POST\n    content-type: a\n"), "{told}");
    // Longer than expected at the end of a line.
    assert!(compare(&lines("a"), &lines("ab"), &mut variables).is_err());
    assert!(compare(&lines("ab"), &lines("a"), &mut variables).is_err());
}

#[test]
fn what_varies_is_left_out() {
    let head = "HTTP/1.1 200 OK\r\nX-Request-Id: 1\r\ncontent-type: a\r\nDate: x\r\n\r\n";
    let answer = |body: &str| Answer { status: 200, head: head.to_owned(), body: body.into() };
    assert_eq!(shown(&answer("a\n")), ["HTTP/1.1 200 OK", "content-type: a", "", "a", ""]);
    assert_eq!(shown(&answer("")), ["HTTP/1.1 200 OK", "content-type: a"]);
}
