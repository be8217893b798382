use crate::tests::{Answer, NOBODY, NOW, Server};
use domain::secret::Secret;
use domain::signature_key::{KEYS_MAX, PEM_LEN_MAX};
use http::Method;
use serde_json::{Value, json};
use vault::signature::{SigningKey, VerifyingKey, demo};

/// A public key whose private half nobody has.
const OTHER: &str = include_str!("../../../vault/src/signature/rsa_4096.pem");

fn public(private: &str) -> String {
    SigningKey::from_pem(&Secret::new(private.to_owned())).unwrap().public().to_pem()
}

/// A programme with a credential; the path of the credential's keys.
async fn keys(server: &Server, program: &str) -> String {
    let body = json!({"door": "door-b", "allow": "*"});
    let made = server.post(&format!("{program}/credentials"), body).await.good();
    format!("{program}/credentials/{}/signature-keys", made["id"].as_str().unwrap())
}

async fn add(server: &Server, path: &str, usage: &str, pem: &str) -> Answer {
    server.post(path, json!({"use": usage, "pem": pem})).await
}

async fn retire(server: &Server, path: &str, id: &str) -> Answer {
    server.post(&format!("{path}/{id}/retire"), json!({})).await
}

fn id(answer: &Answer) -> String {
    answer.good()["id"].as_str().unwrap().to_owned()
}

fn refused(code: &str) -> (u16, String) {
    (422, code.to_owned())
}

/// Whether the text has any of the lines that only the private half has. The modulus, which stands
/// in the first eight, is in both.
fn shows(text: &str, private: &str) -> bool {
    let lines: Vec<_> = demo::pem_of(private).lines().skip(8).collect();
    assert!(lines.len() > 15);
    lines.iter().any(|line| text.contains(line))
}

#[tokio::test]
async fn added_listed_and_retired() {
    let server = Server::new().await;
    let path = keys(&server, &server.program("acme").await).await;
    assert_eq!(server.get(&path).await.good(), json!({"data": [], "next": null}));
    let answer = add(&server, &path, "verify", OTHER).await;
    assert_eq!(answer.status.as_u16(), 201);
    let first = answer.good();
    let key = VerifyingKey::from_pem(OTHER).unwrap();
    let expected = json!({
        "id": id(&answer), "use": "verify", "status": "active",
        "fingerprint": key.fingerprint(), "public_key_pem": OTHER,
        "created_at": NOW, "retired_at": null,
    });
    assert_eq!(first, expected);
    // The same key again, as another editor saved it, is the same.
    let again = add(&server, &path, "verify", &OTHER.replace('\n', "\r\n")).await;
    assert_eq!((again.status.as_u16(), again.good()), (201, first.clone()));

    let second = add(&server, &path, "verify", &public(demo::APP)).await;
    let mut listed = [first.clone(), second.good()];
    listed.sort_by_key(|key| key["id"].as_str().unwrap().to_owned());
    assert_eq!(server.get(&path).await.good(), json!({"data": listed, "next": null}));

    let mut retired = first.clone();
    retired["status"] = json!("retired");
    retired["retired_at"] = json!(NOW);
    for _ in 0..2 {
        let answer = retire(&server, &path, first["id"].as_str().unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.good()), (200, retired.clone()));
    }
    let page = server.get(&path).await.good();
    let of = |key: &Value| page["data"].as_array().unwrap().iter().any(|row| row == key);
    assert!(of(&retired) && of(&second.good()));
    let answer = add(&server, &path, "verify", OTHER).await;
    assert_eq!(answer.problem(), refused("signature_key_retired"));
}

#[tokio::test]
async fn the_private_half_never_comes_back() {
    let server = Server::new().await;
    let path = keys(&server, &server.program("acme").await).await;
    assert!(shows(&json!({"pem": demo::PLATFORM}).to_string(), demo::PLATFORM));
    let made = add(&server, &path, "sign", demo::PLATFORM).await;
    let view = made.good();
    assert_eq!(view["use"], "sign");
    assert_eq!(view["public_key_pem"], public(demo::PLATFORM));
    let id = id(&made);
    let crowded = json!({"use": "sign", "pem": demo::PLATFORM, "more": demo::PLATFORM});
    for answer in [
        made,
        add(&server, &path, "sign", demo::PLATFORM).await,
        server.get(&path).await,
        retire(&server, &path, &id).await,
        server.get(&path).await,
        // What goes wrong says no more.
        add(&server, &path, "sign", demo::PLATFORM).await,
        add(&server, &path, "verify", demo::PLATFORM).await,
        add(&server, &path, demo::PLATFORM, "x").await,
        add(&server, &path, "sign", &format!("{}\t", demo::PLATFORM)).await,
        add(&server, &path, "sign", &demo::PLATFORM.replace("END", "")).await,
        server.post(&path, crowded).await,
        server.post(&path, json!({"use": "sign", "pem": [demo::PLATFORM]})).await,
        server.ask_with(Method::POST, &path, &[], demo::PLATFORM).await,
        server.post(&format!("{path}/{id}/retire"), json!({"pem": demo::PLATFORM})).await,
    ] {
        assert!(!shows(&answer.text, demo::PLATFORM), "{}", answer.status);
        assert!(!answer.text.contains("PRIVATE"), "{}", answer.status);
    }
}

#[tokio::test]
async fn what_is_no_key() {
    let server = Server::new().await;
    let path = keys(&server, &server.program("acme").await).await;
    let fill = |letter: &str, count| format!("{}\n{OTHER}", letter.repeat(count));
    let room = PEM_LEN_MAX - OTHER.len() - 1;
    for (body, field) in [
        (json!({}), "use"),
        (json!({"use": "verify"}), "pem"),
        (json!({"pem": OTHER}), "use"),
        (json!({"use": "Verify", "pem": OTHER}), "use"),
        (json!({"use": "verify", "pem": ""}), "pem"),
        (json!({"use": "verify", "pem": 1}), "pem"),
        (json!({"use": "verify", "pem": format!("{OTHER}\u{0}")}), "pem"),
        (json!({"use": "verify", "pem": fill("x", room + 1)}), "pem"),
        (json!({"use": "verify", "pem": OTHER, "status": "active"}), "status"),
    ] {
        assert_eq!(server.post(&path, body.clone()).await.bad_field(), field, "{body}");
    }
    let bad = refused("bad_signature_key");
    for (usage, pem) in [
        ("verify", "x"),
        ("verify", "\n"),
        ("verify", demo::APP),
        ("sign", OTHER),
        ("verify", include_str!("../../../vault/src/signature/rsa_1024.pem")),
        ("verify", include_str!("../../../vault/src/signature/p256.pem")),
        // Characters few enough, bytes too many.
        ("verify", &fill("é", room / 2 + 1)),
    ] {
        assert_eq!(add(&server, &path, usage, pem).await.problem(), bad, "{usage}");
    }
    add(&server, &path, "verify", &fill("x", room)).await.good();
    let answer = server.post(&format!("{path}/{NOBODY}/retire"), json!({"use": "sign"})).await;
    assert_eq!(answer.bad_field(), "use");
    assert_eq!(server.get(&format!("{path}?limit=1")).await.bad_field(), "limit");
    let key = [("idempotency-key", "k")];
    for path in [path.clone(), format!("{path}/{NOBODY}/retire")] {
        let answer = server.ask_with(Method::POST, &path, &key, "{}").await;
        assert_eq!(answer.bad_field(), "Idempotency-Key");
    }
}

#[tokio::test]
async fn published_keys_are_for_sandboxes_only() {
    let server = Server::new().await;
    let body = json!({"name": "live", "assets": ["TUSDT"], "environment": "live"});
    server.post("/v1/programs", body).await.good();
    let path = keys(&server, "/v1/programs/live").await;
    for private in [demo::APP, demo::PLATFORM] {
        for (usage, pem) in [("verify", &*public(private)), ("sign", private)] {
            let answer = add(&server, &path, usage, pem).await;
            assert_eq!(answer.problem(), refused("published_signature_key"));
            let title = answer.json()["title"].as_str().unwrap().to_owned();
            assert!(title.contains("published") && title.contains("sandbox"), "{title}");
        }
    }
    assert_eq!(server.get(&path).await.good()["data"], json!([]));
    add(&server, &path, "verify", OTHER).await.good();
}

#[tokio::test]
async fn a_revoked_credential_takes_no_key() {
    let server = Server::new().await;
    let path = keys(&server, &server.program("acme").await).await;
    let one = path.strip_suffix("/signature-keys").unwrap();
    let first = id(&add(&server, &path, "verify", OTHER).await);
    server.patch(one, json!({"status": "revoked"})).await.good();
    let answer = add(&server, &path, "verify", &public(demo::APP)).await;
    assert_eq!(answer.problem(), refused("credential_revoked"));
    // Its keys can still be put out of use.
    assert_eq!(retire(&server, &path, &first).await.good()["status"], "retired");
}

#[tokio::test]
async fn there_is_an_end_to_keys() {
    let server = Server::new().await;
    let path = keys(&server, &server.program("acme").await).await;
    // Each is a key as far as it is looked at: the modulus differs in its last bytes.
    let der = VerifyingKey::from_pem(OTHER).unwrap().der().to_vec();
    let with = |number: u8| {
        let mut der = der.clone();
        let at = der.len() - 8;
        der[at] = number;
        VerifyingKey::from_der(&der).unwrap().to_pem()
    };
    for number in 0..u8::try_from(KEYS_MAX).unwrap() {
        add(&server, &path, "verify", &with(number)).await.good();
    }
    let answer = add(&server, &path, "verify", &with(200)).await;
    assert_eq!(answer.problem(), refused("too_many_signature_keys"));
    let page = server.get(&path).await.good();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(KEYS_MAX));
}

#[tokio::test]
async fn anothers_is_none() {
    let server = Server::new().await;
    let (acme, other) = (server.program("acme").await, server.program("other").await);
    let (path, beside) = (keys(&server, &acme).await, keys(&server, &acme).await);
    let abroad = keys(&server, &other).await;
    let first = id(&add(&server, &path, "verify", OTHER).await);

    // A key of another credential, of the same programme and of another.
    for path in [&beside, &abroad] {
        assert_eq!(server.get(path).await.good()["data"], json!([]));
        for item in [first.as_str(), NOBODY, "x"] {
            let answer = retire(&server, path, item).await;
            assert_eq!(answer.problem(), (404, "signature_key_missing".to_owned()));
        }
    }
    // A credential of another programme, or of none.
    let foreign = path.replace("/acme/", "/other/");
    let nobody = format!("{acme}/credentials/{NOBODY}/signature-keys");
    let missing = (404, "credential_missing".to_owned());
    for path in [foreign, nobody, format!("{acme}/credentials/x/signature-keys")] {
        assert_eq!(server.get(&path).await.problem(), missing);
        assert_eq!(add(&server, &path, "verify", OTHER).await.problem(), missing);
        assert_eq!(add(&server, &path, "verify", "x").await.problem(), missing);
        assert_eq!(retire(&server, &path, &first).await.problem(), missing);
    }
    // The same key may be another credential's too, and is another one there.
    assert_ne!(id(&add(&server, &abroad, "verify", OTHER).await), first);
    let page = server.get(&path).await.good();
    assert_eq!(page["data"][0]["status"], "active");
}
