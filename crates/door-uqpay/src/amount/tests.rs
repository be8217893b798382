use crate::tests::{Call, DEPOSIT, Fixture, TRANSFERS, changed, lacking};
use serde_json::{Value, json};

/// With the amount as it is written.
fn body(fixture: &Fixture, amount: &str) -> String {
    let body = changed(&fixture.transfer(), "amount", "?").to_string();
    body.replace("\"?\"", amount)
}

#[tokio::test]
async fn amounts_that_are_taken() {
    let fixture = Fixture::new().await;
    for (amount, shown) in [
        ("1000", "1000.00"),
        ("1000.0", "1000.00"),
        ("1000.25", "1000.25"),
        ("\"1.00\"", "1.00"),
        ("\"100.1\"", "100.10"),
        ("\"7\"", "7.00"),
        ("0.01", "0.01"),
        ("0.29", "0.29"),
        ("1.1", "1.10"),
    ] {
        let call = fixture.good(Call::post(TRANSFERS, body(&fixture, amount)));
        let made = fixture.ask(call).await;
        let path = format!("{TRANSFERS}/{}", made.ok()["transfer_id"].as_str().unwrap());
        assert_eq!(fixture.get(&path).await.ok()["amount"], shown, "{amount}");
    }
    assert_eq!(fixture.issuing(&fixture.acme, "SGD").await, "4109.75");
}

#[tokio::test]
async fn amounts_that_are_refused_move_nothing() {
    let fixture = Fixture::new().await;
    let before = fixture.sums().await;
    for amount in [
        "0",
        "0.00",
        "-0",
        "-1",
        "-0.01",
        "0.001",
        "1.005",
        "1.000",
        "1e30",
        "1e3",
        "1E2",
        "1000000000000000",
        "9999999999999999.99",
        "92233720368547758.08",
        "\"1000000000000000\"",
        "\"0\"",
        "\"-1\"",
        "\"0.001\"",
        "\"abc\"",
        "\"1,00\"",
        "\" 1\"",
        "\"1 \"",
        "\"+1\"",
        "\"01\"",
        "\".5\"",
        "\"1.\"",
        "\"1e2\"",
        "\"0x1\"",
        "\"NaN\"",
        "\"١\"",
        "\"\"",
        "true",
        "false",
        "null",
        "[]",
        "[1]",
        "{}",
        "\"11111111111111111111111111111111111111111111111111111111111111111\"",
        "11111111111111111111111111111111111111111111111111111111111111111",
    ] {
        let call = fixture.good(Call::post(TRANSFERS, body(&fixture, amount)));
        fixture.ask(call).await.is_bad("amount");
        let deposit = r#"{"currency":"SGD","sender_swift_code":"D","amount":?}"#;
        let call = fixture.good(Call::post(DEPOSIT, deposit.replace('?', amount)));
        fixture.ask(call).await.is_bad("amount");
    }
    fixture.post(TRANSFERS, &lacking(&fixture.transfer(), "amount")).await.is_bad("amount");
    assert_eq!(fixture.sums().await, before);
}

/// Fifteen digits before the point fit, and meet the balance.
#[tokio::test]
async fn the_largest_amount() {
    let fixture = Fixture::new().await;
    let call = fixture.good(Call::post(TRANSFERS, body(&fixture, "999999999999999.99")));
    fixture.ask(call).await.is_account("insufficient_balance");
    let largest = json!({
        "currency": "SGD", "sender_swift_code": "DBSSSGSG", "amount": "999999999999999.99",
    });
    let made = fixture.post(DEPOSIT, &largest).await;
    assert_eq!(made.ok()["amount"], "999999999999999.99");
}

/// No call makes a balance pass the range of its sums.
#[tokio::test]
async fn a_balance_that_would_be_too_large_is_refused() {
    let fixture = Fixture::new().await;
    let largest = json!({
        "currency": "SGD", "sender_swift_code": "DBSSSGSG", "amount": "999999999999999.99",
    });
    for _ in 0..92 {
        fixture.post(DEPOSIT, &largest).await.ok();
    }
    let before = fixture.banking(&fixture.family.master, "SGD").await;
    let answer = fixture.post(DEPOSIT, &largest).await;
    answer.is(400, "invalid_request_error", "invalid_request_error");
    assert_eq!(fixture.banking(&fixture.family.master, "SGD").await, before);
}

#[tokio::test]
async fn a_number_keeps_its_digits() {
    let fixture = Fixture::new().await;
    let sent: Value = json!({ "currency": "SGD", "sender_swift_code": "D", "amount": "?" });
    let body = sent.to_string().replace("\"?\"", "90071992547409.93");
    let made = fixture.ask(fixture.good(Call::post(DEPOSIT, body))).await;
    assert_eq!(made.ok()["amount"], "90071992547409.93");
}
