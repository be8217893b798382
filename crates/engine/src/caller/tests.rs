use super::{Presented, TOKEN_LIFE};
use crate::admitted::By;
use crate::credential::{CreateCredential, UpdateCredential};
use crate::error::Error;
use crate::program::UpdateProgram;
use crate::scenario::{
    ADDRESS, DOOR, Programme, TestClock, World, code, done, master, refused, seeded, tusdt,
};
use crate::start::{Engine, EngineOptions};
use crate::transfer::Direction;
use domain::account::AccountKind::Fees;
use domain::address::AllowList;
use domain::credential::{CredentialRefusal, CredentialStatus};
use domain::program::{Mode, ProgramStatus};
use domain::time::Time;
use std::sync::Arc;
use std::time::Duration;
use store::Store;

fn status(status: CredentialStatus) -> UpdateCredential {
    UpdateCredential { status: Some(status), ..UpdateCredential::default() }
}

fn allow(list: &str) -> UpdateCredential {
    UpdateCredential { allow: Some(list.parse().unwrap()), ..UpdateCredential::default() }
}

async fn update(programme: &Programme, command: UpdateCredential) {
    let (id, credential) = (programme.id, programme.credential.id);
    programme.engine.update_credential(id, credential, command).await.unwrap();
}

async fn token(programme: &Programme) -> String {
    let issued = programme.engine.issue_token(&programme.presented()).await.unwrap();
    issued.0.expose().clone()
}

/// Identifies and checks, as a door does.
async fn enter(programme: &Programme, token: &str, mode: Option<Mode>) -> Result<(), Error> {
    let (engine, presented) = (&programme.engine, programme.presented());
    let identified = engine.identify(&presented).await?;
    let caller = engine.check_token(&presented, &identified, token, mode).await?;
    engine.admit(&caller).await
}

/// A server beside the world's: it shares the store and nothing else.
async fn beside(world: &World) -> Arc<Engine> {
    let store: Arc<dyn Store> = Arc::new(world.gate.clone());
    let clock: Arc<TestClock> = Arc::clone(&world.clock);
    let options = EngineOptions::default();
    Engine::start_here(store, clock, seeded(99), master('0'), options).await.unwrap()
}

#[tokio::test]
async fn who_is_not_served_is_told_the_first_reason() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let (engine, id) = (&world.engine, programme.id);
    // Everything is wrong; then one after the other is put right.
    let past = Time::from_unix_us(1);
    update(&programme, allow("198.51.100.0/24")).await;
    let expired =
        UpdateCredential { expires_at: Some(Some(past)), ..status(CredentialStatus::Disabled) };
    update(&programme, expired).await;
    let suspend = |status| UpdateProgram { status: Some(status), ..UpdateProgram::default() };
    engine.update_program(id, suspend(ProgramStatus::Suspended)).await.unwrap();
    let presented = programme.presented();
    for (door, api_key) in
        [(DOOR, "nobody's"), ("elsewhere", programme.api_key.as_str()), (DOOR, "")]
    {
        let answer = engine.identify(&Presented { door, api_key, address: ADDRESS }).await;
        assert_eq!(code(answer), "denied: credential_missing");
    }
    assert_eq!(code(engine.identify(&presented).await), "denied: credential_disabled");
    update(&programme, status(CredentialStatus::Enabled)).await;
    assert_eq!(code(engine.identify(&presented).await), "denied: credential_expired");
    let for_ever = UpdateCredential { expires_at: Some(None), ..UpdateCredential::default() };
    update(&programme, for_ever).await;
    assert_eq!(code(engine.identify(&presented).await), "denied: program_suspended");
    assert_eq!(code(engine.issue_token(&presented).await), "denied: program_suspended");
    engine.update_program(id, suspend(ProgramStatus::Active)).await.unwrap();
    assert_eq!(code(engine.identify(&presented).await), "denied: address_not_allowed");
    update(&programme, allow("203.0.113.0/24")).await;
    let identified = engine.identify(&presented).await.unwrap();
    assert_eq!((identified.program, identified.mode), (id, Mode::Credit));
    assert_eq!(engine.knows_key(DOOR, &programme.api_key).await.unwrap(), Some(id));
    assert_eq!(engine.knows_key("elsewhere", &programme.api_key).await.unwrap(), None);
}

#[tokio::test]
async fn a_credential_ends_at_its_end() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let end = crate::Clock::now(world.clock.as_ref()).plus(Duration::from_secs(60));
    let ends = UpdateCredential { expires_at: Some(Some(end)), ..UpdateCredential::default() };
    update(&programme, ends).await;
    let presented = programme.presented();
    world.clock.set(Time::from_unix_us(end.unix_us() - 1));
    world.engine.identify(&presented).await.unwrap();
    world.clock.set(end);
    assert_eq!(code(world.engine.identify(&presented).await), "denied: credential_expired");
}

#[tokio::test]
async fn a_token_is_its_credentials_until_it_changes_status_or_a_day_is_over() {
    let world = World::new().await;
    let (programme, other) = (world.programme("one").await, world.programme("two").await);
    let stale = "denied: token_stale";
    let first = token(&programme).await;
    enter(&programme, &first, None).await.unwrap();
    for bad in ["", "x", &first[1..], &first.replace('A', "B"), &token(&other).await] {
        assert_eq!(code(enter(&programme, bad, None).await), stale, "{bad}");
    }
    // An edit of the allow-list ends no token.
    update(&programme, allow("203.0.113.7")).await;
    enter(&programme, &first, None).await.unwrap();
    update(&programme, status(CredentialStatus::Disabled)).await;
    assert_eq!(code(enter(&programme, &first, None).await), "denied: credential_disabled");
    update(&programme, status(CredentialStatus::Enabled)).await;
    assert_eq!(code(enter(&programme, &first, None).await), stale);
    let second = token(&programme).await;
    world.clock.forward(TOKEN_LIFE - Duration::from_micros(1));
    enter(&programme, &second, None).await.unwrap();
    world.clock.forward(Duration::from_micros(1));
    assert_eq!(code(enter(&programme, &second, None).await), stale);
}

#[tokio::test]
async fn a_call_belongs_to_its_mode() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let token = token(&programme).await;
    let other = "denied: mode_not_supported";
    enter(&programme, &token, Some(Mode::Credit)).await.unwrap();
    assert_eq!(code(enter(&programme, &token, Some(Mode::Authorization)).await), other);
    // A bad token is told before a bad mode.
    let both = enter(&programme, "x", Some(Mode::Authorization)).await;
    assert_eq!(code(both), "denied: token_stale");
    // Set elsewhere, so that the row kept here is the old one.
    let elsewhere = beside(&world).await;
    let set = UpdateProgram { mode: Some(Mode::Authorization), ..UpdateProgram::default() };
    elsewhere.update_program(programme.id, set).await.unwrap();
    enter(&programme, &token, Some(Mode::Authorization)).await.unwrap();
    assert_eq!(code(enter(&programme, &token, Some(Mode::Credit)).await), other);
}

#[tokio::test]
async fn a_revocation_holds_at_once_and_for_ever() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 100).await;
    let token = token(&programme).await;
    enter(&programme, &token, None).await.unwrap();
    done(programme.load(Direction::In, "U1", tusdt(1), "a").await);
    update(&programme, status(CredentialStatus::Revoked)).await;
    let denied = "denied: credential_disabled";
    assert_eq!(code(enter(&programme, &token, None).await), denied);
    assert_eq!(code(programme.load(Direction::In, "U1", tusdt(1), "b").await), denied);
    for status_ in [CredentialStatus::Enabled, CredentialStatus::Disabled] {
        let (id, credential) = (programme.id, programme.credential.id);
        let back = world.engine.update_credential(id, credential, status(status_)).await;
        assert_eq!(refused(back), CredentialRefusal::Revoked.into());
    }
    world.verified().await;
}

#[tokio::test]
async fn a_revocation_on_another_server_holds_though_rows_are_kept_here() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 100).await;
    let token = token(&programme).await;
    enter(&programme, &token, None).await.unwrap();
    let elsewhere = beside(&world).await;
    let (id, credential) = (programme.id, programme.credential.id);
    elsewhere.update_credential(id, credential, status(CredentialStatus::Revoked)).await.unwrap();
    let denied = "denied: credential_disabled";
    assert_eq!(code(enter(&programme, &token, None).await), denied);
    assert_eq!(code(programme.load(Direction::In, "U1", tusdt(1), "b").await), denied);
    assert_eq!(code(world.engine.issue_token(&programme.presented()).await), denied);
    world.verified().await;
}

#[tokio::test]
async fn a_kept_row_never_denies_by_itself() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    update(&programme, allow("198.51.100.1")).await;
    let presented = programme.presented();
    assert_eq!(code(world.engine.identify(&presented).await), "denied: address_not_allowed");
    let elsewhere = beside(&world).await;
    let (id, credential) = (programme.id, programme.credential.id);
    elsewhere.update_credential(id, credential, allow("*")).await.unwrap();
    world.engine.identify(&presented).await.unwrap();
}

#[tokio::test]
async fn an_unknown_outcome_makes_the_kept_rows_be_read_again() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    world.engine.identify(&programme.presented()).await.unwrap();
    world.faults.next(store::model::Fault::UnknownWritten);
    let (id, credential) = (programme.id, programme.credential.id);
    let revoked = status(CredentialStatus::Revoked);
    let answer = world.engine.update_credential(id, credential, revoked).await;
    assert!(matches!(answer, Err(Error::Unknown)));
    let denied = "denied: credential_disabled";
    assert_eq!(code(world.engine.identify(&programme.presented()).await), denied);
}

#[tokio::test]
async fn credentials_are_made_with_bounds_and_their_secret_opens() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let engine = &world.engine;
    let good = CreateCredential {
        door: DOOR.to_owned(),
        form: crate::credential::CredentialForm::KeyAndSecret,
        label: "x".repeat(64),
        allow: AllowList::Any,
        expires_at: None,
    };
    let made = engine.create_credential(programme.id, good.clone()).await.unwrap();
    let opened = engine.api_secret(&made.credential).await.unwrap();
    assert_eq!(
        opened.expose().as_slice(),
        made.api_secret.expect("it has one").expose().as_bytes()
    );
    let ranges = |count| AllowList::Only(vec!["203.0.113.7".parse().unwrap(); count]);
    let table = [
        (CreateCredential { label: "x".repeat(65), ..good.clone() }, CredentialRefusal::BadLabel),
        (CreateCredential { label: "a\0".to_owned(), ..good.clone() }, CredentialRefusal::BadLabel),
        (CreateCredential { allow: ranges(65), ..good.clone() }, CredentialRefusal::TooManyRanges),
    ];
    for (command, refusal) in table {
        let answer = engine.create_credential(programme.id, command).await;
        assert_eq!(refused(answer), refusal.into());
    }
    engine
        .create_credential(programme.id, CreateCredential { allow: ranges(64), ..good })
        .await
        .unwrap();
    // One programme's credential can't be changed from another.
    let other = world.programme("two").await;
    let foreign = engine.update_credential(other.id, made.credential.id, allow("*")).await;
    assert_eq!(refused(foreign), CredentialRefusal::Missing.into());
    let listed = engine.credentials(programme.id, None, 10).await.unwrap();
    assert_eq!(listed.len(), 3);
    world.verified().await;
}

#[tokio::test]
async fn an_operator_is_served_where_a_caller_is_not() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let suspend =
        UpdateProgram { status: Some(ProgramStatus::Suspended), ..UpdateProgram::default() };
    world.engine.update_program(programme.id, suspend).await.unwrap();
    let key = programme.own(Fees, "SGD");
    let denied = world.engine.open_account(programme.id, programme.by(), key, Some(0)).await;
    assert_eq!(code(denied), "denied: program_suspended");
    world.engine.open_account(programme.id, By::Operator, key, Some(0)).await.unwrap();
    world.verified().await;
}
