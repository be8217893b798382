use super::*;
use domain::asset::Asset;
use domain::credential::CredentialRefusal;
use domain::hold::HoldRefusal;
use domain::money::Amount;
use domain::program::ProgramRefusal;
use domain::signature_key::SignatureKeyRefusal;
use domain::sub_account::SubAccountRefusal;
use engine::StoreError;
use std::collections::BTreeSet;

const LANGUAGES: [Language; 3] = [Language::English, Language::Simplified, Language::Traditional];

/// As on the wire, without quotes.
fn wire(code: Code) -> String {
    match code.wire() {
        Wire::Text(text) => text.to_owned(),
        Wire::Number(number) => number.to_string(),
    }
}

#[test]
fn every_code_is_there_once_and_has_three_texts() {
    let (mut codes, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for code in Code::ALL {
        let [english, simplified, traditional] = LANGUAGES.map(|language| code.text(language));
        assert!(english.is_ascii() && !english.is_empty(), "{code:?}");
        assert!(!simplified.is_ascii() && !traditional.is_ascii(), "{code:?}");
        assert!(texts.insert(english), "{code:?}");
        assert!(codes.insert(wire(*code)), "{code:?}");
    }
    assert!(Code::ALL.is_sorted_by_key(|code| match code.wire() {
        Wire::Text(text) => (0, text),
        Wire::Number(_) => (1, ""),
    }));
}

/// The first are of the gateway, about who calls.
#[test]
fn a_code_is_a_text_or_a_number_and_its_status_says_which_is_at_fault() {
    for code in Code::ALL {
        let status = code.status().as_u16();
        match code.wire() {
            Wire::Text(text) => {
                assert!(text.len() == 7 && text.starts_with("E0000"), "{code:?}");
                assert!([400, 401, 403, 404, 405, 408, 413].contains(&status), "{code:?}");
            }
            Wire::Number(number) => {
                let expected = if number < 300_100 { 400 } else { number - 300_000 };
                assert_eq!(u32::from(status), expected, "{code:?}");
            }
        }
        let json = serde_json::to_string(&code.wire()).unwrap();
        assert_eq!(json.starts_with('"'), matches!(code.wire(), Wire::Text(_)));
    }
}

/// What is documented, and must not change with the rest.
#[test]
fn the_documented_codes() {
    assert_eq!(Code::BadCredential.wire(), Wire::Text("E000002"));
    assert_eq!(Code::BadCredential.text(Language::English), "Invalid Credential Format.");
    assert_eq!(Code::UserExists.wire(), Wire::Number(300_008));
    assert_eq!(Code::UserExists.status(), StatusCode::BAD_REQUEST);
}

fn code(error: engine::Error) -> String {
    wire(Failure::from(error).code())
}

#[test]
fn every_denial_has_its_code() {
    let expected = [
        "E000004", "E000005", "E000005", "E000005", "E000005", "E000006", "300500", "300500",
        "E000008", "300500",
    ];
    assert_eq!(Denied::ALL.len(), expected.len());
    for (denied, expected) in Denied::ALL.iter().zip(expected) {
        assert_eq!(code(engine::Error::Denied(*denied)), expected, "{denied:?}");
    }
}

fn codes<R: Copy + Into<Refusal>>(all: &[R]) -> Vec<String> {
    all.iter().map(|refusal| code(engine::Error::Refused((*refusal).into()))).collect()
}

#[test]
fn every_refusal_has_its_code() {
    let cardholders = ["300001", "300004", "300008", "300007", "300010"];
    assert_eq!(codes(CardholderRefusal::ALL), cardholders);
    let ours = "300500";
    let transfers = ["300005", ours, ours, ours, ours, ours, "300002", ours];
    assert_eq!(codes(transfer::Refusal::ALL), transfers);
    assert_eq!(codes(InstructionRefusal::ALL), [ours, ours, ours, "300001", ours]);
    let all_ours = |codes: Vec<String>| codes.iter().all(|code| code == ours);
    assert!(all_ours(codes(ProgramRefusal::ALL)));
    assert!(all_ours(codes(CredentialRefusal::ALL)));
    assert!(all_ours(codes(SubAccountRefusal::ALL)));
    assert!(all_ours(codes(SignatureKeyRefusal::ALL)));
    assert!(all_ours(codes(domain::endpoint::EndpointRefusal::ALL)));
    assert!(all_ours(codes(domain::delivery::DeliveryRefusal::ALL)));
    assert!(all_ours(codes(HoldRefusal::ALL)));
}

#[test]
fn what_may_be_tried_again_says_when() {
    for (error, code, retry) in [
        (engine::Error::Busy, Code::SystemBusy, Some(1)),
        (engine::Error::Stopping, Code::SystemBusy, Some(5)),
        (engine::Error::Unavailable, Code::SystemBusy, Some(5)),
        (engine::Error::Unknown, Code::OutcomeUnknown, None),
        (engine::Error::Conflict, Code::DuplicateRefId, None),
        (engine::Error::NotFound, Code::UserMissing, None),
        (engine::Error::Internal("x"), Code::SystemError, None),
        (engine::Error::Store(StoreError::Contention), Code::SystemBusy, Some(1)),
        (engine::Error::Store(StoreError::Unavailable("x".into())), Code::SystemBusy, Some(5)),
        (engine::Error::Store(StoreError::Unknown("x".into())), Code::OutcomeUnknown, None),
    ] {
        let failure = Failure::from(error);
        assert_eq!((failure.code(), failure.retry_after_s()), (code, retry));
        let answer = failed(code.status(), Language::English, &failure);
        let header = answer.headers().get("retry-after");
        let header = header.map(|value| value.to_str().unwrap().parse().unwrap());
        assert_eq!(header, retry);
    }
}

#[test]
fn a_message_names_the_parameter_in_every_language() {
    let failure = Failure::parameter("user.phone_number");
    let messages = LANGUAGES.map(|language| failure.message(language));
    let expected = [
        "Invalid request parameter: user.phone_number",
        "请求参数无效: user.phone_number",
        "請求參數無效: user.phone_number",
    ];
    assert_eq!(messages, expected);
    assert_eq!(Failure::from(Code::UserMissing).message(Language::English), "User does not exist");
}

#[test]
fn amounts() {
    let asset = Asset::find("USD").unwrap();
    for (text, code) in [
        ("1e3", Code::InvalidParameter),
        ("1,00", Code::InvalidParameter),
        (" 1", Code::InvalidParameter),
        ("١", Code::InvalidParameter),
        ("+1", Code::InvalidParameter),
        ("01", Code::InvalidParameter),
        (".5", Code::InvalidParameter),
        ("1.", Code::InvalidParameter),
        ("0x1", Code::InvalidParameter),
        ("NaN", Code::InvalidParameter),
        ("0", Code::InvalidAmount),
        ("0.00", Code::InvalidAmount),
        ("-0", Code::InvalidAmount),
        ("-1", Code::InvalidAmount),
        ("1.005", Code::InvalidAmount),
        ("1.000", Code::InvalidAmount),
        ("92233720368547758.08", Code::InvalidAmount),
    ] {
        let fault = Amount::parse(text, asset).unwrap_err();
        assert_eq!(Failure::amount("amount", fault).code(), code, "{text}");
    }
}

#[test]
fn transport_faults() {
    let retry_after_s = 3;
    for (fault, status, code) in [
        (Fault::TooLarge, 413, Code::BodyTooLarge),
        (Fault::Malformed, 400, Code::BodyBroken),
        (Fault::Timeout, 408, Code::BodyTimeout),
        (Fault::NotFound, 404, Code::PathNotFound),
        (Fault::MethodNotAllowed, 405, Code::MethodNotAllowed),
        (Fault::Internal, 500, Code::SystemError),
        (Fault::Busy { retry_after_s }, 503, Code::SystemBusy),
        (Fault::Unavailable, 503, Code::SystemBusy),
        (Fault::Unknown, 504, Code::OutcomeUnknown),
    ] {
        assert_eq!(code.status().as_u16(), status, "{fault:?}");
        assert_eq!(fault.answer(&DoorFaults, None).status(), status, "{fault:?}");
        let mut headers = HeaderMap::new();
        headers.insert("x-i18n-lang", "zh-HK".parse().unwrap());
        let answer = DoorFaults.render(fault, Some(&headers));
        assert_eq!(answer.status(), status, "{fault:?}");
    }
    let answer = Fault::Busy { retry_after_s }.answer(&DoorFaults, None);
    assert_eq!(answer.headers()["retry-after"], "3");
}
