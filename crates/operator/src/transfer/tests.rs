use crate::tests::{NOBODY, NOW, Server};
use serde_json::{Value, json};

fn money(amount: &str) -> Value {
    json!({"amount": amount, "asset": "TUSDT"})
}

fn with(mut body: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

#[tokio::test]
async fn funded_and_paid_out() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    server.cardholder(&program, "U1").await;
    let (fund, payout) = (format!("{program}/fund"), format!("{program}/payout"));
    let receipt = server.post(&fund, money("100.50")).await.good();
    let expected = json!({
        "instruction": receipt["instruction"], "outcome": "completed", "decline": null,
        "asset": "TUSDT", "available_before": "0.00", "available_after": "100.50", "at": NOW,
    });
    assert_eq!(receipt, expected);
    let body = with(money("7"), json!({"cardholder": "U1", "remark": "Grüße"}));
    assert_eq!(server.post(&fund, body).await.good()["available_after"], "7.00");
    let receipt = server.post(&payout, money("0.50")).await.good();
    assert_eq!(receipt["available_after"], "100.00");
    let body = with(money("7"), json!({"cardholder": "U1"}));
    assert_eq!(server.post(&payout, body).await.good()["available_after"], "0.00");
    // Settlement has no floor.
    let body = with(money("1"), json!({"kind": "settlement"}));
    assert_eq!(server.post(&payout, body).await.good()["available_after"], "-1.00");
    let yen = json!({"amount": "5", "asset": "JPY"});
    assert_eq!(server.post(&fund, yen).await.good()["available_after"], "5");
}

#[tokio::test]
async fn refusals() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    for (path, body, status, code) in [
        ("payout", money("0.01"), 422, "insufficient_funds"),
        ("payout", with(money("1"), json!({"kind": "fees"})), 422, "insufficient_funds"),
        ("fund", json!({"amount": "1", "asset": "USD"}), 422, "debit_account_missing"),
        ("fund", with(money("1"), json!({"cardholder": "U9"})), 404, "cardholder_missing"),
        ("fund", with(money("1"), json!({"remark": "é".repeat(600)})), 422, "remark_too_long"),
    ] {
        let answer = server.post(&format!("{program}/{path}"), body.clone()).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{body}");
    }
    let page = server.get(&format!("{program}/instructions")).await.good();
    assert_eq!(page["data"], json!([]));
}

#[tokio::test]
async fn bad_amounts_and_fields() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let digits = "9".repeat(400);
    for amount in [
        "0",
        "-1",
        "1.005",
        "1e3",
        "1,00",
        " 1",
        "1 ",
        "١",
        "+1",
        "",
        ".5",
        "1.",
        "01",
        &digits,
        "92233720368547758.08",
    ] {
        for call in ["fund", "payout"] {
            let answer = server.post(&format!("{program}/{call}"), money(amount)).await;
            assert_eq!(answer.bad_field(), "amount", "{amount}");
        }
    }
    let both = json!({"kind": "fees", "cardholder": "U1"});
    for (call, body, field) in [
        ("fund", json!({"amount": 1, "asset": "TUSDT"}), "amount"),
        ("fund", json!({"asset": "TUSDT"}), "amount"),
        ("fund", json!({"amount": "1"}), "asset"),
        ("fund", json!({"amount": "1", "asset": "tusdt"}), "asset"),
        ("fund", with(money("1"), json!({"kind": "reserve"})), "kind"),
        ("payout", with(money("1"), json!({"kind": "external"})), "kind"),
        ("payout", with(money("1"), json!({"kind": "nonsense"})), "kind"),
        ("payout", with(money("1"), both), "kind"),
        ("transfers", money("1"), "debit"),
        ("transfers", with(money("1"), json!({"debit": "x"})), "debit"),
        ("transfers", with(money("1"), json!({"debit": NOBODY})), "credit"),
    ] {
        let answer = server.post(&format!("{program}/{call}"), body.clone()).await;
        assert_eq!(answer.bad_field(), field, "{body}");
    }
}

#[tokio::test]
async fn exactly_once() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let fund = format!("{program}/fund");
    let first = server.post_keyed(&fund, "k1", money("10")).await;
    assert_eq!(first.header("idempotent-replayed"), None);
    let first = first.good();
    for amount in ["10", "10.00"] {
        let again = server.post_keyed(&fund, "k1", money(amount)).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.good(), first);
    }
    let other = server.post_keyed(&fund, "k1", money("11")).await;
    assert_eq!(other.problem(), (422, "reference_conflict".to_owned()));
    // A key is of one operation and of one programme.
    let paid = server.post_keyed(&format!("{program}/payout"), "k1", money("10")).await;
    assert_eq!(paid.header("idempotent-replayed"), None);
    assert_eq!(paid.good()["available_after"], "0.00");
    let second = server.program("second").await;
    let funded = server.post_keyed(&format!("{second}/fund"), "k1", money("10")).await;
    assert_eq!(funded.header("idempotent-replayed"), None);
    // A refusal leaves the key free.
    let payout = format!("{program}/payout");
    let refused = server.post_keyed(&payout, "k2", money("5")).await;
    assert_eq!(refused.problem(), (422, "insufficient_funds".to_owned()));
    server.post(&fund, money("5")).await.good();
    let paid = server.post_keyed(&payout, "k2", money("5")).await;
    assert_eq!(paid.header("idempotent-replayed"), None);
    paid.good();
    // The operator gets replays whatever the programme's callers get, and while it is suspended.
    let change = json!({"duplicate": "error", "status": "suspended"});
    server.patch(&program, change).await.good();
    let again = server.post_keyed(&fund, "k1", money("10")).await;
    assert_eq!(again.good(), first);
}

#[tokio::test]
async fn between_two_accounts() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    server.post(&format!("{program}/fund"), money("10")).await.good();
    let reserve = server.own(&program, "reserve", "TUSDT").await;
    let fees = server.own(&program, "fees", "TUSDT").await;
    let yen = server.own(&program, "reserve", "JPY").await;
    let path = format!("{program}/transfers");
    let body = with(money("4"), json!({"debit": reserve, "credit": fees, "remark": "r"}));
    let first = server.post_keyed(&path, "t1", body.clone()).await.good();
    assert_eq!(first["available_before"], "10.00");
    assert_eq!(first["available_after"], "6.00");
    let again = server.post_keyed(&path, "t1", body.clone()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.good(), first);
    let big = with(body.clone(), json!({"amount": "6.01"}));
    let answer = server.post(&path, big.clone()).await;
    assert_eq!(answer.problem(), (422, "insufficient_funds".to_owned()));
    let declined = server.post(&path, with(big, json!({"on_insufficient": "decline"}))).await;
    let declined = declined.good();
    assert_eq!(declined["outcome"], "declined");
    assert_eq!(declined["decline"], "insufficient_funds");
    assert_eq!(declined["available_after"], "6.00");
    for (change, code) in [
        (json!({"credit": reserve}), "same_account"),
        (json!({"credit": NOBODY}), "credit_account_missing"),
        (json!({"debit": NOBODY}), "debit_account_missing"),
        (json!({"credit": yen}), "asset_mismatch"),
    ] {
        let answer = server.post(&path, with(body.clone(), change)).await;
        assert_eq!(answer.problem(), (422, code.to_owned()));
    }
    let bad = with(body.clone(), json!({"on_insufficient": "hope"}));
    assert_eq!(server.post(&path, bad).await.bad_field(), "on_insufficient");
    // Accounts of one programme are missing in another.
    let other = server.program("other").await;
    let answer = server.post(&format!("{other}/transfers"), body).await;
    assert_eq!(answer.problem(), (422, "debit_account_missing".to_owned()));
}

#[tokio::test]
async fn between_two_assets() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    server.post(&format!("{program}/fund"), money("10")).await.good();
    let reserve = server.own(&program, "reserve", "TUSDT").await;
    let yen = server.own(&program, "reserve", "JPY").await;
    let path = format!("{program}/conversions");
    let change = json!({"debit": reserve, "credit": yen, "to": "JPY"});
    let body = with(money("4.01"), change);
    let answer = server.post(&path, body.clone()).await;
    assert_eq!(answer.problem(), (422, "rate_missing".to_owned()));
    let rate = json!({"from": "TUSDT", "to": "JPY", "rate": "150.5"});
    server.post(&format!("{program}/rates"), rate).await.good();
    let first = server.post_keyed(&path, "c1", body.clone()).await.good();
    assert_eq!(first["available_after"], "5.99");
    // 4.01 × 150.5 = 603.505
    let accounts = server.get(&format!("{program}/accounts?kind=reserve")).await.good();
    let accounts = accounts["data"].as_array().expect("a list").clone();
    let got = accounts.iter().find(|row| row["asset"] == "JPY").expect("a reserve in JPY");
    assert_eq!(got["available"], "604");
    let again = server.post_keyed(&path, "c1", body.clone()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.good(), first);
    let bad = with(body, json!({"to": "NONE"}));
    assert_eq!(server.post(&path, bad).await.bad_field(), "to");
}
