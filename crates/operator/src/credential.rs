//! Credentials of a programme. Key and secret are in the answer that makes one, and in no other;
//! where the door's callers sign, there is no secret.

use crate::answer;
use crate::error::Problem;
use crate::paging::{Limit, Page, bad_cursor, cut};
use crate::query::Query;
use crate::request::{Body, Fields, Item, OfProgram};
use crate::time;
use crate::{App, DoorCredentials};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::address::AllowList;
use domain::credential::{Credential, CredentialRefusal, LABEL_LEN_MAX};
use domain::id::CredentialId;
use domain::time::Time;
use engine::credential::{CreateCredential, NewCredential, UpdateCredential};
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    let all = "/v1/programs/{program}/credentials";
    let one = "/v1/programs/{program}/credentials/{item}";
    Router::new().route(all, post(create).get(list)).route(one, get(find).patch(update))
}

#[derive(Serialize)]
struct CredentialView {
    id: String,
    door: String,
    label: String,
    status: &'static str,
    allow: AllowView,
    expires_at: Option<String>,
    version: u64,
    created_at: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum AllowView {
    Any(&'static str),
    Only(Vec<String>),
}

#[derive(Serialize)]
struct NewView<'a> {
    #[serde(flatten)]
    credential: CredentialView,
    api_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_secret: Option<&'a str>,
}

fn view(credential: &Credential) -> CredentialView {
    let allow = match &credential.allow {
        AllowList::Any => AllowView::Any("*"),
        AllowList::Only(ranges) => {
            AllowView::Only(ranges.iter().map(ToString::to_string).collect())
        }
    };
    CredentialView {
        id: credential.id.to_string(),
        door: credential.door.clone(),
        label: credential.label.clone(),
        status: credential.status.word(),
        allow,
        expires_at: credential.expires_at.map(time::text),
        version: credential.version,
        created_at: time::text(credential.created_at),
    }
}

fn shown_once(new: &NewCredential) -> Response {
    answer::created(&NewView {
        credential: view(&new.credential),
        api_key: new.api_key.expose(),
        api_secret: new.api_secret.as_ref().map(|secret| secret.expose().as_str()),
    })
}

fn missing() -> Problem {
    Problem::refused(CredentialRefusal::Missing)
}

/// `door`, `allow`, and `label` (empty), `expires_at` (never).
///
/// `allow` is required: a credential that everybody may use from anywhere is to be asked for.
async fn create(
    State(app): State<App>,
    program: OfProgram,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let door = door(&app, &fields)?;
    let label = fields.optional_text("label", LABEL_LEN_MAX)?;
    let allow = fields.allow("allow")?;
    let expires_at = fields.time("expires_at")?;
    fields.finish()?;
    let command = CreateCredential {
        door: door.name.to_owned(),
        form: door.form,
        label: label.map_or_else(String::new, std::borrow::Cow::into_owned),
        allow: allow.ok_or_else(|| Problem::bad_field("allow", "is required"))?,
        expires_at,
    };
    let new = app.engine.create_credential(program.id, command).await?;
    Ok(shown_once(&new))
}

fn door(app: &App, fields: &Fields<'_>) -> Result<DoorCredentials, Problem> {
    let name = fields.text("door", 64)?;
    let doors = &app.options.doors;
    if let Some(door) = doors.iter().find(|door| door.name == name) {
        return Ok(*door);
    }
    let names: Vec<_> = doors.iter().map(|door| door.name).collect();
    let why = format!("must be one of {}", names.join(", "));
    Err(Problem::bad_field("door", why))
}

/// By id, which is the order in which they were made.
async fn list(
    State(app): State<App>,
    program: OfProgram,
    query: Query,
) -> Result<Response, Problem> {
    let limit = Limit::read(&query)?;
    let after = query.id("after").map_err(|_| bad_cursor("after"))?;
    query.finish()?;
    let rows = app.engine.credentials(program.id, after, limit.probe()).await?;
    let (rows, next) = cut(rows, limit, |credential| credential.id.to_string());
    let data = rows.iter().map(view).collect();
    Ok(answer::ok(&Page { data, next }))
}

async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let id = item.id::<CredentialId>().ok_or_else(missing)?;
    let found = app.engine.find_credential(program.id, id).await?;
    Ok(answer::ok(&view(&found.ok_or_else(missing)?)))
}

/// `status`, `allow`, `expires_at` (a time or `never`): what is given is changed.
async fn update(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    let id = item.id::<CredentialId>().ok_or_else(missing)?;
    let fields = body.fields()?;
    let command = UpdateCredential {
        status: fields.word("status")?,
        allow: fields.allow("allow")?,
        expires_at: end(&fields)?,
    };
    fields.finish()?;
    let changed = app.engine.update_credential(program.id, id, command).await?;
    Ok(answer::ok(&view(&changed)))
}

/// `null` is absent in every body, so taking an end away needs a word.
fn end(fields: &Fields<'_>) -> Result<Option<Option<Time>>, Problem> {
    match fields.optional_text("expires_at", 64)? {
        Some(text) if text == "never" => Ok(Some(None)),
        _ => Ok(fields.time("expires_at")?.map(Some)),
    }
}

#[cfg(test)]
mod tests;
