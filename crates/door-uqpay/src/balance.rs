//! Balances of the member that acts, at issuing and at the bank, and what moved them.
//!
//! A ledger line is an entry of the balance's account, so its ending balance is what the entry says
//! was left. Retrieving one issuing balance is a POST with a key, which is checked and not kept: a
//! read that answered from memory would freeze a balance.

use crate::Door;
use crate::amount::Decimal;
use crate::authenticate::Acting;
use crate::body::Whole;
use crate::error::{Code, Failure};
use crate::idempotency;
use crate::page::{List, Query};
use crate::sub_account::usize_of;
use crate::time;
use crate::transfer::number;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use domain::account::{Account, AccountKind, Side};
use domain::asset::Asset;
use domain::instruction::{Instruction, InstructionKind};
use domain::money::Money;
use domain::sub_account::SubAccountKind;
use domain::time::Time;
use domain::transfer::{Cause, Entry};
use engine::Engine;
use gateway::json::Object;
use http::request::Parts;
use serde::Serialize;
use std::sync::Arc;

const CURRENCY_MAX: usize = 16;
/// Accounts of one owner, and entries of one account, that are read at a time.
const CHUNK: u32 = 1_000;
/// Entries of one account that a ledger is looked through, whether they are shown or not.
const LINES_MAX: usize = 10_000;

/// Which of a member's two lines of business.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Issuing,
    Banking,
}

#[derive(Serialize)]
struct View {
    balance_id: String,
    currency: &'static str,
    available_balance: Decimal,
    /// Of banking balances alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    prepaid_balance: Option<Decimal>,
    margin_balance: Decimal,
    frozen_balance: Decimal,
    create_time: String,
    last_trade_time: String,
    balance_status: &'static str,
}

#[derive(Serialize)]
struct LineView {
    transaction_id: String,
    short_transaction_id: String,
    account_id: String,
    account_name: String,
    balance_id: String,
    transaction_type: &'static str,
    currency: &'static str,
    amount: Decimal,
    create_time: String,
    complete_time: String,
    transaction_status: &'static str,
    ending_balance: Decimal,
    description: String,
    #[serde(flatten)]
    banking: Option<BankingLine>,
}

/// What lines of banking balances have beside it.
#[derive(Serialize)]
struct BankingLine {
    credit_debit_type: &'static str,
    reference_id: String,
    transaction_way: &'static str,
}

/// The member's balances of a line, by currency.
async fn balances(engine: &Engine, acting: &Acting, line: Line) -> Result<Vec<Account>, Failure> {
    let member = &acting.member;
    let kind = match (line, member.kind) {
        (Line::Banking, SubAccountKind::Master | SubAccountKind::Banking) => AccountKind::Banking,
        (Line::Issuing, SubAccountKind::Master) => AccountKind::Reserve,
        (Line::Issuing, SubAccountKind::Issuing) => AccountKind::SubAccount,
        (Line::Banking, SubAccountKind::Issuing) | (Line::Issuing, SubAccountKind::Banking) => {
            return Ok(Vec::new());
        }
    };
    let owner = Some(member.owner());
    let found = engine.accounts(acting.caller.program, owner, None, CHUNK).await?;
    let mut found: Vec<_> = found.into_iter().filter(|account| account.kind == kind).collect();
    found.sort_by_key(|account| account.asset.code());
    Ok(found)
}

async fn view(engine: &Engine, account: &Account, line: Line) -> Result<View, Failure> {
    let nothing = Decimal(Money::new(0, account.asset));
    let frozen = Money::new(account.sums.held_debits, account.asset);
    Ok(View {
        balance_id: account.id.to_string(),
        currency: account.asset.code(),
        available_balance: Decimal(account.available()),
        prepaid_balance: (line == Line::Banking).then_some(nothing),
        margin_balance: nothing,
        frozen_balance: Decimal(frozen),
        create_time: time::text(account.opened_at),
        last_trade_time: time::text(engine.account_changed_at(account).await?),
        balance_status: "ACTIVE",
    })
}

pub(crate) async fn list_issuing(
    State(door): State<Arc<Door>>,
    acting: Acting,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = listed(&door, &acting, query.as_deref(), Line::Issuing).await;
    acting.reply.answer(answer)
}

pub(crate) async fn list_banking(
    State(door): State<Arc<Door>>,
    acting: Acting,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = listed(&door, &acting, query.as_deref(), Line::Banking).await;
    acting.reply.answer(answer)
}

async fn listed(
    door: &Door,
    acting: &Acting,
    query: Option<&str>,
    line: Line,
) -> Result<List<View>, Failure> {
    let query = Query::parse(query)?;
    let page = query.page()?;
    let mut accounts = balances(&door.engine, acting, line).await?;
    if let Some(currency) = query.text("currency") {
        accounts.retain(|account| account.asset.code() == currency);
    }
    let total = u64::try_from(accounts.len()).unwrap_or(u64::MAX);
    let mut data = Vec::new();
    for account in accounts.iter().skip(usize_of(page.skip())).take(usize_of(page.size())) {
        data.push(view(&door.engine, account, line).await?);
    }
    Ok(List::new(page, total, data))
}

/// One of them, by POST.
pub(crate) async fn find_issuing(
    State(door): State<Arc<Door>>,
    acting: Acting,
    parts: Parts,
    Whole(body): Whole,
) -> Response {
    let answer = issuing_found(&door, &acting, &parts, &body).await;
    acting.reply.answer(answer)
}

async fn issuing_found(
    door: &Door,
    acting: &Acting,
    parts: &Parts,
    body: &[u8],
) -> Result<View, Failure> {
    idempotency::key(parts)?;
    let fields = Object::parse(body)?;
    let currency = fields.text("currency", CURRENCY_MAX)?;
    one(door, acting, &currency, Line::Issuing).await
}

pub(crate) async fn find_banking(
    State(door): State<Arc<Door>>,
    acting: Acting,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let answer = match path {
        Err(_) => Err(Code::BalanceMissing.into()),
        Ok(Path(currency)) => one(&door, &acting, &currency, Line::Banking).await,
    };
    acting.reply.answer(answer)
}

async fn one(door: &Door, acting: &Acting, currency: &str, line: Line) -> Result<View, Failure> {
    let accounts = balances(&door.engine, acting, line).await?;
    let found = accounts.iter().find(|account| account.asset.code() == currency);
    view(&door.engine, found.ok_or(Code::BalanceMissing)?, line).await
}

pub(crate) async fn issuing_transactions(
    State(door): State<Arc<Door>>,
    acting: Acting,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = ledger(&door, &acting, query.as_deref(), Line::Issuing).await;
    acting.reply.answer(answer)
}

pub(crate) async fn banking_transactions(
    State(door): State<Arc<Door>>,
    acting: Acting,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = ledger(&door, &acting, query.as_deref(), Line::Banking).await;
    acting.reply.answer(answer)
}

/// Which lines of a ledger.
struct Filter {
    from: Option<Time>,
    until: Option<Time>,
    kind: Option<String>,
    status: Option<String>,
    currency: Option<String>,
    id: Option<String>,
}

impl Filter {
    fn read(query: &Query) -> Result<Self, Failure> {
        const SPAN_US: i64 = 90 * 86_400 * 1_000_000;
        let text = |name| query.text(name).map(str::to_owned);
        let (from, until) = (query.time("start_time")?, query.time("end_time")?);
        if let (Some(from), Some(until)) = (from, until)
            && (until < from || until.unix_us() - from.unix_us() > SPAN_US)
        {
            return Err(Failure::field("end_time", "must be within 90 days after start_time"));
        }
        Ok(Self {
            from,
            until,
            kind: text("transaction_type"),
            status: text("transaction_status"),
            currency: text("currency"),
            id: text("transaction_id"),
        })
    }

    fn admits(&self, line: &LineView, at: Time) -> bool {
        let is = |wanted: &Option<String>, text: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == text)
        };
        // Who asks for what was until a time that a line shows gets that line, too.
        let shown_us = at.unix_us() - at.unix_us().rem_euclid(1_000_000);
        self.from.is_none_or(|from| at >= from)
            && self.until.is_none_or(|until| shown_us <= until.unix_us())
            && is(&self.kind, line.transaction_type)
            && is(&self.status, line.transaction_status)
            && is(&self.currency, line.currency)
            && is(&self.id, &line.transaction_id)
    }
}

/// The newest lines first; a ledger is looked through no further than its bound.
async fn ledger(
    door: &Door,
    acting: &Acting,
    query: Option<&str>,
    line: Line,
) -> Result<List<LineView>, Failure> {
    let query = Query::parse(query)?;
    let (page, filter) = (query.page()?, Filter::read(&query)?);
    let mut lines = Vec::new();
    for account in balances(&door.engine, acting, line).await? {
        read_lines(door, acting, &account, line, &filter, &mut lines).await?;
    }
    lines.sort_by_key(|(place, _)| core::cmp::Reverse(*place));
    let total = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    let rows = lines.into_iter().skip(usize_of(page.skip())).take(usize_of(page.size()));
    Ok(List::new(page, total, rows.map(|(_, line)| line).collect()))
}

type Placed = (domain::transfer::Place, LineView);

async fn read_lines(
    door: &Door,
    acting: &Acting,
    account: &Account,
    line: Line,
    filter: &Filter,
    lines: &mut Vec<Placed>,
) -> Result<(), Failure> {
    let program = acting.caller.program;
    let (mut before, mut looked) = (None, 0);
    loop {
        let entries = door.engine.account_history(program, account.id, before, CHUNK).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        before = Some(last.version);
        for entry in entries.iter().filter(|entry| entry.posted != 0) {
            if looked == LINES_MAX {
                return Ok(());
            }
            looked += 1;
            let Some(told) = told(door, entry).await? else { continue };
            let at = told.row.at;
            let shown = line_view(acting, account, entry, &told, line);
            if filter.admits(&shown, at) {
                lines.push((entry.place, shown));
            }
            if filter.from.is_some_and(|from| at < from) {
                return Ok(());
            }
        }
    }
}

/// What an entry is of.
struct Told {
    row: Instruction,
    /// Of the instruction's first transfer. A fee is the second, and may be as much.
    first: bool,
}

async fn told(door: &Door, entry: &Entry) -> Result<Option<Told>, Failure> {
    let transfers = door.engine.transfers_at(entry.program, entry.place.seq).await?;
    let transfer = transfers.iter().find(|transfer| transfer.id == entry.transfer);
    let Some(cause @ Cause::Instruction(id)) = transfer.map(|transfer| transfer.cause) else {
        return Ok(None);
    };
    let first = transfers.iter().find(|transfer| transfer.cause == cause);
    let first = first.is_some_and(|first| first.id == entry.transfer);
    let listed = door.engine.find_instruction(entry.program, id).await?;
    Ok(listed.map(|listed| Told { row: listed.instruction, first }))
}

/// What the vendor calls it, by the instruction and by what the entry is of it.
fn kind_of(told: &Told, entry: &Entry, line: Line) -> &'static str {
    let credit = entry.side == Side::Credit;
    match (told.row.kind, line) {
        (InstructionKind::Family, _) if credit => "TRANSFER_IN",
        (InstructionKind::Family, _) if told.first => "TRANSFER_OUT",
        (InstructionKind::Family, _) => "FEE",
        (InstructionKind::Deposit, _) | (InstructionKind::Fund, Line::Banking) => "DEPOSIT",
        (InstructionKind::Allocate, _) if credit => "FUNDS_TRANSFER_IN",
        (InstructionKind::Allocate, _) => "FUNDS_TRANSFER_OUT",
        (InstructionKind::Fund | InstructionKind::Payout | InstructionKind::Reverse, _) => {
            "ADJUSTMENT"
        }
        _ => "OTHER",
    }
}

fn line_view(
    acting: &Acting,
    account: &Account,
    entry: &Entry,
    told: &Told,
    line: Line,
) -> LineView {
    let row = &told.row;
    let asset: Asset = account.asset;
    let left = entry.after.available().unwrap_or(0);
    let at = time::text(row.at);
    let short = number(row.id, row.at);
    let banking = BankingLine {
        credit_debit_type: if entry.side == Side::Credit { "C" } else { "D" },
        reference_id: short.clone(),
        transaction_way: "ONLINE",
    };
    LineView {
        transaction_id: row.id.to_string(),
        short_transaction_id: short,
        account_id: acting.member.id.to_string(),
        account_name: acting.member.name.clone(),
        balance_id: account.id.to_string(),
        transaction_type: kind_of(told, entry, line),
        currency: asset.code(),
        amount: Decimal(Money::new(entry.posted, asset)),
        create_time: at.clone(),
        complete_time: at,
        transaction_status: "COMPLETED",
        ending_balance: Decimal(Money::new(left, asset)),
        description: row.remark.clone(),
        banking: (line == Line::Banking).then_some(banking),
    }
}

#[cfg(test)]
mod tests;
