//! Sub-accounts, the members of a programme's family, by their ids; and money that reaches them:
//! from outside to the bank or to issuing, and from the bank to issuing.
//!
//! What was sent about a member when a door made it is in no answer.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::instruction::receipt;
use crate::paging::{Limit, Page, bad_cursor, cut};
use crate::program::check_assets;
use crate::query::Query;
use crate::request::{Body, Fields, Item, Keyed, OfProgram, scope};
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::account::Account;
use domain::id::{ProgramId, SubAccountId};
use domain::money::{Amount, Money};
use domain::sub_account::{
    NAME_LEN_MAX, SubAccount, SubAccountKind, SubAccountRefusal, SubAccountStatus,
};
use engine::admitted::By;
use engine::sub_account::CreateSubAccount;
use engine::transfer::{FamilyTransfer, Place};
use engine::{Idempotent, ReferenceName, Repeats};
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/programs/{program}/sub-accounts", post(create).get(list))
        .route("/v1/programs/{program}/sub-accounts/{item}", get(find).patch(update))
        .route("/v1/programs/{program}/sub-accounts/{item}/deposit", post(deposit))
        .route("/v1/programs/{program}/sub-accounts/{item}/allocate", post(allocate))
        .route("/v1/programs/{program}/sub-accounts/{item}/fund", post(fund))
}

#[derive(Serialize)]
struct SubAccountView {
    id: String,
    number: String,
    kind: &'static str,
    name: String,
    status: &'static str,
    version: u64,
    created_at: String,
    /// Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<Vec<BalanceView>>,
}

#[derive(Serialize)]
struct BalanceView {
    account: String,
    kind: &'static str,
    asset: &'static str,
    balance: String,
    available: String,
    held: String,
}

fn view(member: &SubAccount) -> SubAccountView {
    SubAccountView {
        id: member.id.to_string(),
        number: member.number.clone(),
        kind: member.kind.word(),
        name: member.name.clone(),
        status: member.status.word(),
        version: member.version,
        created_at: time::text(member.created_at),
        accounts: None,
    }
}

fn balance(account: &Account) -> BalanceView {
    BalanceView {
        account: account.id.to_string(),
        kind: account.kind.word(),
        asset: account.asset.code(),
        balance: account.balance().to_string(),
        available: account.available().to_string(),
        held: Money::new(account.sums.held_debits, account.asset).to_string(),
    }
}

/// Rows read at once of those that belong to a member.
const CHUNK: u32 = 500;

/// The view with its accounts at issuing and at the bank, by kind and asset.
async fn whole(app: &App, member: &SubAccount) -> Result<SubAccountView, engine::Error> {
    let owner = Some(member.owner());
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let rows = app.engine.accounts(member.program, owner, after, CHUNK).await?;
        let ended = rows.len() < CHUNK as usize;
        after = rows.last().map(|row| row.id);
        found.extend(rows.into_iter().filter(|row| is_of(member, row)));
        if ended {
            break;
        }
    }
    found.sort_by_key(|row| (row.kind, row.asset));
    Ok(SubAccountView { accounts: Some(found.iter().map(balance).collect()), ..view(member) })
}

/// The programme has accounts of other kinds as well, which are not its master's.
fn is_of(member: &SubAccount, account: &Account) -> bool {
    let own = [member.issuing(account.asset), member.banking(account.asset)];
    own.into_iter().flatten().any(|key| key.kind == account.kind)
}

fn missing() -> Problem {
    Problem::refused(SubAccountRefusal::Missing)
}

fn named(item: &Item) -> Result<SubAccountId, Problem> {
    item.id().ok_or_else(missing)
}

/// `kind`, `name`, `assets`, and `id` (drawn). It is active at once.
async fn create(
    State(app): State<App>,
    program: OfProgram,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let fields = keyed.fields()?;
    let kind = fields.word::<SubAccountKind>("kind")?;
    let kind = kind.ok_or_else(|| Problem::bad_field("kind", "is required"))?;
    let name = fields.text("name", 2 * NAME_LEN_MAX)?.into_owned();
    let assets = fields.assets("assets")?.unwrap_or_default();
    let id = fields.optional_id("id")?;
    fields.finish()?;
    if assets.is_empty() {
        return Err(Problem::bad_field("assets", "must name at least one asset"));
    }
    let assets = check_assets(&app, program.id, "assets", Some(assets)).await?;
    let (status, reference) = (SubAccountStatus::Active, keyed.reference(scope!("sub_account")));
    let command = CreateSubAccount { id, kind, name, status, profile: None, assets, reference };
    let made = app.engine.create_sub_account(program.id, By::Operator, command).await?;
    answered(&app, id, made).await
}

/// What was made, as it is now.
async fn answered(
    app: &App,
    asked: Option<SubAccountId>,
    made: Idempotent<SubAccount>,
) -> Result<Response, Problem> {
    let replayed = matches!(made, Idempotent::AlreadyDone(_));
    let member = made.into_inner();
    // Drawn ids differ from call to call, so the engine leaves them out of what a key belongs to.
    if asked.is_some_and(|id| id != member.id) {
        return Err(engine::Error::Conflict.into());
    }
    let answer = answer::created(&whole(app, &member).await.map_err(Problem::after_effect)?);
    Ok(if replayed { answer::replayed(answer) } else { answer })
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
    let rows = app.engine.sub_accounts(program.id, after, limit.probe()).await?;
    let (rows, next) = cut(rows, limit, |member| member.id.to_string());
    let data = rows.iter().map(view).collect();
    Ok(answer::ok(&Page { data, next }))
}

async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let found = app.engine.find_sub_account(program.id, named(&item)?).await?;
    Ok(answer::ok(&whole(&app, &found.ok_or_else(missing)?).await?))
}

/// `status`.
async fn update(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let status = fields.word::<SubAccountStatus>("status")?;
    fields.finish()?;
    let status = status.ok_or_else(|| Problem::bad_field("status", "is required"))?;
    let id = named(&item)?;
    let changed = app.engine.set_sub_account_status(program.id, id, status).await?;
    let view = whole(&app, &changed).await.map_err(Problem::after_effect)?;
    Ok(answer::ok(&view))
}

/// Money from outside to the member's account at the bank: `amount`, `asset`, and `remark`.
async fn deposit(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let asked = Asked::read(&keyed.fields()?, keyed.reference(scope!("deposit")))?;
    let to = Place::Banking(named(&item)?);
    asked.moved(&app, program.id, Place::Outside, to).await
}

/// From the member's account at the bank to an account at issuing: as `deposit`, and `to`, the
/// member there (the same).
async fn allocate(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let fields = keyed.fields()?;
    let to = fields.optional_id("to")?;
    let asked = Asked::read(&fields, keyed.reference(scope!("allocate")))?;
    let id = named(&item)?;
    let to = Place::Issuing(to.unwrap_or(id));
    asked.moved(&app, program.id, Place::Banking(id), to).await
}

/// Money from outside straight to the member's account at issuing: as `deposit`.
async fn fund(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let asked = Asked::read(&keyed.fields()?, keyed.reference(scope!("sub_account_fund")))?;
    let to = Place::Issuing(named(&item)?);
    asked.moved(&app, program.id, Place::Outside, to).await
}

/// What every call that moves money here is asked for.
struct Asked {
    amount: Amount,
    remark: String,
    reference: Option<(ReferenceName, Repeats)>,
}

impl Asked {
    /// Reads the last fields of a body.
    fn read(
        fields: &Fields<'_>,
        reference: Option<(ReferenceName, Repeats)>,
    ) -> Result<Self, Problem> {
        let (amount, remark) = (fields.amount()?, fields.remark()?);
        fields.finish()?;
        Ok(Self { amount, remark, reference })
    }

    /// Without a fee: that is what callers pay.
    async fn moved(
        self,
        app: &App,
        program: ProgramId,
        from: Place,
        to: Place,
    ) -> Result<Response, Problem> {
        let Self { amount, remark, reference } = self;
        let command =
            FamilyTransfer { from, to, amount, fee: None, remark, also: Vec::new(), reference };
        let done = app.engine.family_transfer(program, By::Operator, command).await?;
        Ok(receipt(done, amount.asset()))
    }
}

#[cfg(test)]
mod tests;
