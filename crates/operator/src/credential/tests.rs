use crate::tests::{NOBODY, NOW, Server};
use serde_json::json;

#[tokio::test]
async fn secrets_are_in_the_first_answer_only() {
    let server = Server::new().await;
    let path = format!("{}/credentials", server.program("acme").await);
    let body = json!({
        "door": "door-a", "label": "till 1", "allow": ["203.0.113.0/24", "2001:db8::1"],
        "expires_at": "2030-01-01T00:00:00Z",
    });
    let answer = server.post(&path, body).await;
    assert_eq!(answer.status.as_u16(), 201);
    let mut made = answer.good();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let fields = made.as_object_mut().unwrap();
    let key = fields.remove("api_key").unwrap();
    let secret = fields.remove("api_secret").unwrap();
    let (key, secret) = (key.as_str().unwrap(), secret.as_str().unwrap());
    assert!(key.len() >= 16 && secret.len() >= 16 && key != secret);
    let id = made["id"].as_str().unwrap().to_owned();
    let expected = json!({
        "id": id, "door": "door-a", "label": "till 1", "status": "enabled",
        "allow": ["203.0.113.0/24", "2001:db8::1/128"],
        "expires_at": "2030-01-01T00:00:00.000000Z", "version": 1, "created_at": NOW,
    });
    assert_eq!(made, expected);
    let one = format!("{path}/{id}");
    for answer in [
        server.get(&one).await,
        server.get(&path).await,
        server.patch(&one, json!({"status": "disabled"})).await,
    ] {
        answer.good();
        for secret in [key, secret] {
            assert!(!answer.text.contains(secret));
        }
    }
}

#[tokio::test]
async fn a_door_whose_callers_sign_has_no_secret() {
    let server = Server::new().await;
    let path = format!("{}/credentials", server.program("acme").await);
    let made = server.post(&path, json!({"door": "door-b", "allow": "*"})).await.good();
    assert!(made.get("api_secret").is_none(), "{made}");
    let key = made["api_key"].as_str().unwrap();
    // A UUID, as ids are.
    assert!(key.parse::<domain::id::CredentialId>().is_ok(), "{key}");
    assert_eq!(made["door"], "door-b");
}

#[tokio::test]
async fn who_may_call_is_said_explicitly() {
    let server = Server::new().await;
    let path = format!("{}/credentials", server.program("acme").await);
    for (allow, expected) in [
        (json!("*"), json!("*")),
        (json!([]), json!([])),
        (json!(["10.0.0.1"]), json!(["10.0.0.1/32"])),
    ] {
        let made = server.post(&path, json!({"door": "door-a", "allow": allow})).await.good();
        assert_eq!(made["allow"], expected);
        assert_eq!((&made["label"], &made["expires_at"]), (&json!(""), &json!(null)));
    }
    for (body, field) in [
        (json!({"door": "door-a"}), "allow"),
        (json!({"door": "door-a", "allow": null}), "allow"),
        (json!({"door": "door-a", "allow": ""}), "allow"),
        (json!({"door": "door-a", "allow": "10.0.0.1"}), "allow"),
        (json!({"door": "door-a", "allow": ["*"]}), "allow"),
        (json!({"door": "door-a", "allow": ["10.0.0.1/8"]}), "allow"),
        (json!({"door": "door-a", "allow": [1]}), "allow"),
        (json!({"door": "door-a", "allow": 1}), "allow"),
        (json!({"door": "door-c", "allow": "*"}), "door"),
        (json!({"allow": "*"}), "door"),
        (json!({"door": "door-a", "allow": "*", "expires_at": "tomorrow"}), "expires_at"),
        (json!({"door": "door-a", "allow": "*", "expires_at": "never"}), "expires_at"),
        (json!({"door": "door-a", "allow": "*", "label": "x".repeat(65)}), "label"),
        (json!({"door": "door-a", "allow": "*", "status": "enabled"}), "status"),
    ] {
        assert_eq!(server.post(&path, body.clone()).await.bad_field(), field, "{body}");
    }
    let ranges: Vec<String> = (0..65).map(|i| format!("10.0.0.{i}")).collect();
    let answer = server.post(&path, json!({"door": "door-a", "allow": ranges})).await;
    assert_eq!(answer.problem(), (422, "too_many_ranges".to_owned()));
}

#[tokio::test]
async fn changed() {
    let server = Server::new().await;
    let path = format!("{}/credentials", server.program("acme").await);
    let made = server.post(&path, json!({"door": "door-b", "allow": "*"})).await.good();
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    for (body, status, allow, version) in [
        (json!({"allow": ["10.0.0.0/8"]}), "enabled", json!(["10.0.0.0/8"]), 1),
        (json!({"status": "disabled"}), "disabled", json!(["10.0.0.0/8"]), 2),
        (json!({"status": "enabled", "allow": "*"}), "enabled", json!("*"), 3),
        (json!({"status": "revoked"}), "revoked", json!("*"), 4),
    ] {
        let changed = server.patch(&one, body).await.good();
        assert_eq!(changed["status"], status);
        assert_eq!(changed["allow"], allow);
        assert_eq!(changed["version"], version);
    }
    let answer = server.patch(&one, json!({"status": "enabled"})).await;
    assert_eq!(answer.problem(), (422, "credential_revoked".to_owned()));
    for (body, expected) in [
        (json!({"expires_at": "2030-01-01T00:00:00Z"}), json!("2030-01-01T00:00:00.000000Z")),
        (json!({}), json!("2030-01-01T00:00:00.000000Z")),
        (json!({"expires_at": "never"}), json!(null)),
    ] {
        assert_eq!(server.patch(&one, body).await.good()["expires_at"], expected);
    }
}

#[tokio::test]
async fn another_programmes_is_none() {
    let server = Server::new().await;
    let acme = server.program("acme").await;
    let other = server.program("other").await;
    let body = json!({"door": "door-a", "allow": "*"});
    let made = server.post(&format!("{acme}/credentials"), body).await.good();
    let id = made["id"].as_str().unwrap();
    for item in [id, NOBODY, "x"] {
        let path = format!("{other}/credentials/{item}");
        let missing = (404, "credential_missing".to_owned());
        assert_eq!(server.get(&path).await.problem(), missing);
        let answer = server.patch(&path, json!({"status": "revoked"})).await;
        assert_eq!(answer.problem(), missing);
    }
    let page = server.get(&format!("{other}/credentials")).await.good();
    assert_eq!(page["data"], json!([]));
    let path = format!("{acme}/credentials/{id}");
    assert_eq!(server.get(&path).await.good()["status"], "enabled");
}
