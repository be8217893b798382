//! What goes wrong, as RFC 9457 problems. `code` is the domain's word and `type` its URN; both are
//! kept for ever. The one table of refusals is [`of_refusal`].
//!
//! A conflict of references is 422, as the IETF draft of `Idempotency-Key` has it: the key itself
//! is fine, and no later state of the server makes this content fit it.

use crate::answer::CAPACITY;
use axum::response::{IntoResponse, Response};
use domain::cardholder::CardholderRefusal;
use domain::credential::{CredentialRefusal, Denied};
use domain::delivery::DeliveryRefusal;
use domain::endpoint::EndpointRefusal;
use domain::hold::HoldRefusal;
use domain::instruction::InstructionRefusal;
use domain::program::ProgramRefusal;
use domain::refusal::Refusal;
use domain::signature_key::SignatureKeyRefusal;
use domain::sub_account::SubAccountRefusal;
use domain::transfer;
use engine::Error;
use gateway::answer::{json, with_retry_after};
use gateway::fault::{AWAY_RETRY_S, BUSY_RETRY_S, Causes, Fault, Faults};
use gateway::json::{FieldFault, JsonFault};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

const MEDIA: &str = "application/problem+json";

/// One answer that is not what was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    /// The same for every problem of a code.
    title: &'static str,
    detail: String,
    /// What in the request is wrong, where it is one thing.
    field: Option<String>,
    retry_after_s: Option<u32>,
}

#[derive(Serialize)]
struct ProblemView<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self { status, code, title, detail: format!("{title}."), field: None, retry_after_s: None }
    }

    fn detailed(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    pub(crate) fn unauthorized() -> Self {
        let title = "The operator's token is missing or wrong";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", title)
            .detailed("Send it as `Authorization: Bearer …`.")
    }

    pub(crate) fn not_ready() -> Self {
        let title = "The store does not answer";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", title).retry_after(AWAY_RETRY_S)
    }

    pub(crate) fn account_missing() -> Self {
        let title = "There is no such account";
        Self::new(StatusCode::NOT_FOUND, "account_missing", title)
    }

    /// What the domain would say, for what a handler finds out before it.
    pub(crate) fn refused(refusal: impl Into<Refusal>) -> Self {
        of_refusal(refusal.into())
    }

    /// The request can't be read.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        let title = "The request can't be read";
        Self::new(StatusCode::BAD_REQUEST, "bad_request", title).detailed(detail)
    }

    /// One field, parameter or header is wrong; `why` completes a sentence that begins with it.
    pub(crate) fn bad_field(field: &str, why: impl core::fmt::Display) -> Self {
        Self { field: Some(field.to_owned()), ..Self::bad_request(format!("`{field}` {why}.")) }
    }

    /// Code, detail and field, for an answer that is not a problem's own.
    pub(crate) fn parts(&self) -> (&'static str, &str, Option<&str>) {
        (self.code, &self.detail, self.field.as_deref())
    }

    /// The effect is there but can't be shown: what a caller may take for a failure must not be
    /// told as one.
    pub(crate) fn after_effect(error: Error) -> Self {
        tracing::error!(%error, "an effect could not be read back");
        outcome_unknown()
    }
}

fn outcome_unknown() -> Problem {
    let title = "Whether it was done is not known";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", title)
        .detailed("Ask again with the same `Idempotency-Key`, or look before you repeat the call.")
        .retry_after(BUSY_RETRY_S)
}

fn busy() -> Problem {
    let title = "Too much is waiting";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", title)
        .detailed("Nothing was done; ask again soon.")
        .retry_after(BUSY_RETRY_S)
}

fn unavailable() -> Problem {
    let title = "The server is stopping or its store is away";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title)
        .detailed("Nothing was done; ask again later.")
        .retry_after(AWAY_RETRY_S)
}

fn internal() -> Problem {
    let title = "An internal fault";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", title)
        .detailed("The server's log says more, under the request id of this answer.")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let view = ProblemView {
            r#type: format!("urn:vostro:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            field: self.field.as_deref(),
        };
        let answer = json(self.status, MEDIA, CAPACITY, &view);
        let mut answer = with_retry_after(answer, self.retry_after_s);
        if self.status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

impl From<JsonFault> for Problem {
    fn from(fault: JsonFault) -> Self {
        match &fault {
            JsonFault::Duplicate(name) => Self::bad_field(name, "is given twice"),
            JsonFault::Empty
            | JsonFault::NotUtf8
            | JsonFault::ByteOrderMark
            | JsonFault::Syntax
            | JsonFault::NotObject
            | JsonFault::TooDeep
            | JsonFault::TooManyNames => Self::bad_request(format!("The body: {fault}.")),
        }
    }
}

impl From<FieldFault> for Problem {
    fn from(fault: FieldFault) -> Self {
        Self::bad_field(&fault.field, &fault.why)
    }
}

/// What the engine answered instead of the answer. Faults of ours are logged here, once, with all
/// their causes; the caller gets none of them.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => of_refusal(refusal),
            Error::NotFound => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing")
            }
            Error::Conflict => of_conflict(),
            Error::Busy => busy(),
            Error::Stopping | Error::Unavailable => unavailable(),
            Error::Unknown => outcome_unknown(),
            Error::Store(fault) => of_store(&fault),
            Error::Denied(denied) => of_denied(denied),
            Error::Internal(what) => {
                tracing::error!(what, "an internal fault");
                internal()
            }
        }
    }
}

fn of_conflict() -> Problem {
    let title = "The idempotency key was used for something else";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "reference_conflict", title)
        .detailed("Nothing was done. A key belongs to the content of its first call for ever.")
}

/// The operator's verbs ask no caller's credential, so this is a bug of ours.
fn of_denied(denied: Denied) -> Problem {
    tracing::error!(denied = denied.word(), "an operator's call was denied");
    internal()
}

/// As of a unit of work that met it, but for the log, which has the causes.
fn of_store(fault: &engine::StoreError) -> Problem {
    let told = Error::from(fault.failed());
    if matches!(told, Error::Internal(_)) {
        tracing::error!(causes = %Causes(fault), "the store failed");
        return internal();
    }
    if matches!(told, Error::Unavailable) {
        tracing::warn!(causes = %Causes(fault), "the store is away");
    }
    told.into()
}

/// 404 where the path names what is not there, 409 where the name is taken, else 422.
fn of_refusal(refusal: Refusal) -> Problem {
    let (status, title) = match refusal {
        Refusal::Program(refusal) => of_program(refusal),
        Refusal::Credential(refusal) => of_credential(refusal),
        Refusal::SignatureKey(refusal) => of_signature_key(refusal),
        Refusal::Endpoint(refusal) => of_endpoint(refusal),
        Refusal::Delivery(refusal) => of_delivery(refusal),
        Refusal::Cardholder(refusal) => of_cardholder(refusal),
        Refusal::SubAccount(refusal) => of_sub_account(refusal),
        Refusal::Instruction(refusal) => of_instruction(refusal),
        Refusal::Hold(refusal) => of_hold(refusal),
        Refusal::Transfer(refusal) => of_transfer(refusal),
    };
    let later = if refusal.may_pass_later() {
        "Nothing was done. The same call may succeed later."
    } else {
        "Nothing was done, and the same call will not succeed later either."
    };
    Problem::new(status, refusal.word(), title).detailed(later)
}

type Row = (StatusCode, &'static str);

const fn missing(title: &'static str) -> Row {
    (StatusCode::NOT_FOUND, title)
}

const fn taken(title: &'static str) -> Row {
    (StatusCode::CONFLICT, title)
}

const fn refused(title: &'static str) -> Row {
    (StatusCode::UNPROCESSABLE_ENTITY, title)
}

const fn of_program(refusal: ProgramRefusal) -> Row {
    match refusal {
        ProgramRefusal::BadName => refused(
            "A programme's name is 1 to 64 lower-case letters, digits and dashes, and not an id",
        ),
        ProgramRefusal::Missing => missing("There is no such programme"),
        ProgramRefusal::AlreadyExists => taken("There is a programme of this name"),
    }
}

const fn of_credential(refusal: CredentialRefusal) -> Row {
    match refusal {
        CredentialRefusal::BadLabel => refused("The label is too long"),
        CredentialRefusal::TooManyRanges => refused("The allow-list has too many ranges"),
        CredentialRefusal::Missing => missing("There is no such credential"),
        CredentialRefusal::Revoked => refused("A revoked credential stays revoked"),
    }
}

const fn of_signature_key(refusal: SignatureKeyRefusal) -> Row {
    match refusal {
        SignatureKeyRefusal::BadKey => {
            refused("Not an RSA key of 2048 to 4096 bits in PEM: public to verify, private to sign")
        }
        SignatureKeyRefusal::PublishedKey => {
            refused("The key's private half is published; only sandbox programmes take it")
        }
        SignatureKeyRefusal::Missing => missing("There is no such signature key"),
        SignatureKeyRefusal::Retired => refused("A retired signature key stays retired"),
        SignatureKeyRefusal::TooManyKeys => {
            refused("The credential has as many signature keys as it may have")
        }
    }
}

const fn of_endpoint(refusal: EndpointRefusal) -> Row {
    match refusal {
        EndpointRefusal::BadUrl => refused(
            "An endpoint's url is http:// or https:// and a host, at most 2000 characters of ASCII, \
             without user, password or fragment",
        ),
        EndpointRefusal::BadKinds => refused("No event kinds, or one that is never delivered"),
        EndpointRefusal::TooMany => refused("The programme has as many endpoints as it may have"),
        EndpointRefusal::Missing => missing("There is no such endpoint"),
        EndpointRefusal::InboxOutsideSandbox => {
            refused("Only a sandbox programme has the built-in inbox")
        }
    }
}

const fn of_delivery(refusal: DeliveryRefusal) -> Row {
    match refusal {
        DeliveryRefusal::Missing => missing("There is no such delivery"),
    }
}

const fn of_cardholder(refusal: CardholderRefusal) -> Row {
    match refusal {
        CardholderRefusal::BadNumber => {
            refused("A cardholder's number is 1 to 64 visible ASCII characters")
        }
        CardholderRefusal::Missing => missing("There is no such cardholder"),
        CardholderRefusal::AlreadyExists => taken("There is a cardholder of this number"),
        CardholderRefusal::NotApproved => refused("The cardholder is not approved"),
        CardholderRefusal::IdentityMismatch => refused("The cardholder is known as somebody else"),
    }
}

const fn of_sub_account(refusal: SubAccountRefusal) -> Row {
    match refusal {
        SubAccountRefusal::BadName => refused("A sub-account's name is 1 to 512 bytes of text"),
        SubAccountRefusal::Missing => missing("There is no such sub-account"),
        SubAccountRefusal::AlreadyExists => taken("There is a sub-account of this id"),
        SubAccountRefusal::NotActive => refused("The sub-account is not active"),
        SubAccountRefusal::NoBalance => refused("The sub-account has no balance of this kind here"),
        SubAccountRefusal::Closed => refused("A closed sub-account stays closed"),
    }
}

const fn of_instruction(refusal: InstructionRefusal) -> Row {
    match refusal {
        InstructionRefusal::Missing => missing("There is no such instruction"),
        InstructionRefusal::NotReversible => {
            refused("Only a completed instruction of posted transfers can be reversed")
        }
        InstructionRefusal::AlreadyReversed => refused("The instruction was reversed before"),
        InstructionRefusal::RemarkTooLong => refused("The remark is too long"),
        InstructionRefusal::BadLegCount => refused("No leg, or more legs than one call may have"),
    }
}

const fn of_hold(refusal: HoldRefusal) -> Row {
    match refusal {
        HoldRefusal::Missing => missing("There is no such hold"),
        HoldRefusal::BadExpiry => refused("A hold lasts from a moment to 31 days"),
        HoldRefusal::AlreadyCaptured => refused("The hold ended with a capture"),
        HoldRefusal::AlreadyVoided => refused("The hold was voided"),
        HoldRefusal::AlreadyExpired => refused("The hold has expired"),
        HoldRefusal::NotYetExpired => refused("The hold's time is not over"),
        HoldRefusal::AssetMismatch => refused("The hold is in another asset"),
        HoldRefusal::ExceedsRemaining => refused("More than what remains of the hold"),
    }
}

const fn of_transfer(refusal: transfer::Refusal) -> Row {
    use transfer::Refusal;
    match refusal {
        Refusal::SameAccount => refused("Debit and credit are the same account"),
        Refusal::DebitAccountMissing => refused("There is no such account to debit"),
        Refusal::CreditAccountMissing => refused("There is no such account to credit"),
        Refusal::AssetMismatch => refused("An account is in another asset"),
        Refusal::RateMissing => refused("There is no rate between the two assets"),
        Refusal::TooSmallToConvert => refused("The converted amount rounds to nothing"),
        Refusal::Overflow => refused("A sum would leave the range of 64 bits"),
        Refusal::InsufficientFunds => refused("The account has too little available"),
    }
}

/// Transport faults and panics in the shape of this listener.
pub(crate) struct Problems;

impl Faults for Problems {
    fn render(&self, fault: Fault, _request: Option<&HeaderMap>) -> Response {
        of_fault(fault).into_response()
    }
}

pub(crate) fn of_fault(fault: Fault) -> Problem {
    let status = fault.status();
    match fault {
        Fault::TooLarge => Problem::new(status, "too_large", "The body is larger than allowed"),
        Fault::Malformed => Problem::bad_request("The body broke off or can't be read."),
        Fault::Timeout => Problem::new(status, "timeout", "The body did not arrive in time"),
        Fault::NotFound => Problem::new(status, "not_found", "There is no such path"),
        Fault::MethodNotAllowed => {
            Problem::new(status, "method_not_allowed", "The path is there for another method")
        }
        Fault::Internal => internal(),
        Fault::Busy { retry_after_s } => busy().retry_after(retry_after_s),
        Fault::Unavailable => unavailable(),
        Fault::Unknown => outcome_unknown(),
    }
}

#[cfg(test)]
mod tests;
