use crate::tests::{Call, ECHO, Fixture};
use serde_json::json;

#[tokio::test]
async fn a_good_signature_hears_its_message_again() {
    let fixture = Fixture::new().await;
    for path in [ECHO, "/svc/payment/api/v1/echo"] {
        let answer = fixture.post(path, &json!({ "message": "你好, \"world\"", "more": 1 })).await;
        let expected = r#"{"code":200,"data":{"message":"你好, \"world\""},"message":"succeed"}"#;
        assert_eq!(answer.text, expected);
    }
    let longest = "é".repeat(4_096);
    let answer = fixture.post(ECHO, &json!({ "message": longest })).await;
    assert_eq!(answer.data()["message"], longest);
}

#[tokio::test]
async fn a_message_that_is_none() {
    let fixture = Fixture::new().await;
    for body in [
        json!({}),
        json!({ "message": "" }),
        json!({ "message": null }),
        json!({ "message": 1 }),
        json!({ "message": ["x"] }),
        json!({ "message": "a\u{7}" }),
        json!({ "message": "x".repeat(4_097) }),
    ] {
        fixture.post(ECHO, &body).await.is_bad("message");
    }
    for body in ["", "[]", "\"x\"", "{", "\u{feff}{}", "{}{}"] {
        fixture.ask(fixture.signed(Call::post(ECHO, body))).await.is_bad("body");
    }
    let twice = fixture.signed(Call::post(ECHO, r#"{"message":"a","message":"b"}"#));
    fixture.ask(twice).await.is_bad("message");
}
