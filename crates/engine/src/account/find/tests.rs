use crate::scenario::World;
use domain::account::Owner;

#[tokio::test]
async fn an_accounts_entries_page_backwards_while_rows_arrive() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let reserve = programme.reserve();
    for minor in 1..=10 {
        programme.fund(reserve, minor).await;
    }
    let mut versions = Vec::new();
    let mut before = None;
    loop {
        let page =
            world.engine.account_history(programme.id, reserve.id(), before, 4).await.unwrap();
        programme.fund(reserve, 100).await;
        let Some(last) = page.last() else { break };
        before = Some(last.version);
        for pair in page.windows(2) {
            let stepped = pair[0].after.posted_credits - pair[0].posted;
            assert_eq!(stepped, pair[1].after.posted_credits);
        }
        versions.extend(page.iter().map(|entry| entry.version));
    }
    assert_eq!(versions, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let other = world.programme("two").await;
    let theirs = world.engine.account_history(other.id, reserve.id(), None, 4).await.unwrap();
    assert!(theirs.is_empty());
}

#[tokio::test]
async fn accounts_page_by_id_and_by_owner() {
    let world = World::new().await;
    let programme = world.programme("one").await;
    let holder = programme.approved("U1").await;
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = world.engine.accounts(programme.id, None, after, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.iter().map(|account| account.id));
    }
    let sorted = {
        let mut ids = seen.clone();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    assert_eq!((seen.len(), &seen), (20, &sorted));
    let owner = Some(Owner::Cardholder(holder.id));
    assert_eq!(world.engine.accounts(programme.id, owner, None, 100).await.unwrap().len(), 2);
}
