use super::*;

fn answer(text: &str, replayed: bool) -> Answer {
    Answer { text: text.to_owned(), replayed }
}

#[test]
fn a_list() {
    let view = View::List { columns: &["id", "amount", "note"], next: "--after" };
    let page = r#"{"data":[{"id":"a","amount":"10.00","note":null,"more":1},
        {"id":"bcd","amount":"-5.00","note":"é x"}],"next":"bcd"}"#;
    let expected = "\
ID   AMOUNT  NOTE
a     10.00  -
bcd   -5.00  é x

more: --after bcd
";
    assert_eq!(text(&view, &answer(page, false)), expected);
    assert_eq!(text(&view, &answer(r#"{"data":[],"next":null}"#, false)), "none\n");
}

#[test]
fn one_thing() {
    let parts = &[Part { field: "wallets", columns: &["asset", "held"] }];
    let view = View::One { first: &["number", "absent"], parts };
    let one = r#"{"allow":["a","b"],"wallets":[{"asset":"JPY","held":"5"}],"number":"U1",
        "by":{"scope":"s","text":"t"},"open":true}"#;
    let expected = "\
number    U1
allow     a,b
by        scope=s text=t
open      true
replayed  the first answer again; nothing was done now

wallets
ASSET  HELD
JPY       5
";
    assert_eq!(text(&view, &answer(one, true)), expected);
}

#[test]
fn texts_of_several_lines_are_whole() {
    let view = View::One { first: &["id"], parts: &[] };
    let one = r#"{"pem":"-- BEGIN\nabc\n-- END\n","id":"k","use":"sign"}"#;
    let expected = "\
id   k
use  sign

pem
-- BEGIN
abc
-- END
";
    assert_eq!(text(&view, &answer(one, false)), expected);
}

#[test]
fn what_is_no_object_is_shown_as_it_is() {
    assert_eq!(text(&RECEIPT, &answer("[1]", false)), "[1]\n");
}
