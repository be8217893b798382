use super::*;
use domain::asset::Asset;
use domain::money::Amount;
use engine::StoreError;
use std::collections::BTreeSet;

#[test]
fn every_code_has_both_texts() {
    let mut numbers = BTreeSet::new();
    for code in Code::ALL {
        let [english, chinese] = Language::ALL.map(|language| code.text(language));
        assert!(english.is_ascii() && !english.is_empty(), "{code:?}");
        assert!(!chinese.is_ascii(), "{code:?}");
        let twice = !numbers.insert(code.number());
        assert_eq!(twice, *code == Code::OutcomeUnknown, "{code:?}");
    }
    assert!(Code::ALL.is_sorted_by_key(|code| code.number()));
    assert_eq!(Code::Success.text(Language::English), "Success");
}

fn number(error: engine::Error) -> u16 {
    Failure::from(error).code().number()
}

#[test]
fn every_denial_has_its_code() {
    let expected = [1008, 1010, 1011, 1021, 1022, 1003, 1007, 1012, 1007, 1007];
    assert_eq!(Denied::ALL.len(), expected.len());
    for (denied, code) in Denied::ALL.iter().zip(expected) {
        assert_eq!(number(engine::Error::Denied(*denied)), code, "{denied:?}");
    }
}

fn codes<R: Copy + Into<Refusal>>(all: &[R]) -> Vec<u16> {
    let code = |refusal: &R| number(engine::Error::Refused((*refusal).into()));
    all.iter().map(code).collect()
}

#[test]
fn every_refusal_has_its_code() {
    assert_eq!(codes(CardholderRefusal::ALL), [1004, 2002, 2001, 2005, 2005]);
    let transfers = [1001, 3001, 3001, 1001, 1001, 1001, 3004, 3002];
    assert_eq!(codes(transfer::Refusal::ALL), transfers);
    assert_eq!(codes(ProgramRefusal::ALL), [1001, 1021, 1001]);
    let ours = |codes: Vec<u16>| codes.iter().all(|code| *code == 1001);
    assert!(ours(codes(CredentialRefusal::ALL)));
    assert!(ours(codes(domain::sub_account::SubAccountRefusal::ALL)));
    assert!(ours(codes(SignatureKeyRefusal::ALL)));
    assert!(ours(codes(domain::endpoint::EndpointRefusal::ALL)));
    assert!(ours(codes(domain::delivery::DeliveryRefusal::ALL)));
    assert!(ours(codes(InstructionRefusal::ALL)));
    assert!(ours(codes(HoldRefusal::ALL)));
}

#[test]
fn what_may_be_tried_again_says_when() {
    for (error, code, retry) in [
        (engine::Error::Busy, Code::SystemError, Some(1)),
        (engine::Error::Stopping, Code::SystemError, Some(5)),
        (engine::Error::Unavailable, Code::SystemError, Some(5)),
        (engine::Error::Unknown, Code::OutcomeUnknown, None),
        (engine::Error::Conflict, Code::DuplicateTransfer, None),
        (engine::Error::NotFound, Code::MerchantMissing, None),
        (engine::Error::Internal("x"), Code::SystemError, None),
        (engine::Error::Store(StoreError::Contention), Code::SystemError, Some(1)),
        (engine::Error::Store(StoreError::Unavailable("x".into())), Code::SystemError, Some(5)),
        (engine::Error::Store(StoreError::Unknown("x".into())), Code::OutcomeUnknown, None),
    ] {
        let failure = Failure::from(error);
        assert_eq!((failure.code(), failure.retry_after_s()), (code, retry));
        let answer = failed(StatusCode::OK, Language::English, &failure);
        let header = answer.headers().get("retry-after");
        let header = header.map(|value| value.to_str().unwrap().parse().unwrap());
        assert_eq!(header, retry);
    }
}

#[test]
fn amounts() {
    let asset = Asset::find("TUSDT").unwrap();
    for (text, code) in [
        ("1e3", 1004),
        ("1,00", 1004),
        (" 1", 1004),
        ("1 ", 1004),
        ("١", 1004),
        ("+1", 1004),
        ("01", 1004),
        (".5", 1004),
        ("1.", 1004),
        ("0x1", 1004),
        ("NaN", 1004),
        ("0", 3004),
        ("0.00", 3004),
        ("-0", 3004),
        ("-1", 3004),
        ("-0.01", 3004),
        ("1.005", 3004),
        ("1.000", 3004),
        ("92233720368547758.08", 3004),
        ("99999999999999999999999999", 3004),
    ] {
        let fault = Amount::parse(text, asset).unwrap_err();
        let failure = Failure::amount("balance", fault);
        assert_eq!(failure.code().number(), code, "{text}");
        let msg = failure.message(Language::English);
        assert_eq!(msg == "balance invalid parameter", code == 1004, "{text}");
    }
}

#[test]
fn transport_faults() {
    let retry_after_s = 3;
    for (fault, status, code) in [
        (Fault::TooLarge, 413, 1004),
        (Fault::Malformed, 200, 1004),
        (Fault::Timeout, 408, 1001),
        (Fault::NotFound, 404, 1004),
        (Fault::MethodNotAllowed, 405, 1004),
        (Fault::Internal, 500, 1001),
        (Fault::Busy { retry_after_s }, 200, 1001),
        (Fault::Unavailable, 200, 1001),
        (Fault::Unknown, 200, 1001),
    ] {
        let (seen, failure) = shown(fault);
        assert_eq!((seen.as_u16(), failure.code().number()), (status, code), "{fault:?}");
        assert_eq!(DoorFaults.render(fault, None).status(), seen);
    }
}
