//! The vendor's "ledger accounts": the wallets of one user, or of all.

use crate::Door;
use crate::amount::Decimal;
use crate::authenticate::Signed;
use crate::error::Failure;
use crate::query::{Page, Query};
use axum::extract::State;
use axum::response::Response;
use domain::account::{Account, AccountKind, Owner};
use domain::id::{CardholderId, ProgramId};
use engine::Engine;
use gateway::time;
use serde::Serialize;
use std::sync::Arc;

/// Accounts that are read at a time.
const CHUNK: u32 = 1_000;

#[derive(Serialize)]
struct List {
    ledger_accounts: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    available_balance: Decimal,
    balance: Decimal,
    currency: &'static str,
    id: String,
    p_created_at: String,
    p_updated_at: String,
    user_id: String,
}

pub(crate) async fn list(State(door): State<Arc<Door>>, signed: Signed) -> Response {
    signed.reply.answer(listed(&door, &signed).await)
}

async fn listed(door: &Door, signed: &Signed) -> Result<List, Failure> {
    let engine = &door.engine;
    engine.admit(&signed.caller).await?;
    let mut query = Query::parse(signed.query.as_deref())?;
    let user = query.take("user_id")?;
    let page = query.page()?;
    query.finish()?;
    let program = signed.caller.program;
    let wallets = match user.map(|text| text.parse::<CardholderId>()) {
        None => all(engine, program, page).await?,
        Some(Ok(user)) => of_user(engine, program, user, page).await?,
        Some(Err(_)) => Vec::new(),
    };
    let mut ledger_accounts = Vec::with_capacity(wallets.len());
    for wallet in wallets {
        ledger_accounts.push(row(engine, &wallet).await?);
    }
    Ok(List { ledger_accounts })
}

/// The wallet's owner, where the account is a wallet.
const fn holder(account: &Account) -> Option<CardholderId> {
    match (account.kind, account.owner) {
        (AccountKind::Wallet, Owner::Cardholder(id)) => Some(id),
        _ => None,
    }
}

async fn of_user(
    engine: &Engine,
    program: ProgramId,
    user: CardholderId,
    page: Page,
) -> Result<Vec<Account>, Failure> {
    let Some(user) = engine.cardholder_by_id(program, user).await? else {
        return Ok(Vec::new());
    };
    let wallets = engine.wallets(&user).await?.into_iter();
    let (offset, limit) = (usize_of(page.offset), usize_of(u64::from(page.limit)));
    Ok(wallets.skip(offset).take(limit).collect())
}

/// In the order of their ids.
async fn all(engine: &Engine, program: ProgramId, page: Page) -> Result<Vec<Account>, Failure> {
    let (mut found, mut after, mut skip) = (Vec::new(), None, page.offset);
    loop {
        let accounts = engine.accounts(program, None, after, CHUNK).await?;
        after = accounts.last().map(|account| account.id);
        let ended = accounts.len() < usize_of(u64::from(CHUNK));
        for account in accounts.into_iter().filter(|account| holder(account).is_some()) {
            match skip.checked_sub(1) {
                Some(left) => skip = left,
                None => found.push(account),
            }
        }
        if ended || found.len() >= usize_of(u64::from(page.limit)) {
            found.truncate(usize_of(u64::from(page.limit)));
            return Ok(found);
        }
    }
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

async fn row(engine: &Engine, account: &Account) -> Result<Row, Failure> {
    let changed_at = engine.account_changed_at(account).await?;
    Ok(Row {
        available_balance: Decimal(account.available()),
        balance: Decimal(account.balance()),
        currency: account.asset.code(),
        id: account.id.to_string(),
        p_created_at: time::short_text(account.opened_at),
        p_updated_at: time::short_text(changed_at),
        user_id: holder(account).map(|id| id.to_string()).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
