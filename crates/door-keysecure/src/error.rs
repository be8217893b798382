//! The door's codes and texts, and what of the engine's answers becomes which.
//!
//! Every number and text stands once, in the table below. Where the documentation has no number,
//! the number is our own: 1900, and all of 3001 to 3004. Their ranges are documented, so correct
//! them here when the true ones are known.
//!
//! How an amount is refused:
//!
//! | `balance` | Code |
//! |---|---|
//! | missing, empty, not a string, over 64 characters | 1004 `balance invalid parameter` |
//! | not an exact decimal: `1e3`, `1,00`, `+1`, `01`, ` 1`, `١` | the same |
//! | an exact decimal that can't be moved: `0`, `-1`, `1.005`, more than 64 bits | 3004 |

use crate::envelope::failed;
use crate::language::Language;
use axum::response::Response;
use domain::cardholder::CardholderRefusal;
use domain::credential::{CredentialRefusal, Denied};
use domain::hold::HoldRefusal;
use domain::instruction::InstructionRefusal;
use domain::money::AmountFault;
use domain::program::ProgramRefusal;
use domain::refusal::Refusal;
use domain::signature_key::SignatureKeyRefusal;
use domain::transfer;
use gateway::fault::{AWAY_RETRY_S, BUSY_RETRY_S, Causes, Fault, Faults};
use gateway::json::{FieldFault, JsonFault};
use gateway::request_id::RequestId;
use http::{HeaderMap, StatusCode};
use std::borrow::Cow;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal $english:literal $chinese:literal,)*) => {
        /// What `code` and `msg` say.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub const fn number(self) -> u16 {
                match self { $(Self::$name => $number,)* }
            }

            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $(
                        (Self::$name, Language::English) => $english,
                        (Self::$name, Language::Chinese) => $chinese,
                    )*
                }
            }
        }
    };
}

#[rustfmt::skip]
codes! {
    Success = 0 "Success" "成功",
    SystemError = 1001 "System error, please try again later" "系统错误，请稍后再试",
    /// The same number: only the text says that something may have been done.
    OutcomeUnknown = 1001
        "System error, outcome unknown: query by transfer_unique_no or repeat the request"
        "系统错误，处理结果未知：请按 transfer_unique_no 查询或重复请求",
    ApiKeyMissing = 1002 "Api-Key is required" "缺少 Api-Key",
    AddressNotAllowed = 1003 "IP address not allowed" "IP 地址不被允许",
    InvalidParameter = 1004 "Invalid request parameter" "请求参数无效",
    BadTimestamp = 1005 "Timestamp invalid or expired" "Timestamp 无效或已过期",
    TokenMissing = 1006 "Access-Token is required" "缺少 Access-Token",
    BadToken = 1007 "Access-Token invalid or expired" "Access-Token 无效或已过期",
    ApiKeyUnknown = 1008 "Api-Key does not exist" "Api-Key 不存在",
    TooFrequent = 1009 "Operation too frequent, please try again later" "操作过于频繁，请稍后再试",
    ApiKeyDisabled = 1010 "Api-Key is not enabled" "Api-Key 未启用",
    ApiKeyExpired = 1011 "Api-Key has expired" "Api-Key 已过期",
    ModeNotSupported = 1012 "Merchant integration mode not supported" "商户接入模式不支持",
    EndNotAfterStart = 1019 "Query end time must be after start time" "查询结束时间必须晚于开始时间",
    RangeTooLong = 1020 "Query time range exceeds the allowed limit" "查询时间范围超出允许的限制",
    MerchantMissing = 1021 "Merchant does not exist" "商户不存在",
    MerchantAbnormal = 1022
        "Merchant status is abnormal, please contact administrator" "商户状态异常，请联系管理员",
    NotSupported = 1900 "Not supported by this installation" "本系统暂不支持该接口",
    CardholderExists = 2001 "Cardholder already exists" "持卡人已存在",
    CardholderMissing = 2002 "Cardholder does not exist" "持卡人不存在",
    CardholderNotVerified = 2005 "Cardholder verification failed" "持卡人认证未通过",
    AccountMissing = 3001 "Account does not exist" "账户不存在",
    InsufficientBalance = 3002 "Insufficient balance" "余额不足",
    DuplicateTransfer = 3003 "Duplicate transfer_unique_no" "transfer_unique_no 重复",
    InvalidAmount = 3004 "Invalid amount" "金额无效",
}

/// Why there is no `data`.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    /// What is at fault, by its name on the wire.
    parameter: Option<Cow<'static, str>>,
    retry_after_s: Option<u32>,
    /// For the log only.
    source: Option<Box<engine::Error>>,
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self { code, parameter: None, retry_after_s: None, source: None }
    }
}

impl Failure {
    /// 1004 with the name.
    pub fn parameter(name: impl Into<Cow<'static, str>>) -> Self {
        Self { parameter: Some(name.into()), ..Code::InvalidParameter.into() }
    }

    fn retry(code: Code, after_s: u32) -> Self {
        Self { retry_after_s: Some(after_s), ..code.into() }
    }

    /// An amount that is no number is a bad parameter; one that can't be moved has its own code.
    pub(crate) fn amount(name: &'static str, fault: AmountFault) -> Self {
        match fault {
            AmountFault::NotANumber => Self::parameter(name),
            AmountFault::TooPrecise | AmountFault::TooLarge | AmountFault::NotPositive => {
                Code::InvalidAmount.into()
            }
        }
    }

    pub const fn code(&self) -> Code {
        self.code
    }

    pub(crate) const fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    pub(crate) fn message(&self, language: Language) -> Cow<'static, str> {
        match (&self.parameter, language) {
            (None, _) => Cow::Borrowed(self.code.text(language)),
            (Some(name), Language::English) => Cow::Owned(format!("{name} invalid parameter")),
            (Some(name), Language::Chinese) => Cow::Owned(format!("{name} 参数无效")),
        }
    }

    /// Once, with the whole chain, where the fault is ours.
    pub(crate) fn log(&self, request: Option<RequestId>) {
        let Some(fault) = &self.source else { return };
        let request = request.map(tracing::field::display);
        tracing::error!(request, error = %Causes(fault), "a request failed");
    }
}

impl From<FieldFault> for Failure {
    fn from(fault: FieldFault) -> Self {
        Self::parameter(fault.field)
    }
}

impl From<JsonFault> for Failure {
    fn from(fault: JsonFault) -> Self {
        match fault {
            JsonFault::Duplicate(name) => Self::parameter(name),
            JsonFault::Empty
            | JsonFault::NotUtf8
            | JsonFault::ByteOrderMark
            | JsonFault::Syntax
            | JsonFault::NotObject
            | JsonFault::TooDeep
            | JsonFault::TooManyNames => Self::parameter("body"),
        }
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        match error {
            engine::Error::Refused(refusal) => refused(refusal).into(),
            engine::Error::Denied(denied) => self::denied(denied).into(),
            // Nothing else that is looked for by id can be missing: the programme was never
            // finished, or is gone.
            engine::Error::NotFound => Code::MerchantMissing.into(),
            engine::Error::Conflict => Code::DuplicateTransfer.into(),
            engine::Error::Busy => Self::retry(Code::SystemError, BUSY_RETRY_S),
            engine::Error::Stopping | engine::Error::Unavailable => {
                Self::retry(Code::SystemError, AWAY_RETRY_S)
            }
            engine::Error::Unknown => Code::OutcomeUnknown.into(),
            engine::Error::Store(ref fault) => {
                let told = Self::from(engine::Error::from(fault.failed()));
                Self { source: Some(Box::new(error)), ..told }
            }
            engine::Error::Internal(_) => {
                Self { source: Some(Box::new(error)), ..Code::SystemError.into() }
            }
        }
    }
}

const fn denied(denied: Denied) -> Code {
    match denied {
        Denied::CredentialMissing => Code::ApiKeyUnknown,
        Denied::CredentialDisabled => Code::ApiKeyDisabled,
        Denied::CredentialExpired => Code::ApiKeyExpired,
        Denied::ProgramMissing => Code::MerchantMissing,
        Denied::ProgramSuspended => Code::MerchantAbnormal,
        Denied::AddressNotAllowed => Code::AddressNotAllowed,
        // No call of this door is signed, and none shows its secret.
        Denied::TokenStale | Denied::BadSignature | Denied::BadSecret => Code::BadToken,
        Denied::ModeNotSupported => Code::ModeNotSupported,
    }
}

const fn refused(refusal: Refusal) -> Code {
    match refusal {
        Refusal::Cardholder(refusal) => match refusal {
            CardholderRefusal::BadNumber => Code::InvalidParameter,
            CardholderRefusal::Missing => Code::CardholderMissing,
            CardholderRefusal::AlreadyExists => Code::CardholderExists,
            CardholderRefusal::NotApproved | CardholderRefusal::IdentityMismatch => {
                Code::CardholderNotVerified
            }
        },
        Refusal::Transfer(refusal) => match refusal {
            transfer::Refusal::DebitAccountMissing | transfer::Refusal::CreditAccountMissing => {
                Code::AccountMissing
            }
            transfer::Refusal::Overflow => Code::InvalidAmount,
            transfer::Refusal::InsufficientFunds => Code::InsufficientBalance,
            // No call of this door names two accounts or two assets.
            transfer::Refusal::SameAccount
            | transfer::Refusal::AssetMismatch
            | transfer::Refusal::RateMissing
            | transfer::Refusal::TooSmallToConvert => Code::SystemError,
        },
        Refusal::Program(refusal) => match refusal {
            ProgramRefusal::Missing => Code::MerchantMissing,
            // Only operators make programmes.
            ProgramRefusal::BadName | ProgramRefusal::AlreadyExists => Code::SystemError,
        },
        // Only operators make credentials and their keys.
        Refusal::Credential(refusal) => match refusal {
            CredentialRefusal::BadLabel
            | CredentialRefusal::TooManyRanges
            | CredentialRefusal::Missing
            | CredentialRefusal::Revoked => Code::SystemError,
        },
        Refusal::SignatureKey(refusal) => match refusal {
            SignatureKeyRefusal::BadKey
            | SignatureKeyRefusal::PublishedKey
            | SignatureKeyRefusal::Missing
            | SignatureKeyRefusal::Retired
            | SignatureKeyRefusal::TooManyKeys => Code::SystemError,
        },
        // No call of this door names a sub-account, or says what is delivered and where.
        Refusal::SubAccount(_) | Refusal::Endpoint(_) | Refusal::Delivery(_) => Code::SystemError,
        // No call of this door has a remark, undoes anything, or names a hold.
        Refusal::Instruction(refusal) => match refusal {
            InstructionRefusal::Missing
            | InstructionRefusal::NotReversible
            | InstructionRefusal::AlreadyReversed
            | InstructionRefusal::RemarkTooLong
            | InstructionRefusal::BadLegCount => Code::SystemError,
        },
        Refusal::Hold(refusal) => match refusal {
            HoldRefusal::Missing
            | HoldRefusal::BadExpiry
            | HoldRefusal::AlreadyCaptured
            | HoldRefusal::AlreadyVoided
            | HoldRefusal::AlreadyExpired
            | HoldRefusal::NotYetExpired
            | HoldRefusal::AssetMismatch
            | HoldRefusal::ExceedsRemaining => Code::SystemError,
        },
    }
}

/// Transport faults in the envelope.
pub(crate) struct DoorFaults;

impl Faults for DoorFaults {
    fn render(&self, fault: Fault, request: Option<&HeaderMap>) -> Response {
        let language = request.map(Language::of).unwrap_or_default();
        let (status, failure) = shown(fault);
        failed(status, language, &failure)
    }
}

/// 200 for what reaches a handler, unreadable bodies included; the status of HTTP for the rest.
fn shown(fault: Fault) -> (StatusCode, Failure) {
    match fault {
        Fault::TooLarge => (fault.status(), Failure::parameter("body")),
        Fault::Malformed => (StatusCode::OK, Failure::parameter("body")),
        Fault::NotFound => (fault.status(), Failure::parameter("path")),
        Fault::MethodNotAllowed => (fault.status(), Failure::parameter("method")),
        Fault::Timeout | Fault::Internal => (fault.status(), Code::SystemError.into()),
        Fault::Busy { retry_after_s } => {
            let failure = Failure::retry(Code::SystemError, retry_after_s);
            (StatusCode::OK, failure)
        }
        Fault::Unavailable => {
            let failure = Failure::retry(Code::SystemError, AWAY_RETRY_S);
            (StatusCode::OK, failure)
        }
        Fault::Unknown => (StatusCode::OK, Code::OutcomeUnknown.into()),
    }
}

#[cfg(test)]
mod tests;
