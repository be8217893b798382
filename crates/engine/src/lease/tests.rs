use super::{Claimant, TakeLease, Tenure};
use crate::scenario::World;
use domain::event::{Event, EventKind};
use domain::id::ProgramId;
use domain::lease::Lease;
use std::sync::Arc;
use std::time::Duration;

const WORK: &str = "work";
const LIFE: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

fn claimant(world: &World) -> Claimant {
    Claimant::new(Arc::clone(&world.engine), WORK, LIFE)
}

async fn holds(claimant: &mut Claimant) -> bool {
    matches!(claimant.take().await.unwrap(), Tenure::Held(_))
}

/// Units of the installation so far.
async fn seq(world: &World) -> u64 {
    let counter = world.engine.store.counter(ProgramId::INSTALLATION).await.unwrap();
    counter.map_or(0, |counter| counter.seq)
}

async fn row(world: &World) -> Lease {
    world.copied().await.one(|_: &Lease| true)
}

/// Moves the clocks of all servers on, whatever they show.
fn forward(worlds: [&World; 2], by: Duration) {
    for world in worlds {
        world.clock.forward(by);
    }
}

#[tokio::test]
async fn one_of_two_has_it_until_its_end() {
    let world = World::new().await;
    let other = world.beside(8).await;
    let (mut one, mut two) = (claimant(&world), claimant(&other));
    assert!(holds(&mut one).await);
    let taken = seq(&world).await;
    forward([&world, &other], LIFE - Duration::from_micros(1));
    assert!(!holds(&mut two).await);
    assert_eq!(seq(&world).await, taken, "who is told that it is another's writes nothing");
    forward([&world, &other], Duration::from_micros(1));
    assert!(holds(&mut two).await);
    assert!(!holds(&mut one).await, "and its first holder is told");
    assert_eq!(row(&world).await.holder, other.engine.server);
    world.verified().await;
}

#[tokio::test]
async fn its_holder_keeps_it_and_writes_twice_a_life() {
    let world = World::new().await;
    let other = world.beside(8).await;
    let (mut one, mut two) = (claimant(&world), claimant(&other));
    assert!(holds(&mut one).await);
    let taken = seq(&world).await;
    for _ in 0..60 {
        forward([&world, &other], SECOND);
        assert!(holds(&mut one).await);
        assert!(!holds(&mut two).await);
    }
    let renewed = seq(&world).await - taken;
    assert_eq!(renewed, 12, "once in five seconds");
    world.verified().await;
}

#[tokio::test]
async fn let_go_it_is_free_at_once() {
    let world = World::new().await;
    let other = world.beside(8).await;
    let (mut one, mut two) = (claimant(&world), claimant(&other));
    assert!(holds(&mut one).await);
    // Who does not have it has none to let go.
    two.release().await.unwrap();
    assert!(!holds(&mut two).await);
    two.release().await.unwrap();
    one.release().await.unwrap();
    let seq_before = seq(&world).await;
    one.release().await.unwrap();
    world.engine.release_lease(WORK).await.unwrap();
    assert_eq!(seq(&world).await, seq_before, "once is enough");
    assert!(holds(&mut two).await);
    // A server that believes it has it still takes nothing from the one that has.
    world.engine.release_lease(WORK).await.unwrap();
    assert_eq!(row(&world).await.holder, other.engine.server);
    let copied = world.copied().await;
    let told = |kind| copied.all::<Event>().iter().filter(|row| row.kind == kind).count();
    assert_eq!((told(EventKind::LeaseTaken), told(EventKind::LeaseReleased)), (2, 1));
    world.verified().await;
}

#[tokio::test]
async fn a_server_that_is_behind_does_not_hold_what_has_ended() {
    let world = World::new().await;
    let other = world.beside(8).await;
    let (mut one, mut two) = (claimant(&world), claimant(&other));
    other.clock.forward(Duration::from_secs(3_600));
    assert!(holds(&mut one).await);
    assert!(holds(&mut two).await, "early by its own clock only, which costs nothing");
    // By its own clock the lease of the first has seconds to go; in the recorded order it is over.
    assert!(!holds(&mut one).await);
    world.verified().await;
}

#[tokio::test]
async fn an_end_far_ahead_binds_nobody_for_longer_than_a_life() {
    let world = World::new().await;
    let other = world.beside(8).await;
    let (mut ahead, mut right) = (claimant(&other), claimant(&world));
    other.clock.forward(Duration::from_secs(3_600));
    assert!(holds(&mut ahead).await);
    // While it lives it renews, though recorded time stands still until the other clocks are there.
    for _ in 0..30 {
        forward([&world, &other], SECOND);
        assert!(holds(&mut ahead).await);
        assert!(!holds(&mut right).await);
    }
    // Now it is gone, and its lease is an hour ahead.
    let mut waited = 0;
    while !holds(&mut right).await {
        world.clock.forward(SECOND);
        waited += 1;
        assert!(waited <= 10, "it waits for a life and no longer");
    }
    assert!(row(&world).await.until.since(crate::Clock::now(world.clock.as_ref())) > LIFE * 100);
    // Its end is still an hour ahead, and the new holder is believed while it renews.
    let next = world.beside(9).await;
    next.clock.set(crate::Clock::now(world.clock.as_ref()));
    let mut third = claimant(&next);
    for _ in 0..30 {
        forward([&world, &next], SECOND);
        assert!(holds(&mut right).await);
        assert!(!holds(&mut third).await);
    }
    world.verified().await;
}

#[tokio::test]
async fn two_that_ask_at_once_are_told_the_same() {
    let world = World::new().await;
    let other = world.beside(8).await;
    let command = TakeLease { name: WORK, life: LIFE, watched: None };
    let told = tokio::join!(world.engine.take_lease(command), other.engine.take_lease(command));
    match (told.0.unwrap(), told.1.unwrap()) {
        (Tenure::Held(held), Tenure::Elsewhere(seen))
        | (Tenure::Elsewhere(seen), Tenure::Held(held)) => assert_eq!(held, seen),
        both => panic!("one has it, and the other knows: {both:?}"),
    }
    world.verified().await;
}
