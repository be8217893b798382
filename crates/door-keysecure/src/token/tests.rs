use crate::tests::{Call, Fixture, LIST, NOW_MS};
use domain::credential::CredentialStatus;
use domain::program::Mode;

const PATH: &str = "/merchant/token";

#[tokio::test]
async fn key_and_timestamp_are_enough() {
    let fixture = Fixture::new().await;
    let call = fixture.signed(Call::get(PATH)).without("Access-Token");
    let answer = fixture.ask(call).await;
    assert_eq!(answer.data()["expired_time"], NOW_MS + 24 * 3_600_000);
    let token = answer.data()["access_token"].as_str().unwrap();
    let keys: Vec<_> = answer.data().as_object().unwrap().keys().collect();
    assert_eq!(keys, ["access_token", "expired_time"]);
    // A bad token is not looked at, and a new one does not end the old one.
    let call = fixture.signed(Call::get(PATH)).with("Access-Token", "x");
    assert_eq!(fixture.ask(call).await.code(), 0);
    for token in [token, &fixture.merchant.token] {
        let call = fixture.signed(Call::post(LIST, "{}"));
        let answer = fixture.ask(call.with("Access-Token", token)).await;
        answer.is(1004, "start_time invalid parameter");
    }
}

#[tokio::test]
async fn faults_come_in_the_order_of_the_headers() {
    let fixture = Fixture::new().await;
    let call = fixture.signed(Call::get(PATH)).without("Access-Token");
    for (call, code) in [
        (call.clone().without("Api-Key"), 1002),
        (call.clone().without("Api-Key").without("Timestamp"), 1002),
        (call.clone().with("Api-Key", "x").without("Timestamp"), 1008),
        (call.clone().without("Timestamp"), 1005),
        (call.clone().with("Timestamp", "1716307200"), 1005),
    ] {
        assert_eq!(fixture.ask(call).await.code(), code);
    }
    fixture.allow("198.51.100.0/24").await;
    assert_eq!(fixture.ask(call.clone().without("Timestamp")).await.code(), 1003);
    fixture.set_status(CredentialStatus::Disabled).await;
    assert_eq!(fixture.ask(call).await.code(), 1010);
}

#[tokio::test]
async fn both_modes_get_tokens() {
    let fixture = Fixture::new().await;
    let merchant = fixture.another("second", Mode::Authorization).await;
    assert_eq!(merchant.token.len(), 108);
}
