use super::{Function, code, functions, modules};

/// What is left of a line when blanks are squeezed.
fn left(source: &str) -> String {
    code(source).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn comments_and_literals_become_blank() {
    for (source, expected) in [
        ("a // fn b\nc", "a c"),
        ("a /* x /* y */ z */ c", "a c"),
        (r#"f("a \" // b", 1)"#, "f( , 1)"),
        (r###"f(r#"a " } b"#, r"c\", br"{", b"}")"###, "f( , , , b )"),
        ("f('{', '\\'', '\\u{7d}', b'}')", "f( , , , b )"),
        (
            "fn f<'a>(x: &'a str) -> &'static str { x }",
            "fn f<'a>(x: &'a str) -> &'static str { x }",
        ),
        ("for r in r#type {}", "for r in r#type {}"),
        ("attr\"x\"", "attr"),
        ("\"open", ""),
        ("/* open", ""),
        ("'é' 'x", "'x"),
    ] {
        assert_eq!(left(source), expected, "{source}");
    }
}

#[test]
fn lines_stay_where_they_are() {
    let source = "a\n\"b\nc\" d\n/*\n*/ e";
    let code = code(source);
    assert_eq!(code.matches('\n').count(), source.matches('\n').count());
    assert_eq!(code.lines().nth(4).unwrap().trim(), "e");
}

#[test]
fn functions_are_measured_from_fn_to_the_closing_brace() {
    let source = "\
fn one() {}
pub const fn two<const N: usize>(
    x: [u8; 3],
) -> [u8; N]
where
    u8: Copy,
{
    fn inner() {
    }
    if x { y }
}
trait T { fn signature(&self) -> [u8; 4]; fn last(&self) { z } }
type Pointer = fn(u8) -> u8;
";
    let expected = [("one", 1, 1), ("two", 2, 10), ("inner", 8, 2), ("last", 12, 1)]
        .map(|(name, line, lines)| Function { name, line, lines });
    assert_eq!(functions(source), expected);
}

#[test]
fn modules_in_place_lend_their_name_to_those_inside() {
    let source =
        "mod a;\npub(crate) mod b {\n    mod c;\n}\n#[cfg(test)]\nmod d;\nmodel;\nmod $m {}";
    let found = modules(source);
    let names: Vec<String> = found.iter().map(|m| m.path.join("/")).collect();
    assert_eq!(names, ["a", "b", "b/c", "d"]);
    assert_eq!(found.iter().map(|m| m.inline).collect::<Vec<_>>(), [false, true, false, false]);
    assert_eq!(found[2].line, 3);
}
