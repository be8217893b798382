use crate::tests::{
    BALANCES, BANKING, BANKING_LEDGER, Call, DEPOSIT, Fixture, LEDGER, NOW, TRANSFERS, asset,
    changed, column,
};
use domain::money::Amount;
use engine::transfer::Place;
use serde_json::{Value, json};

#[tokio::test]
async fn the_masters_balances() {
    let fixture = Fixture::new().await;
    let master = &fixture.family.master;
    let row = |currency: &str, available: &str| {
        json!({
            "balance_id": master.issuing(asset(currency)).unwrap().id().to_string(),
            "currency": currency,
            "available_balance": available,
            "margin_balance": "0.00",
            "frozen_balance": "0.00",
            "create_time": NOW,
            "last_trade_time": NOW,
            "balance_status": "ACTIVE",
        })
    };
    let rows = [row("SGD", "10000.00"), row("USD", "5000.00")];
    let expected = json!({ "total_pages": 1, "total_items": 2, "data": rows });
    assert_eq!(fixture.get(BALANCES).await.ok(), &expected);
    for (at, row) in rows.iter().enumerate() {
        let currency = &row["currency"];
        let found = fixture.post(BALANCES, &json!({ "currency": currency })).await;
        assert_eq!(found.ok(), row);
        let path = format!("{BALANCES}?currency={}", currency.as_str().unwrap());
        let filtered = fixture.get(&path).await;
        assert_eq!(filtered.rows(), std::slice::from_ref(row));
        assert_eq!(filtered.ok()["total_items"], 1);
        let page = fixture.get(&format!("{BALANCES}?page_size=1&page_number={}", at + 1)).await;
        assert_eq!(page.rows(), std::slice::from_ref(row));
        assert_eq!((&page.ok()["total_pages"], &page.ok()["total_items"]), (&json!(2), &json!(2)));
    }
}

#[tokio::test]
async fn a_members_own_balances() {
    let fixture = Fixture::new().await;
    for (member, expected) in
        [(&fixture.acme, ["1000.00", "0.50"]), (&fixture.beta, ["0.00", "0.00"])]
    {
        let list = fixture.get_for(member, BALANCES).await;
        assert_eq!(column(list.rows(), "available_balance"), expected);
        assert_eq!(column(list.rows(), "currency"), ["SGD", "USD"]);
        let usd = fixture.post_for(member, BALANCES, &json!({ "currency": "USD" })).await;
        assert_eq!(usd.ok()["available_balance"], expected[1]);
    }
}

#[tokio::test]
async fn a_currency_without_a_balance() {
    let fixture = Fixture::new().await;
    for currency in ["EUR", "XXX", "sgd", "TUSDT"] {
        let answer = fixture.post(BALANCES, &json!({ "currency": currency })).await;
        answer.is_account("balance_not_found");
        let list = fixture.get(&format!("{BALANCES}?currency={currency}")).await;
        assert_eq!(list.ok(), &json!({ "total_pages": 0, "total_items": 0, "data": [] }));
        let answer = fixture.get(&format!("{BANKING}/{currency}")).await;
        answer.is_flat(400, "no balance in this currency");
    }
    for bad in [Value::Null, json!(1), "".into(), "x".repeat(17).into()] {
        fixture.post(BALANCES, &json!({ "currency": bad })).await.is_bad("currency");
    }
    fixture.post(BALANCES, &json!({})).await.is_bad("currency");
    fixture.ask(fixture.good(Call::post(BALANCES, ""))).await.is_bad("body");
    fixture.get(&format!("{BANKING}/%ff")).await.is_flat(400, "no balance in this currency");
}

/// It is a read that carries a key.
#[tokio::test]
async fn a_balance_that_is_retrieved_again_is_read_again() {
    let fixture = Fixture::new().await;
    let call = Call::post(BALANCES, r#"{"currency":"SGD"}"#).bearing(&fixture.token()).keyed("k");
    let available = async || {
        let answer = fixture.ask(call.clone()).await;
        answer.ok()["available_balance"].as_str().unwrap().to_owned()
    };
    assert_eq!(available().await, "10000.00");
    fixture.clock.advance_s(60);
    fixture.post(TRANSFERS, &fixture.transfer()).await.ok();
    assert_eq!(available().await, "9000.00");
    let answer = fixture.ask(call.clone()).await;
    assert_eq!(answer.ok()["last_trade_time"], "2024-03-21T17:18:32+08:00");
    assert_eq!(answer.ok()["create_time"], NOW);
    // Nor does another currency clash with what the key was used for.
    let usd = Call::post(BALANCES, r#"{"currency":"USD"}"#).bearing(&fixture.token()).keyed("k");
    assert_eq!(fixture.ask(usd).await.ok()["available_balance"], "5000.00");
}

#[tokio::test]
async fn balances_at_the_bank() {
    let fixture = Fixture::new().await;
    let master = &fixture.family.master;
    fixture.fund(&fixture.family, Place::Banking(master.id), "12.5", "USD").await;
    let row = |currency: &str, available: &str| {
        json!({
            "balance_id": master.banking(asset(currency)).unwrap().id().to_string(),
            "currency": currency,
            "available_balance": available,
            "prepaid_balance": "0.00",
            "margin_balance": "0.00",
            "frozen_balance": "0.00",
            "create_time": NOW,
            "last_trade_time": NOW,
            "balance_status": "ACTIVE",
        })
    };
    let rows = [row("SGD", "0.00"), row("USD", "12.50")];
    assert_eq!(fixture.get(BANKING).await.rows(), &rows);
    assert_eq!(fixture.get(&format!("{BANKING}/USD")).await.ok(), &rows[1]);
    // Who issues has none at the bank.
    let none = json!({ "total_pages": 0, "total_items": 0, "data": [] });
    assert_eq!(fixture.get_for(&fixture.acme, BANKING).await.ok(), &none);
    assert_eq!(fixture.get_for(&fixture.acme, BANKING_LEDGER).await.ok(), &none);
    let answer = fixture.get_for(&fixture.acme, &format!("{BANKING}/USD")).await;
    answer.is_flat(400, "no balance in this currency");
}

/// What each kind of movement is called on both sides, and what it leaves.
#[tokio::test]
async fn a_ledger_tells_what_moved_and_what_was_left() {
    let fee = Amount::parse("0.25", asset("SGD")).unwrap();
    let fixture = Fixture::with(|options| options.transfer_fees = vec![fee]).await;
    let (master, acme) = (&fixture.family.master, &fixture.acme);
    fixture.fund(&fixture.family, Place::Banking(master.id), "100", "SGD").await;
    let (bank, issuing) = (Place::Banking(master.id), Place::Issuing(acme.id));
    fixture.move_money(&fixture.family, bank, issuing, "40", "SGD").await;
    fixture.post(TRANSFERS, &fixture.transfer_of(acme, master)).await.ok();
    fixture.post(TRANSFERS, &changed(&fixture.transfer(), "amount", 7)).await.ok();
    for (answer, expected) in [
        (
            fixture.get_for(acme, &format!("{LEDGER}?currency=SGD")).await,
            vec![
                "TRANSFER_IN 7.00 46.75 Transfer to Jack.",
                "FEE 0.25 39.75 Transfer to Jack.",
                "TRANSFER_OUT 1000.00 40.00 Transfer to Jack.",
                "FUNDS_TRANSFER_IN 40.00 1040.00 by the operator",
                "ADJUSTMENT 1000.00 1000.00 by the operator",
            ],
        ),
        (
            fixture.get(&format!("{LEDGER}?currency=SGD")).await,
            vec![
                "FEE 0.25 10992.75 Transfer to Jack.",
                "TRANSFER_OUT 7.00 10993.00 Transfer to Jack.",
                "TRANSFER_IN 1000.00 11000.00 Transfer to Jack.",
                "ADJUSTMENT 10000.00 10000.00 by the operator",
            ],
        ),
        (
            fixture.get(BANKING_LEDGER).await,
            vec![
                "FUNDS_TRANSFER_OUT 40.00 60.00 by the operator",
                "DEPOSIT 100.00 100.00 by the operator",
            ],
        ),
    ] {
        let fields = ["transaction_type", "amount", "ending_balance", "description"];
        let line = |row: &Value| fields.map(|field| row[field].as_str().unwrap()).join(" ");
        let seen: Vec<_> = answer.rows().iter().map(line).collect();
        assert_eq!(seen, expected);
        assert_eq!(answer.ok()["total_items"], expected.len());
    }
}

#[tokio::test]
async fn a_line_of_each_ledger() {
    let fixture = Fixture::new().await;
    let (master, acme) = (&fixture.family.master, &fixture.acme);
    let made = fixture.post(TRANSFERS, &fixture.transfer()).await;
    let (id, short) = (&made.ok()["transfer_id"], &made.ok()["short_transaction_id"]);
    let line = fixture.get_for(acme, LEDGER).await;
    let expected = json!({
        "transaction_id": id,
        "short_transaction_id": short,
        "account_id": acme.id.to_string(),
        "account_name": "Acme Pte Ltd",
        "balance_id": acme.issuing(asset("SGD")).unwrap().id().to_string(),
        "transaction_type": "TRANSFER_IN",
        "currency": "SGD",
        "amount": "1000.00",
        "create_time": NOW,
        "complete_time": NOW,
        "transaction_status": "COMPLETED",
        "ending_balance": "2000.00",
        "description": "Transfer to Jack.",
    });
    assert_eq!(line.rows()[0], expected);
    let deposit = json!({ "amount": 5, "currency": "USD", "sender_swift_code": "DBSSSGSG" });
    let deposit = fixture.post(DEPOSIT, &deposit).await;
    let line = fixture.get(BANKING_LEDGER).await;
    let expected = json!({
        "transaction_id": deposit.ok()["deposit_id"],
        "short_transaction_id": deposit.ok()["short_reference_id"],
        "reference_id": deposit.ok()["short_reference_id"],
        "account_id": master.id.to_string(),
        "account_name": "first",
        "balance_id": master.banking(asset("USD")).unwrap().id().to_string(),
        "transaction_type": "DEPOSIT",
        "currency": "USD",
        "amount": "5.00",
        "credit_debit_type": "C",
        "create_time": NOW,
        "complete_time": NOW,
        "transaction_status": "COMPLETED",
        "transaction_way": "ONLINE",
        "ending_balance": "5.00",
        "description": "",
    });
    assert_eq!(line.rows(), &[expected]);
}

#[tokio::test]
async fn lines_are_found_by_what_they_say() {
    let fixture = Fixture::new().await;
    let made = fixture.post(TRANSFERS, &fixture.transfer()).await;
    let id = made.ok()["transfer_id"].as_str().unwrap();
    fixture.post(TRANSFERS, &changed(&fixture.transfer(), "currency", "USD")).await.ok();
    for (query, count) in [
        (String::new(), 4),
        ("currency=SGD".to_owned(), 2),
        ("currency=EUR".to_owned(), 0),
        ("transaction_type=TRANSFER_OUT".to_owned(), 2),
        ("transaction_type=TRANSFER_IN".to_owned(), 0),
        ("transaction_type=NONE".to_owned(), 0),
        ("transaction_status=COMPLETED".to_owned(), 4),
        ("transaction_status=PENDING".to_owned(), 0),
        (format!("transaction_id={id}"), 1),
        (format!("transaction_id={id}&currency=USD"), 0),
        ("transaction_id=x".to_owned(), 0),
        ("transaction_type=&currency=".to_owned(), 4),
        ("currency=USD&transaction_type=ADJUSTMENT&transaction_status=COMPLETED".to_owned(), 1),
    ] {
        let answer = fixture.get(&format!("{LEDGER}?{query}")).await;
        assert_eq!(answer.rows().len(), count, "{query}");
        assert_eq!(answer.ok()["total_items"], count, "{query}");
    }
}

#[tokio::test]
async fn lines_are_found_by_their_time() {
    let fixture = Fixture::new().await;
    fixture.clock.advance_s(60);
    fixture.post(TRANSFERS, &fixture.transfer()).await.ok();
    for (query, count) in [
        ("start_time=2024-03-21T17:17:32%2B08:00", 3),
        ("start_time=2024-03-21T17:17:33%2B08:00", 1),
        // A plus that was not escaped.
        ("start_time=2024-03-21T17:17:33+08:00", 1),
        ("start_time=2024-03-21T09:17:33Z", 1),
        ("start_time=2024-03-21T17:18:33%2B08:00", 0),
        // The time that lines show.
        ("end_time=2024-03-21T17:17:32%2B08:00", 2),
        ("end_time=2024-03-21T17:17:31%2B08:00", 0),
        ("end_time=2024-03-21T17:18:32%2B08:00", 3),
        ("start_time=2024-03-21T09:18:32Z&end_time=2024-03-21T09:18:32.999Z", 1),
        ("start_time=2024-03-21T09:17:32Z&end_time=2024-06-19T09:17:32Z", 3),
    ] {
        let answer = fixture.get(&format!("{LEDGER}?{query}")).await;
        assert_eq!(answer.rows().len(), count, "{query}");
    }
    for (query, field) in [
        ("start_time=yesterday", "start_time"),
        ("start_time=2024-03-21", "start_time"),
        ("start_time=2024-03-21T09:17:32", "start_time"),
        ("end_time=1711012652", "end_time"),
        ("end_time=2024-13-21T09:17:32Z", "end_time"),
        ("start_time=2024-03-21T09:17:32Z&end_time=2024-03-21T09:17:31Z", "end_time"),
        ("start_time=2024-03-21T09:17:32Z&end_time=2024-06-19T09:17:33Z", "end_time"),
    ] {
        fixture.get(&format!("{LEDGER}?{query}")).await.is_bad(field);
        fixture.get(&format!("{BANKING_LEDGER}?{query}")).await.is_flat_bad(field);
    }
}

#[tokio::test]
async fn pages_of_a_ledger_are_one_list_without_gaps() {
    let fixture = Fixture::new().await;
    for at in 1..=9 {
        let currency = if at % 3 == 0 { "USD" } else { "SGD" };
        let body = changed(&changed(&fixture.transfer(), "amount", at), "currency", currency);
        fixture.clock.advance_s(at % 2);
        fixture.post(TRANSFERS, &body).await.ok();
    }
    let whole = fixture.get(LEDGER).await;
    let amounts: Vec<_> = (1..=9).rev().map(|at| format!("{at}.00")).collect();
    assert_eq!(column(whole.rows(), "amount")[..9], amounts);
    assert_eq!((&whole.ok()["total_items"], &whole.ok()["total_pages"]), (&json!(11), &json!(2)));
    assert_eq!(whole.rows().len(), 10);
    let mut rows = Vec::new();
    for page in 1..=4 {
        let answer = fixture.get(&format!("{LEDGER}?page_size=3&page_number={page}")).await;
        assert_eq!(answer.ok()["total_items"], 11);
        assert_eq!(answer.ok()["total_pages"], 4);
        rows.extend(answer.rows().clone());
    }
    let all = fixture.get(&format!("{LEDGER}?page_size=100")).await;
    assert_eq!(&rows, all.rows());
}

#[tokio::test]
async fn nobody_sees_the_lines_of_others() {
    let fixture = Fixture::new().await;
    fixture.post(TRANSFERS, &fixture.transfer()).await.ok();
    assert!(fixture.get_for(&fixture.beta, LEDGER).await.rows().is_empty());
    let live = fixture.token_of(&fixture.live).await;
    let answer = fixture.ask(Call::get(LEDGER).bearing(&live)).await;
    assert_eq!(column(answer.rows(), "amount"), ["100.00"]);
    let answer = fixture.ask(Call::get(BALANCES).bearing(&live)).await;
    assert_eq!(column(answer.rows(), "available_balance"), ["100.00", "0.00"]);
}

/// Each account is looked through by itself, so that a busy one hides no other.
#[tokio::test]
async fn a_ledger_is_looked_through_no_further_than_its_bound() {
    let fixture = Fixture::new().await;
    let acme = Place::Issuing(fixture.acme.id);
    fixture.clock.advance_s(60);
    for _ in 0..10_000 {
        fixture.fund(&fixture.family, acme, "0.01", "SGD").await;
    }
    fixture.fund(&fixture.family, acme, "1", "USD").await;
    let whole = fixture.get_for(&fixture.acme, LEDGER).await;
    assert_eq!(whole.ok()["total_items"], 10_002);
    assert_eq!(whole.rows()[0]["currency"], "USD");
    // The first of all is out of reach, and the other currency's is not.
    let path = format!("{LEDGER}?end_time=2024-03-21T09:17:32Z");
    let oldest = fixture.get_for(&fixture.acme, &path).await;
    assert_eq!(column(oldest.rows(), "currency"), ["USD"]);
}
