//! One server's deliveries, then several: what is told to whom, in which order, and what goes
//! wrong on the way.

mod order;
pub(crate) mod script;
mod several;
mod told;
mod trouble;

use super::{Deliver, DeliverOptions};
use crate::delivery::TimeRange;
use crate::endpoint::UpdateEndpoint;
use crate::scenario::World;
use domain::delivery::{Delivery, DeliveryStatus, Outcome, RETRIES};
use domain::endpoint::{EndpointStatus, Kinds};
use domain::event::{Event, EventKind};
use domain::time::Time;
use script::{Behaviour, Script, all_events, kinds, renderers, taken, till_all_arrived, touch};
use std::sync::Arc;
use std::time::Duration;
use store::DeliveryFilter;
use tokio::sync::oneshot;
use tokio::time::timeout;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
/// Longer than any test takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn deliver(world: &World, script: &Arc<Script>) -> Deliver {
    script.deliver(world, DeliverOptions::default())
}

impl Deliver {
    /// A pass, and all that it began.
    pub(crate) async fn whole(&mut self) {
        self.pass().await.unwrap();
        self.settle().await;
    }
}

#[tokio::test]
async fn what_happens_is_told_once_and_then_nothing_is_written() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let before = all_events(&world, programme.id).await.len();
    let endpoint = script.endpoint(&world, programme.id, "https://a.example/", Kinds::All).await;
    touch(&programme, 3).await;
    let mut deliver = deliver(&world, &script);
    deliver.whole().await;
    // From the endpoint on, in order, and not the endpoint itself.
    let events = all_events(&world, programme.id).await;
    let told: Vec<Event> =
        events.into_iter().skip(before).filter(|event| !event.kind.is_bookkeeping()).collect();
    assert_eq!(told.len(), 3);
    assert_eq!(script.sent("https://a.example/"), taken(&told));
    let seq = programme.seq().await;
    world.gate.forget_batches();
    for _ in 0..50 {
        world.clock.forward(HOUR);
        deliver.whole().await;
    }
    // Another server does not find anything either.
    script.deliver(&world, DeliverOptions::default()).whole().await;
    assert_eq!(programme.seq().await, seq);
    assert!(world.gate.batches().is_empty());
    let found = world.engine.find_endpoint(programme.id, endpoint.id).await.unwrap().unwrap();
    assert!(found.cursor > endpoint.cursor && found.version == 1);
    world.verified().await;
}

#[tokio::test]
async fn an_endpoint_takes_what_it_was_made_for() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let other = world.programme("two").await;
    let only = kinds(&[EventKind::InstructionCompleted, EventKind::CardholderCreated]);
    script.endpoint(&world, programme.id, "https://some.example/", only).await;
    script.endpoint(&world, programme.id, "https://all.example/", Kinds::All).await;
    touch(&programme, 4).await;
    touch(&other, 4).await;
    programme.fund(programme.reserve(), 100).await;
    programme.approved("ann").await;
    let mut deliver = deliver(&world, &script);
    deliver.whole().await;
    let words = |url: &str| -> Vec<String> {
        script.sent(url).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(
        words("https://some.example/"),
        ["instruction.completed", "cardholder.created"],
        "and none of the other programme"
    );
    assert!(words("https://all.example/").len() > 6);
    world.verified().await;
}

#[tokio::test]
async fn a_disabled_endpoint_is_told_later() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let url = "https://a.example/";
    let endpoint = script.endpoint(&world, programme.id, url, Kinds::All).await;
    let mut deliver = deliver(&world, &script);
    script.will(url, Behaviour::Answer(503));
    touch(&programme, 2).await;
    deliver.whole().await;
    let attempts = script.attempts(url);
    let set = |status| UpdateEndpoint { status: Some(status), ..UpdateEndpoint::default() };
    let off = set(EndpointStatus::Disabled);
    world.engine.update_endpoint(programme.id, endpoint.id, off).await.unwrap();
    touch(&programme, 2).await;
    script.will(url, Behaviour::Answer(200));
    world.clock.forward(HOUR);
    deliver.whole().await;
    assert_eq!(script.attempts(url), attempts);
    let on = set(EndpointStatus::Enabled);
    world.engine.update_endpoint(programme.id, endpoint.id, on).await.unwrap();
    till_all_arrived(&world, &mut [&mut deliver], programme.id, endpoint.id).await;
    assert_eq!(script.arrived(url).len(), 4);
    world.verified().await;
}

#[tokio::test]
async fn more_than_a_page_arrives_whole() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let urls = ["https://a.example/", "https://b.example/"];
    for url in urls {
        script.endpoint(&world, programme.id, url, Kinds::All).await;
    }
    // Some units have several events, so a page ends in the middle of one.
    touch(&programme, 500).await;
    for number in 0..60 {
        programme.approved(&format!("c{number}")).await;
    }
    let mut deliver = deliver(&world, &script);
    for _ in 0..6 {
        deliver.whole().await;
    }
    let told = all_events(&world, programme.id).await;
    let first = programme.id.bytes();
    for url in urls {
        let mut arrived = script.arrived(url);
        assert!(arrived.len() > 600);
        let distinct: std::collections::BTreeSet<_> = arrived.iter().copied().collect();
        assert_eq!(distinct.len(), arrived.len(), "each once");
        let after = told.iter().position(|event| event.id == arrived[0]).unwrap();
        let mut expected: Vec<_> = told[after..]
            .iter()
            .filter(|event| !event.kind.is_bookkeeping() && event.program.bytes() == first)
            .map(|event| event.id)
            .collect();
        arrived.sort_unstable();
        expected.sort_unstable();
        assert_eq!(arrived, expected);
    }
    world.verified().await;
}

/// So that another server does not have to look at all of it again.
#[tokio::test]
async fn what_was_looked_at_in_vain_is_passed_at_last() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let only = kinds(&[EventKind::HoldExpired]);
    let made = script.endpoint(&world, programme.id, "https://a.example/", only).await;
    let mut deliver = deliver(&world, &script);
    touch(&programme, 4_000).await;
    deliver.whole().await;
    let cursor =
        async || world.engine.find_endpoint(programme.id, made.id).await.unwrap().unwrap().cursor;
    assert_eq!(cursor().await, made.cursor);
    touch(&programme, 200).await;
    let seq = programme.seq().await;
    deliver.whole().await;
    deliver.whole().await;
    assert!(cursor().await >= made.cursor + 4_000);
    assert_eq!(programme.seq().await, seq + 1, "one unit");
    deliver.whole().await;
    assert_eq!(programme.seq().await, seq + 1, "and that is no reason for the next");
    assert!(script.sent("https://a.example/").is_empty());
    world.verified().await;
}

#[tokio::test]
async fn given_up_after_days_and_replayed() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let url = "https://a.example/";
    world.clock.forward(SECOND);
    let endpoint = script.endpoint(&world, programme.id, url, Kinds::All).await;
    let mut deliver = deliver(&world, &script);
    script.will(url, Behaviour::Answer(404));
    touch(&programme, 2).await;
    let mut hours = 0;
    let filter = DeliveryFilter { endpoint: Some(endpoint.id), limit: 10, ..<_>::default() };
    let rows = async || world.engine.deliveries(programme.id, filter.clone()).await.unwrap();
    deliver.whole().await;
    while rows().await.iter().any(|row| row.state.next_attempt_at().is_some()) {
        world.clock.forward(HOUR / 4);
        deliver.whole().await;
        deliver.whole().await;
        hours += 1;
        assert!(hours < 4 * 24 * 8, "it comes to an end");
    }
    let all = rows().await;
    assert_eq!(all.len(), 2);
    for row in &all {
        assert_eq!(row.state.status(), DeliveryStatus::GivenUp);
        assert_eq!(row.attempts, u64::try_from(RETRIES.len()).unwrap() + 1);
        assert_eq!(row.last_outcome, Some(Outcome::Answered(404)));
    }
    let copied = world.copied().await;
    let told = |kind| copied.all::<Event>().iter().filter(|row| row.kind == kind).count();
    assert_eq!(told(EventKind::DeliveryGivenUp), 2);
    // One by its id, then all that were missed.
    script.will(url, Behaviour::Answer(200));
    let engine = &world.engine;
    let replayed = engine.replay_delivery(programme.id, all[0].id).await.unwrap();
    assert_eq!((replayed.replays, replayed.attempts), (1, 0));
    deliver.whole().await;
    assert_eq!(script.arrived(url), [all[0].event]);
    assert_eq!(engine.replay_missed(programme.id, endpoint.id).await.unwrap(), 1);
    deliver.whole().await;
    assert_eq!(script.arrived(url), [all[0].event, all[1].event]);
    assert_eq!(engine.replay_missed(programme.id, endpoint.id).await.unwrap(), 0);
    // By time: the second alone, whose time is its own.
    let later = touch_later(&world, &programme).await;
    deliver.whole().await;
    let range = async |from, until| {
        let range = TimeRange { from: Some(from), until };
        let replayed = engine.replay_range(programme.id, endpoint.id, range, &renderers()).await;
        replayed.unwrap().count
    };
    assert_eq!(range(later, None).await, 1);
    assert_eq!(range(endpoint.created_at, Some(later)).await, 2);
    deliver.whole().await;
    assert_eq!(script.arrived(url).len(), 3 + 3);
    world.verified().await;
}

async fn touch_later(world: &World, programme: &crate::scenario::Programme) -> Time {
    world.clock.forward(SECOND);
    let now = crate::Clock::now(world.clock.as_ref());
    touch(programme, 1).await;
    now
}

#[tokio::test]
async fn it_runs_until_told_to_stop_and_ends_what_is_under_way() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let url = "https://a.example/";
    script.endpoint(&world, programme.id, url, Kinds::All).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async {
        let _ = stopped.await;
    };
    let running = tokio::spawn(deliver(&world, &script).run(Duration::from_millis(1), stopped));
    touch(&programme, 20).await;
    let all = script.until(url, 20);
    timeout(PATIENCE, all).await.expect("they arrive");
    stop.send(()).unwrap();
    timeout(PATIENCE, running).await.expect("it stops").unwrap();
    let copied = world.copied().await;
    let rows = copied.all::<Delivery>();
    assert_eq!(rows.len(), 20);
    assert!(rows.iter().all(|row| row.state.status() == DeliveryStatus::Delivered), "{rows:?}");
    world.verified().await;
}
