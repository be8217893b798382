//! Holds: placed, drawn on, let go, shown.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::instruction::receipt;
use crate::request::{Fields, Item, Keyed, OfProgram, scope};
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use core::time::Duration;
use domain::hold::{Completion, Hold, HoldRefusal, LIFE_DEFAULT};
use domain::id::HoldId;
use domain::money::Money;
use engine::admitted::By;
use engine::hold::{CaptureHold, PlaceHold, VoidHold};
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/programs/{program}/holds", post(place))
        .route("/v1/programs/{program}/holds/{item}", get(find))
        .route("/v1/programs/{program}/holds/{item}/capture", post(capture))
        .route("/v1/programs/{program}/holds/{item}/void", post(void))
}

#[derive(Serialize)]
struct HoldView {
    id: String,
    state: &'static str,
    debit: String,
    credit: String,
    amount: String,
    asset: &'static str,
    captured: String,
    remaining: String,
    expires_at: String,
    version: u64,
}

fn view(hold: &Hold) -> HoldView {
    let asset = hold.amount.asset();
    HoldView {
        id: hold.id.to_string(),
        state: hold.state.word(),
        debit: hold.debit.to_string(),
        credit: hold.credit.to_string(),
        amount: hold.amount.to_string(),
        asset: asset.code(),
        captured: Money::new(hold.captured, asset).to_string(),
        remaining: Money::new(hold.remaining, asset).to_string(),
        expires_at: time::text(hold.expires_at),
        version: hold.version,
    }
}

fn missing() -> Problem {
    Problem::refused(HoldRefusal::Missing)
}

/// `debit` and `credit` (ids of accounts), `amount`, `asset`, and `life_s` (seven days), `remark`.
async fn place(
    State(app): State<App>,
    program: OfProgram,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let fields = keyed.fields()?;
    let command = PlaceHold {
        debit: fields.account("debit")?,
        credit: fields.account("credit")?,
        amount: fields.amount()?,
        life: life(&fields)?,
        remark: fields.remark()?,
        reference: keyed.reference(scope!("hold")),
    };
    fields.finish()?;
    let asset = command.amount.asset();
    let done = app.engine.place_hold(program.id, By::Operator, command).await?;
    Ok(receipt(done, asset))
}

/// More than any hold may have; the domain refuses what lies below it and is still too much.
const LIFE_MAX_S: u64 = 1_000_000_000;

fn life(fields: &Fields<'_>) -> Result<Option<Duration>, Problem> {
    let seconds = fields.unsigned("life_s", LIFE_DEFAULT.as_secs(), LIFE_MAX_S)?;
    Ok(Some(Duration::from_secs(seconds)))
}

async fn find_hold(app: &App, program: &OfProgram, item: &Item) -> Result<Hold, Problem> {
    let id = item.id::<HoldId>().ok_or_else(missing)?;
    let found = app.engine.find_hold(program.id, id).await?;
    found.ok_or_else(missing)
}

async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let hold = find_hold(&app, &program, &item).await?;
    Ok(answer::ok(&view(&hold)))
}

/// `amount`, `asset`, and `completion` (final: the rest is let go), `remark`.
async fn capture(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let fields = keyed.fields()?;
    let command = CaptureHold {
        hold: item.id::<HoldId>().ok_or_else(missing)?,
        amount: fields.amount()?,
        completion: fields.word("completion")?.unwrap_or(Completion::Final),
        remark: fields.remark()?,
        reference: keyed.reference(scope!("capture")),
    };
    fields.finish()?;
    let asset = command.amount.asset();
    let done = app.engine.capture_hold(program.id, By::Operator, command).await?;
    Ok(receipt(done, asset))
}

/// Lets all that remains go: `remark`.
async fn void(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let fields = keyed.fields()?;
    let remark = fields.remark()?;
    fields.finish()?;
    let hold = find_hold(&app, &program, &item).await?;
    let command = VoidHold { hold: hold.id, remark, reference: keyed.reference(scope!("void")) };
    let done = app.engine.void_hold(program.id, By::Operator, command).await?;
    Ok(receipt(done, hold.amount.asset()))
}

#[cfg(test)]
mod tests;
