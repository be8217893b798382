//! The deposit simulator: money from outside to a member's balance at the bank. Sandbox programmes
//! only.

use crate::Door;
use crate::amount::{self, Decimal};
use crate::authenticate::Acting;
use crate::body::Whole;
use crate::error::{Code, Failure};
use crate::idempotency;
use crate::time;
use crate::transfer;
use axum::extract::State;
use axum::response::Response;
use domain::asset::Asset;
use domain::id::SubAccountId;
use domain::program::Environment;
use engine::admitted::By;
use engine::transfer::{FamilyTransfer, Place};
use gateway::json::Object;
use http::request::Parts;
use serde::Serialize;
use std::sync::Arc;

/// Characters of texts about the sender.
const TEXT_MAX: usize = 128;

#[derive(Serialize)]
struct Deposited {
    deposit_id: String,
    short_reference_id: String,
    amount: Decimal,
    currency: &'static str,
    deposit_status: &'static str,
    create_time: String,
    complete_time: String,
    receiver_account_number: String,
    sender: Sender,
}

#[derive(Serialize)]
struct Sender {
    sender_account_number: String,
    sender_country: String,
    sender_name: String,
    sender_swift_code: String,
}

pub(crate) async fn simulate(
    State(door): State<Arc<Door>>,
    acting: Acting,
    parts: Parts,
    Whole(body): Whole,
) -> Response {
    let answer = simulated(&door, &acting, &parts, &body).await;
    acting.reply.answer(answer)
}

async fn simulated(
    door: &Door,
    acting: &Acting,
    parts: &Parts,
    body: &[u8],
) -> Result<Deposited, Failure> {
    let reference = idempotency::reference(acting, parts)?;
    let settings = door.engine.settings(acting.caller.program).await?;
    if settings.is_none_or(|row| row.environment != Environment::Sandbox) {
        return Err(Code::NotSandbox.into());
    }
    let (command, sender, receiver_account_number) = translate(acting, body)?;
    let (amount, asset) = (command.amount, command.amount.asset());
    let command = FamilyTransfer { reference: Some(reference), ..command };
    let caller = acting.caller;
    let done = door.engine.family_transfer(caller.program, By::Caller(caller), command);
    let receipt = done.await?.into_inner();
    let at = time::text(receipt.at);
    Ok(Deposited {
        deposit_id: receipt.instruction.to_string(),
        short_reference_id: transfer::number(receipt.instruction, receipt.at),
        amount: Decimal(amount.money()),
        currency: asset.code(),
        deposit_status: "COMPLETED",
        create_time: at.clone(),
        complete_time: at,
        receiver_account_number,
        sender,
    })
}

/// The command, who sends, and the receiver's account number.
fn translate(acting: &Acting, body: &[u8]) -> Result<(FamilyTransfer, Sender, String), Failure> {
    let fields = Object::parse(body)?;
    let currency = fields.text("currency", TEXT_MAX)?;
    let asset = Asset::find(&currency).ok_or(Code::BalanceMissing)?;
    let amount = amount::read(&fields, "amount", asset)?;
    let text = |name| {
        let text = fields.optional_text(name, TEXT_MAX)?;
        Ok::<_, Failure>(text.unwrap_or_default().into_owned())
    };
    let sender = Sender {
        sender_swift_code: fields.text("sender_swift_code", TEXT_MAX)?.into_owned(),
        sender_account_number: text("sender_account_number")?,
        sender_country: text("sender_country")?,
        sender_name: text("sender_name")?,
    };
    let receiver_account_number = text("receiver_account_number")?;
    let member = match fields.optional_text("account_id", TEXT_MAX)? {
        None => acting.master.id,
        Some(id) => id.parse::<SubAccountId>().map_err(|_| Code::AccountMissing)?,
    };
    let also = serde_json::to_vec(&(&sender, &receiver_account_number));
    let command = FamilyTransfer {
        from: Place::Outside,
        to: Place::Banking(member),
        amount,
        fee: None,
        remark: sender.sender_name.clone(),
        also: also.map_err(|_| Code::SystemError)?,
        reference: None,
    };
    Ok((command, sender, receiver_account_number))
}

#[cfg(test)]
mod tests;
