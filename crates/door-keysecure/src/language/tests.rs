use super::*;
use crate::tests::{Call, Fixture, TRANSFER};
use http::HeaderValue;

#[test]
fn two_words_and_a_default() {
    for (value, language) in [
        ("zh_CN", Language::Chinese),
        ("en_US", Language::English),
        ("zh_cn", Language::English),
        ("zh-CN", Language::English),
        ("zh", Language::English),
        ("", Language::English),
        ("fr_FR", Language::English),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(LANGUAGE, HeaderValue::from_static(value));
        assert_eq!(Language::of(&headers), language, "{value}");
    }
    let mut headers = HeaderMap::new();
    assert_eq!(Language::of(&headers), Language::English);
    headers.append(LANGUAGE, HeaderValue::from_static("zh_CN"));
    headers.append(LANGUAGE, HeaderValue::from_static("zh_CN"));
    assert_eq!(Language::of(&headers), Language::English);
}

#[tokio::test]
async fn only_the_text_changes() {
    let fixture = Fixture::new().await;
    let body = r#"{"cardholder_no":"U1","transfer_unique_no":"T1","type":"In","balance":"1"}"#;
    for (body, code, english, chinese) in [
        (body, 2002, "Cardholder does not exist", "持卡人不存在"),
        ("{}", 1004, "cardholder_no invalid parameter", "cardholder_no 参数无效"),
        ("", 1004, "body invalid parameter", "body 参数无效"),
    ] {
        let call = fixture.signed(Call::post(TRANSFER, body));
        fixture.ask(call.clone()).await.is(code, english);
        let call = call.with("Language", "zh_CN");
        fixture.ask(call).await.is(code, chinese);
    }
    let call = Call::get("/merchant/token").with("Language", "zh_CN");
    fixture.ask(call).await.is(1002, "缺少 Api-Key");
    let call = fixture.signed(Call::post(TRANSFER, crate::tests::EXAMPLE));
    let answer = fixture.ask(call.with("Language", "zh_CN")).await;
    assert_eq!((answer.code(), answer.msg()), (0, "成功"));
}
