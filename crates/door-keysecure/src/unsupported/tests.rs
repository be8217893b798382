use super::*;
use crate::tests::{Call, Fixture};
use std::collections::BTreeSet;

fn concrete(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "X202605220001",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn call(endpoint: &Endpoint) -> Call {
    let path = concrete(endpoint.path);
    match endpoint.method {
        Method::Get => Call::get(&path),
        Method::Post => Call::post(&path, "not JSON"),
        Method::Put | Method::Delete => unreachable!("this door has no such endpoint"),
    }
}

#[tokio::test]
async fn each_says_so_after_its_checks() {
    let fixture = Fixture::new().await;
    let other = fixture.another("second", Mode::Authorization).await;
    for endpoint in ENDPOINTS {
        let (bare, text) = (call(endpoint), "Not supported by this installation");
        let credit = fixture.ask(fixture.signed(bare.clone())).await;
        let authorization = fixture.ask(fixture.sign(&other, bare.clone())).await;
        let (in_credit, in_authorization) = match endpoint.checks {
            Checks::Headers | Checks::None => (1900, 1900),
            Checks::Mode(Mode::Credit) => (1900, 1012),
            Checks::Mode(Mode::Authorization) => (1012, 1900),
        };
        assert_eq!(credit.code(), in_credit, "{}", endpoint.path);
        assert_eq!(authorization.code(), in_authorization, "{}", endpoint.path);
        assert!([credit.msg(), authorization.msg()].contains(&text));
        let bare = fixture.ask(bare).await;
        let unsigned = if endpoint.checks == Checks::None { 1900 } else { 1002 };
        assert_eq!(bare.code(), unsigned, "{}", endpoint.path);
        let token = fixture.signed(call(endpoint)).without("Access-Token");
        let token = fixture.ask(token).await;
        let no_token = if endpoint.checks == Checks::None { 1900 } else { 1006 };
        assert_eq!(token.code(), no_token, "{}", endpoint.path);
    }
}

#[test]
fn each_stands_once_and_in_order() {
    let names: BTreeSet<_> = ENDPOINTS.iter().map(|one| concrete(one.path)).collect();
    assert_eq!(names.len(), ENDPOINTS.len());
    let section = |one: &Endpoint| one.section.split_once('.').unwrap().1.parse::<u8>().unwrap();
    assert!(ENDPOINTS.is_sorted_by_key(section));
}

#[tokio::test]
async fn the_text_is_translated() {
    let fixture = Fixture::new().await;
    let call = Call::post("/simulate/auth", "").with("Language", "zh_CN");
    fixture.ask(call).await.is(1900, "本系统暂不支持该接口");
}
