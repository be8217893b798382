//! Endpoints: made (the secret is shown once), listed, changed; and their deliveries begun anew.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::paging::Page;
use crate::query::Query;
use crate::request::{Body, Fields, Item, OfProgram, WORD_LEN_MAX};
use crate::time;
use crate::webhook::RENDERER;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::endpoint::{Endpoint, EndpointRefusal, Kinds, URL_LEN_MAX};
use domain::id::EndpointId;
use domain::secret::Secret;
use engine::deliver::Render;
use engine::delivery::{Replayed, TimeRange};
use engine::endpoint::{CreateEndpoint, NewEndpoint, NewSecret, UpdateEndpoint, UpdatedEndpoint};
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
    /// Where to go on, in a range too long for one call.
    next_from: Option<String>,
}

fn view(row: &Endpoint, secret: Option<Secret<String>>) -> EndpointView {
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
        secret: secret.map(|secret| secret.expose().clone()),
    }
}

/// The longest secret that a receiver brings along.
const SECRET_LEN_MAX: usize = 256;

/// Who writes in this format.
fn format<'a>(app: &'a App, name: &str) -> Result<&'a dyn Render, Problem> {
    let known = app.options.formats.get(name).map(|format| &**format);
    known.ok_or_else(|| {
        let mut names: Vec<_> = app.options.formats.keys().copied().collect();
        names.sort_unstable();
        Problem::bad_field("format", format!("must be one of: {}", names.join(", ")))
    })
}

/// The secret that a receiver has already, where it is given.
fn given(fields: &Fields<'_>, format: &dyn Render) -> Result<Option<NewSecret>, Problem> {
    let Some(text) = fields.optional_secret("secret", SECRET_LEN_MAX)? else {
        return Ok(None);
    };
    let key = format.read_secret(&text);
    let key = key.ok_or_else(|| Problem::bad_field("secret", "is none of this format"))?;
    Ok(Some(NewSecret::Given(key)))
}

/// `url`; `events`: `"*"` (where absent) or a list of kinds; `format`, the operator's own where
/// absent; `secret` where the receiver has one already, else one is made and shown once.
async fn create(
    State(app): State<App>,
    program: OfProgram,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let named = fields.optional_text("format", WORD_LEN_MAX)?;
    let name = named.as_deref().unwrap_or(RENDERER);
    let format = format(&app, name)?;
    let secret = given(&fields, format)?;
    let shown = secret.is_none();
    let command = CreateEndpoint {
        url: fields.text("url", URL_LEN_MAX)?.into_owned(),
        renderer: name.to_owned(),
        kinds: fields.kinds("events")?.unwrap_or(Kinds::All),
        secret: secret.unwrap_or_default(),
    };
    fields.finish()?;
    let NewEndpoint { endpoint, secret } = app.engine.create_endpoint(program.id, command).await?;
    let secret = shown.then(|| format.secret_text(&secret));
    Ok(answer::created(&view(&endpoint, secret)))
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

async fn existing(app: &App, program: &OfProgram, id: EndpointId) -> Result<Endpoint, Problem> {
    let found = app.engine.find_endpoint(program.id, id).await?;
    found.ok_or_else(|| Problem::refused(EndpointRefusal::Missing))
}

async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let row = existing(&app, &program, id(&item)?).await?;
    Ok(answer::ok(&view(&row, None)))
}

/// `url`, `events`, `status`; `rotate_secret` makes another secret, which is shown once, and
/// `secret` is one that the receiver has already.
async fn update(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let id = id(&item)?;
    let format_of = existing(&app, &program, id).await?.renderer;
    let format = format(&app, &format_of)?;
    let rotate = fields.flag("rotate_secret")?;
    let secret = match given(&fields, format)? {
        Some(_) if rotate => {
            return Err(Problem::bad_field("secret", "must be absent where one is made"));
        }
        Some(given) => Some(given),
        None => rotate.then_some(NewSecret::Generated),
    };
    let command = UpdateEndpoint {
        url: fields.optional_text("url", URL_LEN_MAX)?.map(std::borrow::Cow::into_owned),
        kinds: fields.kinds("events")?,
        status: fields.word("status")?,
        secret,
    };
    fields.finish()?;
    let updated = app.engine.update_endpoint(program.id, id, command).await?;
    let UpdatedEndpoint { endpoint, secret } = updated;
    let secret = secret.filter(|_| rotate).map(|secret| format.secret_text(&secret));
    Ok(answer::ok(&view(&endpoint, secret)))
}

/// `missed` for all that did not arrive, or `from` (inclusive) and `until` (exclusive), of which
/// one may be absent: all events of that time that the endpoint takes, whether or not it was told.
async fn replay(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let missed = fields.flag("missed")?;
    let range = TimeRange { from: fields.time("from")?, until: fields.time("until")? };
    fields.finish()?;
    let id = id(&item)?;
    let replayed = match (missed, range == TimeRange::default()) {
        (true, true) => {
            let count = app.engine.replay_missed(program.id, id).await?;
            Replayed { count, next: None }
        }
        (false, false) => {
            let formats = &app.options.formats;
            app.engine.replay_range(program.id, id, range, formats).await?
        }
        _ => {
            return Err(Problem::bad_field(
                "missed",
                "must be true, or else `from` or `until` set",
            ));
        }
    };
    let Replayed { count, next } = replayed;
    Ok(answer::ok(&ReplayedView { replayed: count, next_from: next.map(time::text) }))
}

#[cfg(test)]
mod tests;
