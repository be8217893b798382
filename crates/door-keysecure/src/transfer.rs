//! `account/transfer`, the vendor's "fund transfer": the programme's reserve to a cardholder's
//! wallet (`In`) and back (`Out`).
//!
//! `transfer_unique_no` is the reference: the same number and content gets the first answer again,
//! or 3003 where the programme says so; other content gets 3003. What is refused leaves the number
//! free.

pub(crate) mod list;

use crate::Door;
use crate::authenticate::CreditMerchant;
use crate::body::Whole;
use crate::envelope::{Shown, TransferNo};
use crate::error::{Code, Failure};
use axum::extract::State;
use axum::response::Response;
use domain::asset::Asset;
use domain::cardholder;
use domain::credential::Caller;
use domain::id::InstructionId;
use domain::money::{Amount, Money};
use domain::reference;
use engine::transfer::{Direction, Load};
use engine::{ReferenceName, Repeats};
use gateway::json::{NumberForm, Object};
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;

/// The only currency that is moved at present.
const SYMBOL: &str = "TUSDT";
/// What transfer numbers are scoped by: a programme's numbers at this door, for this operation.
const SCOPE: &str = "keysecure/transfer";
/// The longest `transfer_unique_no`, in characters.
const UNIQUE_NO_MAX: usize = 64;

#[derive(Serialize)]
struct Transferred<'a> {
    transfer_no: TransferNo,
    transfer_unique_no: Cow<'a, str>,
    before_balance: Shown<Money>,
    after_balance: Shown<Money>,
}

pub(crate) async fn create(
    State(door): State<Arc<Door>>,
    merchant: CreditMerchant,
    Whole(body): Whole,
) -> Response {
    let answer = transferred(&door, merchant.caller, &body).await;
    merchant.reply.answer(answer)
}

async fn transferred<'a>(
    door: &Door,
    caller: Caller,
    body: &'a [u8],
) -> Result<Transferred<'a>, Failure> {
    let (load, transfer_unique_no) = translate(body)?;
    let asset = load.amount.asset();
    let receipt = door.engine.load(caller, load).await?.into_inner();
    Ok(Transferred {
        transfer_no: TransferNo(receipt.instruction),
        transfer_unique_no,
        before_balance: Shown(Money::new(receipt.before_minor, asset)),
        after_balance: Shown(Money::new(receipt.after_minor, asset)),
    })
}

/// All that a transfer costs at the door, and none of what it costs behind it: the answer is the
/// same for everybody. The benchmark's baseline.
pub(crate) async fn rehearse(merchant: CreditMerchant, Whole(body): Whole) -> Response {
    let answer = translate(&body).map(|(load, transfer_unique_no)| {
        let nothing = || Shown(Money::new(0, load.amount.asset()));
        Transferred {
            transfer_no: TransferNo(InstructionId::from_bytes([0; 16])),
            transfer_unique_no,
            before_balance: nothing(),
            after_balance: nothing(),
        }
    });
    merchant.reply.answer(answer)
}

/// The command, and the number that the answer repeats. Faults in the order of the documented
/// fields.
fn translate(body: &[u8]) -> Result<(Load, Cow<'_, str>), Failure> {
    let fields = Object::parse(body)?;
    let cardholder_no = fields.text("cardholder_no", cardholder::NUMBER_LEN_MAX)?;
    let unique_no = fields.text("transfer_unique_no", UNIQUE_NO_MAX)?;
    // 64 characters of four bytes are one byte more than a reference may have.
    if unique_no.len() > reference::TEXT_LEN_MAX {
        return Err(Failure::parameter("transfer_unique_no"));
    }
    let direction = direction(&fields)?;
    let amount = fields.amount_text("balance", NumberForm::Text)?;
    let amount = Amount::parse(&amount, asset()?);
    let amount = amount.map_err(|fault| Failure::amount("balance", fault))?;
    let load = Load {
        cardholder_number: cardholder_no.into_owned(),
        direction,
        amount,
        reference: ReferenceName { scope: SCOPE.into(), text: unique_no.clone().into_owned() },
        repeats: Repeats::AsProgramme,
    };
    Ok((load, unique_no))
}

/// `In` or `Out`, in any case.
fn direction(fields: &Object<'_>) -> Result<Direction, Failure> {
    // Longer than any type, so that a wrong one is not taken for a long one.
    let text = fields.text("type", UNIQUE_NO_MAX)?;
    match &*text {
        word if word.eq_ignore_ascii_case(word_of(Direction::In)) => Ok(Direction::In),
        word if word.eq_ignore_ascii_case(word_of(Direction::Out)) => Ok(Direction::Out),
        _ => Err(Failure::parameter("type")),
    }
}

/// The type as the vendor spells it.
const fn word_of(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "In",
        Direction::Out => "Out",
    }
}

fn asset() -> Result<Asset, Failure> {
    Asset::find(SYMBOL).ok_or_else(|| Code::SystemError.into())
}

#[cfg(test)]
mod tests;
