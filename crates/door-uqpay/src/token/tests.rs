use crate::tests::{ACCOUNTS, Call, Family, Fixture, NOW_S, TOKEN, credential, founded};
use data_encoding::BASE64URL_NOPAD;
use domain::address::AllowList;
use domain::credential::CredentialStatus;
use domain::program::{Environment, ProgramStatus};
use domain::time::Time;
use engine::credential::UpdateCredential;
use engine::program::UpdateProgram;
use serde_json::{Value, json};
use std::time::Duration;

fn part(text: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_says_what_clients_read() {
    let fixture = Fixture::new().await;
    let answer = fixture.ask(fixture.token_call(&fixture.family)).await;
    let json = answer.ok();
    assert_eq!(json.as_object().unwrap().len(), 2);
    assert_eq!(json["expired_at"], NOW_S + 1_800);
    assert!(answer.text.ends_with(&format!(r#","expired_at":{}}}"#, NOW_S + 1_800)));
    let token = json["auth_token"].as_str().unwrap();
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(part(parts[0]), json!({ "alg": "HS256", "typ": "JWT" }));
    let master = &fixture.family.master;
    let claims = json!({
        "entity_id": master.id.to_string(),
        "short_entity_id": master.number,
        "parent_entity_id": "0",
        "client_id": fixture.family.client_id,
        "api_version": "V1.6",
        "bus_type": "ISSUING",
        "iss": "uqpay",
        "iat": NOW_S,
        "exp": NOW_S + 1_800,
    });
    assert_eq!(part(parts[1]), claims);
    // A header's value, and nothing secret in it.
    assert!(token.len() < 1_024 && !token.contains(&fixture.family.api_key));
}

#[tokio::test]
async fn the_body_does_not_matter_nor_a_key() {
    let fixture = Fixture::new().await;
    let family = &fixture.family;
    for body in ["", "{}", "null", "nonsense"] {
        let call = Call::post(TOKEN, body).with("content-type", "application/json");
        let call = call.with("x-client-id", &family.client_id).with("x-api-key", &family.api_key);
        fixture.ask(call.clone()).await.ok();
        fixture.ask(call.keyed("k").in_sandbox()).await.ok();
    }
}

#[tokio::test]
async fn a_client_that_nobody_knows() {
    let fixture = Fixture::new().await;
    let call = fixture.token_call(&fixture.family);
    let (family, name) = (&fixture.family, "x-client-id");
    let (_, other_door, _) = credential(&fixture.engine, family.program, "other").await;
    for call in [
        call.clone().without(name),
        call.clone().with(name, ""),
        call.clone().with(name, "nobody"),
        call.clone().with(name, b"\xff"),
        call.clone().with(name, &family.api_key),
        call.clone().with(name, &other_door),
        call.clone().with(name, family.client_id.to_lowercase()),
        call.clone().also(name, &family.client_id),
    ] {
        fixture.ask(call).await.is_flat(400, "Invalid client id");
    }
}

#[tokio::test]
async fn a_key_that_is_wrong() {
    let fixture = Fixture::new().await;
    let call = fixture.token_call(&fixture.family);
    let (family, name) = (&fixture.family, "x-api-key");
    for call in [
        call.clone().without(name),
        call.clone().with(name, ""),
        call.clone().with(name, "x"),
        call.clone().with(name, b"\xff"),
        call.clone().with(name, &family.client_id),
        call.clone().with(name, &fixture.live.api_key),
        call.clone().with(name, &family.api_key[1..]),
        call.clone().with(name, format!("{}x", family.api_key)),
        call.clone().also(name, &family.api_key),
    ] {
        let answer = fixture.ask(call).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.text),
            (401, r#"{"error":"Invalid API key"}"#)
        );
    }
}

#[tokio::test]
async fn a_credential_that_is_disabled_or_over() {
    let fixture = Fixture::new().await;
    let over = Time::from_unix_us((NOW_S - 1) * 1_000_000);
    let (disabled, enabled) = (CredentialStatus::Disabled, CredentialStatus::Enabled);
    let none = UpdateCredential::default;
    for (change, back) in [
        (
            UpdateCredential { status: Some(disabled), ..none() },
            UpdateCredential { status: Some(enabled), ..none() },
        ),
        (
            UpdateCredential { expires_at: Some(Some(over)), ..none() },
            UpdateCredential { expires_at: Some(None), ..none() },
        ),
    ] {
        fixture.update_credential(change).await;
        let answer = fixture.ask(fixture.token_call(&fixture.family)).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.text),
            (401, r#"{"error":"Invalid API key"}"#)
        );
        fixture.update_credential(back).await;
        fixture.ask(fixture.token_call(&fixture.family)).await.ok();
    }
    let revoked = Some(CredentialStatus::Revoked);
    fixture.update_credential(UpdateCredential { status: revoked, ..none() }).await;
    assert_eq!(fixture.ask(fixture.token_call(&fixture.family)).await.status, 401);
}

#[tokio::test]
async fn an_address_that_is_not_allowed() {
    let fixture = Fixture::new().await;
    let allow = Some("192.0.2.0/28".parse::<AllowList>().unwrap());
    fixture.update_credential(UpdateCredential { allow, ..UpdateCredential::default() }).await;
    let call = fixture.token_call(&fixture.family);
    fixture.ask(call.clone()).await.ok();
    let away = call.from("198.51.100.1:9");
    fixture.ask(away.clone()).await.is_flat(403, "no permission");
    // Nobody is believed about an address that is no proxy.
    fixture.ask(away.with("x-forwarded-for", "192.0.2.7")).await.is_flat(403, "no permission");
}

#[tokio::test]
async fn a_trusted_proxy_says_who_calls_and_must() {
    let trust = |options: &mut crate::DoorOptions| {
        options.trusted_proxies = vec!["198.51.100.0/24".parse().unwrap()];
    };
    let fixture = Fixture::with(trust).await;
    let through = fixture.token_call(&fixture.family).from("198.51.100.1:9");
    fixture.ask(through.clone()).await.is_flat(403, "no permission");
    let told = through.clone().with("x-forwarded-for", "192.0.2.7");
    fixture.ask(told.clone()).await.ok();
    let allow = Some("192.0.2.7".parse::<AllowList>().unwrap());
    fixture.update_credential(UpdateCredential { allow, ..UpdateCredential::default() }).await;
    fixture.ask(told).await.ok();
    let other = through.with("x-forwarded-for", "192.0.2.7, 203.0.113.5");
    fixture.ask(other).await.is_flat(403, "no permission");
}

#[tokio::test]
async fn a_suspended_programme_and_one_without_a_master() {
    let fixture = Fixture::new().await;
    let status = Some(ProgramStatus::Suspended);
    fixture.update_program(UpdateProgram { status, ..UpdateProgram::default() }).await;
    fixture.ask(fixture.token_call(&fixture.family)).await.is_flat(403, "no permission");
    let command = engine::program::CreateProgram {
        name: "bare".to_owned(),
        environment: Environment::Sandbox,
        mode: domain::program::Mode::Credit,
        duplicate: domain::program::DuplicatePolicy::Replay,
        assets: vec![crate::tests::asset("SGD")],
    };
    let program = fixture.engine.create_program(command).await.unwrap();
    let (credential, client_id, api_key) = credential(&fixture.engine, program, crate::DOOR).await;
    let master = fixture.live.master.clone();
    let bare = Family { program, credential, client_id, api_key, master };
    fixture.ask(fixture.token_call(&bare)).await.is_flat(403, "no permission");
}

#[tokio::test]
async fn tokens_live_beside_each_other_until_their_ends() {
    let fixture = Fixture::with(|options| options.token_life = Duration::from_secs(600)).await;
    let first = fixture.token();
    fixture.clock.advance_s(300);
    let second = fixture.token_of(&fixture.family).await;
    assert_ne!(first, second);
    let ask = |token: &str| fixture.ask(Call::get(ACCOUNTS).bearing(token));
    ask(&first).await.ok();
    ask(&second).await.ok();
    fixture.clock.advance_s(299);
    ask(&first).await.ok();
    fixture.clock.advance_s(1);
    ask(&first).await.is_flat(403, "Authorization error");
    ask(&second).await.ok();
    fixture.clock.advance_s(300);
    ask(&second).await.is_flat(403, "Authorization error");
}

#[tokio::test]
async fn each_programme_has_its_own_master_in_its_tokens() {
    let fixture = Fixture::new().await;
    let other = founded(&fixture.engine, "other", Environment::Sandbox).await;
    for family in [&other, &fixture.live, &fixture.family, &other] {
        let token = fixture.token_of(family).await;
        let claims = part(token.split('.').nth(1).unwrap());
        assert_eq!(claims["entity_id"], family.master.id.to_string());
    }
}
