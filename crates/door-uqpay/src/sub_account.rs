//! The vendor's "connected accounts": the members of the family.
//!
//! What an application says of a company or a person is kept sealed as it came, and shown again to
//! who asks for the account. Nobody looks at it: in a sandbox a new member is active at once,
//! elsewhere it waits for the operator.

use crate::Door;
use crate::authenticate::Acting;
use crate::body::Whole;
use crate::error::{Code, Failure};
use crate::idempotency;
use crate::page::{List, Query};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use domain::id::SubAccountId;
use domain::program::Environment;
use domain::secret::Secret;
use domain::sub_account::{NAME_LEN_MAX, SubAccount, SubAccountKind, SubAccountStatus};
use engine::admitted::By;
use engine::sub_account::CreateSubAccount;
use gateway::json::{JsonFault, Object};
use http::request::Parts;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Members that are read at a time, and the most that are listed.
const CHUNK: u32 = 1_000;
const LISTED_MAX: usize = 10_000;
/// Longer than any of the words, so that a wrong one is not taken for a long one.
const WORD_MAX: usize = 64;

/// A member, without what was applied with but for the part that every list shows.
#[derive(Serialize)]
struct View {
    account_id: String,
    short_reference_id: String,
    business_code: Vec<&'static str>,
    email: String,
    account_name: String,
    status: &'static str,
    verification_status: &'static str,
    country: String,
    entity_type: String,
    contact_details: Contact,
    #[serde(skip_serializing_if = "Option::is_none")]
    business_details: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person_details: Option<Value>,
    /// Of one account alone.
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Serialize)]
struct Contact {
    email: String,
    phone: String,
}

#[derive(Serialize)]
struct Made {
    account_id: String,
    short_reference_id: String,
    status: &'static str,
    verification_status: &'static str,
}

/// What one account shows beside what lists show.
const MORE: [&str; 6] = [
    "registration_address",
    "business_address",
    "representatives",
    "documents",
    "residential_address",
    "tos_acceptance",
];

const fn status(member: &SubAccount) -> (&'static str, &'static str) {
    match member.status {
        SubAccountStatus::Active => ("ACTIVE", "APPROVED"),
        SubAccountStatus::Processing => ("PROCESSING", "PENDING"),
        SubAccountStatus::Inactive => ("INACTIVE", "APPROVED"),
        SubAccountStatus::Closed => ("CLOSED", "APPROVED"),
    }
}

fn business(member: &SubAccount) -> Vec<&'static str> {
    match member.kind {
        SubAccountKind::Master => vec!["BANKING", "ISSUING"],
        SubAccountKind::Issuing => vec!["ISSUING"],
        SubAccountKind::Banking => vec!["BANKING"],
    }
}

/// A text somewhere in an application, by the first of the ways that leads to one.
fn text_at(profile: &Value, ways: &[&str]) -> String {
    let found = ways.iter().find_map(|way| profile.pointer(way).and_then(Value::as_str));
    found.unwrap_or_default().to_owned()
}

async fn view(door: &Door, member: &SubAccount, whole: bool) -> Result<View, Failure> {
    let profile = door.engine.profile_of(member).await?;
    let profile = profile.map(|bytes| serde_json::from_slice::<Value>(bytes.expose()));
    let profile = profile.and_then(Result::ok).unwrap_or_default();
    let (status, verification_status) = status(member);
    let email = text_at(
        &profile,
        &[
            "/contact_details/email",
            "/company_info/email_address",
            "/individual_info/email_address",
        ],
    );
    let phone = text_at(
        &profile,
        &["/contact_details/phone", "/company_info/phone_number", "/individual_info/phone_number"],
    );
    let entity_type = text_at(&profile, &["/entity_type"]);
    let country = text_at(&profile, &["/country", "/company_info/country_of_incorporation"]);
    let part = |name: &str| profile.get(name).filter(|value| !value.is_null()).cloned();
    let shown = |name: &&str| part(name).map(|value| ((*name).to_owned(), value));
    let mut more: Map<String, Value> = Map::new();
    if whole {
        more.extend(MORE.iter().filter_map(shown));
        more.insert("review_reason".to_owned(), Value::from(""));
    }
    Ok(View {
        account_id: member.id.to_string(),
        short_reference_id: member.number.clone(),
        business_code: business(member),
        email: email.clone(),
        account_name: member.name.clone(),
        status,
        verification_status,
        country,
        entity_type: if entity_type.is_empty() { "COMPANY".to_owned() } else { entity_type },
        contact_details: Contact { email, phone },
        business_details: part("business_details"),
        person_details: part("person_details").or_else(|| part("individual_info")),
        more,
    })
}

pub(crate) async fn list(
    State(door): State<Arc<Door>>,
    acting: Acting,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = listed(&door, &acting, query.as_deref()).await;
    acting.reply.answer(answer)
}

async fn listed(door: &Door, acting: &Acting, query: Option<&str>) -> Result<List<View>, Failure> {
    let page = Query::parse(query)?.page()?;
    let members = visible(door, acting).await?;
    let total = u64::try_from(members.len()).unwrap_or(u64::MAX);
    let (skip, size) = (usize_of(page.skip()), usize_of(page.size()));
    let mut data = Vec::with_capacity(size);
    for member in members.iter().skip(skip).take(size) {
        data.push(view(door, member, false).await?);
    }
    Ok(List::new(page, total, data))
}

/// The master sees the family, and who acts for a member sees that one alone.
async fn visible(door: &Door, acting: &Acting) -> Result<Vec<SubAccount>, Failure> {
    if acting.member.kind != SubAccountKind::Master {
        return Ok(vec![acting.member.clone()]);
    }
    let (program, mut members, mut after) = (acting.caller.program, Vec::new(), None);
    loop {
        let found = door.engine.sub_accounts(program, after, CHUNK).await?;
        after = found.last().map(|member| member.id);
        members.extend(found);
        if after.is_none() || members.len() >= LISTED_MAX {
            return Ok(members);
        }
    }
}

pub(crate) fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

pub(crate) async fn find(
    State(door): State<Arc<Door>>,
    acting: Acting,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let answer = found(&door, &acting, path).await;
    acting.reply.answer(answer)
}

async fn found(
    door: &Door,
    acting: &Acting,
    path: Result<Path<String>, PathRejection>,
) -> Result<View, Failure> {
    let id = path.ok().and_then(|Path(text)| text.parse::<SubAccountId>().ok());
    let id = id.ok_or(Code::AccountMissing)?;
    if acting.member.kind != SubAccountKind::Master && id != acting.member.id {
        return Err(Code::AccountMissing.into());
    }
    let member = door.engine.find_sub_account(acting.caller.program, id).await?;
    view(door, &member.ok_or(Code::AccountMissing)?, true).await
}

/// `accounts`: a company or a person that issues cards.
pub(crate) async fn create(
    State(door): State<Arc<Door>>,
    acting: Acting,
    parts: Parts,
    Whole(body): Whole,
) -> Response {
    let answer = created(&door, &acting, &parts, &body, Form::Account).await;
    acting.reply.answer(answer)
}

/// `accounts/create_accounts`: of one line of business.
pub(crate) async fn create_of_line(
    State(door): State<Arc<Door>>,
    acting: Acting,
    parts: Parts,
    Whole(body): Whole,
) -> Response {
    let answer = created(&door, &acting, &parts, &body, Form::OfLine).await;
    acting.reply.answer(answer)
}

/// Which of the two applications.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Account,
    OfLine,
}

async fn created(
    door: &Door,
    acting: &Acting,
    parts: &Parts,
    body: &[u8],
    form: Form,
) -> Result<Made, Failure> {
    let reference = idempotency::reference(acting, parts)?;
    let fields = Object::parse(body)?;
    let entity = fields.text("entity_type", WORD_MAX)?;
    if !["COMPANY", "INDIVIDUAL"].contains(&&*entity) {
        return Err(Failure::field("entity_type", "must be COMPANY or INDIVIDUAL"));
    }
    let (kind, name) = match form {
        Form::Account => (SubAccountKind::Issuing, fields.text("name", NAME_LEN_MAX)?),
        Form::OfLine => (line(&fields, &entity)?, fields.text("nickname", NAME_LEN_MAX)?),
    };
    let settings = door.engine.settings(acting.caller.program).await?;
    let sandbox = settings.is_some_and(|row| row.environment == Environment::Sandbox);
    let command = CreateSubAccount {
        id: None,
        kind,
        name: name.into_owned(),
        status: if sandbox { SubAccountStatus::Active } else { SubAccountStatus::Processing },
        profile: Some(profile(body)?),
        assets: door.options.currencies.clone(),
        reference: Some(reference),
    };
    let caller = acting.caller;
    let made = door.engine.create_sub_account(caller.program, By::Caller(caller), command);
    let made = made.await?.into_inner();
    let (status, verification_status) = status(&made);
    Ok(Made {
        account_id: made.id.to_string(),
        short_reference_id: made.number,
        status,
        verification_status,
    })
}

/// What was sent, in one form however it was written, so that a repeat is known by it.
fn profile(body: &[u8]) -> Result<Secret<Vec<u8>>, Failure> {
    let sent: Value = serde_json::from_slice(body).map_err(|_| JsonFault::Syntax)?;
    serde_json::to_vec(&sent).map(Secret::new).map_err(|_| Code::SystemError.into())
}

/// A person can only bank.
fn line(fields: &Object<'_>, entity: &str) -> Result<SubAccountKind, Failure> {
    match &*fields.text("business_type", WORD_MAX)? {
        "BANKING" => Ok(SubAccountKind::Banking),
        "ISSUING" if entity == "COMPANY" => Ok(SubAccountKind::Issuing),
        _ => Err(Failure::field("business_type", "must be BANKING, or ISSUING for a company")),
    }
}

/// Which further documents an application needs: none.
pub(crate) async fn additional_documents(acting: Acting) -> Response {
    acting.reply.answer(Ok::<[(); 0], Failure>([]))
}

#[cfg(test)]
mod tests;
