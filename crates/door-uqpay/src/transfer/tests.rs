use crate::DoorOptions;
use crate::tests::{Answer, Fixture, LEDGER, NOW, TRANSFERS, changed, column, founded, lacking};
use domain::money::Amount;
use domain::program::Environment;
use domain::sub_account::SubAccountStatus;
use engine::transfer::Place;
use serde_json::{Value, json};

fn fee(amount: &str) -> impl FnOnce(&mut DoorOptions) {
    let fee = Amount::parse(amount, crate::tests::asset("SGD")).unwrap();
    move |options| options.transfer_fees = vec![fee]
}

fn id_of(answer: &Answer) -> String {
    answer.ok()["transfer_id"].as_str().unwrap().to_owned()
}

fn path_of(id: &str) -> String {
    format!("{TRANSFERS}/{id}")
}

#[tokio::test]
async fn the_documented_transfer() {
    let fixture = Fixture::new().await;
    let made = fixture.post(TRANSFERS, &fixture.transfer()).await;
    let (id, short) = (id_of(&made), made.ok()["short_transaction_id"].clone());
    assert_eq!(id.len(), 36);
    let text = short.as_str().unwrap();
    assert!(text.starts_with("T240321-") && text.len() == 16, "{text}");
    assert_eq!(made.ok().as_object().unwrap().len(), 2);
    let expected = json!({
        "transfer_id": id,
        "reference_id": short,
        "short_transaction_id": short,
        "source_account_id": fixture.family.master.id.to_string(),
        "destination_account_id": fixture.acme.id.to_string(),
        "amount": "1000.00",
        "fee_amount": "0.00",
        "currency": "SGD",
        "transfer_status": "COMPLETED",
        "create_time": NOW,
        "complete_time": NOW,
        "creator_id": fixture.family.master.id.to_string(),
        "remark": "Transfer to Jack.",
    });
    assert_eq!(fixture.get(&path_of(&id)).await.ok(), &expected);
    assert_eq!(fixture.get(&path_of(&id.replace('-', ""))).await.ok(), &expected);
    assert_eq!(fixture.issuing(&fixture.family.master, "SGD").await, "9000.00");
    assert_eq!(fixture.issuing(&fixture.acme, "SGD").await, "2000.00");
}

#[tokio::test]
async fn a_remark_may_be_absent_and_what_is_unknown_is_passed_over() {
    let fixture = Fixture::new().await;
    let body = fixture.transfer();
    for body in [
        lacking(&body, "remark"),
        changed(&body, "remark", Value::Null),
        changed(&body, "remark", ""),
        changed(&lacking(&body, "remark"), "reason", json!({ "a": [1] })),
    ] {
        let id = id_of(&fixture.post(TRANSFERS, &body).await);
        assert_eq!(fixture.get(&path_of(&id)).await.ok()["remark"], "", "{body}");
    }
    let long = "ü".repeat(255);
    let id = id_of(&fixture.post(TRANSFERS, &changed(&body, "remark", long.clone())).await);
    assert_eq!(fixture.get(&path_of(&id)).await.ok()["remark"], long);
}

#[tokio::test]
async fn bad_fields() {
    let fixture = Fixture::new().await;
    let (before, body) = (fixture.sums().await, fixture.transfer());
    let fields = ["source_account_id", "destination_account_id", "currency", "amount"];
    for field in fields {
        fixture.post(TRANSFERS, &lacking(&body, field)).await.is_bad(field);
        for bad in [Value::Null, true.into(), json!([]), json!({}), "".into()] {
            fixture.post(TRANSFERS, &changed(&body, field, bad)).await.is_bad(field);
        }
    }
    for field in &fields[..2] {
        let id = body[*field].as_str().unwrap();
        for bad in ["7c4ff2cd", "S1234567", &id[1..], &format!("{id} "), &format!("{id}0")] {
            fixture.post(TRANSFERS, &changed(&body, field, bad)).await.is_bad(field);
        }
    }
    for bad in [json!(1), "x".repeat(256).into(), "a\nb".into()] {
        fixture.post(TRANSFERS, &changed(&body, "remark", bad)).await.is_bad("remark");
    }
    let same = changed(&body, "destination_account_id", body["source_account_id"].clone());
    fixture.post(TRANSFERS, &same).await.is_bad("destination_account_id");
    let call = |body: &str| fixture.good(crate::tests::Call::post(TRANSFERS, body));
    for bad in ["", "[]", "null", "{", "{\"amount\":1,\"amount\":1}", "\u{feff}{}"] {
        fixture.ask(call(bad)).await.is_bad("body");
    }
    assert_eq!(fixture.sums().await, before);
}

#[tokio::test]
async fn an_account_that_is_unknown_inactive_or_of_another_family() {
    let fixture = Fixture::new().await;
    let (before, body) = (fixture.sums().await, fixture.transfer());
    let stranger = "11111111-2222-4333-8444-555555555555".to_owned();
    for other in [stranger, fixture.live.master.id.to_string()] {
        for field in ["source_account_id", "destination_account_id"] {
            let body = changed(&body, field, other.clone());
            fixture.post(TRANSFERS, &body).await.is_account("account_not_found");
        }
    }
    let (acme, beta) = (&fixture.acme, &fixture.beta);
    for status in
        [SubAccountStatus::Processing, SubAccountStatus::Inactive, SubAccountStatus::Closed]
    {
        fixture.set_status(acme, status).await;
        for body in [body.clone(), fixture.transfer_of(acme, beta)] {
            fixture.post(TRANSFERS, &body).await.is_account("account_not_found");
        }
    }
    assert_eq!(fixture.sums().await, before);
}

#[tokio::test]
async fn a_balance_that_is_not_there() {
    let fixture = Fixture::new().await;
    let (before, body) = (fixture.sums().await, fixture.transfer());
    for currency in ["EUR", "XXX", "sgd", "US"] {
        let body = changed(&body, "currency", currency);
        fixture.post(TRANSFERS, &body).await.is_account("balance_not_found");
    }
    // It has money at the bank, and no balance at issuing.
    fixture.fund(&fixture.family, Place::Banking(fixture.bank.id), "2000", "SGD").await;
    for body in [
        fixture.transfer_of(&fixture.bank, &fixture.acme),
        fixture.transfer_of(&fixture.acme, &fixture.bank),
    ] {
        fixture.post(TRANSFERS, &body).await.is_account("balance_not_found");
    }
    assert_ne!(fixture.sums().await, before);
    assert_eq!(fixture.issuing(&fixture.acme, "SGD").await, "1000.00");
}

#[tokio::test]
async fn what_is_there_can_be_sent_and_no_cent_more() {
    let fixture = Fixture::new().await;
    let (acme, beta) = (&fixture.acme, &fixture.beta);
    let body = fixture.transfer_of(acme, beta);
    let before = fixture.sums().await;
    for amount in ["1000.01", "1000000", "999999999999999.99"] {
        let body = changed(&body, "amount", amount);
        fixture.post(TRANSFERS, &body).await.is_account("insufficient_balance");
    }
    assert_eq!(fixture.sums().await, before);
    fixture.post(TRANSFERS, &body).await.ok();
    assert_eq!(fixture.issuing(acme, "SGD").await, "0.00");
    let cent = changed(&body, "amount", json!(0.01));
    fixture.post(TRANSFERS, &cent).await.is_account("insufficient_balance");
    // Money at the bank is another purse.
    let master = &fixture.family.master;
    fixture.fund(&fixture.family, Place::Banking(master.id), "100000", "SGD").await;
    let more = changed(&fixture.transfer(), "amount", 10_001);
    fixture.post(TRANSFERS, &more).await.is_account("insufficient_balance");
}

#[tokio::test]
async fn who_sends_pays_the_fee_on_top() {
    let fixture = Fixture::with(fee("0.25")).await;
    let (acme, beta) = (&fixture.acme, &fixture.beta);
    let body = fixture.transfer_of(acme, beta);
    let before = fixture.sums().await;
    for amount in ["1000", "999.76"] {
        let body = changed(&body, "amount", amount);
        fixture.post(TRANSFERS, &body).await.is_account("insufficient_balance");
    }
    assert_eq!(fixture.sums().await, before);
    let made = fixture.post(TRANSFERS, &changed(&body, "amount", "999.75")).await;
    let found = fixture.get(&path_of(&id_of(&made))).await;
    assert_eq!(
        (&found.ok()["amount"], &found.ok()["fee_amount"]),
        (&"999.75".into(), &"0.25".into())
    );
    assert_eq!(fixture.issuing(acme, "SGD").await, "0.00");
    assert_eq!(fixture.issuing(beta, "SGD").await, "999.75");
    // There is none in the other currency.
    let body = changed(&fixture.transfer_of(acme, beta), "currency", "USD");
    let made = fixture.post(TRANSFERS, &changed(&body, "amount", "0.50")).await;
    assert_eq!(fixture.get(&path_of(&id_of(&made))).await.ok()["fee_amount"], "0.00");
}

/// The lines of a ledger tell it from what it is of by more than its amount.
#[tokio::test]
async fn a_fee_may_be_as_much_as_what_is_sent() {
    let fixture = Fixture::with(fee("0.25")).await;
    let body = changed(&fixture.transfer_of(&fixture.acme, &fixture.beta), "amount", "0.25");
    let made = fixture.post(TRANSFERS, &body).await;
    let found = fixture.get(&path_of(&id_of(&made))).await;
    assert_eq!(
        (&found.ok()["amount"], &found.ok()["fee_amount"]),
        (&"0.25".into(), &"0.25".into())
    );
    let lines = fixture.get_for(&fixture.acme, &format!("{LEDGER}?currency=SGD")).await;
    let kinds = column(lines.rows(), "transaction_type");
    assert_eq!(kinds, ["FEE", "TRANSFER_OUT", "ADJUSTMENT"]);
}

#[tokio::test]
async fn a_sub_account_sends_from_itself_alone_and_the_master_from_any() {
    let fixture = Fixture::new().await;
    let (master, acme, beta) = (&fixture.family.master, &fixture.acme, &fixture.beta);
    let body =
        |source, destination| changed(&fixture.transfer_of(source, destination), "amount", 1);
    let before = fixture.sums().await;
    for (source, destination) in [(master, acme), (master, beta), (beta, acme), (beta, master)] {
        let answer = fixture.post_for(acme, TRANSFERS, &body(source, destination)).await;
        answer.is_account("account_not_found");
    }
    assert_eq!(fixture.sums().await, before);
    for destination in [master, beta] {
        fixture.post_for(acme, TRANSFERS, &body(acme, destination)).await.ok();
    }
    for (source, destination) in [(master, acme), (acme, beta), (beta, acme), (acme, master)] {
        let made = fixture.post(TRANSFERS, &body(source, destination)).await;
        let found = fixture.get(&path_of(&id_of(&made))).await;
        assert_eq!(found.ok()["creator_id"], master.id.to_string());
        assert_eq!(found.ok()["source_account_id"], source.id.to_string());
        // The master may also name itself.
        fixture.post_for(master, TRANSFERS, &body(source, destination)).await.ok();
    }
    assert_eq!(fixture.issuing(acme, "SGD").await, "998.00");
    assert_eq!(fixture.issuing(beta, "SGD").await, "1.00");
}

#[tokio::test]
async fn a_transfer_is_seen_by_its_two_members_and_the_master() {
    let fixture = Fixture::new().await;
    let (acme, beta) = (&fixture.acme, &fixture.beta);
    let gamma = crate::tests::member(
        &fixture.engine,
        fixture.family.program,
        domain::sub_account::SubAccountKind::Issuing,
        "Gamma",
    );
    let gamma = gamma.await;
    let made = fixture.post_for(acme, TRANSFERS, &fixture.transfer_of(acme, beta)).await;
    let path = path_of(&id_of(&made));
    let seen = fixture.get(&path).await;
    assert_eq!(seen.ok()["creator_id"], acme.id.to_string());
    for member in [acme, beta] {
        assert_eq!(fixture.get_for(member, &path).await.ok(), seen.ok());
    }
    fixture.get_for(&gamma, &path).await.is_account("transfer_not_found");
    let other = founded(&fixture.engine, "other", Environment::Sandbox).await;
    for family in [&other, &fixture.live] {
        let call = crate::tests::Call::get(&path).bearing(&fixture.token_of(family).await);
        fixture.ask(call).await.is_account("transfer_not_found");
    }
}

#[tokio::test]
async fn what_is_no_transfer_of_this_kind_is_not_found() {
    let fixture = Fixture::new().await;
    for id in ["11111111-2222-4333-8444-555555555555", "T240321-ABCDEFGH", "x", "%ff", "%00"] {
        fixture.get(&path_of(id)).await.is_account("transfer_not_found");
    }
    // What the operator did is an instruction too.
    let lines = fixture.get(&format!("{LEDGER}?transaction_type=ADJUSTMENT")).await;
    let id = lines.rows()[0]["transaction_id"].as_str().unwrap();
    fixture.get(&path_of(id)).await.is_account("transfer_not_found");
    let short = fixture.post(TRANSFERS, &fixture.transfer()).await;
    let short = short.ok()["short_transaction_id"].as_str().unwrap();
    fixture.get(&path_of(short)).await.is_account("transfer_not_found");
}

#[tokio::test]
async fn a_member_that_is_closed_stays_in_its_transfers() {
    let fixture = Fixture::new().await;
    let made = fixture.post(TRANSFERS, &fixture.transfer()).await;
    fixture.set_status(&fixture.acme, SubAccountStatus::Closed).await;
    let found = fixture.get(&path_of(&id_of(&made))).await;
    assert_eq!(found.ok()["destination_account_id"], fixture.acme.id.to_string());
}

#[tokio::test]
async fn a_transfer_of_the_operators_was_made_by_no_member() {
    let fixture = Fixture::new().await;
    let places = (Place::Issuing(fixture.acme.id), Place::Issuing(fixture.beta.id));
    fixture.move_money(&fixture.family, places.0, places.1, "2", "SGD").await;
    let lines = fixture.get_for(&fixture.beta, LEDGER).await;
    let id = lines.rows()[0]["transaction_id"].as_str().unwrap();
    assert_eq!(fixture.get(&path_of(id)).await.ok()["creator_id"], "");
}
