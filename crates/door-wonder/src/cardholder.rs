//! The vendor's "user": a cardholder of whom it is known who they are.
//!
//! `user_id` is the cardholder's id, `reference_id` the merchant's own number, `id` a third value
//! that follows from the first. Phone number and document are one user's each.

use crate::Door;
use crate::authenticate::Signed;
use crate::error::{Code, Failure};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::cardholder::{Cardholder, CardholderStatus, DocumentKind, NUMBER_LEN_MAX, Person};
use domain::id::CardholderId;
use domain::secret::Secret;
use engine::admitted::By;
use engine::cardholder::RegisterCardholder;
use gateway::json::Object;
use gateway::time;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::sync::Arc;

/// Characters of names, and of a document's number.
const NAME_MAX: usize = 128;
const DOCUMENT_MAX: usize = 64;
/// Digits of a dialling code and of a phone number.
const CALLING_CODE_MAX: usize = 3;
const PHONE_MAX: usize = 11;
/// Longer than any of the words below, so that a wrong one is not taken for a long one.
const WORD_MAX: usize = 64;

#[derive(Serialize)]
struct Created {
    reference_id: String,
    user_id: String,
}

#[derive(Serialize)]
struct Shown {
    user: User,
}

/// Everything that either the documented schema or the documented example shows.
#[derive(Serialize)]
struct User {
    calling_code: String,
    date_of_birth: String,
    document_number: String,
    document_type: &'static str,
    first_name: String,
    id: String,
    issuing_country: String,
    last_name: String,
    p_created_at: String,
    phone_number: String,
    reference_id: String,
    user_id: String,
}

/// The kind as the vendor spells it.
const fn word_of(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Passport => "PASSPORT",
        DocumentKind::DriverLicense => "DRIVER_LICENSE",
        DocumentKind::IdCard => "ID_CARD",
    }
}

pub(crate) fn document_kind(word: &str) -> Option<DocumentKind> {
    DocumentKind::ALL.iter().copied().find(|kind| word_of(*kind) == word)
}

pub(crate) async fn create(State(door): State<Arc<Door>>, signed: Signed) -> Response {
    signed.reply.answer(created(&door, &signed).await)
}

async fn created(door: &Door, signed: &Signed) -> Result<Created, Failure> {
    let fields = Object::parse(&signed.body)?.object("user")?;
    let person = person(door, &fields)?;
    let unique_number = fields.optional_text("reference_id", NUMBER_LEN_MAX)?;
    // 64 characters may be more bytes than are kept.
    if unique_number.as_ref().is_some_and(|text| text.len() > NUMBER_LEN_MAX) {
        return Err(Failure::parameter("user.reference_id"));
    }
    let command = RegisterCardholder {
        unique_number: unique_number.map(|text| text.into_owned()),
        person,
        // Who has no document is not taken, and what it says is the merchant's word.
        status: CardholderStatus::Approved,
        assets: door.options.currencies.clone(),
    };
    let caller = signed.caller;
    let made = door.engine.register_cardholder(By::Caller(caller), caller.program, command).await?;
    Ok(Created {
        reference_id: made.unique_number.unwrap_or_default(),
        user_id: made.id.to_string(),
    })
}

/// The path's last part, where its escapes are text.
fn reference_id(path: Result<Path<String>, PathRejection>) -> Result<String, Failure> {
    path.map(|Path(text)| text).map_err(|_| Failure::parameter("reference_id"))
}

pub(crate) async fn find(
    State(door): State<Arc<Door>>,
    path: Result<Path<String>, PathRejection>,
    signed: Signed,
) -> Response {
    signed.reply.answer(found(&door, &signed, path).await)
}

async fn found(
    door: &Door,
    signed: &Signed,
    path: Result<Path<String>, PathRejection>,
) -> Result<Shown, Failure> {
    let reference_id = reference_id(path)?;
    let (engine, caller) = (&door.engine, &signed.caller);
    engine.admit(caller).await?;
    let found = engine.find_cardholder_by_unique_number(caller.program, &reference_id).await?;
    shown(door, found.ok_or(Code::UserMissing)?).await
}

pub(crate) async fn edit(
    State(door): State<Arc<Door>>,
    path: Result<Path<String>, PathRejection>,
    signed: Signed,
) -> Response {
    signed.reply.answer(edited(&door, &signed, path).await)
}

async fn edited(
    door: &Door,
    signed: &Signed,
    path: Result<Path<String>, PathRejection>,
) -> Result<Shown, Failure> {
    let reference_id = reference_id(path)?;
    let fields = Object::parse(&signed.body)?.object("user")?;
    let person = person(door, &fields)?;
    let edited = door.engine.set_identity(signed.caller, &reference_id, &person).await?;
    shown(door, edited).await
}

/// What the row lacks is empty.
async fn shown(door: &Door, holder: Cardholder) -> Result<Shown, Failure> {
    let person = door.engine.person_of(&holder).await?;
    let text = |of: fn(&Person) -> &Secret<String>| {
        person.as_ref().map(|person| of(person).expose().clone()).unwrap_or_default()
    };
    Ok(Shown {
        user: User {
            calling_code: text(|person| &person.calling_code),
            date_of_birth: text(|person| &person.date_of_birth),
            document_number: text(|person| &person.document_number),
            document_type: person.as_ref().map_or("", |person| word_of(person.document_kind)),
            first_name: text(|person| &person.first_name),
            id: row_id(holder.id),
            issuing_country: text(|person| &person.issuing_country),
            last_name: text(|person| &person.last_name),
            p_created_at: time::short_text(holder.created_at),
            phone_number: text(|person| &person.phone_number),
            reference_id: holder.unique_number.unwrap_or_default(),
            user_id: holder.id.to_string(),
        },
    })
}

/// A value of its own for each user, which no call takes.
fn row_id(id: CardholderId) -> String {
    let key = blake3::derive_key("vostro wonder user row id v1", id.bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&key[..16]);
    CardholderId::from_bytes(bytes).to_string()
}

/// The eight documented fields, with faults in the order of the documentation.
fn person(door: &Door, fields: &Object<'_>) -> Result<Person, Failure> {
    let secret = |text: &str| Secret::new(text.to_owned());
    let bad = |name: &str| Failure::parameter(format!("user.{name}"));
    let digits = |name: &str, max: usize| {
        let text = fields.text(name, max)?;
        let all = text.bytes().all(|c| c.is_ascii_digit());
        if all { Ok(secret(&text)) } else { Err(bad(name)) }
    };
    let calling_code = digits("calling_code", CALLING_CODE_MAX)?;
    let phone_number = digits("phone_number", PHONE_MAX)?;
    let kind = fields.text("document_type", WORD_MAX)?;
    let document_kind = document_kind(&kind).ok_or_else(|| bad("document_type"))?;
    let document_number = secret(&fields.text("document_number", DOCUMENT_MAX)?);
    let name = |name| fields.optional_text(name, NAME_MAX).map(Option::unwrap_or_default);
    let (first_name, last_name) = (name("first_name")?, name("last_name")?);
    if first_name.is_empty() && last_name.is_empty() {
        return Err(bad("first_name"));
    }
    let date_of_birth = fields.text("date_of_birth", WORD_MAX)?;
    let past = read_date(&date_of_birth).is_some_and(|date| date <= today(door));
    if !past {
        return Err(bad("date_of_birth"));
    }
    let issuing_country = fields.text("issuing_country", WORD_MAX)?;
    if !is_country(&issuing_country) {
        return Err(bad("issuing_country"));
    }
    Ok(Person {
        calling_code,
        phone_number,
        document_kind,
        document_number,
        first_name: secret(&first_name),
        last_name: secret(&last_name),
        date_of_birth: secret(&date_of_birth),
        issuing_country: secret(&issuing_country),
    })
}

/// `YYYY-MM-DD`, and no other form.
fn read_date(text: &str) -> Option<Date> {
    let shaped = text.bytes().enumerate().all(|(at, c)| match at {
        4 | 7 => c == b'-',
        _ => c.is_ascii_digit(),
    });
    if text.len() != 10 || !shaped { None } else { text.parse().ok() }
}

/// Where the day begins first, so that nobody is born too early for their own calendar.
fn today(door: &Door) -> Date {
    let now = Timestamp::from_microsecond(door.options.clock.now().unix_us());
    let ahead = TimeZone::fixed(jiff::tz::offset(14));
    now.map_or(Date::MAX, |now| now.to_zoned(ahead).date())
}

/// Three capital letters of ISO 3166-1.
fn is_country(text: &str) -> bool {
    let capitals = text.len() == 3 && text.bytes().all(|c| c.is_ascii_uppercase());
    capitals && celes::Country::from_alpha3(text).is_ok()
}

#[cfg(test)]
mod tests;
