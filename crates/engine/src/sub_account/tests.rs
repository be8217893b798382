use super::CreateSubAccount;
use crate::admitted::By;
use crate::error::Error;
use crate::once::{Idempotent, Repeats};
use crate::scenario::{World, asset, done, name, refused};
use domain::account::AccountKind::{Banking, Reserve, SubAccount as Issuing};
use domain::account::Owner;
use domain::id::SubAccountId;
use domain::secret::Secret;
use domain::sub_account::{
    NAME_LEN_MAX, PROFILE_LEN_MAX, SubAccountKind, SubAccountRefusal, SubAccountStatus,
};

fn member(kind: SubAccountKind) -> CreateSubAccount {
    CreateSubAccount {
        id: None,
        kind,
        name: "Acme Pte Ltd".to_owned(),
        status: SubAccountStatus::Active,
        profile: None,
        assets: vec![asset("USD"), asset("USD"), asset("TUSDT")],
        reference: None,
    }
}

#[tokio::test]
async fn each_kind_gets_its_accounts() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let by = programme.by();
    for (kind, kinds) in [
        (SubAccountKind::Master, vec![Reserve, Banking]),
        (SubAccountKind::Issuing, vec![Issuing]),
        (SubAccountKind::Banking, vec![Banking]),
    ] {
        let made = world.engine.create_sub_account(programme.id, by, member(kind)).await;
        let made = done(made);
        assert_eq!((made.version, made.number.len()), (1, 8));
        let owned = world.engine.accounts(programme.id, Some(made.owner()), None, 100).await;
        let owned = owned.unwrap();
        let of_usd: Vec<_> = owned.iter().filter(|row| row.asset == asset("USD")).collect();
        for kind in kinds {
            assert_eq!(of_usd.iter().filter(|row| row.kind == kind).count(), 1, "{kind:?}");
        }
        let found = world.engine.find_sub_account(programme.id, made.id).await.unwrap();
        assert_eq!(found, Some(made));
    }
    let all = world.engine.sub_accounts(programme.id, None, 100).await.unwrap();
    assert_eq!(all.len(), 3);
    let rest = world.engine.sub_accounts(programme.id, Some(all[0].id), 100).await.unwrap();
    assert_eq!(rest, all[1..]);
    let other = world.programme("two").await;
    assert_eq!(world.engine.find_sub_account(other.id, all[0].id).await.unwrap(), None);
    world.verified().await;
}

#[tokio::test]
async fn a_repeat_makes_nobody() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let named = |kind| CreateSubAccount {
        reference: Some((name("create"), Repeats::Replay)),
        ..member(kind)
    };
    let issuing = named(SubAccountKind::Issuing);
    let first = world.engine.create_sub_account(programme.id, programme.by(), issuing.clone());
    let first = done(first.await);
    let again = world.engine.create_sub_account(programme.id, programme.by(), issuing).await;
    assert_eq!(again.unwrap(), Idempotent::AlreadyDone(first));
    let other = named(SubAccountKind::Banking);
    let other = world.engine.create_sub_account(programme.id, programme.by(), other).await;
    assert!(matches!(other, Err(Error::Conflict)));
    let id = Some(SubAccountId::from_bytes([5; 16]));
    let own = CreateSubAccount { id, ..member(SubAccountKind::Issuing) };
    let made = done(world.engine.create_sub_account(programme.id, By::Operator, own.clone()).await);
    assert_eq!(made.owner(), Owner::SubAccount(SubAccountId::from_bytes([5; 16])));
    let taken = world.engine.create_sub_account(programme.id, By::Operator, own).await;
    assert_eq!(refused(taken), SubAccountRefusal::AlreadyExists.into());
    // An id is a programme's own.
    let other = world.programme("two").await;
    let own = CreateSubAccount { id, ..member(SubAccountKind::Issuing) };
    done(world.engine.create_sub_account(other.id, By::Operator, own).await);
    world.verified().await;
}

#[tokio::test]
async fn a_family_has_one_master() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let beside = world.beside(9).await;
    let asked = (0..8).map(|at| {
        let engine = if at % 2 == 0 { &world.engine } else { &beside.engine };
        engine.create_sub_account(programme.id, By::Operator, member(SubAccountKind::Master))
    });
    let answers = futures_util::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|one| one.is_ok()).count(), 1);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refused(answer), SubAccountRefusal::AlreadyExists.into());
    }
    let other = world.programme("two").await;
    let theirs = member(SubAccountKind::Master);
    done(world.engine.create_sub_account(other.id, By::Operator, theirs).await);
    world.verified().await;
}

#[tokio::test]
async fn a_profile_is_kept_sealed() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let profile = |bytes: &[u8]| CreateSubAccount {
        profile: Some(Secret::new(bytes.to_vec())),
        ..member(SubAccountKind::Issuing)
    };
    let text = br#"{"email":"a.person@example.com"}"#;
    let made = world.engine.create_sub_account(programme.id, programme.by(), profile(text)).await;
    let made = done(made);
    let sealed = made.sealed_profile.as_deref().unwrap();
    assert!(!sealed.windows(8).any(|part| part == b"a.person"));
    let opened = world.engine.profile_of(&made).await.unwrap().unwrap();
    assert_eq!(opened.expose().as_slice(), text);
    let plain = world.engine.create_sub_account(
        programme.id,
        programme.by(),
        member(SubAccountKind::Issuing),
    );
    assert!(world.engine.profile_of(&done(plain.await)).await.unwrap().is_none());
    let bad = SubAccountRefusal::BadName.into();
    let long = profile(&vec![b' '; PROFILE_LEN_MAX + 1]);
    let answer = world.engine.create_sub_account(programme.id, programme.by(), long).await;
    assert_eq!(refused(answer), bad);
    for name in ["", "a\nb", &"x".repeat(NAME_LEN_MAX + 1)] {
        let named = CreateSubAccount { name: name.to_owned(), ..member(SubAccountKind::Issuing) };
        let answer = world.engine.create_sub_account(programme.id, programme.by(), named).await;
        assert_eq!(refused(answer), bad);
    }
}

#[tokio::test]
async fn a_closed_one_stays_closed() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let kind = SubAccountKind::Issuing;
    let made = world.engine.create_sub_account(programme.id, programme.by(), member(kind)).await;
    let id = done(made).id;
    let set = |status| world.engine.set_sub_account_status(programme.id, id, status);
    assert_eq!(set(SubAccountStatus::Inactive).await.unwrap().version, 2);
    assert_eq!(set(SubAccountStatus::Inactive).await.unwrap().version, 2);
    assert_eq!(set(SubAccountStatus::Active).await.unwrap().version, 3);
    set(SubAccountStatus::Closed).await.unwrap();
    let refusal = refused(set(SubAccountStatus::Active).await);
    assert_eq!(refusal, SubAccountRefusal::Closed.into());
    let nobody = SubAccountId::from_bytes([5; 16]);
    let status = SubAccountStatus::Active;
    let answer = world.engine.set_sub_account_status(programme.id, nobody, status).await;
    assert_eq!(refused(answer), SubAccountRefusal::Missing.into());
    world.verified().await;
}
