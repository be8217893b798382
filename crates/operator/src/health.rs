//! Whether the process lives, and whether it can work.

use crate::App;
use crate::answer;
use crate::error::Problem;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

#[derive(Serialize)]
struct HealthView {
    status: &'static str,
}

async fn alive() -> Response {
    answer::ok(&HealthView { status: "ok" })
}

/// 200 where the store answers, else 503.
async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    if app.engine.ready().await {
        Ok(answer::ok(&HealthView { status: "ready" }))
    } else {
        Err(Problem::not_ready())
    }
}
