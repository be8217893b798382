//! Receivers that are dead, slow, huge or elsewhere, and servers that stop in between.

use super::super::{Renderers, Sender};
use super::script::{
    Behaviour, RATES_ALONE, Script, renderers, till_all_arrived, touch, touch_pair,
};
use super::{Deliver, DeliverOptions, HOUR, PATIENCE, SECOND, deliver};
use crate::error::Error;
use crate::scenario::World;
use domain::delivery::{AttemptFault, CLAIM_LIFE, Delivery, DeliveryStatus, Outcome};
use domain::endpoint::Kinds;
use domain::time::Time;
use std::sync::Arc;
use std::time::Duration;
use store::model::Fault;
use tokio::time::timeout;

const GOOD: &str = "https://good.example/";

/// Each kind of trouble, beside a receiver that is well.
#[tokio::test]
async fn trouble_with_one_is_nobody_elses() {
    for behaviour in [
        Behaviour::Answer(500),
        Behaviour::Answer(302),
        Behaviour::Answer(100),
        Behaviour::Fail(AttemptFault::Unconnected),
        Behaviour::Fail(AttemptFault::TooLarge),
        Behaviour::Fail(AttemptFault::NotAllowed),
        Behaviour::Fail(AttemptFault::Broken),
    ] {
        let world = World::new().await;
        let script = Script::new();
        let programme = world.programme("one").await;
        let bad = "https://bad.example/";
        let endpoint = script.endpoint(&world, programme.id, bad, Kinds::All).await;
        script.endpoint(&world, programme.id, GOOD, Kinds::All).await;
        script.will(bad, behaviour);
        let mut deliver = deliver(&world, &script);
        // An hour of it, with news each minute.
        for minute in 1..=60 {
            touch(&programme, 1).await;
            deliver.whole().await;
            assert_eq!(script.arrived(GOOD).len(), minute, "{behaviour:?}");
            world.clock.forward(SECOND * 60);
        }
        assert!(script.arrived(bad).is_empty());
        let tried = script.attempts(bad);
        assert!((4..=10).contains(&tried), "{behaviour:?}: {tried} attempts of the first alone");
        // Well again, it is told of all, in order.
        script.will(bad, Behaviour::Answer(204));
        till_all_arrived(&world, &mut [&mut deliver], programme.id, endpoint.id).await;
        assert_eq!(script.arrived(bad), script.arrived(GOOD), "{behaviour:?}");
        world.verified().await;
    }
}

#[tokio::test]
async fn who_never_answers_delays_nobody_and_meets_the_deadline() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let slow = "https://slow.example/";
    script.endpoint(&world, programme.id, slow, Kinds::All).await;
    script.endpoint(&world, programme.id, GOOD, Kinds::All).await;
    script.will(slow, Behaviour::Hang);
    touch(&programme, 1).await;
    touch_pair(&programme, "JPY", "USD").await;
    let mut patient = deliver(&world, &script);
    patient.pass().await.unwrap();
    timeout(PATIENCE, script.until(GOOD, 2)).await.expect("the good one is told meanwhile");
    timeout(PATIENCE, script.until(slow, 2)).await.expect("the slow one is asked");
    for number in 3..6 {
        touch(&programme, 1).await;
        patient.pass().await.unwrap();
        timeout(PATIENCE, script.until(GOOD, number)).await.expect("again and again");
    }
    assert_eq!(script.attempts(slow), 2, "while its own wait");
    drop(patient);
    world.clock.forward(CLAIM_LIFE);
    let attempt_deadline = Duration::from_millis(20);
    let options = DeliverOptions { attempt_deadline, ..DeliverOptions::default() };
    script.deliver(&world, options).whole().await;
    let rows = world.copied().await.all::<Delivery>();
    let late = Some(Outcome::Failed(AttemptFault::Timeout));
    assert!(rows.iter().any(|row| row.last_outcome == late));
    world.verified().await;
}

/// As many dead receivers as there are tasks, and one that is well.
#[tokio::test]
async fn many_dead_ones_leave_room() {
    let world = World::new().await;
    let script = Script::new();
    let mut programmes = Vec::new();
    for number in 0..8 {
        let programme = world.programme(&format!("p{number}")).await;
        let url = format!("https://dead{number}.example/");
        script.will(&url, Behaviour::Fail(AttemptFault::Timeout));
        script.endpoint(&world, programme.id, &url, Kinds::All).await;
        touch(&programme, 1).await;
        programmes.push((programme, url));
    }
    let options = DeliverOptions { endpoints_max: 4, ..DeliverOptions::default() };
    let mut deliver = script.deliver(&world, options);
    // All are known as failing, some passes later since four have their turn at a time.
    for _ in 0..3 {
        deliver.whole().await;
    }
    assert!(programmes.iter().all(|(_, url)| script.attempts(url) == 1));
    for (_, url) in &programmes {
        script.will(url, Behaviour::Hang);
    }
    world.clock.forward(SECOND * 15);
    let good = world.programme("good").await;
    script.endpoint(&world, good.id, GOOD, Kinds::All).await;
    touch(&good, 1).await;
    // The dead ones hang in half of the tasks, and never in the others.
    for _ in 0..3 {
        deliver.pass().await.unwrap();
    }
    timeout(PATIENCE, script.until(GOOD, 1)).await.expect("there is room");
    let hanging = programmes.iter().filter(|(_, url)| script.attempts(url) == 2).count();
    assert!(hanging <= 2, "{hanging}");
    world.verified().await;
}

#[tokio::test]
async fn a_server_that_dies_between_claim_and_record_loses_nothing() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    script.endpoint(&world, programme.id, GOOD, Kinds::All).await;
    touch(&programme, 1).await;
    script.will(GOOD, Behaviour::Hang);
    let mut dying = deliver(&world, &script);
    dying.pass().await.unwrap();
    timeout(PATIENCE, script.until(GOOD, 1)).await.expect("it is under way");
    drop(dying);
    script.will(GOOD, Behaviour::Answer(200));
    let other = world.beside(8).await;
    let mut next = script.deliver(&other, DeliverOptions::default());
    let forward = |by: Duration| {
        world.clock.forward(by);
        other.clock.forward(by);
    };
    next.whole().await;
    forward(CLAIM_LIFE - SECOND);
    next.whole().await;
    assert_eq!(script.attempts(GOOD), 1, "the claim stands");
    forward(SECOND);
    next.whole().await;
    assert_eq!(script.arrived(GOOD).len(), 1);
    let row = world.copied().await.one(|_: &Delivery| true);
    assert_eq!((row.state.status(), row.attempts), (DeliveryStatus::Delivered, 1));
    world.verified().await;
}

/// The commit that records is lost, and so is the one that claims, and the one that adds.
#[tokio::test]
async fn lost_commits_lose_nothing() {
    for fault in [Fault::Unavailable, Fault::UnknownWritten, Fault::UnknownLost] {
        for lost in 0..4 {
            let world = World::new().await;
            let script = Script::new();
            let programme = world.programme("one").await;
            let endpoint = script.endpoint(&world, programme.id, GOOD, Kinds::All).await;
            touch(&programme, 2).await;
            let mut deliver = deliver(&world, &script);
            world.gate.forget_entered();
            world.gate.close();
            deliver.pass().await.unwrap();
            for _ in 0..lost {
                world.gate.entered().await;
                world.gate.pass();
            }
            world.gate.entered().await;
            world.faults.next(fault);
            world.gate.open();
            deliver.settle().await;
            till_all_arrived(&world, &mut [&mut deliver], programme.id, endpoint.id).await;
            let mut arrived = script.arrived(GOOD);
            arrived.dedup();
            assert_eq!(arrived.len(), 2, "{fault:?} {lost}");
            world.verified().await;
        }
    }
}

#[tokio::test]
async fn who_can_not_be_written_to_waits_for_a_server_that_can() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let rates = RATES_ALONE;
    let made = script.endpoint_of(&world, programme.id, GOOD, Kinds::All, rates).await;
    script.will(GOOD, Behaviour::Answer(500));
    touch(&programme, 1).await;
    deliver(&world, &script).whole().await;
    world.clock.forward(HOUR);
    touch(&programme, 1).await;
    let sender: Arc<dyn Sender> = Arc::<Script>::clone(&script);
    let older = Renderers::from_iter(renderers().into_iter().filter(|(name, _)| *name != rates));
    let options = DeliverOptions::default();
    Deliver::new(Arc::clone(&world.engine), sender, older, options).whole().await;
    let row = world.copied().await.one(|_: &Delivery| true);
    assert_eq!((row.attempts, script.attempts(GOOD)), (1, 1), "neither tried nor given up");
    script.will(GOOD, Behaviour::Answer(200));
    till_all_arrived(&world, &mut [&mut deliver(&world, &script)], programme.id, made.id).await;
    assert_eq!(script.arrived(GOOD).len(), 2);
}

#[tokio::test]
async fn a_store_that_is_away_is_an_error_of_the_pass() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    script.endpoint(&world, programme.id, GOOD, Kinds::All).await;
    touch(&programme, 1).await;
    world.engine.stop();
    let mut deliver = deliver(&world, &script);
    deliver.whole().await;
    assert_eq!(script.attempts(GOOD), 0, "nothing leaves before its commit");
    let due = world.engine.store.endpoints_at_work(Time::MAX, None, 1).await.unwrap();
    let claimed = world.engine.claim_deliveries(&due[0].endpoint, &[]).await;
    assert!(matches!(claimed.map(drop), Err(Error::Stopping)));
}
