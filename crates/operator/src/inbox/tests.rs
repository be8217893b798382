use crate::delivery::tests::attempted;
use crate::tests::{NOW, Server};
use serde_json::{Value, json};

#[tokio::test]
async fn what_was_told_is_there_as_a_receiver_got_it() {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let path = format!("{program}/inbox");
    assert_eq!(server.get(&path).await.good(), json!({"data": [], "next": null}));
    let urls = ["inbox:", "https://a.example/200", "inbox:"];
    let receiver = attempted(&server, &program, &urls).await;
    let page = server.get(&path).await.good();
    let rows = page["data"].as_array().unwrap();
    assert_eq!(rows.len(), 4, "of both inboxes, and of nobody else");
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row["event"]["seq"].as_u64())));
    let got = receiver.got.lock().unwrap().clone();
    assert_eq!(got.len(), 2, "nothing else left");
    for row in rows {
        assert_eq!(row["received_at"], NOW);
        let told: Value = serde_json::from_str(row["body"].as_str().unwrap()).unwrap();
        assert_eq!(told["id"], row["event"]["id"]);
        assert_eq!(row["headers"]["webhook-id"], told["id"]);
        let same = got.iter().filter(|sent| sent.body == row["body"].as_str().unwrap().as_bytes());
        assert_eq!(same.count(), 1, "as the other receiver got it");
    }
    // Page by page it is the same list.
    let mut paged = Vec::new();
    let mut next = String::new();
    loop {
        let page = server.get(&format!("{path}?limit=1{next}")).await.good();
        paged.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&before={cursor}");
    }
    assert_eq!(paged, *rows);
}

#[tokio::test]
async fn only_sandboxes_have_one() {
    let server = Server::new().await;
    let body = json!({"name": "live", "assets": ["JPY"], "environment": "live"});
    server.post("/v1/programs", body).await.good();
    let made = server.post("/v1/programs/live/endpoints", json!({"url": "inbox:"})).await;
    assert_eq!(made.problem(), (422, "inbox_outside_sandbox".to_owned()));
    assert_eq!(server.get("/v1/programs/live/inbox?before=x").await.bad_field(), "before");
}
