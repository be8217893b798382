//! In order inside of a subject, and no order between two.

use super::script::{Behaviour, Script, till_all_arrived, touch, touch_pair};
use super::{SECOND, deliver};
use crate::scenario::World;
use domain::endpoint::Kinds;

const URL: &str = "https://a.example/";

fn subject(line: &str) -> &str {
    line.split(' ').nth(1).unwrap()
}

fn seq(line: &str) -> u64 {
    line.split(' ').nth(2).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_later_event_waits_for_the_earlier_of_its_subject() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    script.endpoint(&world, programme.id, URL, Kinds::All).await;
    touch(&programme, 3).await;
    touch_pair(&programme, "JPY", "USD").await;
    script.will(URL, Behaviour::Recover(1));
    let mut deliver = deliver(&world, &script);
    // The first of each subject is tried, and one of them fails; nothing behind that one.
    deliver.whole().await;
    deliver.whole().await;
    let sent = script.sent(URL);
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_ne!(subject(&sent[0]), subject(&sent[1]));
    // When it is tried again and arrives, those that waited follow at once.
    world.clock.forward(SECOND * 12);
    deliver.whole().await;
    let sent = script.sent(URL);
    assert_eq!(sent.len(), 5, "{sent:?}");
    assert!(sent[2..].is_sorted_by_key(|line| seq(line)), "{sent:?}");
    assert!(sent[2..].iter().all(|line| subject(line) == subject(&sent[2])));
    world.verified().await;
}

#[tokio::test]
async fn a_given_up_event_is_overtaken() {
    let world = World::new().await;
    let script = Script::new();
    let programme = world.programme("one").await;
    let endpoint = script.endpoint(&world, programme.id, URL, Kinds::All).await;
    touch(&programme, 2).await;
    script.will(URL, Behaviour::Recover(9));
    let mut deliver = deliver(&world, &script);
    till_all_arrived(&world, &mut [&mut deliver], programme.id, endpoint.id).await;
    let sent = script.sent(URL);
    assert_eq!(sent.len(), 10);
    assert!(sent[..9].iter().all(|line| *line == sent[0]), "nine times the first");
    assert!(seq(&sent[9]) > seq(&sent[0]));
    assert_eq!(script.arrived(URL).len(), 1);
    world.verified().await;
}
