//! Cardholders of a programme, by their numbers.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::paging::{Limit, Page, bad_cursor, cut};
use crate::program::check_assets;
use crate::query::Query;
use crate::request::{Body, Item, OfProgram};
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::account::Account;
use domain::cardholder::{Cardholder, CardholderRefusal, CardholderStatus, NUMBER_LEN_MAX};
use domain::id::{CardholderId, ProgramId};
use domain::money::Money;
use engine::Engine;
use engine::cardholder::CreateCardholder;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;

pub(crate) fn routes() -> Router<App> {
    let all = "/v1/programs/{program}/cardholders";
    let one = "/v1/programs/{program}/cardholders/{item}";
    Router::new().route(all, post(create).get(list)).route(one, get(find).patch(update))
}

#[derive(Serialize)]
struct CardholderView {
    id: String,
    number: String,
    unique_number: Option<String>,
    status: &'static str,
    version: u64,
    created_at: String,
    /// Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    wallets: Option<Vec<WalletView>>,
}

#[derive(Serialize)]
struct WalletView {
    account: String,
    asset: &'static str,
    balance: String,
    available: String,
    held: String,
}

fn view(cardholder: &Cardholder) -> CardholderView {
    CardholderView {
        id: cardholder.id.to_string(),
        number: cardholder.number.clone(),
        unique_number: cardholder.unique_number.clone(),
        status: cardholder.status.word(),
        version: cardholder.version,
        created_at: time::text(cardholder.created_at),
        wallets: None,
    }
}

fn wallet(account: &Account) -> WalletView {
    WalletView {
        account: account.id.to_string(),
        asset: account.asset.code(),
        balance: account.balance().to_string(),
        available: account.available().to_string(),
        held: Money::new(account.sums.held_debits, account.asset).to_string(),
    }
}

async fn whole(app: &App, cardholder: &Cardholder) -> Result<CardholderView, engine::Error> {
    let wallets = app.engine.wallets(cardholder).await?;
    Ok(CardholderView { wallets: Some(wallets.iter().map(wallet).collect()), ..view(cardholder) })
}

/// By number, or the refusal that says that there is none.
pub(crate) async fn find_number(
    app: &App,
    program: ProgramId,
    number: &str,
) -> Result<Cardholder, Problem> {
    let found = app.engine.find_cardholder(program, number).await?;
    found.ok_or_else(|| Problem::refused(CardholderRefusal::Missing))
}

/// `number` (drawn), `unique_number` (none), `status` (pending), `assets` (all of the programme's).
async fn create(
    State(app): State<App>,
    program: OfProgram,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let number = fields.optional_text("number", NUMBER_LEN_MAX)?;
    let unique_number = fields.optional_text("unique_number", NUMBER_LEN_MAX)?;
    let status = fields.word("status")?.unwrap_or(CardholderStatus::Pending);
    let assets = fields.assets("assets")?;
    fields.finish()?;
    let command = CreateCardholder {
        number: number.map(Cow::into_owned),
        unique_number: unique_number.map(Cow::into_owned),
        status,
        assets: check_assets(&app, program.id, "assets", assets).await?,
    };
    let made = app.engine.create_cardholder(program.id, command).await?;
    let view = whole(&app, &made).await.map_err(Problem::after_effect)?;
    Ok(answer::created(&view))
}

/// By id, which is no order of time.
async fn list(
    State(app): State<App>,
    program: OfProgram,
    query: Query,
) -> Result<Response, Problem> {
    let limit = Limit::read(&query)?;
    let after = query.id("after").map_err(|_| bad_cursor("after"))?;
    query.finish()?;
    let rows = app.engine.cardholders(program.id, after, limit.probe()).await?;
    let (rows, next) = cut(rows, limit, |cardholder| cardholder.id.to_string());
    let data = rows.iter().map(view).collect();
    Ok(answer::ok(&Page { data, next }))
}

async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let found = find_number(&app, program.id, item.text()).await?;
    Ok(answer::ok(&whole(&app, &found).await?))
}

/// `status`.
async fn update(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let status = fields.word::<CardholderStatus>("status")?;
    fields.finish()?;
    let status = status.ok_or_else(|| Problem::bad_field("status", "is required"))?;
    let number = item.text();
    let changed = app.engine.set_cardholder_status(program.id, number, status).await?;
    let view = whole(&app, &changed).await.map_err(Problem::after_effect)?;
    Ok(answer::ok(&view))
}

/// Numbers of cardholders by their ids, each read once for an answer. People know numbers.
pub(crate) struct Numbers<'e> {
    engine: &'e Engine,
    program: ProgramId,
    known: HashMap<CardholderId, Option<String>>,
}

impl<'e> Numbers<'e> {
    pub(crate) fn new(app: &'e App, program: ProgramId) -> Self {
        Self { engine: &app.engine, program, known: HashMap::new() }
    }

    pub(crate) async fn find(&mut self, id: CardholderId) -> Result<Option<String>, Problem> {
        if let Some(number) = self.known.get(&id) {
            return Ok(number.clone());
        }
        let found = self.engine.cardholder_by_id(self.program, id).await?;
        let number = found.map(|cardholder| cardholder.number);
        self.known.insert(id, number.clone());
        Ok(number)
    }
}

#[cfg(test)]
mod tests;
