//! Instructions: listed, shown with their transfers, reversed. And the receipt that every call
//! which moves money answers.

use crate::App;
use crate::answer;
use crate::cardholder::Numbers;
use crate::error::Problem;
use crate::paging::{Limit, Page, cut, place, place_text};
use crate::query::Query;
use crate::request::{Item, Keyed, OfProgram, scope};
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::asset::Asset;
use domain::id::InstructionId;
use domain::instruction::{InstructionRefusal, Outcome};
use domain::money::Money;
use domain::rate::Rounding;
use domain::transfer::Transfer;
use engine::Idempotent;
use engine::admitted::By;
use engine::instruction::Receipt;
use engine::instruction::list::{ListInstructions, Listed};
use engine::transfer::Reverse;
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    let all = "/v1/programs/{program}/instructions";
    let one = "/v1/programs/{program}/instructions/{item}";
    let reversal = "/v1/programs/{program}/instructions/{item}/reverse";
    Router::new().route(all, get(list)).route(one, get(find)).route(reversal, post(reverse))
}

#[derive(Serialize)]
struct ReceiptView {
    instruction: String,
    outcome: &'static str,
    decline: Option<&'static str>,
    asset: &'static str,
    available_before: String,
    available_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
    at: String,
}

/// The answer to a call that moves money; balances are in `asset`, of the account acted on.
pub(crate) fn receipt(done: Idempotent<Receipt>, asset: Asset) -> Response {
    let replayed = matches!(done, Idempotent::AlreadyDone(_));
    let receipt = done.into_inner();
    let (outcome, decline) = outcome(receipt.outcome);
    let answer = answer::ok(&ReceiptView {
        instruction: receipt.instruction.to_string(),
        outcome,
        decline,
        asset: asset.code(),
        available_before: Money::new(receipt.before_minor, asset).to_string(),
        available_after: Money::new(receipt.after_minor, asset).to_string(),
        hold: receipt.hold.map(|hold| hold.to_string()),
        at: time::text(receipt.at),
    });
    if replayed { answer::replayed(answer) } else { answer }
}

pub(crate) const fn outcome(outcome: Outcome) -> (&'static str, Option<&'static str>) {
    match outcome {
        Outcome::Completed => ("completed", None),
        Outcome::Declined(decline) => ("declined", Some(decline.word())),
    }
}

#[derive(Serialize)]
struct InstructionView {
    id: String,
    kind: &'static str,
    outcome: &'static str,
    decline: Option<&'static str>,
    amount: String,
    asset: &'static str,
    account: String,
    counterparty: Option<String>,
    /// The cardholder's number.
    cardholder: Option<String>,
    available_before: String,
    available_after: String,
    reference: Option<ReferenceView>,
    undoes: Option<String>,
    remark: String,
    /// The caller's own name for it, where its door keeps one that is not unique.
    end_to_end_id: Option<String>,
    seq: u64,
    at: String,
    /// Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    transfers: Option<Vec<TransferView>>,
}

#[derive(Serialize)]
struct ReferenceView {
    scope: String,
    text: String,
}

#[derive(Serialize)]
struct TransferView {
    id: String,
    kind: &'static str,
    debit: String,
    credit: String,
    amount: String,
    asset: &'static str,
    held: String,
    hold: Option<String>,
    link: Option<String>,
    conversion: Option<ConversionView>,
    debit_version: u64,
    credit_version: u64,
    at: String,
}

/// The exact product is `product_numerator / 10^product_scale` minor units.
#[derive(Serialize)]
struct ConversionView {
    rate: String,
    rounding: &'static str,
    product_numerator: String,
    product_scale: u8,
}

fn view(listed: &Listed, cardholder: Option<String>) -> InstructionView {
    let row = &listed.instruction;
    let (outcome, decline) = outcome(row.outcome);
    let money = |minor| Money::new(minor, row.amount.asset()).to_string();
    InstructionView {
        id: row.id.to_string(),
        kind: row.kind.word(),
        outcome,
        decline,
        amount: row.amount.to_string(),
        asset: row.amount.asset().code(),
        account: row.account.to_string(),
        counterparty: row.counterparty.map(|id| id.to_string()),
        cardholder,
        available_before: money(row.before_minor),
        available_after: money(row.after_minor),
        reference: listed.reference.as_ref().map(|reference| ReferenceView {
            scope: reference.scope.clone(),
            text: reference.text.clone(),
        }),
        undoes: row.undoes.map(|id| id.to_string()),
        remark: row.remark.clone(),
        end_to_end_id: row.end_to_end_id.clone(),
        seq: row.place.seq,
        at: time::text(row.at),
        transfers: None,
    }
}

fn transfer(row: &Transfer) -> TransferView {
    TransferView {
        id: row.id.to_string(),
        kind: row.kind.word(),
        debit: row.debit.to_string(),
        credit: row.credit.to_string(),
        amount: row.amount.to_string(),
        asset: row.amount.asset.code(),
        held: Money::new(row.held, row.amount.asset).to_string(),
        hold: row.hold.map(|id| id.to_string()),
        link: row.link.map(|id| id.to_string()),
        conversion: row.conversion.map(|conversion| ConversionView {
            rate: conversion.rate.to_string(),
            rounding: match conversion.rounding {
                Rounding::Up => "up",
                Rounding::Down => "down",
                Rounding::HalfEven => "half_even",
            },
            product_numerator: conversion.product_numerator.to_string(),
            product_scale: conversion.product_scale,
        }),
        debit_version: row.debit_version,
        credit_version: row.credit_version,
        at: time::text(row.at),
    }
}

fn missing() -> Problem {
    Problem::refused(InstructionRefusal::Missing)
}

async fn whole(numbers: &mut Numbers<'_>, listed: &Listed) -> Result<InstructionView, Problem> {
    let number = match listed.instruction.cardholder {
        Some(id) => numbers.find(id).await?,
        None => None,
    };
    Ok(view(listed, number))
}

/// Newest first; the cursor is `before`. `account`, `kind` (with commas between), `from`
/// (inclusive) and `until` (exclusive) narrow it.
async fn list(
    State(app): State<App>,
    program: OfProgram,
    query: Query,
) -> Result<Response, Problem> {
    let limit = Limit::read(&query)?;
    let list = ListInstructions {
        account: query.id("account")?,
        kinds: query.words("kind")?,
        from: query.time("from")?,
        until: query.time("until")?,
        before: place(&query, "before")?,
        limit: limit.probe(),
        ..ListInstructions::default()
    };
    query.finish()?;
    let rows = app.engine.instructions(program.id, list).await?;
    let (rows, next) = cut(rows, limit, |row| place_text(row.instruction.place));
    let mut numbers = Numbers::new(&app, program.id);
    let mut data = Vec::with_capacity(rows.len());
    for row in &rows {
        data.push(whole(&mut numbers, row).await?);
    }
    Ok(answer::ok(&Page { data, next }))
}

async fn find_listed(app: &App, program: &OfProgram, item: &Item) -> Result<Listed, Problem> {
    let id = item.id::<InstructionId>().ok_or_else(missing)?;
    let found = app.engine.find_instruction(program.id, id).await?;
    found.ok_or_else(missing)
}

/// With its transfers.
async fn find(State(app): State<App>, program: OfProgram, item: Item) -> Result<Response, Problem> {
    let listed = find_listed(&app, &program, &item).await?;
    let transfers = app.engine.transfers_of(&listed.instruction).await?;
    let mut numbers = Numbers::new(&app, program.id);
    Ok(answer::ok(&InstructionView {
        transfers: Some(transfers.iter().map(transfer).collect()),
        ..whole(&mut numbers, &listed).await?
    }))
}

/// Undoes it, once: `remark`.
async fn reverse(
    State(app): State<App>,
    program: OfProgram,
    item: Item,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let fields = keyed.fields()?;
    let remark = fields.remark()?;
    fields.finish()?;
    let listed = find_listed(&app, &program, &item).await?;
    let command = Reverse {
        instruction: listed.instruction.id,
        remark,
        reference: keyed.reference(scope!("reverse")),
    };
    let asset = listed.instruction.amount.asset();
    let done = app.engine.reverse(program.id, By::Operator, command).await?;
    Ok(receipt(done, asset))
}

#[cfg(test)]
mod tests;
