use crate::tests::{Call, DEPOSIT, Fixture, NOW, changed, lacking};
use domain::sub_account::SubAccountStatus;
use serde_json::{Value, json};

fn deposit() -> Value {
    json!({
        "amount": 1000.5,
        "currency": "SGD",
        "sender_swift_code": "DBSSSGSG",
        "receiver_account_number": "885-123456",
        "sender_account_number": "012-345678",
        "sender_country": "SG",
        "sender_name": "Jack Ltd",
    })
}

#[tokio::test]
async fn a_deposit_reaches_the_masters_balance_at_the_bank() {
    let fixture = Fixture::new().await;
    let master = &fixture.family.master;
    let answer = fixture.post(DEPOSIT, &deposit()).await;
    let made = answer.ok();
    assert_eq!(made["deposit_id"].as_str().unwrap().len(), 36);
    assert!(made["short_reference_id"].as_str().unwrap().starts_with("T240321-"));
    let expected = json!({
        "deposit_id": made["deposit_id"],
        "short_reference_id": made["short_reference_id"],
        "amount": "1000.50",
        "currency": "SGD",
        "deposit_status": "COMPLETED",
        "create_time": NOW,
        "complete_time": NOW,
        "receiver_account_number": "885-123456",
        "sender": {
            "sender_account_number": "012-345678",
            "sender_country": "SG",
            "sender_name": "Jack Ltd",
            "sender_swift_code": "DBSSSGSG",
        },
    });
    assert_eq!(made, &expected);
    assert_eq!(fixture.banking(master, "SGD").await, "1000.50");
    assert_eq!(fixture.issuing(master, "SGD").await, "10000.00");
}

#[tokio::test]
async fn a_deposit_may_name_its_member() {
    let fixture = Fixture::new().await;
    let (master, bank) = (&fixture.family.master, &fixture.bank);
    for (id, member) in [
        (json!(bank.id.to_string()), bank),
        (json!(master.id.to_string()), master),
        (Value::Null, master),
        ("".into(), master),
    ] {
        let before = fixture.banking(member, "SGD").await;
        let body = changed(&deposit(), "account_id", id.clone());
        fixture.post(DEPOSIT, &body).await.ok();
        assert_ne!(fixture.banking(member, "SGD").await, before, "{id}");
    }
    assert_eq!(fixture.banking(bank, "SGD").await, "1000.50");
    assert_eq!(fixture.banking(master, "SGD").await, "3001.50");
}

#[tokio::test]
async fn what_a_deposit_can_not_reach() {
    let fixture = Fixture::new().await;
    let before = fixture.sums().await;
    let to = |id: &str| changed(&deposit(), "account_id", id);
    let live = fixture.live.master.id.to_string();
    for id in [&*live, "11111111-2222-4333-8444-555555555555", "x", "S1234567"] {
        fixture.post(DEPOSIT, &to(id)).await.is_account("account_not_found");
    }
    let acme = to(&fixture.acme.id.to_string());
    fixture.post(DEPOSIT, &acme).await.is_account("balance_not_found");
    for currency in ["EUR", "XXX", "sgd"] {
        let body = changed(&deposit(), "currency", currency);
        fixture.post(DEPOSIT, &body).await.is_account("balance_not_found");
    }
    let bank = to(&fixture.bank.id.to_string());
    for status in
        [SubAccountStatus::Processing, SubAccountStatus::Inactive, SubAccountStatus::Closed]
    {
        fixture.set_status(&fixture.bank, status).await;
        fixture.post(DEPOSIT, &bank).await.is_account("account_not_found");
    }
    assert_eq!(fixture.sums().await, before);
}

#[tokio::test]
async fn a_deposit_with_bad_fields() {
    let fixture = Fixture::new().await;
    let before = fixture.sums().await;
    for field in ["amount", "currency", "sender_swift_code"] {
        fixture.post(DEPOSIT, &lacking(&deposit(), field)).await.is_bad(field);
        for bad in [Value::Null, true.into(), json!({}), "".into()] {
            fixture.post(DEPOSIT, &changed(&deposit(), field, bad)).await.is_bad(field);
        }
    }
    for field in
        ["receiver_account_number", "sender_account_number", "sender_country", "sender_name"]
    {
        for bad in [json!(1), "x".repeat(129).into(), "a\nb".into()] {
            fixture.post(DEPOSIT, &changed(&deposit(), field, bad)).await.is_bad(field);
        }
    }
    fixture.post(DEPOSIT, &changed(&deposit(), "account_id", 7)).await.is_bad("account_id");
    fixture.ask(fixture.good(Call::post(DEPOSIT, "["))).await.is_bad("body");
    assert_eq!(fixture.sums().await, before);
    let bare = json!({ "amount": 1, "currency": "SGD", "sender_swift_code": "DBSSSGSG" });
    let answer = fixture.post(DEPOSIT, &bare).await;
    assert_eq!(answer.ok()["sender"]["sender_name"], "");
}

#[tokio::test]
async fn a_programme_that_is_no_sandbox_has_no_simulators() {
    let fixture = Fixture::new().await;
    fixture.renew(fixture.token_of(&fixture.live).await);
    for body in [deposit(), json!({})] {
        fixture.post(DEPOSIT, &body).await.is(403, "unauthorized_error", "forbidden");
        // The word in the path makes no sandbox.
        let call = fixture.good(Call::post(DEPOSIT, body.to_string())).in_sandbox();
        fixture.ask(call).await.is(403, "unauthorized_error", "forbidden");
    }
    assert_eq!(fixture.banking(&fixture.live.master, "SGD").await, "0.00");
}

#[tokio::test]
async fn a_repeat_of_a_deposit() {
    let fixture = Fixture::new().await;
    let ask = |body: &Value| {
        let call = Call::post(DEPOSIT, body.to_string()).bearing(&fixture.token()).keyed("d");
        fixture.ask(call)
    };
    let first = ask(&deposit()).await;
    fixture.clock.advance_s(100);
    let again = ask(&deposit()).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    for other in [
        changed(&deposit(), "amount", 1000.51),
        changed(&deposit(), "currency", "USD"),
        changed(&deposit(), "sender_name", "Jill Ltd"),
        changed(&deposit(), "sender_swift_code", "DBSSSGS0"),
        changed(&deposit(), "receiver_account_number", "9"),
        changed(&deposit(), "account_id", fixture.bank.id.to_string()),
    ] {
        ask(&other).await.is(400, "idempotency_error", "idempotency_error");
    }
    assert_eq!(fixture.banking(&fixture.family.master, "SGD").await, "1000.50");
}
