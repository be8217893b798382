use crate::tests::{NOW, Server};
use serde_json::json;

#[tokio::test]
async fn set_and_listed() {
    let server = Server::new().await;
    let path = format!("{}/rates", server.program("acme").await);
    for (rate, shown, version) in
        [("150", "150", 1), ("151.50", "151.50", 2), ("151.50", "151.50", 2)]
    {
        let body = json!({"from": "TUSDT", "to": "JPY", "rate": rate});
        let set = server.post(&path, body).await.good();
        let expected =
            json!({"from": "TUSDT", "to": "JPY", "rate": shown, "version": version, "at": NOW});
        assert_eq!(set, expected);
        let page = server.get(&path).await.good();
        assert_eq!(page, json!({"data": [expected], "next": null}));
    }
    let other = server.program("other").await;
    assert_eq!(server.get(&format!("{other}/rates")).await.good()["data"], json!([]));
}

#[tokio::test]
async fn bad_bodies() {
    let server = Server::new().await;
    let path = format!("{}/rates", server.program("acme").await);
    for (body, field) in [
        (json!({"to": "JPY", "rate": "1"}), "from"),
        (json!({"from": "TUSDT", "rate": "1"}), "to"),
        (json!({"from": "TUSDT", "to": "TUSDT", "rate": "1"}), "to"),
        (json!({"from": "TUSDT", "to": "JPY"}), "rate"),
        (json!({"from": "TUSDT", "to": "JPY", "rate": 1}), "rate"),
        (json!({"from": "TUSDT", "to": "JPY", "rate": "0"}), "rate"),
        (json!({"from": "TUSDT", "to": "JPY", "rate": "-1"}), "rate"),
        (json!({"from": "TUSDT", "to": "JPY", "rate": "0.0000000000001"}), "rate"),
        (json!({"from": "TUSDT", "to": "JPY", "rate": "1", "at": NOW}), "at"),
    ] {
        assert_eq!(server.post(&path, body.clone()).await.bad_field(), field, "{body}");
    }
    assert_eq!(server.get(&format!("{path}?limit=1")).await.bad_field(), "limit");
}
