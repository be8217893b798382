//! `account/transfer/list`: the loads and unloads of a programme, newest first.
//!
//! A filter that names nothing of the programme, or nothing at all, finds nothing: another
//! programme's numbers look like free ones.

use super::{SCOPE, UNIQUE_NO_MAX, asset, word_of};
use crate::Door;
use crate::authenticate::CreditMerchant;
use crate::body::Whole;
use crate::envelope::{List, Shown, TransferNo};
use crate::error::Failure;
use crate::period::Period;
use crate::timezone::Timezone;
use axum::extract::State;
use axum::response::Response;
use domain::account::AccountKey;
use domain::cardholder;
use domain::credential::Caller;
use domain::id::{AccountId, CardholderId, InstructionId, ProgramId};
use domain::instruction::{InstructionKind, Outcome};
use domain::money::{Amount, Money};
use engine::ReferenceName;
use engine::instruction::list::{ListInstructions, Listed};
use engine::transfer::Direction;
use gateway::json::Object;
use gateway::paging::{PageFault, PageLimits, PageNumber};
use http::HeaderMap;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows are counted to the page that is asked for, so lists end somewhere; who has more transfers
/// in a period asks for shorter periods.
const PAGES: PageLimits = PageLimits { size_default: 10, size_max: 100, depth_max: 100_000 };
/// The longest `transfer_no` that is looked at.
const NO_MAX: usize = 64;

#[derive(Serialize)]
struct Row {
    transfer_no: TransferNo,
    transfer_unique_no: String,
    cardholder_no: Shown<Arc<str>>,
    #[serde(rename = "type")]
    direction: &'static str,
    symbol: &'static str,
    balance: Shown<Amount>,
    before_balance: Shown<Money>,
    after_balance: Shown<Money>,
    status: &'static str,
    /// Unix milliseconds.
    time: i64,
}

pub(crate) async fn list(
    State(door): State<Arc<Door>>,
    merchant: CreditMerchant,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Response {
    let answer = listed(&door, &merchant.caller, &headers, &body).await;
    merchant.reply.answer(answer)
}

async fn listed(
    door: &Door,
    caller: &Caller,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<List<Row>, Failure> {
    door.engine.admit(caller).await?;
    let query = Query::read(body, headers)?;
    let Some(list) = query.resolve(door, caller.program).await? else {
        return Ok(List { list: Vec::new() });
    };
    let found = door.engine.instructions(caller.program, list).await?;
    let numbers = numbers(door, caller.program, &found).await?;
    let rows = found.into_iter().map(|one| row(one, &numbers));
    Ok(List { list: rows.collect() })
}

/// The body, parsed.
struct Query<'a> {
    cardholder_no: Option<Cow<'a, str>>,
    transfer_no: Option<Cow<'a, str>>,
    transfer_unique_no: Option<Cow<'a, str>>,
    period: Period,
    page: PageNumber,
}

impl<'a> Query<'a> {
    fn read(body: &'a [u8], headers: &HeaderMap) -> Result<Self, Failure> {
        let zone = Timezone::of(headers)?;
        let fields = Object::parse(body)?;
        let cardholder_no = fields.optional_text("cardholder_no", cardholder::NUMBER_LEN_MAX)?;
        let transfer_no = fields.optional_text("transfer_no", NO_MAX)?;
        let transfer_unique_no = fields.optional_text("transfer_unique_no", UNIQUE_NO_MAX)?;
        let page = page(&fields)?;
        Ok(Self {
            cardholder_no,
            transfer_no,
            transfer_unique_no,
            period: Period::read(&fields, zone)?,
            page,
        })
    }

    /// What to ask the engine for; nothing where a filter names nothing.
    async fn resolve(
        self,
        door: &Door,
        program: ProgramId,
    ) -> Result<Option<ListInstructions>, Failure> {
        let id = match self.transfer_no.map(|no| no.parse::<InstructionId>()) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => return Ok(None),
        };
        let account = match self.cardholder_no {
            None => None,
            Some(number) => match wallet(door, program, &number).await? {
                Some(account) => Some(account),
                None => return Ok(None),
            },
        };
        let reference = self
            .transfer_unique_no
            .map(|text| ReferenceName { scope: SCOPE.into(), text: text.into_owned() });
        Ok(Some(ListInstructions {
            account,
            id,
            reference,
            kinds: vec![InstructionKind::Load, InstructionKind::Unload],
            from: Some(self.period.from),
            until: Some(self.period.until),
            before: None,
            skip: self.page.skip(),
            limit: u32::try_from(self.page.size()).unwrap_or(u32::MAX),
            ..ListInstructions::default()
        }))
    }
}

/// `page` counts from 0 on the wire and from 1 behind it.
fn page(fields: &Object<'_>) -> Result<PageNumber, Failure> {
    let page = fields.unsigned("page", 0, PAGES.depth_max)?;
    let size = fields.unsigned("size", PAGES.size_default, PAGES.size_max)?;
    PageNumber::new(Some(page + 1), Some(size), &PAGES).map_err(|fault| match fault {
        PageFault::Size => Failure::parameter("size"),
        PageFault::Page | PageFault::TooDeep => Failure::parameter("page"),
    })
}

async fn wallet(
    door: &Door,
    program: ProgramId,
    number: &str,
) -> Result<Option<AccountId>, Failure> {
    let asset = asset()?;
    let holder = door.engine.find_cardholder(program, number).await?;
    Ok(holder.map(|holder| AccountKey::wallet(program, holder.id, asset).id()))
}

type Numbers = BTreeMap<CardholderId, Arc<str>>;

/// The cardholders' numbers of a page, each looked up once.
async fn numbers(door: &Door, program: ProgramId, found: &[Listed]) -> Result<Numbers, Failure> {
    let mut numbers = Numbers::new();
    for id in found.iter().filter_map(|one| one.instruction.cardholder) {
        if numbers.contains_key(&id) {
            continue;
        }
        if let Some(holder) = door.engine.cardholder_by_id(program, id).await? {
            numbers.insert(id, holder.number.into());
        }
    }
    Ok(numbers)
}

fn row(listed: Listed, numbers: &Numbers) -> Row {
    let instruction = listed.instruction;
    let asset = instruction.amount.asset();
    // A number that another door gave is in that door's words.
    let reference = listed.reference.filter(|one| one.scope == SCOPE);
    let cardholder = instruction.cardholder.and_then(|id| numbers.get(&id));
    Row {
        transfer_no: TransferNo(instruction.id),
        transfer_unique_no: reference.map(|one| one.text).unwrap_or_default(),
        cardholder_no: Shown(cardholder.map_or_else(|| "".into(), Arc::clone)),
        direction: match instruction.kind {
            InstructionKind::Unload => word_of(Direction::Out),
            // The list asks for these two kinds only.
            _ => word_of(Direction::In),
        },
        symbol: asset.code(),
        balance: Shown(instruction.amount),
        before_balance: Shown(Money::new(instruction.before_minor, asset)),
        after_balance: Shown(Money::new(instruction.after_minor, asset)),
        status: match instruction.outcome {
            Outcome::Completed => "Success",
            Outcome::Declined(_) => "Fail",
        },
        time: instruction.at.unix_ms(),
    }
}

#[cfg(test)]
mod tests;
