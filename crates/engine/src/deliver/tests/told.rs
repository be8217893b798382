//! What a format has no word for, the built-in inbox, and what is told for the first time later.

use super::script::{
    Behaviour, RATES_ALONE, Script, all_events, kinds, renderers, taken, till_all_arrived, touch,
};
use super::{HOUR, deliver, touch_later};
use crate::delivery::{Replayed, TimeRange};
use crate::endpoint::{CreateEndpoint, NewSecret, UpdateEndpoint};
use crate::program::CreateProgram;
use crate::scenario::{Programme, World, refused};
use domain::delivery::{Delivery, DeliveryStatus, Outcome};
use domain::endpoint::{Endpoint, EndpointRefusal, INBOX_URL, Kinds};
use domain::event::{Event, EventKind};
use domain::program::{DuplicatePolicy, Environment, Mode};

const URL: &str = "https://a.example/";

async fn replay(world: &World, endpoint: &Endpoint, range: TimeRange) -> Replayed {
    let renderers = renderers();
    let done = world.engine.replay_range(endpoint.program, endpoint.id, range, &renderers);
    done.await.unwrap()
}

#[tokio::test]
async fn what_a_format_has_no_word_for_gets_no_delivery() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let format = RATES_ALONE;
    let made = script.endpoint_of(&world, programme.id, URL, Kinds::All, format).await;
    programme.fund(programme.reserve(), 100).await;
    touch(&programme, 2).await;
    programme.fund(programme.reserve(), 100).await;
    deliver(&world, &script).whole().await;
    let rows = world.copied().await.all::<Delivery>();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.kind == EventKind::RateSet));
    let found = world.engine.find_endpoint(programme.id, made.id).await.unwrap().unwrap();
    assert!(found.cursor > rows[1].place.seq, "it stands past the others");
    world.verified().await;
}

#[tokio::test]
async fn the_inbox_takes_all_and_nothing_leaves() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let made = script.endpoint(&world, programme.id, INBOX_URL, Kinds::All).await;
    touch(&programme, 2).await;
    deliver(&world, &script).whole().await;
    assert_eq!(script.attempts(INBOX_URL), 0);
    let mut rows = world.copied().await.all::<Delivery>();
    rows.sort_unstable_by_key(|row| row.place);
    let mut bodies = Vec::new();
    for row in &rows {
        assert_eq!(row.state.status(), DeliveryStatus::Delivered);
        assert_eq!(row.last_outcome, Some(Outcome::Answered(200)));
        let message = world.engine.message(&renderers(), &made, row).await.unwrap().unwrap();
        bodies.push(String::from_utf8(message.body).unwrap());
    }
    let told: Vec<Event> = rows.iter().map(Delivery::event).collect();
    assert_eq!((bodies.len(), bodies), (2, taken(&told)));
    // From here on to somebody.
    let elsewhere = UpdateEndpoint { url: Some(URL.to_owned()), ..<_>::default() };
    world.engine.update_endpoint(programme.id, made.id, elsewhere).await.unwrap();
    touch(&programme, 1).await;
    deliver(&world, &script).whole().await;
    assert_eq!(script.arrived(URL).len(), 1);
    world.verified().await;
}

#[tokio::test]
async fn only_a_sandbox_has_an_inbox() {
    let world = World::new().await;
    let script = Script::new();
    let command = CreateProgram {
        name: "live".to_owned(),
        environment: Environment::Live,
        mode: Mode::Credit,
        duplicate: DuplicatePolicy::Replay,
        assets: Vec::new(),
    };
    let live = world.engine.create_program(command).await.unwrap();
    let made = script.endpoint(&world, live, URL, Kinds::All).await;
    let inbox = UpdateEndpoint { url: Some(INBOX_URL.to_owned()), ..<_>::default() };
    let moved = world.engine.update_endpoint(live, made.id, inbox).await;
    assert_eq!(refused(moved), EndpointRefusal::InboxOutsideSandbox.into());
    let command = CreateEndpoint {
        url: INBOX_URL.to_owned(),
        renderer: made.renderer,
        kinds: Kinds::All,
        secret: NewSecret::Generated,
    };
    let other = world.engine.create_endpoint(live, command).await;
    assert_eq!(refused(other), EndpointRefusal::InboxOutsideSandbox.into());
}

#[tokio::test]
async fn a_range_is_told_from_before_the_endpoint_and_of_what_it_takes_now() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let begun = touch_later(&world, &programme).await;
    touch(&programme, 2).await;
    let later = touch_later(&world, &programme).await;
    programme.fund(programme.reserve(), 100).await;
    let rates = kinds(&[EventKind::RateSet]);
    let made = script.endpoint(&world, programme.id, URL, rates).await;
    touch(&programme, 1).await;
    let mut deliver = deliver(&world, &script);
    deliver.whole().await;
    assert_eq!(script.arrived(URL).len(), 1);
    let range = |from, until| TimeRange { from, until };
    let done = replay(&world, &made, range(Some(begun), Some(later))).await;
    assert_eq!(done, Replayed { count: 3, next: None });
    // Asked twice, it is due all the same, and no second row of any.
    replay(&world, &made, range(Some(begun), Some(later))).await;
    deliver.whole().await;
    assert_eq!(script.arrived(URL).len(), 1 + 3);
    // The funding counts once it is taken, and what has a row counts always.
    assert_eq!(replay(&world, &made, range(Some(later), None)).await.count, 2);
    let all = UpdateEndpoint { kinds: Some(Kinds::All), ..<_>::default() };
    world.engine.update_endpoint(programme.id, made.id, all).await.unwrap();
    assert_eq!(replay(&world, &made, range(Some(later), None)).await.count, 3);
    till_all_arrived(&world, &mut [&mut deliver], programme.id, made.id).await;
    let expected: Vec<Event> = all_events(&world, programme.id)
        .await
        .into_iter()
        .filter(|event| event.at >= begun && !event.kind.is_bookkeeping())
        .collect();
    let mut arrived = script.arrived(URL);
    arrived.sort_unstable();
    arrived.dedup();
    let mut expected: Vec<_> = expected.iter().map(|event| event.id).collect();
    expected.sort_unstable();
    assert_eq!(arrived, expected);
    // What lies in the future of the cursor is left to the worker.
    touch(&programme, 1).await;
    let now = touch_later(&world, &programme).await;
    assert_eq!(replay(&world, &made, range(Some(now), None)).await.count, 0);
    world.verified().await;
}

/// Another server moves on, fails and is asked for old events at the same time.
#[tokio::test]
async fn what_is_told_late_keeps_the_order_of_its_subject() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let begun = touch_later(&world, &programme).await;
    touch(&programme, 2).await;
    let made = script.endpoint(&world, programme.id, URL, Kinds::All).await;
    script.will(URL, Behaviour::Answer(500));
    touch(&programme, 2).await;
    let mut deliver = deliver(&world, &script);
    deliver.whole().await;
    replay(&world, &made, TimeRange { from: Some(begun), until: None }).await;
    script.will(URL, Behaviour::Answer(200));
    world.clock.forward(HOUR);
    till_all_arrived(&world, &mut [&mut deliver], programme.id, made.id).await;
    let events = all_events(&world, programme.id).await;
    let place = |id| events.iter().find(|event| event.id == id).unwrap().place;
    let places: Vec<_> = script.arrived(URL).into_iter().map(place).collect();
    assert_eq!(places.len(), 5);
    assert!(places.is_sorted(), "{places:?}");
    world.verified().await;
}

#[tokio::test]
async fn a_long_range_is_told_in_several_calls() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let begun = touch_later(&world, &programme).await;
    touch_slowly(&world, &programme, 1_500).await;
    let made = script.endpoint(&world, programme.id, URL, Kinds::All).await;
    let mut range = TimeRange { from: Some(begun), until: None };
    let (mut count, mut calls) = (0, 0);
    loop {
        let done = replay(&world, &made, range).await;
        (count, calls) = (count + done.count, calls + 1);
        let Some(next) = done.next else { break };
        range.from = Some(next);
    }
    assert_eq!((count, calls), (1_501, 2));
    world.verified().await;
}

async fn touch_slowly(world: &World, programme: &Programme, times: u32) {
    for _ in 0..times {
        touch_later(world, programme).await;
    }
}
