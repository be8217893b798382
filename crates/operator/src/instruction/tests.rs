use crate::tests::{NOBODY, NOW, Server};
use serde_json::{Value, json};

async fn fund(server: &Server, program: &str, amount: &str) -> String {
    let body = json!({"amount": amount, "asset": "TUSDT", "remark": "r"});
    let done = server.post_keyed(&format!("{program}/fund"), amount, body).await.good();
    done["instruction"].as_str().unwrap().to_owned()
}

fn column(page: &Value, name: &str) -> Vec<String> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn one_whole() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let reserve = server.own(&program, "reserve", "TUSDT").await;
    let external = server.own(&program, "external", "TUSDT").await;
    let id = fund(&server, &program, "10").await;
    let shown = server.get(&format!("{program}/instructions/{id}")).await.good();
    let transfer = shown["transfers"][0].clone();
    let expected = json!({
        "id": id, "kind": "fund", "outcome": "completed", "decline": null, "amount": "10.00",
        "asset": "TUSDT", "account": reserve, "counterparty": external, "cardholder": null,
        "available_before": "0.00", "available_after": "10.00",
        "reference": {"scope": "operator/fund", "text": "10"}, "undoes": null, "remark": "r",
        "end_to_end_id": null,
        "seq": shown["seq"], "at": NOW,
        "transfers": [{
            "id": transfer["id"], "kind": "post", "debit": external, "credit": reserve,
            "amount": "10.00", "asset": "TUSDT", "held": "0.00", "hold": null, "link": null,
            "conversion": null, "debit_version": 1, "credit_version": 1, "at": NOW,
        }],
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn listed_newest_first() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    server.cardholder(&program, "U1").await;
    for amount in ["1", "2", "3"] {
        fund(&server, &program, amount).await;
    }
    let body = json!({"amount": "4", "asset": "TUSDT", "cardholder": "U1"});
    server.post(&format!("{program}/fund"), body.clone()).await.good();
    server.post(&format!("{program}/payout"), body).await.good();
    let path = format!("{program}/instructions");
    let page = server.get(&format!("{path}?limit=3")).await.good();
    assert_eq!(column(&page, "kind"), ["payout", "fund", "fund"]);
    assert_eq!(column(&page, "amount"), ["4.00", "4.00", "3.00"]);
    assert_eq!(page["data"][0]["cardholder"], "U1");
    assert_eq!(page["data"][0].get("transfers"), None);
    let next = page["next"].as_str().unwrap().to_owned();
    fund(&server, &program, "5").await;
    let page = server.get(&format!("{path}?limit=3&before={next}")).await.good();
    assert_eq!(column(&page, "amount"), ["2.00", "1.00"]);
    assert_eq!(page["next"], json!(null));
    let reserve = server.own(&program, "reserve", "TUSDT").await;
    for (query, count) in [
        ("kind=payout".to_owned(), 1),
        ("kind=payout,fund".to_owned(), 6),
        ("kind=hold".to_owned(), 0),
        (format!("account={reserve}"), 4),
        (format!("account={NOBODY}"), 0),
        (format!("from={NOW}"), 6),
        (format!("until={NOW}"), 0),
        ("from=2026-05-22T10:30:00.000001%2B02:00".to_owned(), 0),
    ] {
        let page = server.get(&format!("{path}?{query}")).await.good();
        assert_eq!(page["data"].as_array().unwrap().len(), count, "{query}");
    }
    for (query, field) in [
        ("kind=gift", "kind"),
        ("account=U1", "account"),
        ("from=today", "from"),
        ("until=", "until"),
        ("before=7", "before"),
        ("after=7-1", "after"),
    ] {
        assert_eq!(server.get(&format!("{path}?{query}")).await.bad_field(), field);
    }
}

#[tokio::test]
async fn reversed_once() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let id = fund(&server, &program, "10").await;
    let path = format!("{program}/instructions/{id}/reverse");
    let first = server.post_keyed(&path, "r1", json!({"remark": "wrong"})).await;
    let first = first.good();
    assert_eq!(first["available_after"], "0.00");
    let again = server.post_keyed(&path, "r1", json!({"remark": "wrong"})).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.good(), first);
    let answer = server.post_keyed(&path, "r1", json!({"remark": "other"})).await;
    assert_eq!(answer.problem(), (422, "reference_conflict".to_owned()));
    let answer = server.post(&path, json!({})).await;
    assert_eq!(answer.problem(), (422, "already_reversed".to_owned()));
    let undo = first["instruction"].as_str().unwrap();
    let shown = server.get(&format!("{program}/instructions/{undo}")).await.good();
    assert_eq!((&shown["kind"], &shown["undoes"]), (&json!("reverse"), &json!(id)));
    let answer = server.post(&format!("{program}/instructions/{undo}/reverse"), json!({})).await;
    assert_eq!(answer.problem(), (422, "not_reversible".to_owned()));
    assert_eq!(server.post(&path, json!({"amount": "1"})).await.bad_field(), "amount");
    // What is spent can't be taken back.
    let id = fund(&server, &program, "7").await;
    let body = json!({"amount": "7", "asset": "TUSDT"});
    server.post(&format!("{program}/payout"), body).await.good();
    let answer = server.post(&format!("{program}/instructions/{id}/reverse"), json!({})).await;
    assert_eq!(answer.problem(), (422, "insufficient_funds".to_owned()));
}

#[tokio::test]
async fn another_programmes_is_none() {
    let server = Server::new().await;
    let acme = server.program("acme").await;
    let other = server.program("other").await;
    let id = fund(&server, &acme, "10").await;
    let missing = (404, "instruction_missing".to_owned());
    for item in [id.as_str(), NOBODY, "x"] {
        let path = format!("{other}/instructions/{item}");
        assert_eq!(server.get(&path).await.problem(), missing);
        let answer = server.post(&format!("{path}/reverse"), json!({})).await;
        assert_eq!(answer.problem(), missing);
    }
}
