use crate::tests::{NOBODY, NOW, Server};
use serde_json::{Value, json};

fn column(page: &Value, name: &str) -> Vec<String> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn one_whole() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    server.cardholder(&program, "U1").await;
    let body = json!({"amount": "5", "asset": "TUSDT", "cardholder": "U1"});
    server.post(&format!("{program}/fund"), body).await.good();
    let page = server.get(&format!("{program}/accounts?cardholder=U1")).await.good();
    let mut assets = column(&page, "asset");
    assets.sort();
    assert_eq!(assets, ["JPY", "TUSDT"]);
    let rows = page["data"].as_array().unwrap();
    let row = rows.iter().find(|row| row["asset"] == "TUSDT").unwrap();
    let expected = json!({
        "id": row["id"], "kind": "wallet", "owner": "cardholder", "owner_id": row["owner_id"],
        "cardholder": "U1", "asset": "TUSDT", "balance": "5.00", "available": "5.00",
        "floor": "0.00", "posted_debits": "0.00", "posted_credits": "5.00",
        "held_debits": "0.00", "held_credits": "0.00", "version": 1, "opened_at": NOW,
    });
    assert_eq!(*row, expected);
    let path = format!("{program}/accounts/{}", row["id"].as_str().unwrap());
    assert_eq!(server.get(&path).await.good(), expected);
    let external = server.own(&program, "external", "TUSDT").await;
    let external = server.get(&format!("{program}/accounts/{external}")).await.good();
    assert_eq!((&external["floor"], &external["owner_id"]), (&json!(null), &json!(null)));
    assert_eq!(external["available"], "-5.00");
}

#[tokio::test]
async fn filters_and_pages() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    for i in 0..5 {
        server.cardholder(&program, &format!("U{i}")).await;
    }
    for (query, count) in [
        ("", 22),
        ("owner=program", 12),
        ("kind=wallet", 10),
        ("kind=reserve", 2),
        ("cardholder=U3", 2),
        ("cardholder=U3&kind=reserve", 0),
        ("kind=card", 0),
    ] {
        let page = server.get(&format!("{program}/accounts?{query}")).await.good();
        assert_eq!(page["data"].as_array().unwrap().len(), count, "{query}");
        assert_eq!(page["next"], json!(null));
        // The same by small pages.
        let (mut ids, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("{program}/accounts?{query}&limit=3{after}");
            let page = server.get(&path).await.good();
            ids.extend(column(&page, "id"));
            let Value::String(next) = &page["next"] else {
                break;
            };
            after = format!("&after={next}");
        }
        assert_eq!(ids, column(&page, "id"), "{query}");
    }
    for (query, field) in [
        ("owner=cardholder", "owner"),
        ("owner=program&cardholder=U1", "owner"),
        ("kind=purse", "kind"),
        ("asset=USD", "asset"),
        ("before=1", "before"),
    ] {
        let answer = server.get(&format!("{program}/accounts?{query}")).await;
        assert_eq!(answer.bad_field(), field);
    }
    let answer = server.get(&format!("{program}/accounts?cardholder=U9")).await;
    assert_eq!(answer.problem(), (404, "cardholder_missing".to_owned()));
}

#[tokio::test]
async fn history_newest_first() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    for amount in ["1", "2", "3"] {
        let body = json!({"amount": amount, "asset": "TUSDT"});
        server.post(&format!("{program}/fund"), body).await.good();
    }
    let reserve = server.own(&program, "reserve", "TUSDT").await;
    let path = format!("{program}/accounts/{reserve}/entries");
    let page = server.get(&format!("{path}?limit=2")).await.good();
    assert_eq!(column(&page, "posted"), ["3.00", "2.00"]);
    assert_eq!(column(&page, "balance"), ["6.00", "3.00"]);
    assert_eq!(column(&page, "side"), ["credit", "credit"]);
    assert_eq!(page["data"][0]["version"], 3);
    assert_eq!(page["data"][0]["hash"].as_str().unwrap().len(), 64);
    assert_eq!(page["next"], "2");
    // What comes meanwhile shifts nothing.
    let body = json!({"amount": "4", "asset": "TUSDT"});
    server.post(&format!("{program}/fund"), body).await.good();
    let page = server.get(&format!("{path}?limit=2&before=2")).await.good();
    assert_eq!(column(&page, "posted"), ["1.00"]);
    assert_eq!(page["next"], json!(null));
    for (query, field) in [("before=x", "before"), ("after=1", "after"), ("limit=501", "limit")] {
        assert_eq!(server.get(&format!("{path}?{query}")).await.bad_field(), field);
    }
}

#[tokio::test]
async fn another_programmes_is_none() {
    let server = Server::new().await;
    let acme = server.program("acme").await;
    let other = server.program("other").await;
    let reserve = server.own(&acme, "reserve", "TUSDT").await;
    for item in [reserve.as_str(), NOBODY, "x"] {
        for path in [format!("{other}/accounts/{item}"), format!("{other}/accounts/{item}/entries")]
        {
            let answer = server.get(&path).await;
            assert_eq!(answer.problem(), (404, "account_missing".to_owned()), "{path}");
        }
    }
}
