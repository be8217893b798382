use crate::tests::{NOBODY, NOW, Server};
use serde_json::{Value, json};

const URL: &str = "https://example.com/hook?a=1";

fn refused(code: &str) -> (u16, String) {
    (422, code.to_owned())
}

#[tokio::test]
async fn made_listed_shown_and_changed() {
    let server = Server::new().await;
    let path = format!("{}/endpoints", server.program("acme").await);
    assert_eq!(server.get(&path).await.good(), json!({"data": [], "next": null}));
    let answer = server.post(&path, json!({"url": URL})).await;
    assert_eq!(answer.status.as_u16(), 201);
    let mut made = answer.good();
    let secret = made.as_object_mut().unwrap().remove("secret").unwrap();
    let secret = secret.as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44, "{secret}");
    let id = made["id"].as_str().unwrap().to_owned();
    let cursor = made["cursor_seq"].as_u64().unwrap();
    let expected = json!({
        "id": id, "url": URL, "format": "operator", "events": "*", "status": "enabled",
        "cursor_seq": cursor, "version": 1, "created_at": NOW,
    });
    assert_eq!(made, expected);
    let one = format!("{path}/{id}");
    assert_eq!(server.get(&one).await.good(), expected);
    assert_eq!(server.get(&path).await.good(), json!({"data": [expected], "next": null}));

    let change = json!({
        "url": "http://10.0.0.1/", "status": "disabled",
        "events": ["hold.expired", "instruction.completed", "hold.expired"],
    });
    let changed = server.patch(&one, change).await.good();
    assert_eq!(changed["url"], "http://10.0.0.1/");
    assert_eq!(changed["status"], "disabled");
    assert_eq!(changed["events"], json!(["instruction.completed", "hold.expired"]));
    assert_eq!(changed["version"], 2);
    assert_eq!(server.patch(&one, json!({})).await.good(), changed);
    let rotated = server.patch(&one, json!({"rotate_secret": true, "events": "*"})).await.good();
    assert!(rotated["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_ne!(rotated["secret"], secret);
    assert_eq!((&rotated["version"], &rotated["events"]), (&json!(3), &json!("*")));
    for answer in [server.get(&one).await, server.get(&path).await] {
        assert!(!answer.text.contains("whsec"), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_is_no_endpoint() {
    let server = Server::new().await;
    let path = format!("{}/endpoints", server.program("acme").await);
    for url in ["example.com", "ftp://example.com", "https://a:b@example.com"] {
        let answer = server.post(&path, json!({"url": url})).await;
        assert_eq!(answer.problem(), refused("bad_endpoint_url"), "{url}");
    }
    let events = |events: Value| json!({"url": URL, "events": events});
    for bad in [json!("all"), json!(7), json!(["hold.over"]), json!([7])] {
        let field = server.post(&path, events(bad.clone())).await.bad_field();
        assert_eq!(field, "events", "{bad}");
    }
    for bad in [json!([]), json!(["lease.taken"]), json!(["hold.expired", "delivery.recorded"])] {
        let answer = server.post(&path, events(bad.clone())).await;
        assert_eq!(answer.problem(), refused("bad_event_kinds"), "{bad}");
    }
    assert_eq!(server.post(&path, json!({})).await.bad_field(), "url");
    for (field, value) in [("secret", "x"), ("secret", "whsec_eA=="), ("format", "door-c")] {
        let body = json!({"url": URL, field: value});
        assert_eq!(server.post(&path, body).await.bad_field(), field, "{value}");
    }
    let missing = (404, "endpoint_missing".to_owned());
    for nobody in [NOBODY, "x"] {
        let one = format!("{path}/{nobody}");
        assert_eq!(server.get(&one).await.problem(), missing);
        assert_eq!(server.patch(&one, json!({})).await.problem(), missing);
        let replay = server.post(&format!("{one}/replay"), json!({"missed": true})).await;
        assert_eq!(replay.problem(), missing);
    }
    assert_eq!(server.get(&path).await.good()["data"], json!([]));
}

#[tokio::test]
async fn a_replay_says_which() {
    let server = Server::new().await;
    let path = format!("{}/endpoints", server.program("acme").await);
    let made = server.post(&path, json!({"url": URL})).await.good();
    let replay = format!("{path}/{}/replay", made["id"].as_str().unwrap());
    for bad in [json!({}), json!({"missed": false}), json!({"missed": true, "from": NOW})] {
        assert_eq!(server.post(&replay, bad.clone()).await.bad_field(), "missed", "{bad}");
    }
    assert_eq!(server.post(&replay, json!({"from": "yesterday"})).await.bad_field(), "from");
    let later = "2026-05-22T08:30:01Z";
    for good in
        [json!({"missed": true}), json!({"from": later}), json!({"from": NOW, "until": NOW})]
    {
        let answer = server.post(&replay, good).await.good();
        assert_eq!(answer, json!({"replayed": 0, "next_from": null}));
    }
    // The programme itself is as old as the clock.
    let all = server.post(&replay, json!({"from": "2026-05-22T08:29:59Z"})).await.good();
    assert!(all["replayed"].as_u64().unwrap() > 5, "{all}");
}

#[tokio::test]
async fn formats_and_secrets_that_a_receiver_has() {
    let server = Server::new().await;
    let path = format!("{}/endpoints", server.program("acme").await);
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let body = json!({"url": URL, "format": "door-a", "secret": secret});
    let answer = server.post(&path, body).await;
    assert_eq!(answer.status.as_u16(), 201);
    let made = answer.good();
    assert_eq!(made["format"], "door-a");
    assert!(made.get("secret").is_none(), "who gave it has it");
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let again = server.patch(&one, json!({"secret": secret})).await;
    assert!(!again.text.contains("whsec"), "{}", again.text);
    assert_eq!(again.good()["version"], 2);
    for (body, field) in [
        (json!({"secret": "x"}), "secret"),
        (json!({"secret": secret, "rotate_secret": true}), "secret"),
        (json!({"format": "operator"}), "format"),
    ] {
        assert_eq!(server.patch(&one, body.clone()).await.bad_field(), field, "{body}");
    }
    let rotated = server.patch(&one, json!({"rotate_secret": true})).await.good();
    assert_ne!(rotated["secret"], secret);
}
