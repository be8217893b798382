//! The door's errors: types, codes, statuses and texts, and what of the engine's answers becomes
//! which.
//!
//! Every error stands once, in the table below. Issuing answers `{type, code, message}`; accounts
//! and banking answer `{code, message}` with a number, which is the same error in another shape.

use crate::envelope::{Shape, failed};
use axum::response::Response;
use domain::cardholder::CardholderRefusal;
use domain::credential::Denied;
use domain::instruction::InstructionRefusal;
use domain::refusal::Refusal;
use domain::sub_account::SubAccountRefusal;
use domain::transfer;
use gateway::fault::{AWAY_RETRY_S, BUSY_RETRY_S, Causes, Fault, Faults};
use gateway::json::{FieldFault, JsonFault};
use gateway::query::QueryFault;
use gateway::request_id::RequestId;
use gateway::throttle::TooMany;
use http::{HeaderMap, StatusCode};
use std::borrow::Cow;

macro_rules! codes {
    ($($(#[$doc:meta])*
        $name:ident = $kind:literal $code:literal $status:ident $text:literal,)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What stands under `type`.
            pub const fn kind(self) -> &'static str {
                match self { $(Self::$name => $kind,)* }
            }

            /// What stands under `code`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

#[rustfmt::skip]
codes! {
    /// The message names the field.
    InvalidRequest = "invalid_request_error" "invalid_request_error" BAD_REQUEST "invalid request",
    NotSupported = "invalid_request_error" "not_supported" BAD_REQUEST
        "not supported by this installation",
    KeyMissing = "invalid_request_error" "invalid_request_error" BAD_REQUEST
        "x-idempotency-key is required, 1 to 64 characters",
    /// The key was used with other content.
    KeyUsed = "idempotency_error" "idempotency_error" BAD_REQUEST
        "x-idempotency-key was used for another request",
    AccountMissing = "account_error" "account_not_found" BAD_REQUEST
        "account not found or not active",
    SubAccountMissing = "account_error" "sub_account_not_found" BAD_REQUEST
        "sub account not found or not active",
    BalanceMissing = "account_error" "balance_not_found" BAD_REQUEST
        "no balance in this currency",
    InsufficientBalance = "account_error" "insufficient_balance" BAD_REQUEST
        "insufficient balance",
    TransferMissing = "account_error" "transfer_not_found" BAD_REQUEST "transfer not found",
    RfiMissing = "invalid_request_error" "rfi_not_found" BAD_REQUEST "rfi not found",
    /// Of the token call.
    InvalidClient = "invalid_request_error" "invalid_client" BAD_REQUEST "Invalid client id",
    InvalidKey = "unauthorized_error" "authentication_error" UNAUTHORIZED "Invalid API key",
    /// A client that reads it gets a new token and asks again.
    TokenExpired = "unauthorized_error" "unauthorized_error" UNAUTHORIZED
        "Token expired, IP not allowed, or access token dependencies unavailable",
    BadToken = "unauthorized_error" "unauthorized_error" UNAUTHORIZED "invalid auth token format",
    Forbidden = "unauthorized_error" "forbidden" FORBIDDEN "no permission",
    /// Simulators touch sandbox programmes only.
    NotSandbox = "unauthorized_error" "forbidden" FORBIDDEN
        "simulators are not available for this account",
    PathNotFound = "not_found" "not_found" NOT_FOUND "page not found",
    MethodNotAllowed = "not_allowed" "method_not_allowed" METHOD_NOT_ALLOWED "method not allowed",
    BodyTooLarge = "invalid_request_error" "body_too_large" PAYLOAD_TOO_LARGE
        "the body is larger than allowed",
    BodyTimeout = "invalid_request_error" "body_timeout" REQUEST_TIMEOUT
        "the body did not arrive in time",
    SystemError = "api_error" "api_error" INTERNAL_SERVER_ERROR "internal error",
    /// Nothing was done; the same key may be used again.
    SystemBusy = "api_error" "api_error" SERVICE_UNAVAILABLE "temporarily unavailable",
    /// Clients wait as long as they are told, and ask again.
    TooManyRequests = "" "too_many_requests" TOO_MANY_REQUESTS "too many requests",
    /// The first is under way, or what became of it is not known: clients ask again.
    Processing = "" "200" BAD_REQUEST "Request is processing, please try again later",
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    /// In place of the code's own text.
    text: Option<Cow<'static, str>>,
    retry_after_s: Option<u32>,
    /// For the log only.
    source: Option<Box<engine::Error>>,
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self { code, text: None, retry_after_s: None, source: None }
    }
}

impl Failure {
    /// `invalid_request_error` that names a field and what is wrong with it.
    pub(crate) fn field(name: &str, why: &str) -> Self {
        Self { text: Some(Cow::Owned(format!("{name} {why}"))), ..Code::InvalidRequest.into() }
    }

    fn retry(after_s: u32) -> Self {
        Self { retry_after_s: Some(after_s), ..Code::SystemBusy.into() }
    }

    /// Nothing was done, and the same call is let through after so many seconds.
    pub(crate) fn too_many(too_many: TooMany) -> Self {
        Self { retry_after_s: Some(too_many.retry_after_s), ..Code::TooManyRequests.into() }
    }

    pub const fn code(&self) -> Code {
        self.code
    }

    pub(crate) const fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or(self.code.text())
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
        Self::field(&fault.field, &fault.why.to_string())
    }
}

impl From<QueryFault> for Failure {
    fn from(fault: QueryFault) -> Self {
        Self { text: Some(Cow::Owned(fault.to_string())), ..Code::InvalidRequest.into() }
    }
}

impl From<JsonFault> for Failure {
    fn from(fault: JsonFault) -> Self {
        Self::field("body", &format!("can't be read: {fault}"))
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        match error {
            engine::Error::Refused(refusal) => refused(refusal).into(),
            engine::Error::Denied(denied) => self::denied(denied).into(),
            engine::Error::NotFound => Code::AccountMissing.into(),
            engine::Error::Conflict => Code::KeyUsed.into(),
            engine::Error::Busy => Self::retry(BUSY_RETRY_S),
            engine::Error::Stopping | engine::Error::Unavailable => Self::retry(AWAY_RETRY_S),
            engine::Error::Unknown => Code::Processing.into(),
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
        Denied::BadSecret => Code::InvalidKey,
        Denied::CredentialMissing
        | Denied::CredentialDisabled
        | Denied::CredentialExpired
        | Denied::AddressNotAllowed
        | Denied::TokenStale => Code::TokenExpired,
        Denied::ProgramMissing | Denied::ProgramSuspended => Code::Forbidden,
        // No call of this door is signed or belongs to a mode.
        Denied::BadSignature | Denied::ModeNotSupported => Code::SystemError,
    }
}

const fn refused(refusal: Refusal) -> Code {
    match refusal {
        Refusal::SubAccount(refusal) => match refusal {
            SubAccountRefusal::BadName => Code::InvalidRequest,
            SubAccountRefusal::Missing | SubAccountRefusal::NotActive => Code::AccountMissing,
            SubAccountRefusal::NoBalance => Code::BalanceMissing,
            // Ids are drawn, and only operators close.
            SubAccountRefusal::AlreadyExists | SubAccountRefusal::Closed => Code::SystemError,
        },
        Refusal::Transfer(refusal) => match refusal {
            transfer::Refusal::SameAccount | transfer::Refusal::Overflow => Code::InvalidRequest,
            transfer::Refusal::DebitAccountMissing | transfer::Refusal::CreditAccountMissing => {
                Code::BalanceMissing
            }
            transfer::Refusal::InsufficientFunds => Code::InsufficientBalance,
            // No call of this door names two assets.
            transfer::Refusal::AssetMismatch
            | transfer::Refusal::RateMissing
            | transfer::Refusal::TooSmallToConvert => Code::SystemError,
        },
        Refusal::Instruction(refusal) => match refusal {
            InstructionRefusal::RemarkTooLong => Code::InvalidRequest,
            InstructionRefusal::Missing
            | InstructionRefusal::NotReversible
            | InstructionRefusal::AlreadyReversed
            | InstructionRefusal::BadLegCount => Code::SystemError,
        },
        Refusal::Cardholder(refusal) => match refusal {
            CardholderRefusal::BadNumber
            | CardholderRefusal::Missing
            | CardholderRefusal::AlreadyExists
            | CardholderRefusal::NotApproved
            | CardholderRefusal::IdentityMismatch => Code::SystemError,
        },
        // Made by operators, or not named by any call.
        Refusal::Program(_)
        | Refusal::Credential(_)
        | Refusal::SignatureKey(_)
        | Refusal::Endpoint(_)
        | Refusal::Delivery(_)
        | Refusal::Hold(_) => Code::SystemError,
    }
}

/// Transport faults, in the shape of unknown routes.
pub(crate) struct DoorFaults;

impl Faults for DoorFaults {
    fn render(&self, fault: Fault, _request: Option<&HeaderMap>) -> Response {
        let code = match fault {
            Fault::TooLarge => Code::BodyTooLarge,
            Fault::Malformed => Code::InvalidRequest,
            Fault::Timeout => Code::BodyTimeout,
            Fault::NotFound => Code::PathNotFound,
            Fault::MethodNotAllowed => Code::MethodNotAllowed,
            Fault::Internal => Code::SystemError,
            Fault::Busy { .. } | Fault::Unavailable => Code::SystemBusy,
            Fault::Unknown => Code::Processing,
        };
        failed(Shape::Flat, &code.into())
    }
}

#[cfg(test)]
mod tests;
