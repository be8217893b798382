use super::*;
use domain::asset::Asset;
use domain::money::Money;
use http::header::CONTENT_TYPE;

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[tokio::test]
async fn bytes_of_an_answer() {
    let answer = success(Language::English, &List { list: vec![1, 2] });
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    let limits = gateway::body::Limits::default();
    let body = gateway::body::read(answer.into_body(), limits).await;
    let expected = r#"{"code":0,"msg":"Success","data":{"list":[1,2]}}"#;
    assert_eq!(body.unwrap(), expected);
}

#[tokio::test]
async fn bytes_of_an_error() {
    let failure = Failure::from(Code::AddressNotAllowed);
    let answer = failed(StatusCode::OK, Language::English, &failure);
    let limits = gateway::body::Limits::default();
    let body = gateway::body::read(answer.into_body(), limits).await;
    assert_eq!(body.unwrap(), r#"{"code":1003,"msg":"IP address not allowed"}"#);
}

#[test]
fn numbers_and_money_are_text() {
    let id = InstructionId::from_bytes(
        *b"\x00\x01\x0f\x10\x7f\x80\xff0123456789".first_chunk().unwrap(),
    );
    assert_eq!(text(&TransferNo(id)), r#""00010f107f80ff303132333435363738""#);
    let sent = text(&TransferNo(id)).trim_matches('"').parse();
    assert_eq!(sent, Ok(id));
    let money = Money::new(-5, Asset::find("TUSDT").unwrap());
    assert_eq!(text(&Shown(money)), r#""-0.05""#);
}
