use crate::admitted::By;
use crate::credential::UpdateCredential;
use crate::error::Error;
use crate::hold::{CaptureHold, PlaceHold, VoidHold};
use crate::instruction::Receipt;
use crate::once::{Idempotent, ReferenceName, Repeats};
use crate::program::UpdateProgram;
use crate::scenario::{
    Programme, TestClock, World, amount, asset, code, done, master, name, seeded, tusdt,
};
use crate::start::{Engine, EngineOptions};
use crate::transfer::{
    Convert, CreateTransfer, Direction, Fund, Leg, LinkedTransfers, OnInsufficient, Reverse,
};
use domain::account::AccountKind::{Fees, Settlement};
use domain::credential::CredentialStatus;
use domain::hold::Completion;
use domain::id::{HoldId, InstructionId};
use domain::program::{DuplicatePolicy, ProgramStatus};
use domain::rate::{Rate, Rounding};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Store;
use store::model::Model;

type Answer = Result<Idempotent<Receipt>, Error>;

/// What the calls of the table below act on.
struct Things {
    programme: Programme,
    hold: HoldId,
    other_hold: HoldId,
    instruction: InstructionId,
    repeats: Repeats,
}

async fn things(world: &World) -> Things {
    let programme = world.programme("one").await;
    programme.approved("U1").await;
    programme.approved("U2").await;
    programme.fund(programme.reserve(), 10_000).await;
    let rate = Rate::parse("2").unwrap();
    world.engine.set_rate(programme.id, asset("TUSDT"), asset("USD"), rate).await.unwrap();
    let instruction = done(programme.load(Direction::In, "U1", tusdt(9), "first").await);
    let mut holds = Vec::new();
    for _ in 0..2 {
        let command = PlaceHold { reference: None, ..placing(&programme, 50) };
        let placed = world.engine.place_hold(programme.id, programme.by(), command).await;
        holds.push(done(placed).hold.unwrap());
    }
    let [hold, other_hold] = holds[..] else { panic!("two holds") };
    let repeats = Repeats::Replay;
    Things { programme, hold, other_hold, instruction: instruction.instruction, repeats }
}

fn placing(programme: &Programme, minor: i64) -> PlaceHold {
    PlaceHold {
        debit: programme.reserve().id(),
        credit: programme.own(Settlement, "TUSDT").id(),
        amount: tusdt(minor),
        life: None,
        remark: String::new(),
        reference: Some((name("r"), Repeats::Replay)),
    }
}

/// Calls under one reference; no two of them are the same call.
const CALLS: [&str; 17] = [
    "load",
    "load more",
    "load another",
    "unload",
    "fund",
    "pay out",
    "transfer",
    "transfer with a remark",
    "linked",
    "convert",
    "convert rounded up",
    "reverse",
    "hold",
    "hold longer",
    "capture",
    "void",
    "void another",
];

async fn call(things: &Things, which: &str) -> Answer {
    let programme = &things.programme;
    let (engine, id, by) = (&programme.engine, programme.id, programme.by());
    let reference = Some((name("r"), things.repeats));
    let remark = String::new();
    let (debit, credit) = (programme.reserve().id(), programme.own(Fees, "TUSDT").id());
    let transfer = CreateTransfer {
        debit,
        credit,
        amount: tusdt(5),
        on_insufficient: OnInsufficient::Refuse,
        remark: remark.clone(),
        reference: reference.clone(),
    };
    let convert = Convert {
        debit,
        credit: programme.own(Fees, "USD").id(),
        amount: tusdt(5),
        to: asset("USD"),
        rounding: Rounding::Down,
        remark: remark.clone(),
        reference: reference.clone(),
    };
    let fund = Fund {
        account: programme.reserve(),
        amount: tusdt(5),
        remark: remark.clone(),
        reference: Some(name("r")),
    };
    match which {
        "load" => programme.load(Direction::In, "U1", tusdt(5), "r").await,
        "load more" => programme.load(Direction::In, "U1", tusdt(6), "r").await,
        "load another" => programme.load(Direction::In, "U2", tusdt(5), "r").await,
        "unload" => programme.load(Direction::Out, "U1", tusdt(5), "r").await,
        "fund" => engine.fund(id, fund).await,
        "pay out" => engine.pay_out(id, fund).await,
        "transfer" => engine.create_transfer(id, by, transfer).await,
        "transfer with a remark" => {
            let remark = "x".to_owned();
            engine.create_transfer(id, by, CreateTransfer { remark, ..transfer }).await
        }
        "linked" => {
            let legs = vec![Leg { debit, credit, amount: tusdt(5) }];
            engine.create_linked(id, by, LinkedTransfers { legs, remark, reference }).await
        }
        "convert" => engine.convert(id, by, convert).await,
        "convert rounded up" => {
            engine.convert(id, by, Convert { rounding: Rounding::Up, ..convert }).await
        }
        "reverse" => {
            let instruction = things.instruction;
            engine.reverse(id, by, Reverse { instruction, remark, reference }).await
        }
        _ => call_hold(things, which).await,
    }
}

async fn call_hold(things: &Things, which: &str) -> Answer {
    let programme = &things.programme;
    let (engine, id, by) = (&programme.engine, programme.id, programme.by());
    let reference = Some((name("r"), things.repeats));
    let remark = String::new();
    let placing = PlaceHold { reference: reference.clone(), ..placing(programme, 5) };
    let void = VoidHold { hold: things.hold, remark: remark.clone(), reference: reference.clone() };
    match which {
        "hold" => engine.place_hold(id, by, placing).await,
        "hold longer" => {
            let life = Some(std::time::Duration::from_secs(1));
            engine.place_hold(id, by, PlaceHold { life, ..placing }).await
        }
        "capture" => {
            let (hold, amount, completion) = (things.hold, tusdt(5), Completion::Partial);
            engine
                .capture_hold(id, by, CaptureHold { hold, amount, completion, remark, reference })
                .await
        }
        "void" => engine.void_hold(id, by, void).await,
        "void another" => {
            engine.void_hold(id, by, VoidHold { hold: things.other_hold, ..void }).await
        }
        other => panic!("no call {other}"),
    }
}

#[tokio::test]
async fn the_same_again_gets_the_first_answer_and_anything_else_a_conflict() {
    for first in CALLS {
        let world = World::new().await;
        let things = things(&world).await;
        let receipt = done(call(&things, first).await);
        let before = world.copied().await;
        world.clock.forward(std::time::Duration::from_secs(3_600));
        for second in CALLS {
            let answer = call(&things, second).await;
            if first == second {
                assert_eq!(answer.unwrap(), Idempotent::AlreadyDone(receipt), "{first}");
            } else {
                assert!(
                    matches!(answer, Err(Error::Conflict)),
                    "{first} then {second}: {answer:?}"
                );
            }
        }
        assert!(before == world.copied().await, "{first}: a repeat has changed something");
        world.verified().await;
    }
}

#[tokio::test]
async fn a_programme_may_make_repeats_an_error() {
    let world = World::new().await;
    let mut things = things(&world).await;
    things.repeats = Repeats::AsProgramme;
    let id = things.programme.id;
    let receipt = done(call(&things, "transfer").await);
    let set = |duplicate| UpdateProgram { duplicate: Some(duplicate), ..UpdateProgram::default() };
    world.engine.update_program(id, set(DuplicatePolicy::Refuse)).await.unwrap();
    assert!(matches!(call(&things, "transfer").await, Err(Error::Conflict)));
    // Where the door promises replays, the programme has no say.
    things.repeats = Repeats::Replay;
    let again = call(&things, "transfer").await.unwrap();
    assert_eq!(again, Idempotent::AlreadyDone(receipt));
    things.repeats = Repeats::AsProgramme;
    world.engine.update_program(id, set(DuplicatePolicy::Replay)).await.unwrap();
    let again = call(&things, "transfer").await.unwrap();
    assert_eq!(again, Idempotent::AlreadyDone(receipt));
    world.verified().await;
}

#[tokio::test]
async fn a_reference_is_its_programmes_and_its_scopes() {
    let world = World::new().await;
    let mut funded = Vec::new();
    for programme in [world.programme("one").await, world.programme("two").await] {
        for (scope, text) in [("a", "r"), ("b", "r"), ("ar", ""), ("a", "R"), ("a", "r ")] {
            let reference = ReferenceName { scope: scope.into(), text: text.to_owned() };
            let command = Fund {
                account: programme.reserve(),
                amount: tusdt(1),
                remark: String::new(),
                reference: Some(reference),
            };
            funded.push(done(world.engine.fund(programme.id, command).await).instruction);
        }
        assert_eq!(programme.available(programme.reserve()).await, 5);
    }
    funded.dedup();
    assert_eq!(funded.len(), 10);
    world.verified().await;
}

#[tokio::test]
async fn a_replay_meets_suspension_and_revocation() {
    let world = World::new().await;
    let things = things(&world).await;
    let (engine, id) = (&world.engine, things.programme.id);
    let receipt = done(call(&things, "transfer").await);
    let suspend = |status| UpdateProgram { status: Some(status), ..UpdateProgram::default() };
    engine.update_program(id, suspend(ProgramStatus::Suspended)).await.unwrap();
    assert_eq!(code(call(&things, "transfer").await), "denied: program_suspended");
    // The operator is served all the same.
    things.programme.fund(things.programme.reserve(), 1).await;
    engine.update_program(id, suspend(ProgramStatus::Active)).await.unwrap();
    let again = call(&things, "transfer").await.unwrap();
    assert_eq!(again, Idempotent::AlreadyDone(receipt));
    let credential = things.programme.credential.id;
    let revoked =
        UpdateCredential { status: Some(CredentialStatus::Revoked), ..UpdateCredential::default() };
    engine.update_credential(id, credential, revoked).await.unwrap();
    assert_eq!(code(call(&things, "transfer").await), "denied: credential_disabled");
    assert_eq!(code(call(&things, "transfer with a remark").await), "denied: credential_disabled");
    world.verified().await;
}

/// Counts answers by what they are.
fn tally(answers: Vec<Answer>) -> BTreeMap<&'static str, Vec<Receipt>> {
    let mut tally: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for answer in answers {
        match answer {
            Ok(Idempotent::Done(receipt)) => tally.entry("done").or_default().push(receipt),
            Ok(Idempotent::AlreadyDone(receipt)) => {
                tally.entry("already").or_default().push(receipt);
            }
            Err(Error::Conflict) => drop(tally.entry("conflict").or_default()),
            Err(other) => panic!("{other}"),
        }
    }
    tally
}

/// 64 loads under one reference, at once; the amount is chosen by the number of the call.
async fn at_once(programme: &Arc<Programme>, minor: fn(i64) -> i64) -> Vec<Answer> {
    let mut running = Vec::new();
    for number in 0..64 {
        let programme = Arc::clone(programme);
        let load =
            async move { programme.load(Direction::In, "U1", tusdt(minor(number)), "same").await };
        running.push(tokio::spawn(load));
    }
    let mut answers = Vec::new();
    for call in running {
        answers.push(call.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn of_64_at_once_one_has_an_effect_in_batches_of_any_size() {
    for batch_max in [1, 7, 64, 1_024] {
        let world = World::with(EngineOptions { batch_max, ..EngineOptions::default() }).await;
        let programme = Arc::new(world.programme("one").await);
        programme.approved("U1").await;
        programme.fund(programme.reserve(), 1_000).await;
        let tally = tally(at_once(&programme, |_| 10).await);
        let first = tally["done"][0];
        assert_eq!((tally["done"].len(), tally["already"].len()), (1, 63));
        assert!(tally["already"].iter().all(|receipt| *receipt == first));
        assert_eq!(programme.available(programme.wallet("U1", "TUSDT")).await, 10);
        let others = at_once(&programme, |number| 100 + number).await;
        assert!(others.iter().all(|answer| matches!(answer, Err(Error::Conflict))));
        world.verified().await;
    }
}

#[tokio::test]
async fn of_64_with_other_content_one_has_an_effect() {
    let world = World::new().await;
    let programme = Arc::new(world.programme("one").await);
    programme.approved("U1").await;
    programme.fund(programme.reserve(), 1_000).await;
    let tally = tally(at_once(&programme, |number| number + 1).await);
    assert_eq!((tally["done"].len(), tally.contains_key("already")), (1, false));
    assert!(tally.contains_key("conflict"));
    let moved = programme.available(programme.wallet("U1", "TUSDT")).await;
    assert_eq!(moved, tally["done"][0].after_minor);
    world.verified().await;
}

/// Two servers on one store, worker threads of their own: nothing but the store joins them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_on_two_servers_one_has_an_effect() {
    let store: Arc<dyn Store> = Arc::new(Model::new());
    let mut engines = Vec::new();
    for seed in 0..2 {
        let options = EngineOptions { workers: Some(2), ..EngineOptions::default() };
        let clock = Arc::new(TestClock::new());
        let random = seeded(seed);
        let engine = Engine::start(Arc::clone(&store), clock, random, master('0'), options).await;
        engines.push(engine.unwrap());
    }
    let first = crate::scenario::programme_of(&engines[0], "one").await;
    first.approved("U1").await;
    first.fund(first.reserve(), 1_000).await;
    let second = Programme {
        engine: Arc::clone(&engines[1]),
        id: first.id,
        credential: first.credential.clone(),
        api_key: first.api_key.clone(),
    };
    let (first, second) = (Arc::new(first), Arc::new(second));
    let (mut answers, others) = tokio::join!(at_once(&first, |_| 10), at_once(&second, |_| 10));
    answers.extend(others);
    let tally = tally(answers);
    let receipt = tally["done"][0];
    assert_eq!((tally["done"].len(), tally["already"].len()), (1, 127));
    assert!(tally["already"].iter().all(|again| *again == receipt));
    assert_eq!(first.available(first.wallet("U1", "TUSDT")).await, 10);
    let mut snapshot = store.snapshot().await.unwrap();
    let lookup = &engines[0].keyring.lookup;
    let mut watcher = crate::scenario::quiet();
    crate::verify::verify(snapshot.as_mut(), Some(lookup), &mut watcher).await.unwrap();
    // By anybody who asks later, too.
    let amount = amount("TUSDT", 10);
    let again = second.load(Direction::In, "U1", amount, "same").await.unwrap();
    assert_eq!(again, Idempotent::AlreadyDone(receipt));
    engines.iter().for_each(|engine| engine.stop());
}

#[tokio::test]
async fn without_a_reference_each_call_is_its_own() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let by = By::Operator;
    programme.fund(programme.reserve(), 10).await;
    let command = CreateTransfer {
        debit: programme.reserve().id(),
        credit: programme.own(Fees, "TUSDT").id(),
        amount: tusdt(5),
        on_insufficient: OnInsufficient::Refuse,
        remark: String::new(),
        reference: None,
    };
    for _ in 0..2 {
        done(world.engine.create_transfer(programme.id, by, command.clone()).await);
    }
    assert_eq!(programme.available(programme.reserve()).await, 0);
    assert_eq!(world.verified().await.references, 0);
}
