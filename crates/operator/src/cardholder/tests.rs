use crate::tests::{NOW, Server};
use serde_json::json;

#[tokio::test]
async fn made_with_wallets() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/cardholders");
    let body = json!({"number": "U1", "unique_number": "kunde 1", "status": "approved"});
    let answer = server.post(&path, body).await;
    assert_eq!(answer.status.as_u16(), 201);
    let made = answer.good();
    assert_eq!(made["number"], "U1");
    assert_eq!(made["unique_number"], "kunde 1");
    assert_eq!((&made["status"], &made["created_at"]), (&json!("approved"), &json!(NOW)));
    let assets: Vec<_> = made["wallets"].as_array().unwrap().iter().map(|w| &w["asset"]).collect();
    assert_eq!(assets, ["JPY", "TUSDT"]);
    assert_eq!(made["wallets"][1]["available"], "0.00");
    assert_eq!(server.get(&format!("{path}/U1")).await.good(), made);
    let page = server.get(&path).await.good();
    assert_eq!(page["data"][0]["number"], "U1");
    assert_eq!(page["data"][0].get("wallets"), None);
    for body in [json!({"number": "U1"}), json!({"unique_number": "kunde 1"})] {
        let answer = server.post(&path, body).await;
        assert_eq!(answer.problem(), (409, "cardholder_already_exists".to_owned()));
    }
}

#[tokio::test]
async fn drawn_number_and_chosen_assets() {
    let server = Server::new().await;
    let path = format!("{}/cardholders", server.program("acme").await);
    let made = server.post(&path, json!({"assets": ["JPY"]})).await.good();
    let number = made["number"].as_str().unwrap();
    assert!(number.starts_with("U20260522") && number.len() == 19, "{number}");
    assert_eq!(made["status"], "pending");
    assert_eq!(made["unique_number"], json!(null));
    assert_eq!(made["wallets"].as_array().unwrap().len(), 1);
    let answer = server.post(&path, json!({"assets": ["USD"]})).await;
    assert_eq!(answer.bad_field(), "assets");
}

#[tokio::test]
async fn numbers_with_signs_are_found_by_their_escaped_path() {
    let server = Server::new().await;
    let path = format!("{}/cardholders", server.program("acme").await);
    server.post(&path, json!({"number": "a/b?%"})).await.good();
    let found = server.get(&format!("{path}/a%2Fb%3F%25")).await.good();
    assert_eq!(found["number"], "a/b?%");
}

#[tokio::test]
async fn status() {
    let server = Server::new().await;
    let path = format!("{}/cardholders", server.program("acme").await);
    server.post(&path, json!({"number": "U1"})).await.good();
    let one = format!("{path}/U1");
    for status in ["in_progress", "approved", "rejected", "pending"] {
        let changed = server.patch(&one, json!({ "status": status })).await.good();
        assert_eq!(changed["status"], status);
        assert_eq!(server.get(&one).await.good(), changed);
    }
    for (body, field) in [
        (json!({}), "status"),
        (json!({"status": "Approved"}), "status"),
        (json!({"status": "approved", "number": "U2"}), "number"),
    ] {
        assert_eq!(server.patch(&one, body).await.bad_field(), field);
    }
}

#[tokio::test]
async fn bad_numbers() {
    let server = Server::new().await;
    let path = format!("{}/cardholders", server.program("acme").await);
    for (body, field) in [
        (json!({"number": "x".repeat(65)}), "number"),
        (json!({"number": 1}), "number"),
        (json!({"unique_number": "a\nb"}), "unique_number"),
        (json!({"assets": ["EURO"]}), "assets"),
    ] {
        assert_eq!(server.post(&path, body.clone()).await.bad_field(), field, "{body}");
    }
    for number in ["a b", "é"] {
        let answer = server.post(&path, json!({ "number": number })).await;
        assert_eq!(answer.problem(), (422, "bad_cardholder_number".to_owned()));
    }
}

#[tokio::test]
async fn another_programmes_is_none() {
    let server = Server::new().await;
    let acme = server.program("acme").await;
    let other = server.program("other").await;
    server.cardholder(&acme, "U1").await;
    let path = format!("{other}/cardholders/U1");
    let missing = (404, "cardholder_missing".to_owned());
    assert_eq!(server.get(&path).await.problem(), missing);
    let answer = server.patch(&path, json!({"status": "approved"})).await;
    assert_eq!(answer.problem(), missing);
    let body = json!({"amount": "1", "asset": "TUSDT", "cardholder": "U1"});
    assert_eq!(server.post(&format!("{other}/fund"), body).await.problem(), missing);
    // The number is free there.
    server.cardholder(&other, "U1").await;
}
