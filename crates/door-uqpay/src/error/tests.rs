use super::*;
use domain::credential::CredentialRefusal;
use domain::hold::HoldRefusal;
use domain::program::ProgramRefusal;
use domain::signature_key::SignatureKeyRefusal;
use engine::StoreError;
use gateway::body::Limits;

const INVALID: &str = "invalid_request_error";
const ACCOUNT: &str = "account_error";
const UNAUTHORIZED: &str = "unauthorized_error";

/// The whole table, as clients read it.
#[test]
fn every_code_has_its_type_its_word_and_its_status() {
    let expected = [
        (Code::InvalidRequest, INVALID, INVALID, 400),
        (Code::NotSupported, INVALID, "not_supported", 400),
        (Code::KeyMissing, INVALID, INVALID, 400),
        (Code::KeyUsed, "idempotency_error", "idempotency_error", 400),
        (Code::AccountMissing, ACCOUNT, "account_not_found", 400),
        (Code::SubAccountMissing, ACCOUNT, "sub_account_not_found", 400),
        (Code::BalanceMissing, ACCOUNT, "balance_not_found", 400),
        (Code::InsufficientBalance, ACCOUNT, "insufficient_balance", 400),
        (Code::TransferMissing, ACCOUNT, "transfer_not_found", 400),
        (Code::RfiMissing, INVALID, "rfi_not_found", 400),
        (Code::InvalidClient, INVALID, "invalid_client", 400),
        (Code::InvalidKey, UNAUTHORIZED, "authentication_error", 401),
        (Code::TokenExpired, UNAUTHORIZED, UNAUTHORIZED, 401),
        (Code::BadToken, UNAUTHORIZED, UNAUTHORIZED, 401),
        (Code::Forbidden, UNAUTHORIZED, "forbidden", 403),
        (Code::NotSandbox, UNAUTHORIZED, "forbidden", 403),
        (Code::PathNotFound, "not_found", "not_found", 404),
        (Code::MethodNotAllowed, "not_allowed", "method_not_allowed", 405),
        (Code::BodyTooLarge, INVALID, "body_too_large", 413),
        (Code::BodyTimeout, INVALID, "body_timeout", 408),
        (Code::SystemError, "api_error", "api_error", 500),
        (Code::SystemBusy, "api_error", "api_error", 503),
        (Code::TooManyRequests, "", "too_many_requests", 429),
        (Code::Processing, "", "200", 400),
    ];
    assert_eq!(Code::ALL.len(), expected.len());
    for (code, expected) in Code::ALL.iter().zip(expected) {
        let seen = (*code, code.kind(), code.word(), code.status().as_u16());
        assert_eq!(seen, expected);
        assert!(code.text().is_ascii() && !code.text().is_empty(), "{code:?}");
    }
}

/// Only what left nothing behind, or may be asked again with its key, is one that clients repeat.
#[test]
fn what_clients_repeat_by_themselves() {
    let repeated = |code: &&Code| {
        [408, 429].contains(&code.status().as_u16())
            || code.status().is_server_error()
            || code.text().to_lowercase().contains("request is processing")
    };
    let repeated: Vec<_> = Code::ALL.iter().filter(repeated).collect();
    let expected = [
        Code::BodyTimeout,
        Code::SystemError,
        Code::SystemBusy,
        Code::TooManyRequests,
        Code::Processing,
    ];
    assert_eq!(repeated, expected.iter().collect::<Vec<_>>());
    let renewed = |code: &&Code| code.text().to_lowercase().contains("token expired");
    let renewed: Vec<_> = Code::ALL.iter().filter(renewed).collect();
    assert_eq!(renewed, [&Code::TokenExpired]);
}

fn code(error: engine::Error) -> Code {
    Failure::from(error).code()
}

#[test]
fn every_denial_has_its_code() {
    use Code::{Forbidden, InvalidKey, SystemError, TokenExpired};
    let expected = [
        TokenExpired,
        TokenExpired,
        TokenExpired,
        Forbidden,
        Forbidden,
        TokenExpired,
        TokenExpired,
        SystemError,
        SystemError,
        InvalidKey,
    ];
    assert_eq!(Denied::ALL.len(), expected.len());
    for (denied, expected) in Denied::ALL.iter().zip(expected) {
        assert_eq!(code(engine::Error::Denied(*denied)), expected, "{denied:?}");
    }
}

fn codes<R: Copy + Into<Refusal>>(all: &[R]) -> Vec<Code> {
    all.iter().map(|refusal| code(engine::Error::Refused((*refusal).into()))).collect()
}

#[test]
fn every_refusal_has_its_code() {
    use Code::{
        AccountMissing, BalanceMissing, InsufficientBalance, InvalidRequest, SystemError as Ours,
    };
    let members = [InvalidRequest, AccountMissing, Ours, AccountMissing, BalanceMissing, Ours];
    assert_eq!(codes(SubAccountRefusal::ALL), members);
    let transfers = [
        InvalidRequest,
        BalanceMissing,
        BalanceMissing,
        Ours,
        Ours,
        Ours,
        InvalidRequest,
        InsufficientBalance,
    ];
    assert_eq!(codes(transfer::Refusal::ALL), transfers);
    assert_eq!(codes(InstructionRefusal::ALL), [Ours, Ours, Ours, InvalidRequest, Ours]);
    let all_ours = |codes: Vec<Code>| codes.iter().all(|code| *code == Ours);
    assert!(all_ours(codes(CardholderRefusal::ALL)));
    assert!(all_ours(codes(ProgramRefusal::ALL)));
    assert!(all_ours(codes(CredentialRefusal::ALL)));
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
        (engine::Error::Unknown, Code::Processing, None),
        (engine::Error::Conflict, Code::KeyUsed, None),
        (engine::Error::NotFound, Code::AccountMissing, None),
        (engine::Error::Internal("x"), Code::SystemError, None),
        (engine::Error::Store(StoreError::Contention), Code::SystemBusy, Some(1)),
        (engine::Error::Store(StoreError::Unavailable("x".into())), Code::SystemBusy, Some(5)),
        (engine::Error::Store(StoreError::Unknown("x".into())), Code::Processing, None),
    ] {
        let failure = Failure::from(error);
        assert_eq!((failure.code(), failure.retry_after_s()), (code, retry));
        for shape in [Shape::Flat, Shape::Typed] {
            let answer = failed(shape, &failure);
            let header = answer.headers().get("retry-after");
            let header = header.map(|value| value.to_str().unwrap().parse().unwrap());
            assert_eq!(header, retry);
        }
    }
}

async fn wire(shape: Shape, code: Code) -> (u16, String) {
    let (parts, body) = failed(shape, &code.into()).into_parts();
    let bytes = gateway::body::read(body, Limits::default()).await.unwrap();
    (parts.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn the_shapes() {
    let processing = r#"{"code":200,"message":"Request is processing, please try again later"}"#;
    let too_many = r#"{"code":"too_many_requests","message":"too many requests"}"#;
    let auth = r#"{"code":403,"message":"Authorization error"}"#;
    for (shape, code, status, text) in [
        (Shape::Typed, Code::Processing, 400, processing),
        (Shape::Flat, Code::Processing, 400, processing),
        (Shape::Typed, Code::TooManyRequests, 429, too_many),
        (Shape::Flat, Code::TooManyRequests, 429, too_many),
        (Shape::Typed, Code::InvalidKey, 401, r#"{"error":"Invalid API key"}"#),
        (Shape::Flat, Code::InvalidKey, 401, r#"{"error":"Invalid API key"}"#),
        (Shape::Flat, Code::InvalidClient, 400, r#"{"code":400,"message":"Invalid client id"}"#),
        (Shape::Account, Code::TokenExpired, 403, auth),
        (Shape::Account, Code::BadToken, 403, auth),
        (Shape::Account, Code::InvalidClient, 400, r#"{"code":400,"message":"Invalid client id"}"#),
        (Shape::Flat, Code::BadToken, 401, r#"{"code":401,"message":"invalid auth token format"}"#),
        (Shape::Flat, Code::PathNotFound, 404, r#"{"code":404,"message":"page not found"}"#),
        (
            Shape::Typed,
            Code::InsufficientBalance,
            400,
            concat!(
                r#"{"type":"account_error","code":"insufficient_balance","#,
                r#""message":"insufficient balance"}"#
            ),
        ),
    ] {
        assert_eq!(wire(shape, code).await, (status, text.to_owned()));
    }
}

#[tokio::test]
async fn every_code_in_every_shape() {
    for code in Code::ALL {
        for shape in [Shape::Flat, Shape::Account, Shape::Typed] {
            let (status, text) = wire(shape, *code).await;
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            match code {
                Code::Processing | Code::InvalidKey => {}
                Code::TokenExpired | Code::BadToken if shape == Shape::Account => {}
                _ => {
                    assert_eq!(json["message"], code.text());
                    assert_eq!(status, code.status().as_u16());
                    match shape {
                        Shape::Flat | Shape::Account if *code == Code::TooManyRequests => {
                            assert_eq!(json["code"], code.word());
                        }
                        Shape::Flat | Shape::Account => assert_eq!(json["code"], status),
                        Shape::Typed => assert_eq!(json["code"], code.word()),
                    }
                }
            }
        }
    }
}

#[test]
fn transport_faults() {
    let retry_after_s = 3;
    for (fault, status) in [
        (Fault::TooLarge, 413),
        (Fault::Malformed, 400),
        (Fault::Timeout, 408),
        (Fault::NotFound, 404),
        (Fault::MethodNotAllowed, 405),
        (Fault::Internal, 500),
        (Fault::Busy { retry_after_s }, 503),
        (Fault::Unavailable, 503),
        (Fault::Unknown, 400),
    ] {
        assert_eq!(fault.answer(&DoorFaults, None).status(), status, "{fault:?}");
        assert_eq!(DoorFaults.render(fault, None).status(), status, "{fault:?}");
    }
    let answer = Fault::Busy { retry_after_s }.answer(&DoorFaults, None);
    assert_eq!(answer.headers()["retry-after"], "3");
}
