//! Programmes: made, found, changed; and the assets that each has accounts of its own in.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::paging::{Limit, Page, bad_cursor, cut};
use crate::query::Query;
use crate::request::{Body, OfProgram};
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::asset::Asset;
use domain::id::ProgramId;
use domain::program::{DuplicatePolicy, Environment, Mode, NAME_LEN_MAX, Program, Settings};
use engine::program::{CreateProgram, UpdateProgram};
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/programs", post(create).get(list))
        .route("/v1/programs/{program}", get(find).patch(update))
        .route("/v1/programs/{program}/assets", post(add_asset))
}

#[derive(Serialize)]
struct ProgramView {
    id: String,
    name: String,
    status: &'static str,
    environment: &'static str,
    mode: &'static str,
    duplicate: &'static str,
    version: u64,
    created_at: String,
    /// Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    assets: Option<Vec<&'static str>>,
}

fn view(program: &Program, settings: &Settings) -> ProgramView {
    ProgramView {
        id: program.id.to_string(),
        name: program.name.clone(),
        status: settings.status.word(),
        environment: settings.environment.word(),
        mode: settings.mode.word(),
        duplicate: settings.duplicate.word(),
        version: settings.version,
        created_at: time::text(settings.created_at),
        assets: None,
    }
}

/// The view with its assets, of a programme that was just found or changed.
async fn whole(app: &App, id: ProgramId) -> Result<ProgramView, engine::Error> {
    let found = app.engine.find_program(&id.to_string()).await?;
    let (program, settings) = found.ok_or(engine::Error::NotFound)?;
    let assets = app.engine.assets(id).await?;
    Ok(ProgramView {
        assets: Some(assets.into_iter().map(Asset::code).collect()),
        ..view(&program, &settings)
    })
}

/// `name`, `assets`, and `environment` (live), `mode` (credit), `duplicate` (replay).
async fn create(State(app): State<App>, body: Body) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let name = fields.text("name", 2 * NAME_LEN_MAX)?.into_owned();
    let environment = fields.word("environment")?.unwrap_or(Environment::Live);
    let mode = fields.word("mode")?.unwrap_or(Mode::Credit);
    let duplicate = fields.word("duplicate")?.unwrap_or(DuplicatePolicy::Replay);
    let assets = fields.assets("assets")?.unwrap_or_default();
    fields.finish()?;
    if assets.is_empty() {
        return Err(Problem::bad_field("assets", "must name at least one asset"));
    }
    let command = CreateProgram { name, environment, mode, duplicate, assets };
    let id = app.engine.create_program(command).await?;
    let view = whole(&app, id).await.map_err(Problem::after_effect)?;
    Ok(answer::created(&view))
}

/// By id. A programme whose making was cut off is none yet and is passed over.
async fn list(State(app): State<App>, query: Query) -> Result<Response, Problem> {
    let limit = Limit::read(&query)?;
    let after = query.id("after").map_err(|_| bad_cursor("after"))?;
    query.finish()?;
    let rows = app.engine.programs(after, limit.probe()).await?;
    let (rows, next) = cut(rows, limit, |program| program.id.to_string());
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some((program, settings)) = app.engine.find_program(&row.id.to_string()).await? {
            data.push(view(&program, &settings));
        }
    }
    Ok(answer::ok(&Page { data, next }))
}

async fn find(State(app): State<App>, program: OfProgram) -> Result<Response, Problem> {
    Ok(answer::ok(&whole(&app, program.id).await?))
}

/// `status`, `mode`, `duplicate`: what is given is changed.
async fn update(
    State(app): State<App>,
    program: OfProgram,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let command = UpdateProgram {
        status: fields.word("status")?,
        mode: fields.word("mode")?,
        duplicate: fields.word("duplicate")?,
    };
    fields.finish()?;
    app.engine.update_program(program.id, command).await?;
    let view = whole(&app, program.id).await;
    Ok(answer::ok(&view.map_err(Problem::after_effect)?))
}

/// Opens the programme's own accounts in `asset`; again, it changes nothing.
async fn add_asset(
    State(app): State<App>,
    program: OfProgram,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let asset = fields.asset("asset")?;
    fields.finish()?;
    app.engine.add_asset(program.id, asset).await?;
    let view = whole(&app, program.id).await;
    Ok(answer::ok(&view.map_err(Problem::after_effect)?))
}

/// Refuses an asset that the programme has no accounts in.
pub(crate) async fn check_assets(
    app: &App,
    program: ProgramId,
    field: &str,
    asked: Option<Vec<Asset>>,
) -> Result<Vec<Asset>, Problem> {
    let own = app.engine.assets(program).await?;
    let asked = asked.unwrap_or_else(|| own.clone());
    match asked.iter().find(|asset| !own.contains(asset)) {
        None => Ok(asked),
        Some(asset) => {
            let why = format!("has {asset}, which the programme does not have");
            Err(Problem::bad_field(field, why))
        }
    }
}

#[cfg(test)]
mod tests;
