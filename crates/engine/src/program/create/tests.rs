use super::CreateProgram;
use crate::error::Error;
use crate::scenario::{World, asset, code, refused};
use domain::account::AccountKind;
use domain::program::{DuplicatePolicy, Environment, Mode, ProgramRefusal};
use store::model::Fault;

fn named(name: &str) -> CreateProgram {
    CreateProgram {
        name: name.to_owned(),
        environment: Environment::Live,
        mode: Mode::Authorization,
        duplicate: DuplicatePolicy::Refuse,
        assets: vec![asset("USD"), asset("TUSDT"), asset("USD")],
    }
}

#[tokio::test]
async fn a_programme_has_its_settings_and_accounts_and_is_found_by_name_and_id() {
    let world = World::new().await;
    let id = world.engine.create_program(named("acme-1")).await.unwrap();
    for text in ["acme-1".to_owned(), id.to_string()] {
        let (program, settings) = world.engine.find_program(&text).await.unwrap().unwrap();
        assert_eq!((program.id, program.name.as_str()), (id, "acme-1"));
        assert_eq!((settings.mode, settings.version), (Mode::Authorization, 1));
    }
    let accounts = world.engine.accounts(id, None, None, 100).await.unwrap();
    assert_eq!(accounts.len(), 2 * AccountKind::PROGRAM_OWN.len());
    assert_eq!(world.engine.assets(id).await.unwrap(), [asset("TUSDT"), asset("USD")]);
    world.engine.add_asset(id, asset("JPY")).await.unwrap();
    world.engine.add_asset(id, asset("JPY")).await.unwrap();
    assert_eq!(world.engine.assets(id).await.unwrap().len(), 3);
    assert!(world.engine.find_program("acme-2").await.unwrap().is_none());
    world.verified().await;
}

#[tokio::test]
async fn names_are_lower_case_and_unique() {
    let world = World::new().await;
    let long = "x".repeat(65);
    let id = "018f9be1880070019b2b5fccd8130a8e";
    for name in ["", "Acme", "a b", "a_b", "é", "a\0", &long, id] {
        let answer = world.engine.create_program(named(name)).await;
        assert_eq!(refused(answer), ProgramRefusal::BadName.into(), "{name:?}");
    }
    let longest = "x".repeat(64);
    for name in ["a", "0", "-", longest.as_str()] {
        world.engine.create_program(named(name)).await.unwrap();
        let again = world.engine.create_program(named(name)).await;
        assert_eq!(refused(again), ProgramRefusal::AlreadyExists.into(), "{name:?}");
    }
    assert_eq!(world.engine.programs(None, 100).await.unwrap().len(), 4);
    world.verified().await;
}

#[tokio::test]
async fn of_two_at_once_one_has_the_name() {
    let world = World::new().await;
    let (one, other) = tokio::join!(
        world.engine.create_program(named("acme")),
        world.engine.create_program(named("acme")),
    );
    let lost = match (one, other) {
        (Ok(_), lost) | (lost, Ok(_)) => lost,
        neither => panic!("{neither:?}"),
    };
    assert_eq!(refused(lost), ProgramRefusal::AlreadyExists.into());
    assert_eq!(world.engine.programs(None, 100).await.unwrap().len(), 1);
    world.verified().await;
}

#[tokio::test]
async fn one_that_stopped_between_its_units_is_gone_on_with() {
    for fault in [Fault::Unavailable, Fault::UnknownLost, Fault::Corrupt] {
        let world = World::new().await;
        world.gate.close();
        let create = async {
            let engine = std::sync::Arc::clone(&world.engine);
            let creating = tokio::spawn(async move { engine.create_program(named("acme")).await });
            world.gate.entered().await;
            world.gate.pass();
            world.gate.entered().await;
            world.faults.next(fault);
            world.gate.pass();
            creating.await.unwrap()
        };
        world.gate.forget_entered();
        create.await.unwrap_err();
        world.gate.open();
        // It serves nobody, and holds its name.
        assert!(world.engine.find_program("acme").await.unwrap().is_none());
        let half = world.engine.programs(None, 10).await.unwrap();
        assert_eq!(half.len(), 1);
        world.verified().await;
        let id = world.engine.create_program(named("acme")).await.unwrap();
        assert_eq!(id, half[0].id);
        assert_eq!(world.engine.programs(None, 10).await.unwrap().len(), 1);
        let again = world.engine.create_program(named("acme")).await;
        assert_eq!(refused(again), ProgramRefusal::AlreadyExists.into());
        world.verified().await;
    }
}

#[tokio::test]
async fn an_unknown_first_unit_is_settled_by_asking_again() {
    for fault in [Fault::UnknownWritten, Fault::UnknownLost] {
        let world = World::new().await;
        world.faults.next(fault);
        let unknown = world.engine.create_program(named("acme")).await;
        assert!(matches!(unknown, Err(Error::Unknown)));
        world.engine.create_program(named("acme")).await.unwrap();
        assert_eq!(world.engine.programs(None, 10).await.unwrap().len(), 1);
        world.verified().await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_changed() {
    let world = World::new().await;
    let nowhere = domain::id::ProgramId::from_bytes([7; 16]);
    let update = crate::program::UpdateProgram::default();
    let answer = world.engine.update_program(nowhere, update).await;
    assert_eq!(code(answer), "refused: program_missing");
    assert_eq!(
        code(world.engine.add_asset(nowhere, asset("USD")).await),
        "refused: program_missing"
    );
    assert!(world.engine.find_program("nobody").await.unwrap().is_none());
}
