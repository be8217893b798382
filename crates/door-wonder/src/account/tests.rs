use crate::tests::{Answer, Call, Fixture, LEDGERS, REF_ID, TRANSFER, USER, asset, column, person};
use domain::account::AccountKey;
use domain::cardholder::CardholderStatus;
use domain::money::Amount;
use engine::admitted::By;
use engine::cardholder::CreateCardholder;
use engine::hold::PlaceHold;
use serde_json::{Value, json};

async fn list(fixture: &Fixture, query: &str) -> Answer {
    fixture.get(&format!("{LEDGERS}?{query}")).await
}

fn rows(answer: &Answer) -> &Value {
    &answer.data()["ledger_accounts"]
}

/// Of one user in one currency.
async fn row(fixture: &Fixture, user_id: &str, currency: &str) -> Value {
    let answer = list(fixture, &format!("user_id={user_id}")).await;
    let found = rows(&answer).as_array().unwrap().clone();
    found.into_iter().find(|row| row["currency"] == currency).unwrap()
}

#[tokio::test]
async fn the_ledgers_of_one_user() {
    let fixture = Fixture::new().await;
    let alice = fixture.alice.id();
    let answer = list(&fixture, &format!("user_id={alice}")).await;
    let ids = column(rows(&answer), "id");
    let expected = format!(
        concat!(
            r#"{{"code":200,"data":{{"ledger_accounts":["#,
            r#"{{"available_balance":"500","balance":"500","currency":"HKD","id":"{hkd}","#,
            r#""p_created_at":"2025-06-06T03:12:30.270067Z","#,
            r#""p_updated_at":"2025-06-06T03:12:30.270067Z","user_id":"{alice}"}},"#,
            r#"{{"available_balance":"1000","balance":"1000","currency":"USD","id":"{usd}","#,
            r#""p_created_at":"2025-06-06T03:12:30.270067Z","#,
            r#""p_updated_at":"2025-06-06T03:12:30.270067Z","user_id":"{alice}"}}"#,
            r#"]}},"message":"succeed"}}"#,
        ),
        hkd = ids[0],
        usd = ids[1],
        alice = alice,
    );
    assert_eq!(answer.text, expected);
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn the_ledgers_of_all_users_and_of_nobody_else() {
    let fixture = Fixture::new().await;
    let second = fixture.another("second").await;
    let theirs = fixture.user_of(&second, &person(1)).await;
    let answer = list(&fixture, "").await;
    // Two of each: those of the programme itself are no user's.
    assert_eq!(rows(&answer).as_array().unwrap().len(), 4);
    let mut users = column(rows(&answer), "user_id");
    users.sort_unstable();
    let mut expected = [fixture.alice.id(), fixture.bob.id()].map(|id| [id.clone(), id]).concat();
    expected.sort_unstable();
    assert_eq!(users, expected);
    for query in [
        format!("user_id={}", theirs.id()),
        "user_id=00000000-0000-0000-0000-000000000000".to_owned(),
        "user_id=u-1001".to_owned(),
        "user_id=x".to_owned(),
    ] {
        assert_eq!(*rows(&list(&fixture, &query).await), json!([]), "{query}");
    }
    let call = fixture.sign(&second, Call::get(LEDGERS));
    let answer = fixture.ask(call).await;
    assert_eq!(column(rows(&answer), "user_id"), [theirs.id(), theirs.id()]);
    assert_eq!(column(rows(&answer), "balance"), ["0", "0"]);
}

#[tokio::test]
async fn pages() {
    let fixture = Fixture::new().await;
    for number in 10..20 {
        fixture.user(&person(number)).await;
    }
    let whole = list(&fixture, "limit=1000").await;
    let ids = column(rows(&whole), "id");
    assert_eq!(ids.len(), 24);
    assert!(ids.is_sorted());
    for (query, from, to) in [
        ("", 0, 10),
        ("offset=0&limit=10", 0, 10),
        ("offset=10&limit=10", 10, 20),
        ("offset=20&limit=10", 20, 24),
        ("offset=24", 24, 24),
        ("offset=1000&limit=1000", 24, 24),
        ("limit=1&offset=23", 23, 24),
    ] {
        let answer = list(&fixture, query).await;
        assert_eq!(column(rows(&answer), "id"), ids[from..to], "{query}");
    }
    let alice = fixture.alice.id();
    for (query, expected) in [
        ("limit=1", vec!["HKD"]),
        ("offset=1", vec!["USD"]),
        ("offset=2", vec![]),
        ("limit=2", vec!["HKD", "USD"]),
    ] {
        let answer = list(&fixture, &format!("user_id={alice}&{query}")).await;
        assert_eq!(column(rows(&answer), "currency"), expected, "{query}");
    }
}

/// More than are read at a time, among the programme's own.
#[tokio::test]
async fn a_page_may_lie_far_behind() {
    let fixture = Fixture::new().await;
    for _ in 0..510 {
        let command = CreateCardholder {
            number: None,
            unique_number: None,
            status: CardholderStatus::Approved,
            assets: vec![asset("USD"), asset("HKD")],
        };
        fixture.engine.create_cardholder(fixture.merchant.program, command).await.unwrap();
    }
    let mut ids = Vec::new();
    for offset in [0, 500, 1_000] {
        let answer = list(&fixture, &format!("offset={offset}&limit=500")).await;
        ids.extend(column(rows(&answer), "id"));
    }
    assert_eq!(ids.len(), 2 * 512);
    assert!(ids.is_sorted_by(|one, next| one < next));
    let whole = list(&fixture, "limit=1000").await;
    assert_eq!(column(rows(&whole), "id"), ids[..1_000]);
}

#[tokio::test]
async fn queries_that_are_refused() {
    let fixture = Fixture::new().await;
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("offset=-1", "offset"),
        ("offset=100000", "offset"),
        ("user_id=", "user_id"),
        ("user_id=%00", "user_id"),
        ("user_id=a&user_id=b", "user_id"),
        ("filter[user_id][_eq]=a", "filter[user_id][_eq]"),
        ("filter%5Bcurrency%5D%5B_eq%5D=USD", "filter[currency][_eq]"),
        ("x=%zz", "query"),
    ] {
        list(&fixture, query).await.is_bad(name);
    }
    list(&fixture, "sort=id").await.data();
}

#[tokio::test]
async fn a_ledger_is_updated_when_money_moves() {
    let fixture = Fixture::new().await;
    let (alice, bob) = (fixture.alice.id(), fixture.bob.id());
    fixture.clock.advance_s(60);
    // What is declined moves nothing.
    let declined = fixture.transfer_of(&fixture.bob, &fixture.alice, "1", "USD", REF_ID);
    fixture.post(TRANSFER, &declined).await.data();
    for user in [&alice, &bob] {
        let row = row(&fixture, user, "USD").await;
        assert_eq!(row["p_updated_at"], "2025-06-06T03:12:30.270067Z");
    }
    fixture.clock.advance_s(60);
    fixture.post(TRANSFER, &fixture.transfer()).await.data();
    for (user, balance) in [(&alice, "999"), (&bob, "1.5")] {
        let usd = row(&fixture, user, "USD").await;
        assert_eq!(usd["p_created_at"], "2025-06-06T03:12:30.270067Z");
        assert_eq!(usd["p_updated_at"], "2025-06-06T03:14:30.270067Z");
        assert_eq!(
            (&usd["balance"], &usd["available_balance"]),
            (&json!(balance), &json!(balance))
        );
        let hkd = row(&fixture, user, "HKD").await;
        assert_eq!(hkd["p_updated_at"], "2025-06-06T03:12:30.270067Z");
    }
}

#[tokio::test]
async fn what_is_held_is_not_available() {
    let fixture = Fixture::new().await;
    let (program, usd) = (fixture.merchant.program, asset("USD"));
    let wallet = |user| AccountKey::wallet(program, user, usd).id();
    let hold = PlaceHold {
        debit: wallet(fixture.alice.id),
        credit: wallet(fixture.bob.id),
        amount: Amount::parse("999.50", usd).unwrap(),
        life: None,
        remark: String::new(),
        reference: None,
    };
    fixture.engine.place_hold(program, By::Operator, hold).await.unwrap();
    let row = row(&fixture, &fixture.alice.id(), "USD").await;
    assert_eq!((&row["balance"], &row["available_balance"]), (&json!("1000"), &json!("0.5")));
    // Nor is it transferred.
    let answer = fixture.post(TRANSFER, &fixture.transfer()).await;
    assert_eq!(answer.data()["platform_transfer"]["transfer_status"], "Reversed");
}

/// Whose wallets nobody opened in advance.
#[tokio::test]
async fn a_ledger_is_opened_by_the_first_transfer() {
    let fixture = Fixture::new().await;
    let command = CreateCardholder {
        number: None,
        unique_number: Some("bare".to_owned()),
        status: CardholderStatus::Approved,
        assets: Vec::new(),
    };
    let made = fixture.engine.create_cardholder(fixture.merchant.program, command).await.unwrap();
    let call = Call::put(&format!("{USER}/bare"), json!({ "user": person(3) }).to_string());
    fixture.ask(fixture.signed(call)).await.data();
    let query = format!("user_id={}", made.id);
    assert_eq!(*rows(&list(&fixture, &query).await), json!([]));
    let party = json!({
        "user_id": made.id.to_string(),
        "reference_id": "bare",
        "document_type": "PASSPORT",
        "document_number": "X0000003",
    });
    fixture.clock.advance_s(60);
    let mut body = fixture.transfer();
    body["receiver_party"] = party.clone();
    fixture.post(TRANSFER, &body).await.data();
    let opened = list(&fixture, &query).await;
    assert_eq!(column(rows(&opened), "currency"), ["USD"]);
    assert_eq!(column(rows(&opened), "balance"), ["1"]);
    assert_eq!(column(rows(&opened), "p_created_at"), ["2025-06-06T03:13:30.270067Z"]);
    // Who has nothing in a currency can't pay in it.
    let mut body = fixture.transfer_of(&fixture.alice, &fixture.alice, "1", "HKD", "other");
    body["sender_party"] = party;
    let answer = fixture.post(TRANSFER, &body).await;
    assert_eq!(answer.data()["platform_transfer"]["transfer_status"], "Reversed");
}
