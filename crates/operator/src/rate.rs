//! Rates between two assets of a programme.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::paging::Page;
use crate::query::Query;
use crate::request::{Body, OfProgram};
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use domain::rate::{ProgramRate, Rate};
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/v1/programs/{program}/rates", get(list).post(set))
}

#[derive(Serialize)]
struct RateView {
    from: &'static str,
    to: &'static str,
    rate: String,
    version: u64,
    at: String,
}

fn view(row: &ProgramRate) -> RateView {
    RateView {
        from: row.from.code(),
        to: row.to.code(),
        rate: row.rate.to_string(),
        version: row.version,
        at: time::text(row.at),
    }
}

/// The longest text of a rate: 19 digits, a point, and room for zeros.
const RATE_LEN_MAX: usize = 40;

/// `from`, `to`, `rate` (a string): whole units of `to` for one of `from`, from now on.
async fn set(State(app): State<App>, program: OfProgram, body: Body) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let (from, to) = (fields.asset("from")?, fields.asset("to")?);
    let rate = Rate::parse(&fields.text("rate", RATE_LEN_MAX)?);
    let rate = rate.map_err(|why| Problem::bad_field("rate", format!("is {why}")))?;
    fields.finish()?;
    if from == to {
        return Err(Problem::bad_field("to", "must be another asset than `from`"));
    }
    let row = app.engine.set_rate(program.id, from, to, rate).await?;
    Ok(answer::ok(&view(&row)))
}

/// All of them, on one page.
async fn list(
    State(app): State<App>,
    program: OfProgram,
    query: Query,
) -> Result<Response, Problem> {
    query.finish()?;
    let rows = app.engine.rates(program.id).await?;
    let data = rows.iter().map(view).collect();
    Ok(answer::ok(&Page { data, next: None }))
}

#[cfg(test)]
mod tests;
