//! Deliveries: listed, shown with what was sent, begun anew.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::paging::{Limit, Page, bad_cursor, cut, place_text, read_place};
use crate::query::Query;
use crate::request::{Body, Item, OfProgram};
use crate::time;
use crate::webhook::subject_text;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::delivery::{Delivery, DeliveryRefusal, Outcome};
use domain::endpoint::Endpoint;
use domain::id::{DeliveryId, EndpointId};
use domain::transfer::Place;
use engine::DeliveryFilter;
use serde::Serialize;
use std::collections::BTreeMap;

pub(crate) fn routes() -> Router<App> {
    let all = "/v1/programs/{program}/deliveries";
    let one = "/v1/programs/{program}/deliveries/{item}";
    let anew = "/v1/programs/{program}/deliveries/{item}/replay";
    Router::new().route(all, get(list)).route(one, get(find)).route(anew, post(replay))
}

#[derive(Serialize)]
struct DeliveryView {
    id: String,
    endpoint: String,
    status: &'static str,
    event: EventView,
    attempts: u64,
    replays: u64,
    /// The HTTP status of the last answer, where there was one.
    last_status: Option<u16>,
    /// Why there was none.
    last_error: Option<&'static str>,
    last_ms: Option<u64>,
    first_attempt_at: Option<String>,
    last_attempt_at: Option<String>,
    /// Of what is pending.
    next_attempt_at: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct EventView {
    id: String,
    r#type: &'static str,
    subject: String,
    seq: u64,
    at: String,
}

impl EventView {
    pub(crate) fn of(row: &Delivery) -> Self {
        Self {
            id: row.event.to_string(),
            r#type: row.kind.word(),
            subject: subject_text(&row.subject),
            seq: row.place.seq,
            at: time::text(row.event_at),
        }
    }
}

/// A message as its receiver got it.
#[derive(Serialize)]
pub(crate) struct MessageView {
    headers: BTreeMap<&'static str, String>,
    /// The very bytes, which are text in every format.
    body: String,
}

impl MessageView {
    /// Of the newest attempt; `None` where there was none.
    pub(crate) async fn read(
        app: &App,
        endpoint: &Endpoint,
        row: &Delivery,
    ) -> Result<Option<Self>, Problem> {
        let message = app.engine.message(&app.options.formats, endpoint, row).await?;
        Ok(message.map(|message| Self {
            headers: message.headers.into_iter().collect(),
            body: String::from_utf8_lossy(&message.body).into_owned(),
        }))
    }
}

/// One delivery with its newest message.
#[derive(Serialize)]
struct WholeView {
    #[serde(flatten)]
    delivery: DeliveryView,
    request: Option<MessageView>,
}

fn view(row: &Delivery) -> DeliveryView {
    let (last_status, last_error) = match row.last_outcome {
        None => (None, None),
        Some(Outcome::Answered(status)) => (Some(status), None),
        Some(Outcome::Failed(fault)) => (None, Some(fault.word())),
    };
    DeliveryView {
        id: row.id.to_string(),
        endpoint: row.endpoint.to_string(),
        status: row.state.status().word(),
        event: EventView::of(row),
        attempts: row.attempts,
        replays: row.replays,
        last_status,
        last_error,
        last_ms: row.last_ms,
        first_attempt_at: row.first_attempt_at.map(time::text),
        last_attempt_at: row.last_attempt_at.map(time::text),
        next_attempt_at: row.state.next_attempt_at().map(time::text),
    }
}

pub(crate) type Cursor = (Place, EndpointId);

pub(crate) fn cursor_text(row: &Delivery) -> String {
    format!("{}-{}", place_text(row.place), row.endpoint)
}

/// Reads what [`cursor_text`] wrote.
pub(crate) fn cursor(query: &Query, name: &str) -> Result<Option<Cursor>, Problem> {
    let Some(text) = query.text(name)? else {
        return Ok(None);
    };
    let read = || {
        let (seq, rest) = text.split_once('-')?;
        let (ordinal, endpoint) = rest.split_once('-')?;
        let place = read_place(&format!("{seq}-{ordinal}"))?;
        let endpoint: EndpointId = endpoint.parse().ok()?;
        Some((place, endpoint))
    };
    read().map(Some).ok_or_else(|| bad_cursor(name))
}

/// Newest event first; the cursor is `before`. `endpoint`, `status` (with commas between), `from`
/// (inclusive) and `until` (exclusive), which are times of events, narrow it.
async fn list(
    State(app): State<App>,
    program: OfProgram,
    query: Query,
) -> Result<Response, Problem> {
    let limit = Limit::read(&query)?;
    let filter = DeliveryFilter {
        endpoint: query.id("endpoint")?,
        statuses: query.words("status")?,
        from: query.time("from")?,
        until: query.time("until")?,
        before: cursor(&query, "before")?,
        limit: limit.probe(),
    };
    query.finish()?;
    let rows = app.engine.deliveries(program.id, filter).await?;
    let (rows, next) = cut(rows, limit, cursor_text);
    let data = rows.iter().map(view).collect();
    Ok(answer::ok(&Page { data, next }))
}

fn missing() -> Problem {
    Problem::refused(DeliveryRefusal::Missing)
}

async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let id = item.id::<DeliveryId>().ok_or_else(missing)?;
    let found = app.engine.find_delivery(program.id, id).await?;
    let row = found.ok_or_else(missing)?;
    let endpoint = app.engine.find_endpoint(program.id, row.endpoint).await?;
    let request = match endpoint {
        Some(endpoint) => MessageView::read(&app, &endpoint, &row).await?,
        None => None,
    };
    Ok(answer::ok(&WholeView { delivery: view(&row), request }))
}

/// Takes no field.
async fn replay(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    body.fields()?.finish()?;
    let id = item.id::<DeliveryId>().ok_or_else(missing)?;
    let row = app.engine.replay_delivery(program.id, id).await?;
    Ok(answer::ok(&view(&row)))
}

#[cfg(test)]
pub(crate) mod tests;
