//! Endpoints: made (the secret is shown once), listed, changed; and their deliveries begun anew.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::paging::Page;
use crate::query::Query;
use crate::request::{Body, Item, OfProgram};
use crate::time;
use crate::webhook::{RENDERER, secret_text};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::endpoint::{Endpoint, EndpointRefusal, Kinds, URL_LEN_MAX};
use domain::id::EndpointId;
use domain::secret::Secret;
use engine::delivery::ReplayWhich;
use engine::endpoint::{CreateEndpoint, NewEndpoint, Rotation, UpdateEndpoint, UpdatedEndpoint};
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    let all = "/v1/programs/{program}/endpoints";
    let one = "/v1/programs/{program}/endpoints/{item}";
    let anew = "/v1/programs/{program}/endpoints/{item}/replay";
    Router::new()
        .route(all, get(list).post(create))
        .route(one, get(find).patch(update))
        .route(anew, post(replay))
}

#[derive(Serialize)]
struct EndpointView {
    id: String,
    url: String,
    format: String,
    /// `"*"`, or words.
    events: EventsView,
    status: &'static str,
    /// Every event up to this one has its delivery, where it is taken.
    cursor_seq: u64,
    version: u64,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum EventsView {
    All(&'static str),
    Only(Vec<&'static str>),
}

#[derive(Serialize)]
struct ReplayedView {
    replayed: u64,
}

fn view(row: &Endpoint, secret: Option<&Secret<String>>) -> EndpointView {
    EndpointView {
        id: row.id.to_string(),
        url: row.url.clone(),
        format: row.renderer.clone(),
        events: match &row.kinds {
            Kinds::All => EventsView::All("*"),
            Kinds::Only(kinds) => EventsView::Only(kinds.iter().map(|kind| kind.word()).collect()),
        },
        status: row.status.word(),
        cursor_seq: row.cursor,
        version: row.version,
        created_at: time::text(row.created_at),
        secret: secret.map(secret_text),
    }
}

/// `url`, and `events`: `"*"` (where absent) or a list of kinds.
async fn create(
    State(app): State<App>,
    program: OfProgram,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let command = CreateEndpoint {
        url: fields.text("url", URL_LEN_MAX)?.into_owned(),
        renderer: RENDERER.to_owned(),
        kinds: fields.kinds("events")?.unwrap_or(Kinds::All),
    };
    fields.finish()?;
    let NewEndpoint { endpoint, secret } = app.engine.create_endpoint(program.id, command).await?;
    Ok(answer::created(&view(&endpoint, Some(&secret))))
}

/// All of them, on one page.
async fn list(
    State(app): State<App>,
    program: OfProgram,
    query: Query,
) -> Result<Response, Problem> {
    query.finish()?;
    let rows = app.engine.endpoints(program.id).await?;
    let data = rows.iter().map(|row| view(row, None)).collect();
    Ok(answer::ok(&Page { data, next: None }))
}

fn id(item: &Item) -> Result<EndpointId, Problem> {
    item.id().ok_or_else(|| Problem::refused(EndpointRefusal::Missing))
}

async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let found = app.engine.find_endpoint(program.id, id(&item)?).await?;
    let row = found.ok_or_else(|| Problem::refused(EndpointRefusal::Missing))?;
    Ok(answer::ok(&view(&row, None)))
}

/// `url`, `events`, `status`; `rotate_secret` makes another secret, which is shown once.
async fn update(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let rotate = fields.flag("rotate_secret")?;
    let command = UpdateEndpoint {
        url: fields.optional_text("url", URL_LEN_MAX)?.map(std::borrow::Cow::into_owned),
        kinds: fields.kinds("events")?,
        status: fields.word("status")?,
        secret: if rotate { Rotation::Replace } else { Rotation::Keep },
    };
    fields.finish()?;
    let updated = app.engine.update_endpoint(program.id, id(&item)?, command).await?;
    let UpdatedEndpoint { endpoint, secret } = updated;
    Ok(answer::ok(&view(&endpoint, secret.as_ref())))
}

/// `missed` for all that did not arrive, or `from` (inclusive) and `until` (exclusive), of which
/// one may be absent.
async fn replay(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let missed = fields.flag("missed")?;
    let (from, until) = (fields.time("from")?, fields.time("until")?);
    fields.finish()?;
    let which = match (missed, from.is_some() || until.is_some()) {
        (true, false) => ReplayWhich::Missed,
        (false, true) => ReplayWhich::Between { from, until },
        _ => {
            return Err(Problem::bad_field(
                "missed",
                "must be true, or else `from` or `until` set",
            ));
        }
    };
    let replayed = app.engine.replay_endpoint(program.id, id(&item)?, which).await?;
    Ok(answer::ok(&ReplayedView { replayed }))
}

#[cfg(test)]
mod tests;
