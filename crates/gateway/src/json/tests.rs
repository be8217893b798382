use super::*;

fn fault(body: &[u8]) -> JsonFault {
    Object::parse(body).unwrap_err()
}

fn why<T: std::fmt::Debug>(result: Result<T, FieldFault>) -> Why {
    result.unwrap_err().why
}

#[test]
fn what_is_no_object() {
    for (body, expected) in [
        (&b""[..], JsonFault::Empty),
        (b" \r\n\t", JsonFault::Empty),
        (b"\xef\xbb\xbf{}", JsonFault::ByteOrderMark),
        (b"{\"a\":\"\xff\"}", JsonFault::NotUtf8),
        (b"{\"a\":\"\xed\xa0\x80\"}", JsonFault::NotUtf8),
        (b"\xc3", JsonFault::NotUtf8),
        (b"[]", JsonFault::NotObject),
        (b"null", JsonFault::NotObject),
        (b"1", JsonFault::NotObject),
        (b"\"{}\"", JsonFault::NotObject),
        (b"{", JsonFault::Syntax),
        (b"{}{}", JsonFault::Syntax),
        (b"{} x", JsonFault::Syntax),
        (b"{\"a\":1,}", JsonFault::Syntax),
        (b"{\"a\":01}", JsonFault::Syntax),
        (b"{\"a\":+1}", JsonFault::Syntax),
        (b"{\"a\":.5}", JsonFault::Syntax),
        (b"{\"a\":NaN}", JsonFault::Syntax),
        (b"{a:1}", JsonFault::Syntax),
        (b"{'a':1}", JsonFault::Syntax),
        (b"{\"a\":1 \"b\":2}", JsonFault::Syntax),
        (b"{\"a\":\"\n\"}", JsonFault::Syntax),
        (b"{\"a\":\"\0\"}", JsonFault::Syntax),
        (b"{\"\\ud800\":1}", JsonFault::Syntax),
        (b"{\"a\":\"\\x\"}", JsonFault::Syntax),
        (b"{/**/}", JsonFault::Syntax),
        (b"\0{}", JsonFault::Syntax),
        (b"{}\0", JsonFault::Syntax),
    ] {
        assert_eq!(fault(body), expected, "{}", String::from_utf8_lossy(body));
    }
    assert!(Object::parse(b" {} \n").unwrap().unread().next().is_none());
}

#[test]
fn one_name_twice() {
    for body in [
        &b"{\"a\":1,\"a\":1}"[..],
        b"{\"a\":1,\"b\":2,\"\\u0061\":3,\"c\":4}",
        b"{\"\\u0061\":1,\"a\":null}",
    ] {
        assert_eq!(fault(body), JsonFault::Duplicate("a".to_owned()));
    }
    // Well-formed comes first, so that the fault is the same wherever the second one stands.
    assert_eq!(fault(b"{\"a\":1,\"a\":1,}"), JsonFault::Syntax);
    // Names are told apart by case, and by level.
    Object::parse(br#"{"a":{"a":1},"A":2}"#).unwrap();

    let nested = Object::parse(br#"{"in":{"x":1,"x":2},"out":{"y":1,"y":2}}"#).unwrap();
    let fault = nested.object("in").unwrap_err();
    assert_eq!(fault.field, "in");
    assert_eq!(fault.why, Why::Object(JsonFault::Duplicate("x".to_owned())));
    assert_eq!(fault.to_string(), "`in` can't be read");
}

#[test]
fn bounds_of_names_and_levels() {
    let names = |n: usize| {
        let fields: Vec<String> = (0..n).map(|i| format!("\"n{i}\":{i}")).collect();
        format!("{{{}}}", fields.join(","))
    };
    Object::parse(names(128).as_bytes()).unwrap();
    assert_eq!(fault(names(129).as_bytes()), JsonFault::TooManyNames);
    assert_eq!(fault(names(50_000).as_bytes()), JsonFault::TooManyNames);

    let levels = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
    Object::parse(levels(31).as_bytes()).unwrap();
    assert_eq!(fault(levels(32).as_bytes()), JsonFault::TooDeep);
    assert_eq!(fault(levels(1_000_000).as_bytes()), JsonFault::TooDeep);
    let brackets_in_text = format!("{{\"a\":\"\\\"{}\"}}", "[".repeat(100));
    Object::parse(brackets_in_text.as_bytes()).unwrap();

    let long = "x".repeat(10_000);
    let body = format!("{{\"{long}\":1,\"{long}\":2}}");
    assert_eq!(fault(body.as_bytes()), JsonFault::Duplicate(long[..64].to_owned()));
}

#[test]
fn text_is_text() {
    let body = r#"{"s":"abc","e":"","n":1,"z":null,"u":"\u0061\ud83d\ude00\n","é":"é"}"#;
    let object = Object::parse(body.as_bytes()).unwrap();
    let text = object.text("s", 3).unwrap();
    assert!(matches!(text, Cow::Borrowed("abc")));
    assert_eq!(object.text("é", 1).unwrap(), "é");
    assert_eq!(why(object.text("s", 2)), Why::TooLong { max: 2 });
    assert_eq!(why(object.text("e", 9)), Why::Empty);
    assert_eq!(why(object.text("n", 9)), Why::NotText);
    assert_eq!(why(object.text("z", 9)), Why::Missing);
    assert_eq!(why(object.text("absent", 9)), Why::Missing);
    assert_eq!(why(object.text("u", 9)), Why::Control);
    assert_eq!(object.optional_text("s", 3).unwrap().unwrap(), "abc");
    for name in ["e", "z", "absent"] {
        assert_eq!(object.optional_text(name, 9).unwrap(), None);
    }
    assert_eq!(why(object.optional_text("n", 9)), Why::NotText);
    assert_eq!(why(object.optional_text("s", 2)), Why::TooLong { max: 2 });
}

#[test]
fn characters_that_are_refused() {
    for (value, expected) in [
        (r"a\u0000b", Err(Why::Control)),
        (r"\u001f", Err(Why::Control)),
        (r"\t", Err(Why::Control)),
        (r"\u007f", Err(Why::Control)),
        ("\u{7f}", Err(Why::Control)),
        ("\u{85}", Err(Why::Control)),
        (r"\ud800", Err(Why::BadEscape)),
        (r"\udc00", Err(Why::BadEscape)),
        (r"\ud800x", Err(Why::BadEscape)),
        (r"\ud800\ud800", Err(Why::BadEscape)),
        (r#"\"\\\/"#, Ok("\"\\/")),
        (r"\ud83d\ude00", Ok("\u{1f600}")),
        ("\u{1f600}\u{661}", Ok("\u{1f600}\u{661}")),
    ] {
        let body = format!("{{\"a\":\"{value}\"}}");
        let object = Object::parse(body.as_bytes()).unwrap();
        let read = object.text("a", 9).map_err(|fault| fault.why);
        assert_eq!(read.as_deref(), expected.as_deref(), "{value}");
    }
    // Characters are counted, not bytes, and not the escapes they were written with.
    let object = Object::parse(br#"{"a":"\u0661\u0661\u0661"}"#).unwrap();
    assert_eq!(object.text("a", 3).unwrap().chars().count(), 3);
    assert_eq!(why(object.text("a", 2)), Why::TooLong { max: 2 });
}

#[test]
fn text_of_several_lines() {
    for (value, expected) in [
        (r#""a\nb\r\nc""#, Ok("a\nb\r\nc")),
        (r#""\u000ab""#, Ok("\nb")),
        (r#""\n""#, Ok("\n")),
        (r#""abcdef""#, Ok("abcdef")),
        (r#""abcde\n\n""#, Err(Why::TooLong { max: 6 })),
        (r#""a\tb""#, Err(Why::Control)),
        (r#""a\n\u0000""#, Err(Why::Control)),
        (r#""a\u000b""#, Err(Why::Control)),
        ("\"a\u{85}\"", Err(Why::Control)),
        (r#""\n\ud800""#, Err(Why::BadEscape)),
        ("\"\"", Err(Why::Empty)),
        ("null", Err(Why::Missing)),
        ("1", Err(Why::NotText)),
        (r#"["a"]"#, Err(Why::NotText)),
    ] {
        let body = format!("{{\"a\":{value}}}");
        let object = Object::parse(body.as_bytes()).unwrap();
        let read = object.multiline_text("a", 6).map_err(|fault| fault.why);
        assert_eq!(read.as_deref(), expected.as_deref(), "{value}");
    }
    let object = Object::parse(br#"{"a":"x\ny"}"#).unwrap();
    assert_eq!(why(object.multiline_text("b", 9)), Why::Missing);
    // Only where it is asked for.
    assert_eq!(why(object.text("a", 9)), Why::Control);
    assert_eq!(why(object.optional_text("a", 9)), Why::Control);
}

#[test]
fn numbers_keep_their_digits() {
    let body = r#"{"i":100,"f":1.005,"e":1e3,"neg":-0,"big":123456789012345678901234567890,
        "s":"1.00","t":true,"a":[1],"z":null,"empty":""}"#;
    let object = Object::parse(body.as_bytes()).unwrap();
    for (name, expected) in [
        ("i", Ok("100")),
        ("f", Ok("1.005")),
        ("e", Ok("1e3")),
        ("neg", Ok("-0")),
        ("big", Ok("123456789012345678901234567890")),
        ("s", Err(Why::NotNumber)),
        ("t", Err(Why::NotNumber)),
        ("a", Err(Why::NotNumber)),
        ("z", Err(Why::Missing)),
    ] {
        let read = object.number_text(name).map_err(|fault| fault.why);
        assert_eq!(read, expected, "{name}");
        let amount = object.amount_text(name, NumberForm::Number).map_err(|fault| fault.why);
        assert_eq!(amount.as_deref(), expected.as_ref().copied(), "{name}");
    }
    assert_eq!(object.amount_text("s", NumberForm::Text).unwrap(), "1.00");
    assert_eq!(object.amount_text("s", NumberForm::Either).unwrap(), "1.00");
    assert_eq!(object.amount_text("i", NumberForm::Either).unwrap(), "100");
    assert_eq!(why(object.amount_text("i", NumberForm::Text)), Why::NotText);
    assert_eq!(why(object.amount_text("empty", NumberForm::Text)), Why::Empty);
    assert_eq!(why(object.amount_text("t", NumberForm::Either)), Why::NotNumber);
    assert_eq!(why(object.amount_text("absent", NumberForm::Either)), Why::Missing);

    let long = format!("{{\"n\":{0},\"s\":\"{0}\"}}", "9".repeat(400));
    let object = Object::parse(long.as_bytes()).unwrap();
    for form in [NumberForm::Number, NumberForm::Either] {
        assert_eq!(why(object.amount_text("n", form)), Why::TooLong { max: 64 });
    }
    assert_eq!(why(object.amount_text("s", NumberForm::Text)), Why::TooLong { max: 64 });
}

#[test]
fn whole_numbers_and_booleans() {
    let body = r#"{"p":7,"s":"7","neg":-1,"f":1.0,"e":1e1,"t":true,"no":false,"z":null,
        "max":18446744073709551615,"over":18446744073709551616}"#;
    let object = Object::parse(body.as_bytes()).unwrap();
    assert_eq!(object.unsigned("p", 1, 7), Ok(7));
    assert_eq!(object.unsigned("z", 1, 7), Ok(1));
    assert_eq!(object.unsigned("absent", 1, 7), Ok(1));
    assert_eq!(object.unsigned("max", 1, u64::MAX), Ok(u64::MAX));
    assert_eq!(why(object.unsigned("p", 1, 6)), Why::TooLarge { max: 6 });
    assert_eq!(why(object.unsigned("over", 1, u64::MAX)), Why::TooLarge { max: u64::MAX });
    for name in ["s", "neg", "f", "e", "t"] {
        assert_eq!(why(object.unsigned(name, 1, 100)), Why::NotUnsigned, "{name}");
    }
    assert_eq!(object.boolean("t"), Ok(Some(true)));
    assert_eq!(object.boolean("no"), Ok(Some(false)));
    assert_eq!(object.boolean("z"), Ok(None));
    assert_eq!(object.boolean("absent"), Ok(None));
    assert_eq!(why(object.boolean("p")), Why::NotBoolean);
    assert_eq!(why(object.boolean("s")), Why::NotBoolean);
}

#[test]
fn nested_faults_name_the_whole_way() {
    let body = br#"{"address":{"geo":{"lat":1},"city":"X"},"list":[],"z":null}"#;
    let object = Object::parse(body).unwrap();
    let address = object.object("address").unwrap();
    assert_eq!(address.text("city", 9).unwrap(), "X");
    assert_eq!(address.text("zip", 9).unwrap_err().field, "address.zip");
    let fault = address.object("geo").unwrap().text("lat", 9).unwrap_err();
    assert_eq!(fault.to_string(), "`address.geo.lat` must be a string");
    assert_eq!(why(object.object("list")), Why::NotObject);
    assert_eq!(why(object.object("z")), Why::Missing);
    assert!(object.optional_object("z").unwrap().is_none());
    assert!(object.optional_object("absent").unwrap().is_none());
}

#[test]
fn what_nobody_asked_for() {
    let object = Object::parse(br#"{"a":"1","b":null,"c":{"d":1}}"#).unwrap();
    let unread = |object: &Object<'_>| object.unread().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(unread(&object), ["a", "b", "c"]);
    object.optional_text("b", 1).unwrap();
    let inner = object.object("c").unwrap();
    assert_eq!(unread(&object), ["a"]);
    assert_eq!(unread(&inner), ["d"]);
    // What it prints has names and no values.
    assert_eq!(format!("{object:?}"), "Object { path: \"\", fields: [a, b, c] }");
}

#[test]
fn lists_of_texts() {
    for (body, expected) in [
        (r#"{}"#, Ok(None)),
        (r#"{"a":null}"#, Ok(None)),
        (r#"{"a":[]}"#, Ok(Some(vec![]))),
        (r#"{"a":["x", "\u00e9"]}"#, Ok(Some(vec!["x", "é"]))),
        (r#"{"a":"x"}"#, Err(Why::NotTexts)),
        (r#"{"a":["x",1]}"#, Err(Why::NotTexts)),
        (r#"{"a":[["x"]]}"#, Err(Why::NotTexts)),
        (r#"{"a":["x",""]}"#, Err(Why::Empty)),
        (r#"{"a":["\u0000"]}"#, Err(Why::Control)),
        (r#"{"a":["abcd"]}"#, Err(Why::TooLong { max: 3 })),
        (r#"{"a":["1","2","3"]}"#, Err(Why::TooManyItems { max: 2 })),
    ] {
        let object = Object::parse(body.as_bytes()).unwrap();
        let read = object.texts("a", 2, 3);
        let expected = expected
            .map(|texts| texts.map(|texts| texts.into_iter().map(Cow::Borrowed).collect()))
            .map_err(|why| object.fault("a", why));
        assert_eq!(read, expected, "{body}");
    }
}
