use super::*;

const TEXT: &str = "# Of the head.
# clock: 1780000000000

### The first
# Why it is so: a remark.
# server: A=1 B=[\"x y\"]
# operator: POST /v1/x/{{id}} {\"a\":\"b c\"} -> made
# operator: GET /v1/x
# store: hold
POST /path?a=b
Api-Key: {{a.b}}
X: a: b

{\"a\":
1}

HTTP/1.1 200 OK
content-type: application/json

{\"code\":0}

### The second
GET /other

HTTP/1.1 404 Not Found
";

fn call(method: &str, path: &str, body: &str, name: Option<&str>) -> Step {
    let [method, path, body] = [method, path, body].map(str::to_owned);
    Step::Operator(Call { method, path, body, name: name.map(str::to_owned) })
}

#[test]
fn a_file_becomes_exchanges() {
    let parsed = Transcript::parse(TEXT).unwrap();
    let [first, second] = &parsed.exchanges[..] else { panic!("{parsed:?}") };
    assert_eq!((first.line, &*first.title), (4, "The first"));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let steps = [
        Step::Clock(1_780_000_000_000),
        Step::Server(vec![pair("A", "1"), pair("B", "[\"x y\"]")]),
        call("POST", "/v1/x/{{id}}", "{\"a\":\"b c\"}", Some("made")),
        call("GET", "/v1/x", "", None),
        Step::Store(Harm::Hold),
    ];
    assert_eq!(first.steps, steps);
    assert_eq!((&*first.request.method, &*first.request.path), ("POST", "/path?a=b"));
    assert_eq!(first.request.fields, [pair("Api-Key", "{{a.b}}"), pair("X", "a: b")]);
    assert_eq!(first.request.body, "{\"a\":\n1}");
    let answer = ["HTTP/1.1 200 OK", "content-type: application/json", "", "{\"code\":0}"];
    assert_eq!(first.answer, answer);
    assert!(first.has_status(200) && !first.has_status(20));
    assert_eq!(first.answered_body(), "{\"code\":0}");
    assert_eq!((second.line, &*second.request.body), (22, ""));
    assert_eq!(second.answer, ["HTTP/1.1 404 Not Found"]);
    assert_eq!(second.answered_body(), "");
}

#[test]
fn what_is_no_transcript_is_told_with_its_line() {
    let bad = [
        ("# Nothing.\n", "2: no exchange"),
        ("GET /\n\nHTTP/1.1 200 OK\n", "1: a title is wanted"),
        ("### A\n\n### B\n", "3: a method and a path are wanted"),
        ("### A\nGET\n\nHTTP/1.1 200 OK\n", "a method and a path are wanted"),
        ("### A\nGET / HTTP/1.1\n\nHTTP/1.1 200 OK\n", "a method and a path are wanted"),
        ("### A\nGET /\nHTTP/1.1 200 OK\n", "no header field"),
        ("### A\nGET /\n\n{}\n", "1: one answer is wanted"),
        ("### A\nGET /\n\nHTTP/1.1 200 OK\n\nHTTP/1.1 200 OK\n", "1: one answer is wanted"),
        ("### A\n# sever: A=1\nGET /\n\nHTTP/1.1 200 OK\n", "2: no step: # sever: A=1"),
        ("# clock: soon\n### A\nGET /\n\nHTTP/1.1 200 OK\n", "1: no step"),
        ("# server: A\n### A\nGET /\n\nHTTP/1.1 200 OK\n", "1: no step"),
        ("# store: burn\n### A\nGET /\n\nHTTP/1.1 200 OK\n", "1: no step"),
    ];
    for (text, why) in bad {
        let told = Transcript::parse(text).unwrap_err();
        assert!(told.contains(why), "{text:?}: {told}");
    }
}
