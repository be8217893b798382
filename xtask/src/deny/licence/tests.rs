use super::Licence;

fn satisfied(text: &str, allowed: &[&str]) -> bool {
    Licence::parse(text).unwrap().satisfied(&|name| allowed.contains(&name))
}

#[test]
fn a_choice_needs_one_and_a_sum_needs_all() {
    assert!(satisfied("MIT", &["MIT"]));
    assert!(!satisfied("MIT", &["ISC"]));
    assert!(satisfied("MIT OR Apache-2.0", &["Apache-2.0"]));
    assert!(satisfied("MIT/Apache-2.0", &["MIT"]));
    assert!(!satisfied("Apache-2.0 AND ISC", &["ISC"]));
    assert!(satisfied("Apache-2.0 AND ISC", &["ISC", "Apache-2.0"]));
}

#[test]
fn and_binds_closer_than_or_and_parentheses_closer_still() {
    assert!(satisfied("A OR B AND C", &["A"]));
    assert!(!satisfied("(A OR B) AND C", &["A"]));
    assert!(satisfied("(A OR B) AND C", &["B", "C"]));
    assert!(satisfied("((A))", &["A"]));
}

#[test]
fn an_exception_is_part_of_the_name() {
    let text = "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only";
    assert!(!satisfied(text, &["Apache-2.0"]));
    assert!(satisfied(text, &["Apache-2.0 WITH LLVM-exception"]));
    let licence = Licence::parse(text).unwrap();
    let names: Vec<&str> = licence.names().collect();
    assert_eq!(names, ["Apache-2.0 WITH LLVM-exception", "GPL-2.0-only"]);
}

#[test]
fn what_is_no_expression_is_an_error() {
    for text in ["", "MIT OR", "AND MIT", "(MIT", "MIT)", "MIT Apache-2.0", "MIT WITH", "()"] {
        assert!(Licence::parse(text).is_err(), "{text}");
    }
}
