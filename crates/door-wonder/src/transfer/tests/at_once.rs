//! Many transfers at one time.

use super::*;
use crate::tests::LEDGERS;
use domain::money::Amount;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// All of them at once; the answers in no order.
async fn all(fixture: &Arc<Fixture>, bodies: Vec<Value>) -> Vec<Answer> {
    let mut asked = JoinSet::new();
    for body in bodies {
        let fixture = Arc::clone(fixture);
        asked.spawn(async move { ask(&fixture, &body).await });
    }
    asked.join_all().await
}

#[tokio::test]
async fn sixty_four_of_one_ref_id_are_one() {
    let fixture = Arc::new(Fixture::new().await);
    let answers = all(&fixture, vec![fixture.transfer(); 64]).await;
    assert_eq!(answers.len(), 64);
    assert!(answers.iter().all(|answer| answer.text == answers[0].text));
    assert_eq!(text(&answers[0], "transfer_status"), "Settled");
    assert_eq!(fixture.balance(&fixture.alice, "USD").await, "999");
    assert_eq!(fixture.transfers().await, 1);
}

#[tokio::test]
async fn sixty_four_of_other_content_are_one() {
    let fixture = Arc::new(Fixture::new().await);
    let body = |cents: u32| changed(&fixture.transfer(), "/amount", format!("0.{cents:02}"));
    let answers = all(&fixture, (1..=64).map(body).collect()).await;
    let mut codes: Vec<_> = answers.iter().filter_map(|answer| answer.code().as_u64()).collect();
    codes.sort_unstable();
    assert_eq!(codes[0], 200);
    assert_eq!(codes[1..], [300_009; 63]);
    assert_eq!(fixture.transfers().await, 1);
}

/// Who can pay for 50 pays for 50, whoever else asks.
#[tokio::test]
async fn money_is_spent_once() {
    let fixture = Arc::new(Fixture::new().await);
    let (alice, bob) = (&fixture.alice, &fixture.bob);
    let body = |n: u32| fixture.transfer_of(bob, alice, "0.01", "USD", &n.to_string());
    let answers = all(&fixture, (0..64).map(body).collect()).await;
    let settled = answers.iter().filter(|answer| text(answer, "transfer_status") == "Settled");
    assert_eq!(settled.count(), 50);
    assert_eq!(fixture.balance(bob, "USD").await, "0");
    assert_eq!(fixture.balance(alice, "USD").await, "1000.5");
    assert_eq!(fixture.transfers().await, 64);
}

/// Minor units in all ledgers, by currency.
async fn sums(fixture: &Fixture) -> BTreeMap<String, i64> {
    let answer = fixture.get(&format!("{LEDGERS}?limit=1000")).await;
    let mut sums = BTreeMap::new();
    for row in answer.data()["ledger_accounts"].as_array().unwrap() {
        let currency = row["currency"].as_str().unwrap();
        let balance = Amount::parse(row["balance"].as_str().unwrap(), asset(currency));
        let minor = balance.map_or(0, Amount::minor);
        *sums.entry(currency.to_owned()).or_default() += minor;
    }
    sums
}

#[tokio::test]
async fn what_is_moved_is_neither_made_nor_lost() {
    let fixture = Arc::new(Fixture::new().await);
    let carol = fixture.user(&person(3)).await;
    let before = sums(&fixture).await;
    assert_eq!(before, [("HKD".to_owned(), 100_000), ("USD".to_owned(), 100_050)].into());
    let users = [&fixture.alice, &fixture.bob, &carol];
    let mut random = fastrand::Rng::with_seed(11);
    let mut bodies = Vec::new();
    for _ in 0..200 {
        let from = random.usize(0..3);
        let to = (from + random.usize(1..3)) % 3;
        let amount = format!("{}.{:02}", random.u32(0..300), random.u32(1..100));
        let currency = if random.bool() { "USD" } else { "HKD" };
        // Some names are taken twice, by the same or by another.
        let ref_id = random.u32(0..150).to_string();
        bodies.push(fixture.transfer_of(users[from], users[to], &amount, currency, &ref_id));
    }
    let answers = all(&fixture, bodies).await;
    let status = |status: &str| {
        let with = |answer: &&Answer| {
            answer.json["data"]["platform_transfer"]["transfer_status"] == status
        };
        answers.iter().filter(with).count()
    };
    assert!(status("Settled") > 20 && status("Reversed") > 5);
    assert_eq!(sums(&fixture).await, before);
}
