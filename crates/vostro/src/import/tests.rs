use super::read::ReadError;
use super::*;
use serde_json::{Value, json};
use std::path::Path;

const HEADER: &str = "reference,debit,credit,amount,asset";

/// What is sent of a file of this name.
fn sent(name: &str, content: &[u8], form: Option<Form>) -> Result<String, ReadError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, content).unwrap();
    let Blocks { mut receiver, thread } = Reading::open(&path, form)?.start(ProgressBar::hidden());
    let mut all = Vec::new();
    while let Some(block) = receiver.blocking_recv() {
        all.extend_from_slice(&block.unwrap());
    }
    thread.join().unwrap()?;
    Ok(String::from_utf8(all).unwrap())
}

fn csv(content: &str) -> Result<String, ReadError> {
    sent("file.csv", content.as_bytes(), None)
}

#[test]
fn lines_are_sent_as_they_are() {
    let long: String =
        (0..20_000).map(|number| format!("{{\"reference\":\"{number}\"}}\n")).collect();
    for content in ["", "{}", "{}\n\n{}\n", &long] {
        for name in ["a.ndjson", "a.jsonl"] {
            assert_eq!(sent(name, content.as_bytes(), None).unwrap(), content);
        }
        assert_eq!(sent("a", content.as_bytes(), Some(Form::Ndjson)).unwrap(), content);
    }
}

#[test]
fn records_become_lines() {
    let text = format!(
        "\u{feff}{HEADER},remark\r\nr1,d,c,1.00,USD,\"said \"\"so\"\"\"\n\n\nr2,d,c,2.00,USD,\n\
         \"r3\",d,c,3.00,USD,\"two\nlines\"\nr4,d,c,4.00,USD,x"
    );
    let sent = csv(&text).unwrap();
    let lines: Vec<&str> = sent.split('\n').collect();
    assert_eq!(lines.len(), 5, "{sent}");
    assert_eq!(lines[0], "");
    let line = |at: usize| serde_json::from_str::<Value>(lines[at]).unwrap();
    let record = |reference: &str, amount: &str| {
        json!({
            "reference": reference, "debit": "d", "credit": "c", "amount": amount, "asset": "USD",
        })
    };
    let remark = |mut line: Value, remark: &str| {
        line["remark"] = remark.into();
        line
    };
    assert_eq!(line(1), remark(record("r1", "1.00"), "said \"so\""));
    assert_eq!(line(2), record("r2", "2.00"), "an empty cell is absent");
    assert_eq!(line(3), remark(record("r3", "3.00"), "two\nlines"));
    assert_eq!(line(4), remark(record("r4", "4.00"), "x"));
    assert_eq!(csv(HEADER).unwrap(), "");
}

#[test]
fn a_file_that_is_none() {
    assert!(matches!(sent("a", b"", None), Err(ReadError::Form(_))));
    assert!(matches!(sent("a.txt", b"", None), Err(ReadError::Form(_))));
    let nowhere = Reading::open(Path::new("/nowhere/a.csv"), None);
    assert!(matches!(nowhere.map(drop), Err(ReadError::File { .. })));
    assert!(matches!(csv(""), Err(ReadError::Lacking("reference"))));
    assert!(matches!(csv("reference,debit,credit,amount"), Err(ReadError::Lacking("asset"))));
    let field = csv(&format!("{HEADER},colour"));
    assert!(matches!(field, Err(ReadError::Field(name)) if name == "colour"));
    assert!(matches!(csv(&format!("{HEADER},asset")), Err(ReadError::Twice(_))));
    assert!(matches!(csv(&format!("{HEADER}\na,b")), Err(ReadError::Csv(_))));
    let latin = [HEADER.as_bytes(), b"\n\xe9,d,c,1,USD\n"].concat();
    assert!(matches!(sent("a.csv", &latin, None), Err(ReadError::Csv(_))));
}

#[test]
fn answers_are_counted() {
    let mut tally = Tally::new(true);
    for line in [
        r#"{"line":1,"reference":"a","instruction":"i","outcome":"completed","replayed":false}"#,
        r#"{"line":2,"reference":"a","instruction":"i","outcome":"completed","replayed":true}"#,
        r#"{"line":3,"reference":"b","instruction":"i","outcome":"declined","replayed":false}"#,
        r#"{"line":4,"error":{"code":"bad_request","detail":"The line \"x\".","field":"f"}}"#,
    ] {
        tally.add(line.as_bytes()).unwrap();
    }
    assert_eq!((tally.lines, tally.refused), (4, 1));
    assert_eq!(tally.short(), "2 done, 1 before, 1 refused");
    assert!(tally.add(b"{}").is_err());
    assert!(tally.add(b"not").is_err());
}
