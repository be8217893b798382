use super::*;

#[test]
fn what_is_sent() {
    let call = Call::post(&["programs", "a b/ü?", "fund"])
        .field("amount", "1")
        .optional("remark", None::<String>)
        .optional("assets", Some(vec!["A".to_owned()]))
        .query("limit", Some(5))
        .query("after", None::<String>)
        .query("kind", Some("a,b&c"));
    assert_eq!(call.method, Method::POST);
    assert_eq!(call.path, "/v1/programs/a%20b%2F%C3%BC%3F/fund?limit=5&kind=a%2Cb%26c");
    assert_eq!(call.body(), r#"{"amount":"1","assets":["A"]}"#);
    assert_eq!(call.repeat, Repeat::Never);
    assert_eq!(call.clone().once(None).repeat, Repeat::Drawn);
    assert_eq!(call.once(Some("k".to_owned())).repeat, Repeat::Named("k".to_owned()));
    let secret = Secret::new("hush\n".to_owned());
    let call = Call::post(&["keys"]).field("use", "sign").secret("pem", secret);
    assert_eq!(call.body(), r#"{"pem":"hush\n","use":"sign"}"#);
    assert!(!format!("{call:?}").contains("hush"));
    assert_eq!(Call::get(&["rates"]).body(), "");
    assert_eq!(Call::post(&["rates"]).body(), "{}");
}
