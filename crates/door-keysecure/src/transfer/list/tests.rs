use crate::tests::{Answer, Call, Fixture, HOLDER, LIST, NOW_MS, TRANSFER};
use domain::cardholder::CardholderStatus;
use domain::program::Mode;
use serde_json::Value;

/// One transfer a minute: T1 is the oldest, and every third is an `Out` of a tenth.
async fn filled(transfers: i64) -> Fixture {
    let fixture = Fixture::new().await;
    for n in 1..=transfers {
        let (direction, balance) = if n % 3 == 0 { ("Out", "1.00") } else { ("In", "10.00") };
        transfer(&fixture, HOLDER, &format!("T{n}"), direction, balance).await;
        fixture.clock.advance_ms(60_000);
    }
    let mut fixture = fixture;
    fixture.merchant.token = fixture.token_of(&fixture.merchant).await;
    fixture
}

async fn transfer(
    fixture: &Fixture,
    holder: &str,
    unique_no: &str,
    direction: &str,
    balance: &str,
) -> String {
    let body = serde_json::json!({
        "cardholder_no": holder, "transfer_unique_no": unique_no,
        "type": direction, "balance": balance,
    });
    let answer = fixture.post(TRANSFER, &body.to_string()).await;
    answer.data()["transfer_no"].as_str().unwrap().to_owned()
}

const DAYS: &str = r#""start_time":"2024-05-01","end_time":"2024-06-30""#;

/// A list of two months with these fields more.
async fn ask(fixture: &Fixture, fields: &str) -> Answer {
    fixture.post(LIST, &format!("{{{DAYS}{fields}}}")).await
}

fn rows(answer: &Answer) -> &[Value] {
    answer.data()["list"].as_array().unwrap()
}

fn numbers(answer: &Answer) -> Vec<&str> {
    let number = |row: &'_ Value| row["transfer_unique_no"].as_str().map(str::len);
    assert!(rows(answer).iter().all(|row| number(row).is_some()));
    let rows = rows(answer).iter();
    rows.map(|row| row["transfer_unique_no"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_row_is_what_its_transfer_was() {
    let fixture = Fixture::new().await;
    let number = transfer(&fixture, HOLDER, "T1", "In", "100").await;
    fixture.clock.set_us(NOW_MS * 1_000 + 5_999);
    let out = transfer(&fixture, HOLDER, "T2", "out", "0.5").await;
    let answer = ask(&fixture, "").await;
    let expected = format!(
        concat!(
            r#"[{{"transfer_no":"{}","transfer_unique_no":"T2","cardholder_no":"U202605220001","#,
            r#""type":"Out","symbol":"TUSDT","balance":"0.50","before_balance":"100.00","#,
            r#""after_balance":"99.50","status":"Success","time":{}}},"#,
            r#"{{"transfer_no":"{}","transfer_unique_no":"T1","cardholder_no":"U202605220001","#,
            r#""type":"In","symbol":"TUSDT","balance":"100.00","before_balance":"0.00","#,
            r#""after_balance":"100.00","status":"Success","time":{}}}]"#,
        ),
        out,
        NOW_MS + 5,
        number,
        NOW_MS,
    );
    assert!(answer.text.contains(&expected), "{}", answer.text);
}

#[tokio::test]
async fn pages_newest_first() {
    let fixture = filled(23).await;
    let all = |from: i64, to: i64| (to..=from).rev().map(|n| format!("T{n}")).collect::<Vec<_>>();
    for (fields, expected) in [
        ("", all(23, 14)),
        (r#","page":0"#, all(23, 14)),
        (r#","page":1"#, all(13, 4)),
        (r#","page":2"#, all(3, 1)),
        (r#","page":3"#, vec![]),
        (r#","page":null,"size":null"#, all(23, 14)),
        (r#","size":100"#, all(23, 1)),
        (r#","page":1,"size":7"#, all(16, 10)),
        (r#","page":22,"size":1"#, all(1, 1)),
        (r#","page":999,"size":100"#, vec![]),
        (r#","page":99999,"size":1"#, vec![]),
    ] {
        assert_eq!(numbers(&ask(&fixture, fields).await), expected, "{fields}");
    }
}

#[tokio::test]
async fn pages_that_are_none() {
    let fixture = Fixture::new().await;
    for (fields, field) in [
        (r#","page":-1"#, "page"),
        (r#","page":1.0"#, "page"),
        (r#","page":1e2"#, "page"),
        (r#","page":"0""#, "page"),
        (r#","page":"""#, "page"),
        (r#","page":true"#, "page"),
        (r#","page":100000"#, "page"),
        (r#","page":1000,"size":100"#, "page"),
        (r#","page":18446744073709551615"#, "page"),
        (r#","page":99999999999999999999999999"#, "page"),
        (r#","size":0"#, "size"),
        (r#","size":101"#, "size"),
        (r#","size":-1"#, "size"),
        (r#","size":"10""#, "size"),
        (r#","size":18446744073709551616"#, "size"),
    ] {
        let answer = ask(&fixture, fields).await;
        answer.is(1004, &format!("{field} invalid parameter"));
    }
}

#[tokio::test]
async fn filters() {
    let fixture = filled(3).await;
    fixture.hold("U2", CardholderStatus::Approved).await;
    let number = transfer(&fixture, "U2", "T4", "In", "5").await;
    let dashed = format!(
        "{}-{}-{}-{}-{}",
        &number[..8],
        &number[8..12],
        &number[12..16],
        &number[16..20],
        &number[20..]
    );
    for (fields, expected) in [
        (String::new(), vec!["T4", "T3", "T2", "T1"]),
        (
            r#","cardholder_no":"","transfer_no":"","transfer_unique_no":"""#.to_owned(),
            vec!["T4", "T3", "T2", "T1"],
        ),
        (format!(r#","cardholder_no":"{HOLDER}""#), vec!["T3", "T2", "T1"]),
        (r#","cardholder_no":"U2""#.to_owned(), vec!["T4"]),
        (r#","cardholder_no":"U404""#.to_owned(), vec![]),
        (r#","transfer_unique_no":"T2""#.to_owned(), vec!["T2"]),
        (r#","transfer_unique_no":"t2""#.to_owned(), vec![]),
        (format!(r#","transfer_no":"{number}""#), vec!["T4"]),
        (format!(r#","transfer_no":"{}""#, number.to_uppercase()), vec!["T4"]),
        (format!(r#","transfer_no":"{dashed}""#), vec!["T4"]),
        (format!(r#","transfer_no":"{}""#, "0".repeat(32)), vec![]),
        (r#","transfer_no":"nonsense""#.to_owned(), vec![]),
        (format!(r#","transfer_no":"{number}","cardholder_no":"{HOLDER}""#), vec![]),
        (format!(r#","transfer_no":"{number}","transfer_unique_no":"T4""#), vec!["T4"]),
        (format!(r#","transfer_no":"{number}","page":1"#), vec![]),
    ] {
        assert_eq!(numbers(&ask(&fixture, &fields).await), expected, "{fields}");
    }
}

#[tokio::test]
async fn filters_that_are_none() {
    let fixture = Fixture::new().await;
    let long = "x".repeat(65);
    for name in ["cardholder_no", "transfer_no", "transfer_unique_no"] {
        for value in [&format!("\"{long}\""), "1", "{}", r#""\u0000""#] {
            let answer = ask(&fixture, &format!(r#","{name}":{value}"#)).await;
            answer.is(1004, &format!("{name} invalid parameter"));
        }
    }
}

#[tokio::test]
async fn another_merchants_rows_are_not_there() {
    let fixture = filled(2).await;
    let other = fixture.another("second", Mode::Credit).await;
    let number = rows(&ask(&fixture, "").await)[0]["transfer_no"].clone();
    for fields in [
        String::new(),
        format!(r#","transfer_no":{number}"#),
        r#","transfer_unique_no":"T1""#.to_owned(),
        format!(r#","cardholder_no":"{HOLDER}""#),
    ] {
        let call = Call::post(LIST, format!("{{{DAYS}{fields}}}"));
        let answer = fixture.ask(fixture.sign(&other, call)).await;
        assert!(rows(&answer).is_empty(), "{fields}");
    }
}

/// The numbers between two times in a zone.
async fn between(fixture: &Fixture, zone: Option<&str>, start: &str, end: &str) -> usize {
    let body = format!(r#"{{"start_time":"{start}","end_time":"{end}"}}"#);
    let mut call = fixture.signed(Call::post(LIST, body));
    if let Some(zone) = zone {
        call = call.with("Timezone", zone);
    }
    rows(&fixture.ask(call).await).len()
}

#[tokio::test]
async fn days_begin_where_the_caller_is() {
    let fixture = Fixture::new().await;
    // 16:00:00 UTC is midnight at the default, UTC+8.
    transfer(&fixture, HOLDER, "T1", "In", "1").await;
    for (zone, start, end, found) in [
        (None, "2024-05-22", "2024-05-22", 1),
        (None, "2024-05-21", "2024-05-21", 0),
        (Some("UTC+8"), "2024-05-22", "2024-05-22", 1),
        (Some("UTC+7:59"), "2024-05-22", "2024-05-22", 0),
        (Some("UTC+7:59"), "2024-05-21", "2024-05-21", 1),
        (Some("UTC+0"), "2024-05-21", "2024-05-21", 1),
        (None, "2024-05-21 00:00:00", "2024-05-22 00:00:00", 1),
        (None, "2024-05-21 00:00:00", "2024-05-21 23:59:59", 0),
        (None, "2024-05-22 00:00:00", "2024-05-22 00:00:01", 1),
        (None, "2024-05-22 00:00:01", "2024-05-22 00:00:02", 0),
        (Some("GMT-4"), "2024-05-21 12:00:00", "2024-05-21 12:00:01", 1),
    ] {
        let seen = between(&fixture, zone, start, end).await;
        assert_eq!(seen, found, "{zone:?} {start} {end}");
    }
    // A fraction of the last second is within it.
    fixture.clock.set_us(NOW_MS * 1_000 + 2_999_999);
    transfer(&fixture, HOLDER, "T2", "In", "1").await;
    let (start, end) = ("2024-05-22 00:00:01", "2024-05-22 00:00:02");
    assert_eq!(between(&fixture, None, start, end).await, 1);
}

#[tokio::test]
async fn times_and_zones_that_are_none() {
    let fixture = Fixture::new().await;
    let days = |start, end| format!(r#"{{"start_time":"{start}","end_time":"{end}"}}"#);
    let end = "Query end time must be after start time";
    let range = "Query time range exceeds the allowed limit";
    for (body, code, msg) in [
        ("{}".to_owned(), 1004, "start_time invalid parameter"),
        (days("2024-05-21", ""), 1004, "end_time invalid parameter"),
        (days("today", "2024-05-21"), 1004, "start_time invalid parameter"),
        (days("2024-05-22", "2024-05-21"), 1019, end),
        (days("2024-01-01", "2024-05-21"), 1020, range),
        (days("2026-01-01", "2026-03-31"), 0, "Success"),
        ("not JSON".to_owned(), 1004, "body invalid parameter"),
    ] {
        fixture.post(LIST, &body).await.is(code, msg);
    }
    for zone in ["UTC", "+8", "Asia/Shanghai", "UTC+19"] {
        let call = fixture.signed(Call::post(LIST, "not JSON")).with("Timezone", zone);
        fixture.ask(call.clone()).await.is(1004, "Timezone invalid parameter");
        let call = call.with("Language", "zh_CN");
        fixture.ask(call).await.is(1004, "Timezone 参数无效");
    }
    // A transfer has no days, and is not refused for them.
    let call = fixture.signed(Call::post(TRANSFER, crate::tests::EXAMPLE));
    fixture.ask(call.with("Timezone", "nonsense")).await.data();
}

#[tokio::test]
async fn each_transfer_shows_at_once() {
    let fixture = Fixture::new().await;
    for n in 1..=12 {
        let number = transfer(&fixture, HOLDER, &format!("T{n}"), "In", "1").await;
        let answer = ask(&fixture, r#","size":1"#).await;
        assert_eq!(rows(&answer)[0]["transfer_no"], number);
    }
}
