//! The vendor's "platform transfer": from one user's wallet to another's, in one currency.
//!
//! It is final when it is answered. Too little money is no error: the answer is `Reversed`, the
//! attempt is recorded, and its `ref_id` may be used again. A repeat of a settled `ref_id` with the
//! same parties, currency and amount gets the settled transfer again; with others it is refused,
//! unless the operator allows it.

pub(crate) mod list;

use crate::amount::Decimal;
use crate::authenticate::Signed;
use crate::cardholder::document_kind;
use crate::error::{Code, Failure};
use crate::{DOOR, Door, RefIdReuse};
use axum::extract::State;
use axum::response::Response;
use domain::asset::Asset;
use domain::cardholder::NUMBER_LEN_MAX;
use domain::id::{CardholderId, InstructionId};
use domain::instruction::{END_TO_END_ID_LEN_MAX, Outcome};
use domain::money::Amount;
use domain::secret::Secret;
use domain::time::Time;
use engine::transfer::{Party, PeerTransfer};
use engine::{Idempotent, ReferenceName};
use gateway::json::{NumberForm, Object};
use gateway::time;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// Characters of `remark` and of `ref_id`.
const REMARK_MAX: usize = 255;
const REF_ID_MAX: usize = 64;
/// Longer than any of the words and ids, so that a wrong one is not taken for a long one.
const WORD_MAX: usize = 64;

#[derive(Serialize)]
struct Made {
    platform_transfer: Row,
}

/// One transfer, as it is shown wherever it is.
#[derive(Serialize)]
pub(crate) struct Row {
    amount: Decimal,
    currency: &'static str,
    id: String,
    p_created_at: String,
    p_updated_at: String,
    receiver_user_id: String,
    ref_id: String,
    remark: String,
    sender_user_id: String,
    #[serde(serialize_with = "status")]
    transfer_status: Outcome,
}

/// What a row is made of.
pub(crate) struct Facts {
    pub id: InstructionId,
    pub amount: Amount,
    pub sender: Option<CardholderId>,
    pub receiver: Option<CardholderId>,
    pub remark: String,
    pub ref_id: String,
    pub outcome: Outcome,
    pub at: Time,
}

impl From<Facts> for Row {
    fn from(facts: Facts) -> Self {
        let user = |id: Option<CardholderId>| id.map(|id| id.to_string()).unwrap_or_default();
        // It is final in the commit that makes it, so it is never updated later.
        let at = time::short_text(facts.at);
        Self {
            amount: Decimal(facts.amount.money()),
            currency: facts.amount.asset().code(),
            id: facts.id.to_string(),
            p_created_at: at.clone(),
            p_updated_at: at,
            receiver_user_id: user(facts.receiver),
            ref_id: facts.ref_id,
            remark: facts.remark,
            sender_user_id: user(facts.sender),
            transfer_status: facts.outcome,
        }
    }
}

pub(crate) const SETTLED: &str = "Settled";
pub(crate) const REVERSED: &str = "Reversed";

fn status<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match outcome {
        Outcome::Completed => SETTLED,
        Outcome::Declined(_) => REVERSED,
    })
}

pub(crate) async fn create(State(door): State<Arc<Door>>, signed: Signed) -> Response {
    signed.reply.answer(created(&door, &signed).await)
}

async fn created(door: &Door, signed: &Signed) -> Result<Made, Failure> {
    let command = translate(door, &signed.body)?;
    let (sender, receiver) = (command.payer.cardholder, command.payee.cardholder);
    let (amount, remark) = (command.amount, command.remark.clone());
    let ref_id = command.end_to_end_id.clone();
    let answer = door.engine.peer_transfer(signed.caller, command).await.map_err(failure)?;
    let (receipt, remark) = match answer {
        Idempotent::Done(receipt) => (receipt, remark),
        // The first one's words, which need not be this one's.
        Idempotent::AlreadyDone(receipt) => {
            let program = signed.caller.program;
            let first = door.engine.find_instruction(program, receipt.instruction).await?;
            let first = first.ok_or(Code::SystemError)?;
            (receipt, first.instruction.remark)
        }
    };
    let facts = Facts {
        id: receipt.instruction,
        amount,
        sender: Some(sender),
        receiver: Some(receiver),
        remark,
        ref_id,
        outcome: receipt.outcome,
        at: receipt.at,
    };
    Ok(Made { platform_transfer: facts.into() })
}

/// Here an unknown user is one more party that does not match: nobody learns which users exist.
fn failure(error: engine::Error) -> Failure {
    let failure = Failure::from(error);
    if failure.code() == Code::UserMissing { Code::PartyMismatch.into() } else { failure }
}

/// The command, with faults in the order of the documented fields.
fn translate(door: &Door, body: &[u8]) -> Result<PeerTransfer, Failure> {
    let fields = Object::parse(body)?;
    let payer = Side::read(&fields.object("sender_party")?)?;
    let payee = Side::read(&fields.object("receiver_party")?)?;
    let currency = fields.text("currency", WORD_MAX)?;
    let text = fields.amount_text("amount", NumberForm::Either)?;
    // Absent is a fault, empty is not.
    let remark = match fields.optional_text("remark", REMARK_MAX)? {
        Some(remark) => remark.into_owned(),
        None if fields.has("remark") => String::new(),
        None => return Err(Failure::parameter("remark")),
    };
    let ref_id = fields.text("ref_id", REF_ID_MAX)?.into_owned();
    // 64 characters may be one byte more than is kept.
    if ref_id.len() > END_TO_END_ID_LEN_MAX {
        return Err(Failure::parameter("ref_id"));
    }
    let asset = asset(door, &currency).ok_or(Code::CurrencyNotSupported)?;
    let amount = Amount::parse(&text, asset).map_err(|fault| Failure::amount("amount", fault))?;
    let (payer, payee) = (payer.party()?, payee.party()?);
    let scope = scope(door, &payer, &payee, amount);
    Ok(PeerTransfer {
        payer,
        payee,
        amount,
        remark,
        end_to_end_id: ref_id.clone(),
        reference: ReferenceName { scope: scope.into(), text: ref_id },
    })
}

fn asset(door: &Door, currency: &str) -> Option<Asset> {
    door.options.currencies.iter().copied().find(|asset| asset.code() == currency)
}

/// What a `ref_id` is unique in: the business, or what is transferred.
fn scope(door: &Door, payer: &Party, payee: &Party, amount: Amount) -> String {
    let business = format!("{DOOR}/transfer");
    match door.options.ref_id_reuse {
        RefIdReuse::Refuse => business,
        RefIdReuse::Allow => {
            let (payer, payee) = (payer.cardholder, payee.cardholder);
            let (minor, code) = (amount.minor(), amount.asset().code());
            format!("{business}/{payer}/{payee}/{code}/{minor}")
        }
    }
}

/// One party, its fields present and texts.
struct Side {
    user_id: String,
    unique_number: String,
    document_type: String,
    document_number: Secret<String>,
}

impl Side {
    fn read(fields: &Object<'_>) -> Result<Self, Failure> {
        Ok(Self {
            user_id: fields.text("user_id", WORD_MAX)?.into_owned(),
            unique_number: fields.text("reference_id", NUMBER_LEN_MAX)?.into_owned(),
            document_type: fields.text("document_type", WORD_MAX)?.into_owned(),
            document_number: Secret::new(fields.text("document_number", WORD_MAX)?.into_owned()),
        })
    }

    /// What no user has matches none.
    fn party(self) -> Result<Party, Failure> {
        let cardholder = self.user_id.parse().map_err(|_| Code::PartyMismatch)?;
        let document_kind = document_kind(&self.document_type).ok_or(Code::PartyMismatch)?;
        Ok(Party {
            cardholder,
            unique_number: self.unique_number,
            document_kind,
            document_number: self.document_number,
        })
    }
}

#[cfg(test)]
mod tests;
