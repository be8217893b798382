use crate::DoorOptions;
use crate::tests::{
    ACCOUNTS, Answer, BALANCES, BANKING, Call, DEPOSIT, Family, Fixture, TOKEN, TRANSFERS,
    credential,
};
use domain::sub_account::SubAccountStatus;
use std::num::NonZeroU32;

/// With so many calls in a minute.
async fn calls(calls: u32) -> Fixture {
    Fixture::with(|options: &mut DoorOptions| options.calls_per_min = NonZeroU32::new(calls)).await
}

/// With so many calls for a token, of which the first has been made.
async fn token_calls(calls: u32) -> Fixture {
    let set = |options: &mut DoorOptions| options.token_calls_per_min = NonZeroU32::new(calls);
    Fixture::with(set).await
}

fn too_many(answer: &Answer, retry_after_s: u32) {
    let expected = r#"{"code":"too_many_requests","message":"too many requests"}"#;
    assert_eq!((answer.status.as_u16(), &*answer.text), (429, expected));
    assert_eq!(answer.headers["retry-after"], retry_after_s.to_string());
}

async fn second_client(fixture: &Fixture) -> Family {
    let program = fixture.family.program;
    let (credential, client_id, api_key) = credential(&fixture.engine, program, crate::DOOR).await;
    Family { credential, client_id, api_key, ..fixture.family.clone() }
}

#[tokio::test]
async fn nothing_is_limited_unless_it_is_said() {
    let fixture = Fixture::new().await;
    for _ in 0..600 {
        fixture.get(BALANCES).await.ok();
        fixture.ask(fixture.token_call(&fixture.family)).await.ok();
    }
}

#[tokio::test]
async fn so_many_calls_and_then_one_more_each_time_its_part_has_passed() {
    let fixture = calls(500).await;
    for _ in 0..500 {
        fixture.get(BALANCES).await.ok();
    }
    too_many(&fixture.get(BALANCES).await, 1);
    fixture.clock.advance_s(1);
    // A second has room for eight.
    for _ in 0..8 {
        fixture.get(BALANCES).await.ok();
    }
    too_many(&fixture.get(BALANCES).await, 1);
    fixture.clock.advance_s(60);
    for _ in 0..500 {
        fixture.get(BALANCES).await.ok();
    }
    too_many(&fixture.get(BALANCES).await, 1);
}

#[tokio::test]
async fn all_calls_at_both_mounts_and_of_all_members_count_together() {
    let fixture = calls(6).await;
    let call = |path| Call::get(path).bearing(&fixture.token());
    fixture.ask(call(BALANCES)).await.ok();
    fixture.ask(call(ACCOUNTS).in_sandbox()).await.ok();
    fixture.ask(call(BALANCES).behalf(fixture.acme.id)).await.ok();
    fixture.get("/v1/issuing/products").await.is(400, "invalid_request_error", "not_supported");
    fixture.post(TRANSFERS, &fixture.transfer()).await.ok();
    // Also with another token of the same credential.
    fixture.renew(fixture.token_of(&fixture.family).await);
    fixture.get("/v1/rfis").await.ok();
    for path in [BALANCES, ACCOUNTS, BANKING, "/v1/issuing/products", "/v1/rfis/r1"] {
        too_many(&fixture.get(path).await, 10);
        too_many(&fixture.ask(fixture.good(Call::get(path)).in_sandbox()).await, 10);
    }
    // No call of anybody.
    fixture.ask(call("/v1/nothing")).await.is_flat(404, "page not found");
}

#[tokio::test]
async fn each_credential_has_a_limit_of_its_own() {
    let fixture = calls(2).await;
    let second = second_client(&fixture).await;
    let [first, second, live] =
        [fixture.token(), fixture.token_of(&second).await, fixture.token_of(&fixture.live).await];
    let ask = |token: &str| fixture.ask(Call::get(BALANCES).bearing(token));
    for token in [&first, &second, &live] {
        ask(token).await.ok();
        ask(token).await.ok();
        too_many(&ask(token).await, 30);
    }
}

/// Whoever may not call uses nothing of somebody else's up.
#[tokio::test]
async fn calls_without_a_good_token_are_not_counted() {
    let fixture = calls(1).await;
    let token = fixture.token();
    let (rest, _proof) = token.rsplit_once('.').unwrap();
    for _ in 0..3 {
        let answer = fixture.ask(Call::get(BALANCES).bearing(&format!("{rest}.AAAA"))).await;
        answer.is(401, "unauthorized_error", "unauthorized_error");
    }
    fixture.get(BALANCES).await.ok();
    too_many(&fixture.get(BALANCES).await, 60);
}

#[tokio::test]
async fn a_refused_call_has_no_effect_and_leaves_its_key_free() {
    let fixture = calls(1).await;
    fixture.get(BALANCES).await.ok();
    let before = fixture.sums().await;
    let body = fixture.transfer().to_string();
    let call = Call::post(TRANSFERS, body).bearing(&fixture.token()).keyed("k");
    too_many(&fixture.ask(call.clone()).await, 60);
    assert_eq!(fixture.sums().await, before);
    fixture.clock.advance_s(60);
    // With other content, since nothing is known of the first.
    let other = fixture.transfer_of(&fixture.family.master, &fixture.beta).to_string();
    let other = Call::post(TRANSFERS, other).bearing(&fixture.token()).keyed("k");
    let made = fixture.ask(other.clone()).await;
    made.ok();
    assert_eq!(fixture.issuing(&fixture.beta, "SGD").await, "1000.00");
    // A replay is a call as well.
    too_many(&fixture.ask(other.clone()).await, 60);
    fixture.clock.advance_s(60);
    assert_eq!(fixture.ask(other).await.text, made.text);
    fixture.clock.advance_s(60);
    fixture.ask(call).await.is(400, "idempotency_error", "idempotency_error");
}

/// The limit comes after the token, and before all else.
#[tokio::test]
async fn the_first_fault_answers() {
    let fixture = calls(1).await;
    fixture.set_status(&fixture.acme, SubAccountStatus::Inactive).await;
    let call = Call::post(DEPOSIT, "{").behalf(fixture.acme.id);
    let good = call.clone().bearing(&fixture.token());
    fixture.ask(good.clone()).await.is_account("sub_account_not_found");
    too_many(&fixture.ask(good).await, 60);
    fixture.ask(call).await.is(401, "unauthorized_error", "unauthorized_error");
}

#[tokio::test]
async fn token_calls_have_a_limit_of_their_own() {
    let fixture = token_calls(60).await;
    let call = fixture.token_call(&fixture.family);
    for at in 1..60 {
        let call = call.clone();
        fixture.ask(if at % 2 == 0 { call.in_sandbox() } else { call }).await.ok();
    }
    too_many(&fixture.ask(call.clone()).await, 1);
    too_many(&fixture.ask(call.clone().in_sandbox()).await, 1);
    for _ in 0..100 {
        fixture.get(BALANCES).await.ok();
    }
    fixture.token_of(&second_client(&fixture).await).await;
    fixture.token_of(&fixture.live).await;
    fixture.clock.advance_s(1);
    fixture.ask(call.clone()).await.ok();
    too_many(&fixture.ask(call).await, 1);
}

/// They share one count, so that they need no memory, and none of it is a client's.
#[tokio::test]
async fn who_proves_nothing_is_counted_together() {
    let fixture = token_calls(3).await;
    let call = fixture.token_call(&fixture.family);
    let wrong = call.clone().with("x-api-key", "wrong");
    fixture.ask(call.clone().with("x-client-id", "c1")).await.is_flat(400, "Invalid client id");
    fixture.ask(Call::post(TOKEN, b"")).await.is_flat(400, "Invalid client id");
    assert_eq!(fixture.ask(wrong.clone()).await.status, 401);
    for refused in [wrong.clone(), call.clone().with("x-client-id", "c2"), Call::post(TOKEN, b"")] {
        too_many(&fixture.ask(refused).await, 20);
    }
    fixture.ask(call.clone()).await.ok();
    fixture.ask(call.clone()).await.ok();
    too_many(&fixture.ask(call).await, 20);
    fixture.clock.advance_s(20);
    assert_eq!(fixture.ask(wrong).await.status, 401);
}
