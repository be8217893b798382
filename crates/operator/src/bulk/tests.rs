use crate::tests::{Answer, NOBODY, Server};
use http::Method;
use serde_json::{Value, json};

const PATH: &str = "/v1/bulk/transfers";

/// A programme with money in its reserve, and what a good line says.
async fn acme(server: &Server, name: &str) -> Value {
    let program = server.program(name).await;
    let fund = json!({"asset": "TUSDT", "amount": "100.00"});
    server.post(&format!("{program}/fund"), fund).await.good();
    json!({
        "program": name,
        "reference": "first",
        "debit": server.own(&program, "reserve", "TUSDT").await,
        "credit": server.own(&program, "fees", "TUSDT").await,
        "amount": "1.00",
        "asset": "TUSDT",
    })
}

fn changed(line: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut line = line.clone();
    line[field] = value.into();
    line
}

fn lacking(line: &Value, field: &str) -> Value {
    let mut line = line.clone();
    line.as_object_mut().unwrap().remove(field);
    line
}

async fn sent(server: &Server, path: &str, body: String) -> Vec<Value> {
    let answer = server.ask_with(Method::POST, path, &[], body).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    read(&answer)
}

fn read(answer: &Answer) -> Vec<Value> {
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn lines(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

async fn fees(server: &Server, line: &Value) -> String {
    let path = format!("/v1/programs/{}/accounts", line["program"].as_str().unwrap());
    let account = format!("{path}/{}", line["credit"].as_str().unwrap());
    server.get(&account).await.good()["available"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn lines_are_done_once_and_answered_in_order() {
    let server = Server::new().await;
    let first = acme(&server, "acme").await;
    let second = changed(&first, "reference", "second");
    let other = acme(&server, "other").await;
    let body = lines(&[first.clone(), second.clone(), first.clone(), other.clone()]);
    let answers = sent(&server, PATH, body.clone()).await;
    let numbers: Vec<_> = answers.iter().map(|answer| answer["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    let shown = json!({
        "line": 1, "reference": "first", "instruction": answers[0]["instruction"],
        "outcome": "completed", "replayed": false,
    });
    assert_eq!(answers[0], shown);
    assert_eq!(answers[2]["instruction"], answers[0]["instruction"]);
    let replayed: Vec<_> = answers.iter().map(|answer| answer["replayed"] == true).collect();
    assert_eq!(replayed, [false, false, true, false]);
    // All of it again, of which nothing is done.
    for (again, answer) in sent(&server, PATH, body).await.iter().zip(&answers) {
        assert_eq!(again["replayed"], true);
        assert_eq!(again["instruction"], answer["instruction"]);
    }
    assert_eq!(fees(&server, &first).await, "2.00");
    assert_eq!(fees(&server, &other).await, "1.00");
    // The same call as a single transfer under that key, whichever came first.
    let single = lacking(&lacking(&first, "program"), "reference");
    let transfers = "/v1/programs/acme/transfers";
    let one = server.post_keyed(transfers, "first", single.clone()).await;
    assert_eq!(one.header("idempotent-replayed"), Some("true"));
    assert_eq!(one.good()["instruction"], answers[0]["instruction"]);
    let made = server.post_keyed(transfers, "third", single).await.good();
    let third = lines(&[changed(&first, "reference", "third")]);
    assert_eq!(sent(&server, PATH, third).await[0]["instruction"], made["instruction"]);
}

#[tokio::test]
async fn a_bad_line_is_refused_alone() {
    let server = Server::new().await;
    let good = acme(&server, "acme").await;
    let bad = [
        (json!([]), "bad_request", None),
        (lacking(&good, "program"), "bad_request", Some("program")),
        (changed(&good, "program", "nobody"), "program_missing", None),
        (lacking(&good, "reference"), "bad_request", Some("reference")),
        (changed(&good, "reference", "a b"), "bad_request", Some("reference")),
        (changed(&good, "reference", "x".repeat(256)), "bad_request", Some("reference")),
        (changed(&good, "debit", "x"), "bad_request", Some("debit")),
        (changed(&good, "debit", NOBODY), "debit_account_missing", None),
        (changed(&good, "amount", "0"), "bad_request", Some("amount")),
        (changed(&good, "amount", "0.001"), "bad_request", Some("amount")),
        (changed(&good, "amount", 1), "bad_request", Some("amount")),
        (changed(&good, "amount", "1000000.00"), "insufficient_funds", None),
        (changed(&good, "asset", "JPY"), "bad_request", Some("amount")),
        (changed(&good, "whatever", 1), "bad_request", Some("whatever")),
        (changed(&good, "remark", "x".repeat(5_000)), "bad_request", None),
    ];
    let mut body = lines(&[changed(&good, "reference", "before")]);
    for (line, ..) in &bad {
        body.push_str(&format!("{line}\n\n"));
    }
    body.push_str("{\"reference\":\n");
    body.push_str(&lines(&[changed(&good, "reference", "after")]));
    let answers = sent(&server, PATH, body).await;
    assert_eq!(answers.len(), bad.len() + 3);
    for ((line, code, field), (at, answer)) in bad.iter().zip(answers[1..].iter().enumerate()) {
        assert_eq!(answer["error"]["code"], *code, "{line}: {answer}");
        assert_eq!(answer["error"]["field"].as_str(), *field, "{line}: {answer}");
        assert_eq!(answer["line"], 2 + 2 * at as u64, "empty lines count and have no answer");
        assert!(answer["error"]["detail"].as_str().unwrap().ends_with('.'));
    }
    assert_eq!(answers[bad.len() + 1]["error"]["code"], "bad_request");
    assert_eq!(answers[bad.len() + 2]["outcome"], "completed");
    assert_eq!(fees(&server, &good).await, "2.00");
    // What was refused left its reference free.
    let now = sent(&server, PATH, lines(std::slice::from_ref(&good))).await;
    assert_eq!((&now[0]["outcome"], &now[0]["replayed"]), (&json!("completed"), &json!(false)));
    // Other content under a used one.
    let other = sent(&server, PATH, lines(&[changed(&good, "amount", "2.00")])).await;
    assert_eq!(other[0]["error"]["code"], "reference_conflict");
    assert_eq!(other[0]["reference"], "first");
}

#[tokio::test]
async fn a_decline_is_an_answer() {
    let server = Server::new().await;
    let good = acme(&server, "acme").await;
    let large = changed(&changed(&good, "amount", "1000.00"), "on_insufficient", "decline");
    let answers = sent(&server, PATH, lines(&[large])).await;
    assert_eq!(answers[0]["outcome"], "declined", "{}", answers[0]);
    assert_eq!(answers[0]["decline"], "insufficient_funds");
}

/// Any visible character may be in a reference.
#[tokio::test]
async fn an_answer_is_one_line_of_json() {
    let server = Server::new().await;
    let good = changed(&acme(&server, "acme").await, "reference", "a\"b\\c{");
    let answer = server.ask_with(Method::POST, PATH, &[], lines(&[good.clone(), good])).await;
    let first = read(&answer)[0].clone();
    let instruction = first["instruction"].as_str().unwrap();
    let expected = |line: u32, replayed: bool| {
        format!(
            "{{\"line\":{line},\"reference\":\"a\\\"b\\\\c{{\",\"instruction\":\"{instruction}\",\
             \"outcome\":\"completed\",\"replayed\":{replayed}}}\n"
        )
    };
    assert_eq!(answer.text, format!("{}{}", expected(1, false), expected(2, true)));
}

#[tokio::test]
async fn the_query_names_the_programme_of_lines_that_do_not() {
    let server = Server::new().await;
    let line = lacking(&acme(&server, "acme").await, "program");
    let path = format!("{PATH}?program=acme");
    assert_eq!(
        sent(&server, &path, lines(std::slice::from_ref(&line))).await[0]["outcome"],
        "completed"
    );
    for (path, field) in [("?program=", "program"), ("?other=1", "other")] {
        let answer = server.post(&format!("{PATH}{path}"), line.clone()).await;
        assert_eq!(answer.bad_field(), field);
    }
    let keyed = server.post_keyed(PATH, "k", line).await;
    assert_eq!(keyed.bad_field(), "Idempotency-Key");
    assert_eq!(sent(&server, PATH, String::new()).await, [] as [Value; 0]);
}

/// More than are under way at once, and more than a batch has.
#[tokio::test]
async fn many_lines() {
    let server = Server::new().await;
    let good = changed(&acme(&server, "acme").await, "amount", "0.01");
    let count = 5_000;
    let named = |number: u32| changed(&good, "reference", format!("r{number}"));
    let body: Vec<Value> = (0..count).map(named).collect();
    let answers = sent(&server, PATH, lines(&body)).await;
    assert_eq!(answers.len(), body.len());
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!((&answer["line"], &answer["outcome"]), (&json!(at + 1), &json!("completed")));
        assert_eq!(answer["reference"], body[at]["reference"]);
    }
    assert_eq!(fees(&server, &good).await, "50.00");
}
