//! Accounts of a programme, and their history.

use crate::App;
use crate::answer;
use crate::cardholder::{Numbers, find_number};
use crate::error::Problem;
use crate::paging::{Limit, Page, bad_cursor, cut};
use crate::query::Query;
use crate::request::{Item, OfProgram};
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use domain::account::{Account, AccountKind, Owner};
use domain::asset::Asset;
use domain::id::{AccountId, ProgramId};
use domain::money::Money;
use domain::transfer::Entry;
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    let all = "/v1/programs/{program}/accounts";
    let one = "/v1/programs/{program}/accounts/{item}";
    let entries = "/v1/programs/{program}/accounts/{item}/entries";
    Router::new().route(all, get(list)).route(one, get(find)).route(entries, get(history))
}

#[derive(Serialize)]
struct AccountView {
    id: String,
    kind: &'static str,
    owner: &'static str,
    owner_id: Option<String>,
    /// The owner's number, where it is a cardholder.
    cardholder: Option<String>,
    asset: &'static str,
    balance: String,
    available: String,
    /// The least available amount; `null` where there is no such bound.
    floor: Option<String>,
    posted_debits: String,
    posted_credits: String,
    held_debits: String,
    held_credits: String,
    /// Entries so far.
    version: u64,
    opened_at: String,
}

fn view(account: &Account, cardholder: Option<String>) -> AccountView {
    let money = |minor| Money::new(minor, account.asset).to_string();
    let (owner, owner_id) = match account.owner {
        Owner::Program => ("program", None),
        Owner::SubAccount(id) => ("sub_account", Some(id.to_string())),
        Owner::Cardholder(id) => ("cardholder", Some(id.to_string())),
        Owner::Card(id) => ("card", Some(id.to_string())),
    };
    AccountView {
        id: account.id.to_string(),
        kind: account.kind.word(),
        owner,
        owner_id,
        cardholder,
        asset: account.asset.code(),
        balance: account.balance().to_string(),
        available: account.available().to_string(),
        floor: account.floor.map(money),
        posted_debits: money(account.sums.posted_debits),
        posted_credits: money(account.sums.posted_credits),
        held_debits: money(account.sums.held_debits),
        held_credits: money(account.sums.held_credits),
        version: account.version,
        opened_at: time::text(account.opened_at),
    }
}

#[derive(Serialize)]
struct EntryView {
    version: u64,
    transfer: String,
    seq: u64,
    side: &'static str,
    asset: &'static str,
    posted: String,
    held: String,
    balance: String,
    available: Option<String>,
    posted_debits: String,
    posted_credits: String,
    held_debits: String,
    held_credits: String,
    hash: String,
}

fn entry(entry: &Entry, asset: Asset) -> EntryView {
    let money = |minor| Money::new(minor, asset).to_string();
    EntryView {
        version: entry.version,
        transfer: entry.transfer.to_string(),
        seq: entry.place.seq,
        side: entry.side.word(),
        asset: asset.code(),
        posted: money(entry.posted),
        held: money(entry.held),
        balance: money(entry.after.balance()),
        available: entry.after.available().map(money),
        posted_debits: money(entry.after.posted_debits),
        posted_credits: money(entry.after.posted_credits),
        held_debits: money(entry.after.held_debits),
        held_credits: money(entry.after.held_credits),
        hash: entry.hash.bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// By id. `owner=program` or `cardholder=NUMBER`, and `kind`, narrow it; a page of one kind may be
/// short although there is a next one.
async fn list(
    State(app): State<App>,
    program: OfProgram,
    query: Query,
) -> Result<Response, Problem> {
    let limit = Limit::read(&query)?;
    let after = query.id("after").map_err(|_| bad_cursor("after"))?;
    let kind = query.word::<AccountKind>("kind")?;
    let asked = Asked::read(&query, kind)?;
    query.finish()?;
    let owner = asked.owner(&app, program.id).await?;
    let filter = Filter { owner, kind };
    let (rows, next) = scan(&app, program.id, filter, after, limit).await?;
    let mut numbers = Numbers::new(&app, program.id);
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        data.push(view(row, number(&mut numbers, row).await?));
    }
    Ok(answer::ok(&Page { data, next }))
}

async fn number(numbers: &mut Numbers<'_>, row: &Account) -> Result<Option<String>, Problem> {
    match row.owner {
        Owner::Cardholder(id) => numbers.find(id).await,
        Owner::Program | Owner::SubAccount(_) | Owner::Card(_) => Ok(None),
    }
}

/// Whose accounts were asked for.
enum Asked {
    All,
    Program,
    /// The cardholder with this number.
    Cardholder(String),
}

impl Asked {
    fn read(query: &Query, kind: Option<AccountKind>) -> Result<Self, Problem> {
        let number = query.text("cardholder")?;
        match (query.text("owner")?, number) {
            (None, Some(number)) => Ok(Self::Cardholder(number.to_owned())),
            (Some("program"), None) => Ok(Self::Program),
            // Only the programme has accounts of these kinds, so the others need no look.
            (None, None) if kind.is_some_and(|kind| AccountKind::PROGRAM_OWN.contains(&kind)) => {
                Ok(Self::Program)
            }
            (None, None) => Ok(Self::All),
            (Some(_), None) => Err(Problem::bad_field("owner", "must be program")),
            (Some(_), Some(_)) => Err(Problem::bad_field("owner", "excludes `cardholder`")),
        }
    }

    async fn owner(self, app: &App, program: ProgramId) -> Result<Option<Owner>, Problem> {
        match self {
            Self::All => Ok(None),
            Self::Program => Ok(Some(Owner::Program)),
            Self::Cardholder(number) => {
                let cardholder = find_number(app, program, &number).await?;
                Ok(Some(Owner::Cardholder(cardholder.id)))
            }
        }
    }
}

struct Filter {
    owner: Option<Owner>,
    kind: Option<AccountKind>,
}

/// Rows read at once where most may be of another kind, and how often before a page is ended.
const CHUNK: u32 = 500;
const CHUNKS_MAX: usize = 20;

/// The rows of a kind, found by passing over the others within a bound.
async fn scan(
    app: &App,
    program: ProgramId,
    filter: Filter,
    mut after: Option<AccountId>,
    limit: Limit,
) -> Result<(Vec<Account>, Option<String>), Problem> {
    let chunk = filter.kind.map_or(limit.probe(), |_| CHUNK);
    let mut found = Vec::new();
    for _ in 0..CHUNKS_MAX {
        let rows = app.engine.accounts(program, filter.owner, after, chunk).await?;
        let ended = rows.len() < chunk as usize;
        after = rows.last().map(|row| row.id).or(after);
        let wanted = |row: &Account| filter.kind.is_none_or(|kind| kind == row.kind);
        found.extend(rows.into_iter().filter(wanted));
        if ended || found.len() > limit.rows() {
            return Ok(cut(found, limit, |row| row.id.to_string()));
        }
    }
    Ok((found, after.map(|id| id.to_string())))
}

async fn find_account(app: &App, program: &OfProgram, item: &Item) -> Result<Account, Problem> {
    let id = item.id::<AccountId>().ok_or_else(Problem::account_missing)?;
    let found = app.engine.find_account(program.id, id).await?;
    found.ok_or_else(Problem::account_missing)
}

async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let account = find_account(&app, &program, &item).await?;
    let number = number(&mut Numbers::new(&app, program.id), &account).await?;
    Ok(answer::ok(&view(&account, number)))
}

/// Entries, newest first; the cursor is `before`.
async fn history(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    query: Query,
) -> Result<Response, Problem> {
    let limit = Limit::read(&query)?;
    let before = query.text("before")?;
    query.finish()?;
    let before = before.map(|text| text.parse::<u64>().map_err(|_| bad_cursor("before")));
    let before = before.transpose()?;
    let account = find_account(&app, &program, &item).await?;
    let (id, probe) = (account.id, limit.probe());
    let rows = app.engine.account_history(program.id, id, before, probe).await?;
    let (rows, next) = cut(rows, limit, |row| row.version.to_string());
    let data = rows.iter().map(|row| entry(row, account.asset)).collect();
    Ok(answer::ok(&Page { data, next }))
}

#[cfg(test)]
mod tests;
