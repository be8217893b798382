use super::{ListInstructions, Listed};
use crate::scenario::{Programme, World, done, name, tusdt};
use crate::transfer::Direction::{In, Out};
use domain::id::InstructionId;
use domain::instruction::InstructionKind;
use std::time::Duration;

/// Ten loads, a minute apart, after one funding.
async fn ten(world: &World) -> (Programme, Vec<InstructionId>) {
    let programme = world.programme("one").await;
    programme.approved("U1").await;
    programme.approved("U2").await;
    programme.fund(programme.reserve(), 1_000).await;
    let mut ids = Vec::new();
    for number in 0..10 {
        world.clock.forward(Duration::from_secs(60));
        let holder = if number % 2 == 0 { "U1" } else { "U2" };
        let reference = format!("t{number}");
        let receipt = done(programme.load(In, holder, tusdt(1 + number), &reference).await);
        ids.push(receipt.instruction);
    }
    (programme, ids)
}

fn ids(listed: &[Listed]) -> Vec<InstructionId> {
    listed.iter().map(|listed| listed.instruction.id).collect()
}

#[tokio::test]
async fn pages_neither_miss_nor_repeat_while_rows_arrive() {
    let world = World::new().await;
    let (programme, mut expected) = ten(&world).await;
    expected.reverse();
    let kinds = vec![InstructionKind::Load];
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let list = ListInstructions { kinds: kinds.clone(), before, limit: 3, ..<_>::default() };
        let page = world.engine.instructions(programme.id, list).await.unwrap();
        // What comes meanwhile is newer than every page.
        done(programme.load(In, "U1", tusdt(1), &format!("late {}", seen.len())).await);
        let Some(last) = page.last() else { break };
        before = Some(last.instruction.place);
        seen.extend(ids(&page));
    }
    assert_eq!(seen, expected);
    let newest = ListInstructions { kinds, limit: 1, ..<_>::default() };
    let newest = world.engine.instructions(programme.id, newest).await.unwrap();
    assert_eq!(newest[0].reference.as_ref().unwrap().text, "late 10");
}

#[tokio::test]
async fn conditions_must_all_hold() {
    let world = World::new().await;
    let (programme, all) = ten(&world).await;
    let wallet = programme.wallet("U2", "TUSDT").id();
    let found = world.engine.find_instruction(programme.id, all[4]).await.unwrap().unwrap();
    let (at, minute) = (found.instruction.at, Duration::from_secs(60));
    done(programme.load(Out, "U2", tusdt(1), "out").await);
    let every = || ListInstructions { limit: 100, ..ListInstructions::default() };
    let table = [
        (every(), 12),
        (ListInstructions { account: Some(wallet), ..every() }, 6),
        (ListInstructions { kinds: vec![InstructionKind::Unload], ..every() }, 1),
        (ListInstructions { id: Some(all[4]), ..every() }, 1),
        (ListInstructions { id: Some(all[4]), account: Some(wallet), ..every() }, 0),
        (ListInstructions { reference: Some(name("t4")), ..every() }, 1),
        (ListInstructions { reference: Some(name("t44")), ..every() }, 0),
        // From the moment on, and up to before it.
        (ListInstructions { from: Some(at), ..every() }, 7),
        (ListInstructions { until: Some(at), ..every() }, 5),
        (ListInstructions { from: Some(at), until: Some(at.plus(minute)), ..every() }, 1),
        (ListInstructions { skip: 10, ..every() }, 2),
        (ListInstructions { skip: 12, ..every() }, 0),
        (ListInstructions { limit: 0, ..every() }, 0),
    ];
    for (list, count) in table {
        let listed = world.engine.instructions(programme.id, list.clone()).await.unwrap();
        assert_eq!(listed.len(), count, "{list:?}");
    }
    let other = world.programme("two").await;
    assert!(world.engine.instructions(other.id, every()).await.unwrap().is_empty());
    assert!(world.engine.find_instruction(other.id, all[4]).await.unwrap().is_none());
}
