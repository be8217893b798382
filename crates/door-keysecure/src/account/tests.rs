use crate::tests::{Call, EXAMPLE, Fixture, HOLDER, TRANSFER, asset};
use domain::account::AccountKey;
use domain::cardholder::CardholderStatus;
use domain::money::Amount;
use domain::program::Mode;
use domain::rate::Rate;
use engine::transfer::Fund;

fn path(number: &str) -> String {
    format!("/account/{number}/info")
}

async fn set_rate(fixture: &Fixture, rate: &str) {
    let (from, to) = (asset("TUSDT"), asset("USD"));
    let rate = Rate::parse(rate).unwrap();
    let set = fixture.engine.set_rate(fixture.merchant.program, from, to, rate);
    set.await.unwrap();
}

#[tokio::test]
async fn wallets_by_asset() {
    let fixture = Fixture::new().await;
    fixture.post(TRANSFER, EXAMPLE).await.data();
    let answer = fixture.get(&path(HOLDER)).await;
    let list = answer.data()["list"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    let expected = concat!(
        r#"{"cardholder_no":"U202605220001","symbol":"TUSDT","symbol_chain":"","#,
        r#""balance":"100.00","usd_balance":"","bonus_balance":"0.00","#,
        r#""usd_bonus_balance":"0.00"}"#,
    );
    assert!(answer.text.contains(expected), "{}", answer.text);
    assert_eq!(list[1]["symbol"], "USD");
    assert_eq!((&list[1]["balance"], &list[1]["usd_balance"]), (&"0.00".into(), &"0.00".into()));
}

#[tokio::test]
async fn worth_in_dollars() {
    let fixture = Fixture::new().await;
    fixture.post(TRANSFER, EXAMPLE).await.data();
    for (rate, worth) in [
        ("1", "100.00"),
        ("0.9995", "99.95"),
        ("1.00005", "100.00"),
        ("1.00015", "100.02"),
        ("0.333333333333", "33.33"),
        // More than 64 bits of cents.
        ("9000000000000000000", ""),
    ] {
        set_rate(&fixture, rate).await;
        let answer = fixture.get(&path(HOLDER)).await;
        assert_eq!(answer.data()["list"][0]["usd_balance"], worth, "{rate}");
    }
}

#[tokio::test]
async fn each_transfer_shows_at_once() {
    let fixture = Fixture::new().await;
    let mut cents = 0;
    for n in 1..=20 {
        let body = EXAMPLE.replace("TRANSFER_202605220001", &format!("T{n}"));
        let body = body.replace("100.00", &format!("0.{n:02}"));
        fixture.post(TRANSFER, &body).await.data();
        cents += n;
        assert_eq!(fixture.balance().await, format!("{}.{:02}", cents / 100, cents % 100));
    }
}

#[tokio::test]
async fn money_of_other_doors_shows_too() {
    let fixture = Fixture::new().await;
    let (program, usd) = (fixture.merchant.program, asset("USD"));
    let holder = fixture.engine.find_cardholder(program, HOLDER).await.unwrap();
    let command = Fund {
        account: AccountKey::wallet(program, holder.unwrap().id, usd),
        amount: Amount::parse("5.50", usd).unwrap(),
        remark: String::new(),
        reference: None,
    };
    fixture.engine.fund(program, command).await.unwrap();
    let answer = fixture.get(&path(HOLDER)).await;
    assert_eq!(answer.data()["list"][1]["usd_balance"], "5.50");
    assert_eq!(fixture.transfers().await, 0);
}

#[tokio::test]
async fn nobody_and_another_merchants_cardholder_look_alike() {
    let fixture = Fixture::new().await;
    fixture.hold("U2", CardholderStatus::Pending).await;
    assert_eq!(fixture.get(&path("U2")).await.code(), 0);
    let other = fixture.another("second", Mode::Credit).await;
    let mut texts = Vec::new();
    for number in [HOLDER, "U2", "U404"] {
        let call = fixture.sign(&other, Call::get(&path(number)));
        let answer = fixture.ask(call).await;
        answer.is(2002, "Cardholder does not exist");
        texts.push(answer.text);
    }
    assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn numbers_in_the_path() {
    let fixture = Fixture::new().await;
    let long = "x".repeat(65);
    for (number, code) in [
        (long.as_str(), 1004),
        ("%00", 1004),
        ("%ff%fe", 1004),
        ("U%0a", 1004),
        (&long[1..], 2002),
        ("%E5%8D%A1", 2002),
        ("u202605220001", 2002),
        ("U20260522%30001", 0),
        ("U2026%2F0522", 2002),
        // The word of another route is a number like any other here.
        ("transfer", 2002),
    ] {
        let answer = fixture.get(&path(number)).await;
        assert_eq!(answer.code(), code, "{number}");
        if code == 1004 {
            assert_eq!(answer.msg(), "cardholder_no invalid parameter");
        }
    }
    // The headers come first.
    let call = fixture.signed(Call::get(&path("%00"))).without("Api-Key");
    assert_eq!(fixture.ask(call).await.code(), 1002);
}
