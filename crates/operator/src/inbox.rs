//! The built-in inbox of sandbox programmes: what endpoints with the address `inbox:` were told, as
//! any other receiver would have got it. It is written again from the deliveries when it is read.

use crate::App;
use crate::answer;
use crate::delivery::{EventView, MessageView, cursor, cursor_text};
use crate::error::Problem;
use crate::paging::{Limit, Page, cut};
use crate::query::Query;
use crate::request::OfProgram;
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use domain::delivery::{Delivery, DeliveryStatus};
use domain::endpoint::Endpoint;
use engine::DeliveryFilter;
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/v1/programs/{program}/inbox", get(list))
}

#[derive(Serialize)]
struct ReceivedView {
    /// The delivery's.
    id: String,
    endpoint: String,
    event: EventView,
    received_at: Option<String>,
    #[serde(flatten)]
    message: Option<MessageView>,
}

/// Newest event first; the cursor is `before`.
async fn list(
    State(app): State<App>,
    program: OfProgram,
    query: Query,
) -> Result<Response, Problem> {
    let limit = Limit::read(&query)?;
    let before = cursor(&query, "before")?;
    query.finish()?;
    let endpoints = app.engine.endpoints(program.id).await?;
    let mut rows: Vec<(Delivery, &Endpoint)> = Vec::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.is_inbox()) {
        let filter = DeliveryFilter {
            endpoint: Some(endpoint.id),
            statuses: vec![DeliveryStatus::Delivered],
            before,
            limit: limit.probe(),
            ..DeliveryFilter::default()
        };
        let found = app.engine.deliveries(program.id, filter).await?;
        rows.extend(found.into_iter().map(|row| (row, endpoint)));
    }
    rows.sort_unstable_by_key(|(row, _)| core::cmp::Reverse((row.place, row.endpoint)));
    let (rows, next) = cut(rows, limit, |(row, _)| cursor_text(row));
    let mut data = Vec::with_capacity(rows.len());
    for (row, endpoint) in rows {
        data.push(ReceivedView {
            id: row.id.to_string(),
            endpoint: row.endpoint.to_string(),
            event: EventView::of(&row),
            received_at: row.last_attempt_at.map(time::text),
            message: MessageView::read(&app, endpoint, &row).await?,
        });
    }
    Ok(answer::ok(&Page { data, next }))
}

#[cfg(test)]
mod tests;
