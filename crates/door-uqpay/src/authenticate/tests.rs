use crate::tests::{
    ACCOUNTS, Answer, BALANCES, BANKING, Call, DEPOSIT, Family, Fixture, TRANSFERS, credential,
    founded,
};
use data_encoding::BASE64URL_NOPAD;
use domain::address::AllowList;
use domain::credential::CredentialStatus;
use domain::program::{Environment, ProgramStatus};
use domain::sub_account::{SubAccountKind, SubAccountStatus};
use engine::Presented;
use engine::credential::UpdateCredential;
use engine::program::UpdateProgram;
use serde_json::json;

fn form(answer: &Answer) {
    answer.is(401, "unauthorized_error", "unauthorized_error");
    assert_eq!(answer.message(), "invalid auth token format");
}

/// What clients take for a reason to get a new token.
fn expired(answer: &Answer) {
    answer.is(401, "unauthorized_error", "unauthorized_error");
    assert!(answer.message().contains("Token expired"), "{}", answer.text);
}

fn account(answer: &Answer) {
    answer.is_flat(403, "Authorization error");
}

fn banking_form(answer: &Answer) {
    answer.is_flat(401, "invalid auth token format");
}

fn banking_expired(answer: &Answer) {
    assert_eq!(answer.json["code"], 401, "{}", answer.text);
    assert!(answer.message().contains("Token expired"), "{}", answer.text);
}

/// One read of each shape, and one call that writes.
async fn with_token(fixture: &Fixture, token: &str) -> [Answer; 4] {
    let transfer = Call::post(TRANSFERS, fixture.transfer().to_string()).keyed(&fixture.key());
    [
        fixture.ask(Call::get(BALANCES).bearing(token)).await,
        fixture.ask(transfer.bearing(token)).await,
        fixture.ask(Call::get(ACCOUNTS).bearing(token)).await,
        fixture.ask(Call::get(BANKING).bearing(token)).await,
    ]
}

async fn stale(fixture: &Fixture, token: &str) {
    let [read, write, accounts, banking] = with_token(fixture, token).await;
    expired(&read);
    expired(&write);
    account(&accounts);
    banking_expired(&banking);
}

#[tokio::test]
async fn a_token_that_has_not_its_form() {
    let fixture = Fixture::new().await;
    let before = fixture.sums().await;
    let (token, name) = (fixture.token(), "x-auth-token");
    let parts: Vec<_> = token.split('.').collect();
    let claims = BASE64URL_NOPAD.encode(br#"{"entity_id":"x"}"#);
    let values = [
        String::new(),
        token.clone(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("bearer {token}"),
        format!("Bearer{token}"),
        format!("Basic {token}"),
        "Bearer x".to_owned(),
        "Bearer ..".to_owned(),
        "Bearer a.b.c".to_owned(),
        format!("Bearer {}.{}", parts[0], parts[1]),
        format!("Bearer {token}.x"),
        format!("Bearer {}.{claims}.{}", parts[0], parts[2]),
        format!("Bearer {token}{}", "x".repeat(2_048)),
    ];
    let checks = [(BALANCES, form as fn(&Answer)), (ACCOUNTS, account), (BANKING, banking_form)];
    for (path, check) in checks {
        let call = Call::get(path);
        check(&fixture.ask(call.clone()).await);
        for value in &values {
            check(&fixture.ask(call.clone().with(name, value)).await);
        }
        check(&fixture.ask(call.clone().with("authorization", format!("Bearer {token}"))).await);
        check(&fixture.ask(call.clone().with(name, b"Bearer \xff")).await);
        let twice = call.bearing(&token).also(name, format!("Bearer {token}"));
        check(&fixture.ask(twice).await);
    }
    assert_eq!(fixture.sums().await, before);
}

#[tokio::test]
async fn a_token_that_was_changed() {
    let fixture = Fixture::new().await;
    let token = fixture.token();
    let parts: Vec<_> = token.split('.').collect();
    let (head, claims, proof) = (parts[0], parts[1], parts[2]);
    for at in [0, 20, 50, 107] {
        let mut proof = proof.as_bytes().to_vec();
        proof[at] = if proof[at] == b'A' { b'B' } else { b'A' };
        let proof = String::from_utf8(proof).unwrap();
        stale(&fixture, &format!("{head}.{claims}.{proof}")).await;
    }
    for proof in ["", &proof[1..], &format!("{proof}A")] {
        stale(&fixture, &format!("{head}.{claims}.{proof}")).await;
    }
    // What is only for clients to read is not what is believed.
    let own = json!({ "client_id": fixture.family.client_id, "entity_id": "x" }).to_string();
    let own = BASE64URL_NOPAD.encode(own.as_bytes());
    fixture.ask(Call::get(BALANCES).bearing(&format!("x.{own}.{proof}"))).await.ok();
}

#[tokio::test]
async fn a_token_that_is_over() {
    let fixture = Fixture::new().await;
    let token = fixture.token();
    fixture.clock.advance_s(1_799);
    for answer in with_token(&fixture, &token).await {
        answer.ok();
    }
    fixture.clock.advance_s(1);
    let before = fixture.sums().await;
    stale(&fixture, &token).await;
    assert_eq!(fixture.sums().await, before);
}

#[tokio::test]
async fn a_credential_that_changed_its_status_ends_its_tokens() {
    let fixture = Fixture::new().await;
    let token = fixture.token();
    for status in [CredentialStatus::Disabled, CredentialStatus::Enabled] {
        let status = Some(status);
        fixture.update_credential(UpdateCredential { status, ..Default::default() }).await;
        stale(&fixture, &token).await;
    }
    let token = fixture.token_of(&fixture.family).await;
    fixture.ask(Call::get(BALANCES).bearing(&token)).await.ok();
    let status = Some(CredentialStatus::Revoked);
    fixture.update_credential(UpdateCredential { status, ..Default::default() }).await;
    stale(&fixture, &token).await;
}

#[tokio::test]
async fn an_address_that_is_not_allowed() {
    let fixture = Fixture::new().await;
    let allow = Some("192.0.2.7".parse::<AllowList>().unwrap());
    fixture.update_credential(UpdateCredential { allow, ..Default::default() }).await;
    let call = |path| Call::get(path).bearing(&fixture.token());
    fixture.ask(call(BALANCES)).await.ok();
    expired(&fixture.ask(call(BALANCES).from("192.0.2.8:1")).await);
    account(&fixture.ask(call(ACCOUNTS).from("192.0.2.8:1")).await);
}

#[tokio::test]
async fn a_suspended_programme() {
    let fixture = Fixture::new().await;
    let before = fixture.sums().await;
    let status = Some(ProgramStatus::Suspended);
    fixture.update_program(UpdateProgram { status, ..UpdateProgram::default() }).await;
    let [read, write, accounts, banking] = with_token(&fixture, &fixture.token()).await;
    for answer in [read, write] {
        answer.is(403, "unauthorized_error", "forbidden");
    }
    for answer in [accounts, banking] {
        answer.is_flat(403, "no permission");
    }
    assert_eq!(fixture.sums().await, before);
    let status = Some(ProgramStatus::Active);
    fixture.update_program(UpdateProgram { status, ..UpdateProgram::default() }).await;
    fixture.get(BALANCES).await.ok();
}

/// The token can be put together anew: whose it is stands in one part, what proves it in another.
fn spliced(claims: &str, proof: &str) -> String {
    let claims: Vec<_> = claims.split('.').collect();
    format!("{}.{}.{}", claims[0], claims[1], proof.rsplit('.').next().unwrap())
}

#[tokio::test]
async fn a_token_of_another_programme_or_client() {
    let fixture = Fixture::new().await;
    let other = founded(&fixture.engine, "other", Environment::Sandbox).await;
    let (own, theirs) = (fixture.token(), fixture.token_of(&other).await);
    stale(&fixture, &spliced(&own, &theirs)).await;
    stale(&fixture, &spliced(&theirs, &own)).await;
    let made = credential(&fixture.engine, fixture.family.program, crate::DOOR).await;
    let (credential, client_id, api_key) = made;
    let second = Family { credential, client_id, api_key, ..fixture.family.clone() };
    let second = fixture.token_of(&second).await;
    stale(&fixture, &spliced(&own, &second)).await;
    // A good token of theirs shows theirs.
    let answer = fixture.ask(Call::get(ACCOUNTS).bearing(&theirs)).await;
    assert_eq!(answer.rows().len(), 1);
    let [_, write, ..] = with_token(&fixture, &theirs).await;
    write.is_account("account_not_found");
}

#[tokio::test]
async fn a_token_of_another_door() {
    let fixture = Fixture::new().await;
    let (_, api_key, _) = credential(&fixture.engine, fixture.family.program, "other").await;
    let address = "192.0.2.7".parse().unwrap();
    let presented = Presented { door: "other", api_key: &api_key, address };
    let (proof, _) = fixture.engine.issue_token(&presented).await.unwrap();
    let claims = BASE64URL_NOPAD.encode(json!({ "client_id": api_key }).to_string().as_bytes());
    form(&fixture.ask(Call::get(BALANCES).bearing(proof.expose())).await);
    stale(&fixture, &format!("x.{claims}.{}", proof.expose())).await;
    stale(&fixture, &spliced(&fixture.token(), proof.expose())).await;
}

#[tokio::test]
async fn who_acts() {
    let fixture = Fixture::new().await;
    let (master, acme) = (&fixture.family.master, &fixture.acme);
    let sgd = |answer: &Answer| answer.rows()[0]["available_balance"].clone();
    let call = Call::get(BALANCES).bearing(&fixture.token());
    for (header, expected) in [
        (String::new(), "10000.00"),
        (master.id.to_string(), "10000.00"),
        (acme.id.to_string(), "1000.00"),
        (acme.id.to_string().to_uppercase(), "1000.00"),
        (fixture.beta.id.to_string(), "0.00"),
    ] {
        let answer = fixture.ask(call.clone().behalf(&header)).await;
        assert_eq!(sgd(&answer), expected, "{header}");
    }
    assert_eq!(sgd(&fixture.ask(call).await), "10000.00");
}

#[tokio::test]
async fn who_can_not_be_acted_for() {
    let fixture = Fixture::new().await;
    let before = fixture.sums().await;
    let acme = fixture.acme.id.to_string();
    let text = "sub account not found or not active";
    for who in [
        fixture.bank.id.to_string(),
        fixture.live.master.id.to_string(),
        "11111111-2222-4333-8444-555555555555".to_owned(),
        fixture.acme.number.clone(),
        acme[1..].to_owned(),
        format!("{acme},{acme}"),
        "null".to_owned(),
    ] {
        fixture.ask(fixture.good(Call::get(ACCOUNTS)).behalf(&who)).await.is_flat(400, text);
        let answer = fixture.ask(fixture.good(Call::get(BALANCES)).behalf(&who)).await;
        answer.is_account("sub_account_not_found");
        for path in [TRANSFERS, DEPOSIT, BALANCES] {
            let call = fixture.good(Call::post(path, fixture.transfer().to_string()));
            fixture.ask(call.behalf(&who)).await.is_account("sub_account_not_found");
        }
    }
    let call = fixture.good(Call::get(BALANCES)).behalf(&acme);
    let twice = call.clone().also("x-on-behalf-of", &acme);
    fixture.ask(twice).await.is_account("sub_account_not_found");
    let broken = call.clone().with("x-on-behalf-of", b"\xff");
    fixture.ask(broken).await.is_account("sub_account_not_found");
    for status in
        [SubAccountStatus::Processing, SubAccountStatus::Inactive, SubAccountStatus::Closed]
    {
        fixture.set_status(&fixture.acme, status).await;
        fixture.ask(call.clone()).await.is_account("sub_account_not_found");
    }
    assert_eq!(fixture.sums().await, before);
}

/// The token is looked at first: nobody learns of members without one.
#[tokio::test]
async fn the_first_fault_answers() {
    let fixture = Fixture::new().await;
    let call = Call::post(TRANSFERS, "{").behalf("x");
    form(&fixture.ask(call.clone()).await);
    let call = call.bearing(&fixture.token());
    fixture.ask(call.clone()).await.is_account("sub_account_not_found");
    let call = call.without("x-on-behalf-of");
    let answer = fixture.ask(call.clone()).await;
    assert!(answer.message().starts_with("x-idempotency-key"), "{}", answer.text);
    fixture.ask(call.keyed("k")).await.is_bad("body");
}

#[tokio::test]
async fn a_master_among_many_members_is_found() {
    let fixture = Fixture::new().await;
    let program = fixture.live.program;
    for at in 0..300 {
        let name = format!("Member {at}");
        let kind = SubAccountKind::Issuing;
        crate::tests::member(&fixture.engine, program, kind, &name).await;
    }
    fixture.renew(fixture.token_of(&fixture.live).await);
    let answer = fixture.get(BALANCES).await;
    assert_eq!(answer.rows()[0]["available_balance"], "100.00");
    let members = fixture.get(&format!("{ACCOUNTS}?page_size=100")).await;
    assert_eq!(members.ok()["total_items"], 301);
}
