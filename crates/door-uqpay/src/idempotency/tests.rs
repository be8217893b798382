use crate::tests::{
    ACCOUNTS, Answer, BALANCES, Call, DEPOSIT, Fixture, TRANSFERS, changed, credential, lacking,
};
use domain::program::{DuplicatePolicy, Mode};
use engine::program::UpdateProgram;
use serde_json::{Value, json};
use store::model::Fault;

const KEY: &str = "5e2f0a5c-9e0f-4f3b-a4c5-6a2f5f9d3b11";

async fn keyed(fixture: &Fixture, key: &str, body: &Value) -> Answer {
    let call = Call::post(TRANSFERS, body.to_string()).bearing(&fixture.token()).keyed(key);
    fixture.ask(call).await
}

fn used(answer: &Answer) {
    answer.is(400, "idempotency_error", "idempotency_error");
}

#[tokio::test]
async fn every_call_that_writes_wants_a_key() {
    let fixture = Fixture::new().await;
    let before = fixture.sums().await;
    let long = "x".repeat(65);
    for path in [TRANSFERS, BALANCES, DEPOSIT, ACCOUNTS, "/v1/accounts/create_accounts"] {
        let call = Call::post(path, fixture.transfer().to_string()).bearing(&fixture.token());
        for call in [
            call.clone(),
            call.clone().keyed(""),
            call.clone().keyed(&long),
            call.clone().with("x-idempotency-key", "ü"),
            call.clone().with("x-idempotency-key", b"\xff"),
            call.clone().with("x-idempotency-key", "a\tb"),
            call.clone().keyed("a").also("x-idempotency-key", "b"),
        ] {
            let answer = fixture.ask(call).await;
            let message = "x-idempotency-key is required, 1 to 64 characters";
            if path.starts_with(ACCOUNTS) {
                answer.is_flat(400, message);
            } else {
                answer.is(400, "invalid_request_error", "invalid_request_error");
                assert_eq!(answer.message(), message);
            }
        }
    }
    assert_eq!(fixture.sums().await, before);
}

#[tokio::test]
async fn a_key_is_any_text_of_64_characters() {
    let fixture = Fixture::new().await;
    let body = changed(&fixture.transfer(), "amount", 1);
    for key in ["1", KEY, "order 17/a", &"x".repeat(64)] {
        keyed(&fixture, key, &body).await.ok();
    }
    assert_eq!(fixture.issuing(&fixture.acme, "SGD").await, "1004.00");
}

#[tokio::test]
async fn a_read_needs_none_and_may_have_one() {
    let fixture = Fixture::new().await;
    for path in [BALANCES, ACCOUNTS] {
        let call = Call::get(path).bearing(&fixture.token());
        fixture.ask(call.clone()).await.ok();
        fixture.ask(call.keyed(KEY)).await.ok();
    }
}

#[tokio::test]
async fn a_repeat_has_the_first_answer_and_moves_nothing() {
    let fixture = Fixture::new().await;
    let first = keyed(&fixture, KEY, &fixture.transfer()).await;
    let before = fixture.sums().await;
    fixture.clock.advance_s(86_400 - 1);
    fixture.renew(fixture.token_of(&fixture.family).await);
    let again = keyed(&fixture, KEY, &fixture.transfer()).await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(fixture.sums().await, before);
    // The same in other words.
    let written = format!(
        "{{ \"remark\":\"Transfer to Jack.\", \"amount\" : \"1000.00\", \"currency\":\"SGD\",
            \"destination_account_id\":\"{}\",\"source_account_id\":\"{}\"}}",
        fixture.acme.id.to_string().to_uppercase(),
        fixture.family.master.id.to_string().to_uppercase(),
    );
    let call = Call::post(TRANSFERS, written).bearing(&fixture.token()).keyed(KEY);
    assert_eq!(fixture.ask(call).await.text, first.text);
    assert_eq!(fixture.sums().await, before);
}

#[tokio::test]
async fn a_key_with_other_content_is_refused() {
    let fixture = Fixture::new().await;
    let body = fixture.transfer();
    keyed(&fixture, KEY, &body).await.ok();
    let before = fixture.sums().await;
    for other in [
        changed(&body, "amount", 1000.01),
        changed(&body, "currency", "USD"),
        changed(&body, "remark", "another"),
        lacking(&body, "remark"),
        changed(&body, "source_account_id", fixture.beta.id.to_string()),
        changed(&body, "destination_account_id", fixture.beta.id.to_string()),
    ] {
        used(&keyed(&fixture, KEY, &other).await);
    }
    // What can't be read is said first.
    keyed(&fixture, KEY, &changed(&body, "amount", 0)).await.is_bad("amount");
    assert_eq!(fixture.sums().await, before);
}

/// The programme's own rule about repeats is for doors that have no keys of this kind.
#[tokio::test]
async fn a_programme_that_refuses_repeats_replays_keys() {
    let fixture = Fixture::new().await;
    let duplicate = Some(DuplicatePolicy::Refuse);
    let (status, mode) = (None, None::<Mode>);
    fixture.update_program(UpdateProgram { status, mode, duplicate }).await;
    let first = keyed(&fixture, KEY, &fixture.transfer()).await;
    assert_eq!(keyed(&fixture, KEY, &fixture.transfer()).await.ok(), first.ok());
}

#[tokio::test]
async fn what_is_refused_leaves_its_key_free() {
    let fixture = Fixture::new().await;
    let body = fixture.transfer();
    keyed(&fixture, KEY, &changed(&body, "amount", 0)).await.is_bad("amount");
    let much = changed(&body, "amount", 20_000);
    keyed(&fixture, KEY, &much).await.is_account("insufficient_balance");
    let nobody = changed(&body, "source_account_id", fixture.live.master.id.to_string());
    keyed(&fixture, KEY, &nobody).await.is_account("account_not_found");
    let free = keyed(&fixture, KEY, &body).await;
    free.ok();
    used(&keyed(&fixture, KEY, &much).await);
    assert_eq!(keyed(&fixture, KEY, &body).await.text, free.text);
}

#[tokio::test]
async fn two_members_with_one_key_do_not_see_each_other() {
    let fixture = Fixture::new().await;
    let (master, acme, beta) = (&fixture.family.master, &fixture.acme, &fixture.beta);
    let body = changed(&fixture.transfer_of(acme, beta), "amount", 1);
    let call = Call::post(TRANSFERS, body.to_string()).bearing(&fixture.token()).keyed(KEY);
    let of_master = fixture.ask(call.clone()).await;
    let of_acme = fixture.ask(call.clone().behalf(acme.id)).await;
    assert_ne!(of_master.ok(), of_acme.ok());
    assert_eq!(fixture.issuing(beta, "SGD").await, "2.00");
    let body = changed(&fixture.transfer_of(beta, master), "amount", 1);
    let of_beta = Call::post(TRANSFERS, body.to_string()).bearing(&fixture.token()).keyed(KEY);
    fixture.ask(of_beta.behalf(beta.id)).await.ok();
    // The master is the same whether it is named or not.
    for call in [call.clone().behalf(master.id), call.clone().behalf("")] {
        assert_eq!(fixture.ask(call).await.ok(), of_master.ok());
    }
    assert_eq!(fixture.ask(call.behalf(acme.id)).await.ok(), of_acme.ok());
}

#[tokio::test]
async fn two_clients_with_one_key_do_not_see_each_other() {
    let fixture = Fixture::new().await;
    let first = keyed(&fixture, KEY, &fixture.transfer()).await;
    let made = credential(&fixture.engine, fixture.family.program, crate::DOOR).await;
    let (credential, client_id, api_key) = made;
    let second = crate::tests::Family { credential, client_id, api_key, ..fixture.family.clone() };
    let token = fixture.token_of(&second).await;
    let call = Call::post(TRANSFERS, fixture.transfer().to_string()).bearing(&token).keyed(KEY);
    assert_ne!(fixture.ask(call.clone()).await.ok(), first.ok());
    // A new token of one client is no other client.
    fixture.clock.advance_s(1);
    let token = fixture.token_of(&fixture.family).await;
    assert_eq!(fixture.ask(call.bearing(&token)).await.ok(), first.ok());
}

#[tokio::test]
async fn one_key_may_stand_on_several_paths() {
    let fixture = Fixture::new().await;
    keyed(&fixture, KEY, &fixture.transfer()).await.ok();
    let call =
        |path, body: Value| Call::post(path, body.to_string()).bearing(&fixture.token()).keyed(KEY);
    fixture.ask(call(BALANCES, json!({ "currency": "SGD" }))).await.ok();
    let deposit = json!({ "amount": 1, "currency": "SGD", "sender_swift_code": "DBSSSGSG" });
    fixture.ask(call(DEPOSIT, deposit)).await.ok();
    let company = json!({ "entity_type": "COMPANY", "name": "Gamma" });
    fixture.ask(call(ACCOUNTS, company)).await.ok();
}

#[tokio::test]
async fn a_repeat_under_the_other_mount_is_a_repeat() {
    let fixture = Fixture::new().await;
    let body = fixture.transfer().to_string();
    let call = Call::post(TRANSFERS, body).bearing(&fixture.token()).keyed(KEY);
    let first = fixture.ask(call.clone()).await;
    assert_eq!(fixture.ask(call.in_sandbox()).await.ok(), first.ok());
    assert_eq!(fixture.issuing(&fixture.acme, "SGD").await, "2000.00");
}

#[tokio::test]
async fn asked_many_times_at_once_it_is_done_once() {
    let fixture = std::sync::Arc::new(Fixture::new().await);
    let asked: Vec<_> = (0..16)
        .map(|_| {
            let fixture = std::sync::Arc::clone(&fixture);
            tokio::spawn(async move { keyed(&fixture, KEY, &fixture.transfer()).await })
        })
        .collect();
    let mut texts = std::collections::BTreeSet::new();
    for answer in asked {
        let answer = answer.await.unwrap();
        answer.ok();
        texts.insert(answer.text);
    }
    assert_eq!(texts.len(), 1);
    assert_eq!(fixture.issuing(&fixture.acme, "SGD").await, "2000.00");
}

/// The official clients ask again when they read these words, with the same key.
#[tokio::test]
async fn an_outcome_that_is_not_known_is_settled_by_asking_again() {
    let fixture = Fixture::new().await;
    for (at, fault) in [Fault::UnknownWritten, Fault::UnknownLost].into_iter().enumerate() {
        let key = format!("{KEY}{at}");
        fixture.model.faults().next(fault);
        let answer = keyed(&fixture, &key, &fixture.transfer()).await;
        assert_eq!(answer.status, 400);
        let text = r#"{"code":200,"message":"Request is processing, please try again later"}"#;
        assert_eq!(answer.text, text);
        let first = keyed(&fixture, &key, &fixture.transfer()).await;
        assert_eq!(keyed(&fixture, &key, &fixture.transfer()).await.ok(), first.ok());
    }
    assert_eq!(fixture.issuing(&fixture.acme, "SGD").await, "3000.00");
}

#[tokio::test]
async fn a_store_that_is_away_leaves_the_key_free() {
    let fixture = Fixture::new().await;
    fixture.model.faults().next(Fault::Unavailable);
    let answer = keyed(&fixture, KEY, &fixture.transfer()).await;
    answer.is(503, "api_error", "api_error");
    assert_eq!(answer.headers["retry-after"], "5");
    keyed(&fixture, KEY, &fixture.transfer()).await.ok();
    assert_eq!(fixture.issuing(&fixture.acme, "SGD").await, "2000.00");
}
