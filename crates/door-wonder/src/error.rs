//! The door's codes, statuses and texts, and what of the engine's answers becomes which.
//!
//! Every code stands once, in the table below. Two are documented: `E000002` and 300008. All others
//! are our own, beside them; correct them here when the true ones are known. A text is the
//! gateway's, about who calls; a number is the service's, about what is asked for.

use crate::envelope::failed;
use crate::language::Language;
use axum::response::Response;
use domain::cardholder::CardholderRefusal;
use domain::credential::Denied;
use domain::instruction::InstructionRefusal;
use domain::money::AmountFault;
use domain::refusal::Refusal;
use domain::transfer;
use gateway::fault::{AWAY_RETRY_S, BUSY_RETRY_S, Causes, Fault, Faults};
use gateway::json::{FieldFault, JsonFault};
use gateway::query::QueryFault;
use gateway::request_id::RequestId;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::borrow::Cow;

/// What stands under `code`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum Wire {
    Text(&'static str),
    Number(u32),
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $wire:ident($value:literal) $status:ident
        $english:literal $simplified:literal $traditional:literal,)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            pub const fn wire(self) -> Wire {
                match self { $(Self::$name => Wire::$wire($value),)* }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $(
                        (Self::$name, Language::English) => $english,
                        (Self::$name, Language::Simplified) => $simplified,
                        (Self::$name, Language::Traditional) => $traditional,
                    )*
                }
            }
        }
    };
}

#[rustfmt::skip]
codes! {
    HeaderMissing = Text("E000001") UNAUTHORIZED
        "Missing Credential, Nonce Or Signature."
        "缺少 Credential、Nonce 或 Signature" "缺少 Credential、Nonce 或 Signature",
    BadCredential = Text("E000002") UNAUTHORIZED
        "Invalid Credential Format." "Credential 格式无效" "Credential 格式無效",
    UnknownAlgorithm = Text("E000003") UNAUTHORIZED
        "Unsupported Algorithm." "不支持的签名算法" "不支援的簽名演算法",
    UnknownApp = Text("E000004") UNAUTHORIZED
        "AppID Not Found." "AppID 不存在" "AppID 不存在",
    /// Disabled, expired, or its business is suspended.
    InactiveApp = Text("E000005") UNAUTHORIZED
        "AppID Is Not Active." "AppID 未启用" "AppID 未啟用",
    AddressNotAllowed = Text("E000006") FORBIDDEN
        "IP Address Not Allowed." "IP 地址不被允许" "IP 地址不被允許",
    TimeExpired = Text("E000007") UNAUTHORIZED
        "Request Time Expired." "请求时间已过期" "請求時間已過期",
    BadSignature = Text("E000008") FORBIDDEN
        "Invalid Signature." "签名无效" "簽名無效",
    /// For another request.
    NonceUsed = Text("E000009") FORBIDDEN
        "Nonce Already Used." "Nonce 已被使用" "Nonce 已被使用",
    PathNotFound = Text("E000010") NOT_FOUND
        "Path Not Found." "路径不存在" "路徑不存在",
    MethodNotAllowed = Text("E000011") METHOD_NOT_ALLOWED
        "Method Not Allowed." "请求方法不被允许" "請求方法不被允許",
    BodyTooLarge = Text("E000012") PAYLOAD_TOO_LARGE
        "Body Too Large." "请求体过大" "請求體過大",
    BodyTimeout = Text("E000013") REQUEST_TIMEOUT
        "Body Timeout." "请求体超时" "請求體逾時",
    BodyBroken = Text("E000014") BAD_REQUEST
        "Body Broken." "请求体不完整" "請求體不完整",
    /// The message names the parameter.
    InvalidParameter = Number(300_001) BAD_REQUEST
        "Invalid request parameter" "请求参数无效" "請求參數無效",
    /// Zero, negative, or finer than the currency.
    InvalidAmount = Number(300_002) BAD_REQUEST
        "Invalid amount" "金额无效" "金額無效",
    CurrencyNotSupported = Number(300_003) BAD_REQUEST
        "Currency not supported" "不支持的币种" "不支援的幣種",
    UserMissing = Number(300_004) BAD_REQUEST
        "User does not exist" "用户不存在" "用戶不存在",
    SameParty = Number(300_005) BAD_REQUEST
        "Sender and receiver must differ" "付款方与收款方不能相同" "付款方與收款方不能相同",
    NotSupported = Number(300_006) BAD_REQUEST
        "Not supported by this installation" "本系统暂不支持该接口" "本系統暫不支援該接口",
    UserNotVerified = Number(300_007) BAD_REQUEST
        "User is not verified" "用户认证未通过" "用戶認證未通過",
    UserExists = Number(300_008) BAD_REQUEST
        "User already exists" "用户已存在" "用戶已存在",
    DuplicateRefId = Number(300_009) BAD_REQUEST
        "Duplicate ref_id" "ref_id 重复" "ref_id 重複",
    /// Unknown, or not who the caller says.
    PartyMismatch = Number(300_010) BAD_REQUEST
        "Party does not match any user" "交易方与用户信息不符" "交易方與用戶資料不符",
    SystemError = Number(300_500) INTERNAL_SERVER_ERROR
        "System error, please try again later" "系统错误，请稍后再试" "系統錯誤，請稍後再試",
    /// Nothing was done.
    SystemBusy = Number(300_503) SERVICE_UNAVAILABLE
        "System busy, please try again later" "系统繁忙，请稍后再试" "系統繁忙，請稍後再試",
    /// The same request may be sent again, or the list asked for its `ref_id`.
    OutcomeUnknown = Number(300_504) GATEWAY_TIMEOUT
        "Outcome unknown: repeat the request, or list by ref_id"
        "处理结果未知：请重复请求，或按 ref_id 查询列表"
        "處理結果未知：請重複請求，或按 ref_id 查詢列表",
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
    /// 300001 with the name.
    pub(crate) fn parameter(name: impl Into<Cow<'static, str>>) -> Self {
        Self { parameter: Some(name.into()), ..Code::InvalidParameter.into() }
    }

    fn retry(after_s: u32) -> Self {
        Self { retry_after_s: Some(after_s), ..Code::SystemBusy.into() }
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
        let text = self.code.text(language);
        match &self.parameter {
            None => Cow::Borrowed(text),
            Some(name) => Cow::Owned(format!("{text}: {name}")),
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

impl From<QueryFault> for Failure {
    fn from(fault: QueryFault) -> Self {
        match fault {
            QueryFault::Duplicate(name) => Self::parameter(name),
            QueryFault::BrokenEscape => Self::parameter("query"),
        }
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
            engine::Error::NotFound => Code::UserMissing.into(),
            engine::Error::Conflict => Code::DuplicateRefId.into(),
            engine::Error::Busy => Self::retry(BUSY_RETRY_S),
            engine::Error::Stopping | engine::Error::Unavailable => Self::retry(AWAY_RETRY_S),
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
        Denied::CredentialMissing => Code::UnknownApp,
        Denied::CredentialDisabled
        | Denied::CredentialExpired
        | Denied::ProgramMissing
        | Denied::ProgramSuspended => Code::InactiveApp,
        Denied::AddressNotAllowed => Code::AddressNotAllowed,
        Denied::BadSignature => Code::BadSignature,
        // No call of this door has a token or a secret, or belongs to a mode.
        Denied::TokenStale | Denied::ModeNotSupported | Denied::BadSecret => Code::SystemError,
    }
}

const fn refused(refusal: Refusal) -> Code {
    match refusal {
        Refusal::Cardholder(refusal) => match refusal {
            CardholderRefusal::BadNumber => Code::InvalidParameter,
            CardholderRefusal::Missing => Code::UserMissing,
            CardholderRefusal::AlreadyExists => Code::UserExists,
            CardholderRefusal::NotApproved => Code::UserNotVerified,
            CardholderRefusal::IdentityMismatch => Code::PartyMismatch,
        },
        Refusal::Transfer(refusal) => match refusal {
            transfer::Refusal::SameAccount => Code::SameParty,
            transfer::Refusal::Overflow => Code::InvalidAmount,
            // Wallets are opened where they are needed, in one asset, and too little is declined.
            transfer::Refusal::DebitAccountMissing
            | transfer::Refusal::CreditAccountMissing
            | transfer::Refusal::AssetMismatch
            | transfer::Refusal::RateMissing
            | transfer::Refusal::TooSmallToConvert
            | transfer::Refusal::InsufficientFunds => Code::SystemError,
        },
        Refusal::Instruction(refusal) => match refusal {
            InstructionRefusal::RemarkTooLong => Code::InvalidParameter,
            InstructionRefusal::Missing
            | InstructionRefusal::NotReversible
            | InstructionRefusal::AlreadyReversed
            | InstructionRefusal::BadLegCount => Code::SystemError,
        },
        // Programmes, credentials and keys are made by operators, and no call names a hold or a
        // sub-account.
        Refusal::Program(_)
        | Refusal::SubAccount(_)
        | Refusal::Credential(_)
        | Refusal::SignatureKey(_)
        | Refusal::Endpoint(_)
        | Refusal::Delivery(_)
        | Refusal::Hold(_) => Code::SystemError,
    }
}

/// Transport faults in the envelope.
pub(crate) struct DoorFaults;

impl Faults for DoorFaults {
    fn render(&self, fault: Fault, request: Option<&HeaderMap>) -> Response {
        let language = request.map(Language::of).unwrap_or_default();
        let code = match fault {
            Fault::TooLarge => Code::BodyTooLarge,
            Fault::Malformed => Code::BodyBroken,
            Fault::Timeout => Code::BodyTimeout,
            Fault::NotFound => Code::PathNotFound,
            Fault::MethodNotAllowed => Code::MethodNotAllowed,
            Fault::Internal => Code::SystemError,
            Fault::Busy { .. } | Fault::Unavailable => Code::SystemBusy,
            Fault::Unknown => Code::OutcomeUnknown,
        };
        failed(code.status(), language, &code.into())
    }
}

#[cfg(test)]
mod tests;
