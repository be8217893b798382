use crate::tests::{NOBODY, Server};
use serde_json::{Value, json};

struct Ground {
    server: Server,
    program: String,
    body: Value,
}

/// A reserve of 10 and the body of a hold on 6 of it.
async fn ground() -> Ground {
    let server = Server::new().await;
    let program = server.program("acme").await;
    let fund = json!({"amount": "10", "asset": "TUSDT"});
    server.post(&format!("{program}/fund"), fund).await.good();
    let reserve = server.own(&program, "reserve", "TUSDT").await;
    let settlement = server.own(&program, "settlement", "TUSDT").await;
    let body = json!({"debit": reserve, "credit": settlement, "amount": "6", "asset": "TUSDT"});
    Ground { server, program, body }
}

impl Ground {
    async fn place(&self) -> String {
        let path = format!("{}/holds", self.program);
        let placed = self.server.post(&path, self.body.clone()).await.good();
        assert_eq!(placed["available_after"], "4.00");
        let id = placed["hold"].as_str().unwrap().to_owned();
        format!("{path}/{id}")
    }

    async fn shown(&self, hold: &str) -> (Value, Value, Value) {
        let shown = self.server.get(hold).await.good();
        let field = |name: &str| shown[name].clone();
        (field("state"), field("captured"), field("remaining"))
    }
}

#[tokio::test]
async fn placed() {
    let ground = ground().await;
    let path = format!("{}/holds", ground.program);
    let first = ground.server.post_keyed(&path, "h1", ground.body.clone()).await.good();
    let again = ground.server.post_keyed(&path, "h1", ground.body.clone()).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.good(), first);
    let id = first["hold"].as_str().unwrap();
    let shown = ground.server.get(&format!("{path}/{id}")).await.good();
    let expected = json!({
        "id": id, "state": "open", "debit": ground.body["debit"],
        "credit": ground.body["credit"], "amount": "6.00", "asset": "TUSDT",
        "captured": "0.00", "remaining": "6.00",
        "expires_at": "2026-05-29T08:30:00.000000Z", "version": 1,
    });
    assert_eq!(shown, expected);
    let answer = ground.server.post(&path, ground.body.clone()).await;
    assert_eq!(answer.problem(), (422, "insufficient_funds".to_owned()));
}

#[tokio::test]
async fn lives() {
    let ground = ground().await;
    let path = format!("{}/holds", ground.program);
    let mut body = ground.body.clone();
    body["amount"] = json!("1");
    for (life, good) in [(0, false), (1, true), (31 * 86_400, true), (31 * 86_400 + 1, false)] {
        body["life_s"] = json!(life);
        let answer = ground.server.post(&path, body.clone()).await;
        match good {
            true => drop(answer.good()),
            false => assert_eq!(answer.problem(), (422, "bad_expiry".to_owned())),
        }
    }
    for life in [json!("60"), json!(-1), json!(1.5), json!(u64::MAX)] {
        body["life_s"] = life;
        assert_eq!(ground.server.post(&path, body.clone()).await.bad_field(), "life_s");
    }
}

#[tokio::test]
async fn captured_in_parts() {
    let ground = ground().await;
    let hold = ground.place().await;
    let capture = format!("{hold}/capture");
    let part = json!({"amount": "2", "asset": "TUSDT", "completion": "partial"});
    let first = ground.server.post_keyed(&capture, "c1", part.clone()).await.good();
    assert_eq!(first["available_after"], "4.00");
    let again = ground.server.post_keyed(&capture, "c1", part).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(ground.shown(&hold).await, (json!("open"), json!("2.00"), json!("4.00")));
    let answer = ground.server.post(&capture, json!({"amount": "4.01", "asset": "TUSDT"})).await;
    assert_eq!(answer.problem(), (422, "exceeds_remaining".to_owned()));
    let answer = ground.server.post(&capture, json!({"amount": "1", "asset": "JPY"})).await;
    assert_eq!(answer.problem(), (422, "asset_mismatch".to_owned()));
    let last = ground.server.post(&capture, json!({"amount": "1", "asset": "TUSDT"})).await.good();
    assert_eq!(last["available_after"], "7.00");
    assert_eq!(ground.shown(&hold).await, (json!("captured"), json!("3.00"), json!("0.00")));
    let answer = ground.server.post(&format!("{hold}/void"), json!({})).await;
    assert_eq!(answer.problem(), (422, "hold_already_captured".to_owned()));
    let bad = json!({"amount": "1", "asset": "TUSDT", "completion": "most"});
    assert_eq!(ground.server.post(&capture, bad).await.bad_field(), "completion");
}

#[tokio::test]
async fn voided() {
    let ground = ground().await;
    let hold = ground.place().await;
    let void = format!("{hold}/void");
    let first = ground.server.post_keyed(&void, "v1", json!({"remark": "no"})).await.good();
    assert_eq!(first["available_after"], "10.00");
    let again = ground.server.post_keyed(&void, "v1", json!({"remark": "no"})).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.good(), first);
    assert_eq!(ground.shown(&hold).await, (json!("voided"), json!("0.00"), json!("0.00")));
    let answer = ground.server.post(&void, json!({})).await;
    assert_eq!(answer.problem(), (422, "hold_already_voided".to_owned()));
    assert_eq!(ground.server.post(&void, json!({"amount": "1"})).await.bad_field(), "amount");
}

#[tokio::test]
async fn another_programmes_is_none() {
    let ground = ground().await;
    let hold = ground.place().await;
    let other = ground.server.program("other").await;
    let missing = (404, "hold_missing".to_owned());
    let id = hold.rsplit('/').next().unwrap();
    for item in [id, NOBODY, "x"] {
        let path = format!("{other}/holds/{item}");
        assert_eq!(ground.server.get(&path).await.problem(), missing);
        let body = json!({"amount": "1", "asset": "TUSDT"});
        let answer = ground.server.post(&format!("{path}/capture"), body).await;
        assert_eq!(answer.problem(), missing);
        assert_eq!(ground.server.post(&format!("{path}/void"), json!({})).await.problem(), missing);
    }
    assert_eq!(ground.shown(&hold).await.0, json!("open"));
}
