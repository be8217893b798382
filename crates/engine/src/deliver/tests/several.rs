//! Several servers on one store, and receivers that do as they like.

use super::script::{Behaviour, Script, all_events, till_all_arrived, touch, touch_pair};
use super::{Deliver, DeliverOptions, deliver};
use crate::scenario::{World, count};
use domain::delivery::AttemptFault;
use domain::endpoint::Kinds;
use domain::event::Event;
use domain::id::EventId;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const URL: &str = "https://a.example/";

#[tokio::test]
async fn two_at_once_tell_each_event_once() {
    let one = World::new().await;
    let two = one.beside(8).await;
    let script = Script::new();
    let programme = one.programme("one").await;
    script.endpoint(&one, programme.id, URL, Kinds::All).await;
    let (mut first, mut second) = (deliver(&one, &script), deliver(&two, &script));
    let mut expected = 0;
    for round in 0..20u32 {
        touch(&programme, round % 4).await;
        touch_pair(&programme, "JPY", "TUSDT").await;
        touch_pair(&programme, "USD", "TUSDT").await;
        expected += usize::try_from(round % 4).unwrap() + 2;
        tokio::join!(first.whole(), second.whole());
        tokio::join!(first.whole(), second.whole());
    }
    let arrived = script.arrived(URL);
    assert_eq!(arrived.len(), expected);
    assert_eq!(arrived.iter().collect::<BTreeSet<_>>().len(), expected, "none twice");
    one.verified().await;
}

/// Random news, receivers and clocks: nothing is lost, and what arrives for the first time does so
/// in the order of its subject.
#[tokio::test]
async fn nothing_is_lost_whatever_happens() {
    for seed in 0..count(6, 200) {
        let mut dice = fastrand::Rng::with_seed(seed);
        let one = World::new().await;
        let two = one.beside(seed + 100).await;
        two.clock.forward(Duration::from_secs(dice.u64(..5)));
        let script = Script::new();
        let programme = one.programme("one").await;
        let urls = [URL, "https://b.example/", "https://c.example/"];
        let mut endpoints = Vec::new();
        for url in urls {
            endpoints.push(script.endpoint(&one, programme.id, url, Kinds::All).await);
        }
        let short = Duration::from_millis(2);
        let options = DeliverOptions { attempt_deadline: short, ..DeliverOptions::default() };
        let mut servers = [script.deliver(&one, options), script.deliver(&two, options)];
        for _ in 0..40 {
            act(&mut dice, &script, &programme, &urls).await;
            let by = Duration::from_secs(dice.u64(..400));
            one.clock.forward(by);
            two.clock.forward(by);
            let server = &mut servers[dice.usize(..2)];
            if dice.u8(..4) == 0 {
                // It dies somewhere, and comes back without its memory.
                server.pass().await.unwrap();
                let world = if dice.bool() { &one } else { &two };
                *server = script.deliver(world, options);
            } else {
                server.whole().await;
            }
        }
        for url in urls {
            script.will(url, Behaviour::Answer(200));
        }
        let [first, second] = &mut servers;
        for endpoint in &endpoints {
            two.clock.forward(Duration::from_secs(86_400));
            one.clock.forward(Duration::from_secs(86_400));
            let both: &mut [&mut Deliver] = &mut [first, second];
            till_all_arrived(&one, both, programme.id, endpoint.id).await;
        }
        let told = all_events(&one, programme.id).await;
        for (url, endpoint) in urls.iter().zip(&endpoints) {
            check(&told, endpoint.cursor, &script.arrived(url), seed);
        }
        one.verified().await;
    }
}

async fn act(
    dice: &mut fastrand::Rng,
    script: &Script,
    programme: &crate::scenario::Programme,
    urls: &[&str; 3],
) {
    match dice.u8(..6) {
        0 => {
            let behaviour = match dice.u8(..5) {
                0 => Behaviour::Answer(500),
                1 => Behaviour::Fail(AttemptFault::Unconnected),
                2 => Behaviour::Hang,
                3 => Behaviour::Recover(dice.u32(..6)),
                _ => Behaviour::Answer(200),
            };
            script.will(urls[dice.usize(..3)], behaviour);
        }
        1 => touch_pair(programme, "JPY", "USD").await,
        2 => touch_pair(programme, "USD", "TUSDT").await,
        _ => touch(programme, dice.u32(1..4)).await,
    }
}

/// Every event after a place, and each subject's in order as they came first.
fn check(told: &[Event], after: u64, arrived: &[EventId], seed: u64) {
    let due = told.iter().filter(|event| event.place.seq > after && !event.kind.is_bookkeeping());
    let by_id: BTreeMap<EventId, &Event> = due.map(|event| (event.id, event)).collect();
    let mut seen = BTreeSet::new();
    let mut last = BTreeMap::new();
    for id in arrived {
        let event = by_id.get(id).expect("only what happened is told");
        if seen.insert(*id) {
            let before = last.insert(event.subject, event.place);
            assert!(before.is_none_or(|before| before < event.place), "seed {seed}");
        }
    }
    assert_eq!(seen.len(), by_id.len(), "seed {seed}");
}
