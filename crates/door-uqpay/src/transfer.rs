//! The vendor's "issuing transfer": between the issuing balances of two members of one family.
//!
//! It is done when it is answered. The fee, where the operator has set one, is paid by who sends,
//! on top. What is refused leaves its key free. Who acts for a sub-account may send from it alone;
//! the master may send from any.

use crate::Door;
use crate::amount::{self, Decimal};
use crate::authenticate::Acting;
use crate::body::Whole;
use crate::error::{Code, Failure};
use crate::family::member_of;
use crate::idempotency;
use crate::time;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::asset::Asset;
use domain::id::{InstructionId, SubAccountId, letters};
use domain::instruction::{Instruction, InstructionKind};
use domain::money::Money;
use domain::sub_account::SubAccountKind;
use engine::admitted::By;
use engine::instruction::list::Listed;
use engine::transfer::{FamilyTransfer, Place};
use engine::{Engine, Error};
use gateway::json::Object;
use http::request::Parts;
use serde::Serialize;
use std::sync::Arc;

/// Characters of an id, a currency and a remark.
const ID_MAX: usize = 64;
const CURRENCY_MAX: usize = 16;
const REMARK_MAX: usize = 255;

#[derive(Serialize)]
struct Made {
    transfer_id: String,
    short_transaction_id: String,
}

#[derive(Serialize)]
struct View {
    transfer_id: String,
    reference_id: String,
    short_transaction_id: String,
    source_account_id: String,
    destination_account_id: String,
    amount: Decimal,
    fee_amount: Decimal,
    currency: &'static str,
    transfer_status: &'static str,
    create_time: String,
    complete_time: String,
    creator_id: String,
    remark: String,
}

/// `T`, the day, and eight letters that follow from the id.
pub(crate) fn number(id: InstructionId, at: domain::time::Time) -> String {
    format!("T{}-{}", time::day(at), letters(id.bytes(), 8))
}

pub(crate) async fn create(
    State(door): State<Arc<Door>>,
    acting: Acting,
    parts: Parts,
    Whole(body): Whole,
) -> Response {
    let answer = created(&door, &acting, &parts, &body).await;
    acting.reply.answer(answer)
}

async fn created(
    door: &Door,
    acting: &Acting,
    parts: &Parts,
    body: &[u8],
) -> Result<Made, Failure> {
    let reference = idempotency::reference(acting, parts)?;
    let command = translate(door, acting, body)?;
    let command = FamilyTransfer { reference: Some(reference), ..command };
    let caller = acting.caller;
    let done = door.engine.family_transfer(caller.program, By::Caller(caller), command);
    let receipt = done.await?.into_inner();
    Ok(Made {
        transfer_id: receipt.instruction.to_string(),
        short_transaction_id: number(receipt.instruction, receipt.at),
    })
}

/// The command, with faults in the order of the documented fields.
fn translate(door: &Door, acting: &Acting, body: &[u8]) -> Result<FamilyTransfer, Failure> {
    let fields = Object::parse(body)?;
    let account = |name: &str| {
        let text = fields.text(name, ID_MAX)?;
        let id = text.parse::<SubAccountId>();
        id.map_err(|_| Failure::field(name, "must be a UUID"))
    };
    let source = account("source_account_id")?;
    let destination = account("destination_account_id")?;
    let currency = fields.text("currency", CURRENCY_MAX)?;
    let asset = Asset::find(&currency).ok_or(Code::BalanceMissing)?;
    let amount = amount::read(&fields, "amount", asset)?;
    let remark = fields.optional_text("remark", REMARK_MAX)?.unwrap_or_default().into_owned();
    if source == destination {
        return Err(Failure::field("destination_account_id", "must differ from the source"));
    }
    if acting.member.kind != SubAccountKind::Master && source != acting.member.id {
        return Err(Code::AccountMissing.into());
    }
    let mut fees = door.options.transfer_fees.iter().copied();
    Ok(FamilyTransfer {
        from: Place::Issuing(source),
        to: Place::Issuing(destination),
        amount,
        fee: fees.find(|fee| fee.asset() == asset),
        remark,
        also: Vec::new(),
        reference: None,
    })
}

pub(crate) async fn find(
    State(door): State<Arc<Door>>,
    acting: Acting,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let answer = found(&door, &acting, path).await;
    acting.reply.answer(answer)
}

async fn found(
    door: &Door,
    acting: &Acting,
    path: Result<Path<String>, PathRejection>,
) -> Result<View, Failure> {
    let id = path.ok().and_then(|Path(text)| text.parse::<InstructionId>().ok());
    let id = id.ok_or(Code::TransferMissing)?;
    let (engine, program) = (&door.engine, acting.caller.program);
    let listed = engine.find_instruction(program, id).await?;
    let Listed { instruction: row, reference } = listed.ok_or(Code::TransferMissing)?;
    let moved = Moved::read(engine, acting.master.id, row).await?;
    let moved = moved.ok_or(Code::TransferMissing)?;
    let own = |id: SubAccountId| id == acting.member.id;
    let party = own(moved.source) || own(moved.destination);
    if acting.member.kind != SubAccountKind::Master && !party {
        return Err(Code::TransferMissing.into());
    }
    // An operator is no member.
    let creator = reference.and_then(|reference| idempotency::acted(&reference.scope));
    view(door, &moved, creator).await
}

/// A transfer between two members.
pub(crate) struct Moved {
    pub(crate) row: Instruction,
    pub(crate) source: SubAccountId,
    pub(crate) destination: SubAccountId,
}

impl Moved {
    /// `None` where the instruction is none.
    pub(crate) async fn read(
        engine: &Engine,
        master: SubAccountId,
        row: Instruction,
    ) -> Result<Option<Self>, Error> {
        let Some(counterparty) = row.counterparty.filter(|_| row.kind == InstructionKind::Family)
        else {
            return Ok(None);
        };
        let source = member_of(engine, row.program, master, row.account).await?;
        let destination = member_of(engine, row.program, master, counterparty).await?;
        let both = source.zip(destination);
        Ok(both.map(|(source, destination)| Self { row, source, destination }))
    }
}

async fn view(door: &Door, moved: &Moved, creator: Option<SubAccountId>) -> Result<View, Failure> {
    let Moved { row, source, destination } = moved;
    let asset = row.amount.asset();
    // The first transfer is the amount's, the second the fee's.
    let transfers = door.engine.transfers_of(row).await?;
    let fee = transfers.get(1).map_or(Money::new(0, asset), |fee| fee.amount);
    let number = number(row.id, row.at);
    let at = time::text(row.at);
    Ok(View {
        transfer_id: row.id.to_string(),
        reference_id: number.clone(),
        short_transaction_id: number,
        source_account_id: source.to_string(),
        destination_account_id: destination.to_string(),
        amount: Decimal(row.amount.money()),
        fee_amount: Decimal(fee),
        currency: asset.code(),
        // What is refused leaves no transfer.
        transfer_status: "COMPLETED",
        create_time: at.clone(),
        complete_time: at,
        creator_id: creator.map(|id| id.to_string()).unwrap_or_default(),
        remark: row.remark.clone(),
    })
}

#[cfg(test)]
mod tests;
