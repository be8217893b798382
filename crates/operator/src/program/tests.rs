use crate::tests::{NOW, Server};
use serde_json::{Value, json};

#[tokio::test]
async fn made_found_listed() {
    let server = Server::new().await;
    let body = json!({"name": "acme", "assets": ["TUSDT", "JPY", "TUSDT"]});
    let answer = server.post("/v1/programs", body.clone()).await;
    assert_eq!(answer.status.as_u16(), 201);
    let made = answer.good();
    let id = made["id"].as_str().unwrap().to_owned();
    let expected = json!({
        "id": id, "name": "acme", "status": "active", "environment": "live", "mode": "credit",
        "duplicate": "replay", "version": 1, "created_at": NOW, "assets": ["JPY", "TUSDT"],
    });
    assert_eq!(made, expected);
    for name in [id.as_str(), "acme", &id.to_uppercase()] {
        assert_eq!(server.get(&format!("/v1/programs/{name}")).await.good(), expected);
    }
    let answer = server.post("/v1/programs", body).await;
    assert_eq!(answer.problem(), (409, "program_already_exists".to_owned()));
    let mut row = expected;
    row.as_object_mut().unwrap().remove("assets");
    let page = server.get("/v1/programs").await.good();
    assert_eq!(page, json!({"data": [row], "next": null}));
}

#[tokio::test]
async fn pages_reach_every_programme_once() {
    let server = Server::new().await;
    for i in 0..7 {
        server.program(&format!("p{i}")).await;
    }
    let (mut names, mut path) = (Vec::new(), "/v1/programs?limit=3".to_owned());
    let mut sizes = Vec::new();
    loop {
        let page = server.get(&path).await.good();
        let rows = page["data"].as_array().unwrap().clone();
        sizes.push(rows.len());
        names.extend(rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()));
        let Value::String(next) = &page["next"] else {
            break;
        };
        path = format!("/v1/programs?limit=3&after={next}");
    }
    assert_eq!(sizes, [3, 3, 1]);
    names.sort();
    assert_eq!(names, ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
}

#[tokio::test]
async fn bad_bodies_and_queries() {
    let server = Server::new().await;
    let asset = json!(["TUSDT"]);
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "a"}), "assets"),
        (json!({"name": "a", "assets": []}), "assets"),
        (json!({"name": "a", "assets": ["tusdt"]}), "assets"),
        (json!({"name": "a", "assets": "TUSDT"}), "assets"),
        (json!({"name": 1, "assets": asset}), "name"),
        (json!({"name": "a", "assets": asset, "mode": "both"}), "mode"),
        (json!({"name": "a", "assets": asset, "duplicate": "Replay"}), "duplicate"),
        (json!({"name": "a", "assets": asset, "environment": "test"}), "environment"),
        (json!({"name": "a", "assets": asset, "status": "active"}), "status"),
    ] {
        let answer = server.post("/v1/programs", body.clone()).await;
        assert_eq!(answer.bad_field(), field, "{body}");
    }
    let id = "00112233445566778899aabbccddeeff";
    for name in ["Acme", "a b", "ä", "a_b", id, &"a".repeat(65)] {
        let answer = server.post("/v1/programs", json!({"name": name, "assets": asset})).await;
        assert_eq!(answer.problem(), (422, "bad_program_name".to_owned()), "{name}");
    }
    for (query, field) in [("limit=0", "limit"), ("after=x", "after"), ("page=2", "page")] {
        let answer = server.get(&format!("/v1/programs?{query}")).await;
        assert_eq!(answer.bad_field(), field);
    }
}

#[tokio::test]
async fn changed() {
    let server = Server::new().await;
    let path = server.program("acme").await;
    for (body, status, mode, duplicate, version) in [
        (json!({}), "active", "credit", "replay", 1),
        (json!({"status": "suspended"}), "suspended", "credit", "replay", 2),
        (json!({"status": "suspended"}), "suspended", "credit", "replay", 2),
        (
            json!({"mode": "authorization", "duplicate": "error"}),
            "suspended",
            "authorization",
            "error",
            3,
        ),
        (json!({"status": "active"}), "active", "authorization", "error", 4),
    ] {
        let changed = server.patch(&path, body.clone()).await.good();
        assert_eq!(changed["status"], status, "{body}");
        assert_eq!(changed["mode"], mode);
        assert_eq!(changed["duplicate"], duplicate);
        assert_eq!(changed["version"], version);
        assert_eq!(server.get(&path).await.good(), changed);
    }
    for (body, field) in [
        (json!({"status": "gone"}), "status"),
        (json!({"name": "other"}), "name"),
        (json!({"environment": "live"}), "environment"),
    ] {
        assert_eq!(server.patch(&path, body).await.bad_field(), field);
    }
}

#[tokio::test]
async fn one_more_asset() {
    let server = Server::new().await;
    let path = format!("{}/assets", server.program("acme").await);
    for _ in 0..2 {
        let changed = server.post(&path, json!({"asset": "USD"})).await.good();
        assert_eq!(changed["assets"], json!(["JPY", "TUSDT", "USD"]));
    }
    assert_eq!(server.post(&path, json!({"asset": "XXX"})).await.bad_field(), "asset");
}
