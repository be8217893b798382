use super::*;
use crate::scenario::{World, refused};
use domain::endpoint::{ENDPOINTS_MAX, EndpointRefusal, EndpointStatus, Kinds};
use domain::event::{Event, EventKind};
use domain::program::ProgramRefusal;

fn command(url: &str) -> CreateEndpoint {
    let (url, renderer) = (url.to_owned(), "operator".to_owned());
    CreateEndpoint { url, renderer, kinds: Kinds::All, secret: NewSecret::Generated }
}

const URL: &str = "https://example.com/hook";

#[tokio::test]
async fn a_secret_is_sealed_shown_once_and_replaced() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let engine = &world.engine;
    let made = engine.create_endpoint(programme.id, command(URL)).await.unwrap();
    let secret = made.secret.expose().clone();
    assert_eq!(secret.len(), 32);
    assert!(!made.endpoint.sealed_secret.windows(8).any(|part| secret.starts_with(part)));
    let opened = engine.endpoint_secret(&made.endpoint).await.unwrap();
    assert_eq!(*opened.expose(), secret);
    let rotate = UpdateEndpoint { secret: Some(NewSecret::Generated), ..<_>::default() };
    let rotated = engine.update_endpoint(programme.id, made.endpoint.id, rotate).await.unwrap();
    let next = rotated.secret.unwrap();
    assert_ne!(*next.expose(), secret);
    assert_eq!(rotated.endpoint.version, 2);
    let opened = engine.endpoint_secret(&rotated.endpoint).await.unwrap();
    assert_eq!(opened.expose(), next.expose());
    // Or it is what the receiver has already.
    let given = NewSecret::Given(Secret::new(b"its own".to_vec()));
    let given = UpdateEndpoint { secret: Some(given), ..<_>::default() };
    let rotated = engine.update_endpoint(programme.id, made.endpoint.id, given).await.unwrap();
    let opened = engine.endpoint_secret(&rotated.endpoint).await.unwrap();
    assert_eq!(opened.expose(), b"its own");
    // It opens in its own place alone.
    let moved = Endpoint { id: EndpointId::from_bytes([9; 16]), ..rotated.endpoint };
    assert!(engine.endpoint_secret(&moved).await.is_err());
    world.verified().await;
}

#[tokio::test]
async fn changes_are_events_and_no_change_is_none() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let engine = &world.engine;
    let made = engine.create_endpoint(programme.id, command(URL)).await.unwrap().endpoint;
    assert_eq!(made.cursor, programme.seq().await, "what was before is not told");
    let only = Kinds::only([EventKind::HoldExpired].into_iter().collect()).unwrap();
    let update = UpdateEndpoint {
        url: Some("http://example.org/".to_owned()),
        kinds: Some(only.clone()),
        status: Some(EndpointStatus::Disabled),
        secret: None,
    };
    for _ in 0..2 {
        let updated = engine.update_endpoint(programme.id, made.id, update.clone()).await.unwrap();
        assert!(updated.secret.is_none());
        let row = updated.endpoint;
        assert_eq!((row.url.as_str(), &row.kinds), ("http://example.org/", &only));
        assert_eq!((row.status, row.version), (EndpointStatus::Disabled, 2));
    }
    let found = engine.find_endpoint(programme.id, made.id).await.unwrap();
    assert_eq!(engine.endpoints(programme.id).await.unwrap(), [found.unwrap()]);
    let copied = world.copied().await;
    let told = |kind| copied.all::<Event>().iter().filter(|row| row.kind == kind).count();
    assert_eq!((told(EventKind::EndpointCreated), told(EventKind::EndpointUpdated)), (1, 1));
    world.verified().await;
}

#[tokio::test]
async fn what_is_no_endpoint_is_refused() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let engine = &world.engine;
    let bad = refused(engine.create_endpoint(programme.id, command("example.com")).await);
    assert_eq!(bad, EndpointRefusal::BadUrl.into());
    let made = engine.create_endpoint(programme.id, command(URL)).await.unwrap().endpoint;
    let update = |url: &str| UpdateEndpoint { url: Some(url.to_owned()), ..<_>::default() };
    let bad = engine.update_endpoint(programme.id, made.id, update("ftp://a")).await;
    assert_eq!(refused(bad), EndpointRefusal::BadUrl.into());
    let nobody = EndpointId::from_bytes([9; 16]);
    let missing = engine.update_endpoint(programme.id, nobody, update(URL)).await;
    assert_eq!(refused(missing), EndpointRefusal::Missing.into());
    // Another programme's is none of this one's.
    let other = world.programme("two").await;
    let missing = engine.update_endpoint(other.id, made.id, update("http://x/")).await;
    assert_eq!(refused(missing), EndpointRefusal::Missing.into());
    for _ in 1..ENDPOINTS_MAX {
        engine.create_endpoint(programme.id, command(URL)).await.unwrap();
    }
    let many = refused(engine.create_endpoint(programme.id, command(URL)).await);
    assert_eq!(many, EndpointRefusal::TooMany.into());
    let nowhere = engine.create_endpoint(ProgramId::from_bytes([9; 16]), command(URL)).await;
    assert!(matches!(nowhere, Err(Error::NotFound)));
    let verb = engine.update_endpoint(ProgramId::from_bytes([9; 16]), nobody, update(URL)).await;
    assert_eq!(refused(verb), ProgramRefusal::Missing.into());
    world.verified().await;
}
