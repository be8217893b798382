//! The vendor's "platform transfer transaction list": settled and reversed, newest first.
//!
//! A user has a wallet in each currency, so a list of a user's transfers merges those of the
//! wallets. A filter that names nothing of the programme finds nothing.

use super::{Facts, REVERSED, Row, SETTLED};
use crate::Door;
use crate::authenticate::Signed;
use crate::error::Failure;
use crate::query::{Page, Query};
use axum::extract::State;
use axum::response::Response;
use domain::account::Owner;
use domain::asset::Asset;
use domain::id::{AccountId, CardholderId, InstructionId, ProgramId};
use domain::instruction::{Decline, Instruction, InstructionKind, Outcome};
use engine::instruction::list::ListInstructions;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Rows of one wallet that are read at a time.
const CHUNK: u32 = 256;

#[derive(Serialize)]
struct List {
    platform_transfers: Vec<Row>,
}

pub(crate) async fn list(State(door): State<Arc<Door>>, signed: Signed) -> Response {
    signed.reply.answer(listed(&door, &signed).await)
}

async fn listed(door: &Door, signed: &Signed) -> Result<List, Failure> {
    door.engine.admit(&signed.caller).await?;
    let program = signed.caller.program;
    let wanted = Wanted::read(signed.query.as_deref())?;
    let page = wanted.page;
    let mut streams = Vec::new();
    for filter in wanted.filters(door, program).await? {
        streams.push(Stream { filter, rows: VecDeque::new(), done: false });
    }
    let found = merged(door, program, streams, page).await?;
    let mut receivers = Receivers::new();
    let mut platform_transfers = Vec::with_capacity(found.len());
    for row in found {
        let receiver = receiver(door, program, &row, &mut receivers).await?;
        platform_transfers.push(Row::from(facts(row, receiver)));
    }
    Ok(List { platform_transfers })
}

/// The query, parsed. What can't name a row is kept as that.
struct Wanted {
    filter: ListInstructions,
    sender: Option<CardholderId>,
    receiver: Option<CardholderId>,
    nothing: bool,
    page: Page,
}

impl Wanted {
    fn read(query: Option<&str>) -> Result<Self, Failure> {
        let mut query = Query::parse(query)?;
        let mut nothing = false;
        let mut id = |text: Option<String>| {
            let read = text.map(|text| text.parse::<InstructionId>());
            nothing |= matches!(read, Some(Err(_)));
            read.and_then(Result::ok)
        };
        let transfer = id(query.filter("id", "_eq")?);
        let user = |id: InstructionId| CardholderId::from_bytes(*id.bytes());
        let sender = id(query.filter("sender_user_id", "_eq")?).map(user);
        let receiver = id(query.filter("receiver_user_id", "_eq")?).map(user);
        let outcomes = match query.filter("transfer_status", "_eq")?.as_deref() {
            None => Vec::new(),
            Some(SETTLED) => vec![Outcome::Completed],
            Some(REVERSED) => Decline::ALL.iter().copied().map(Outcome::Declined).collect(),
            Some(_) => return Err(Failure::parameter("filter[transfer_status][_eq]")),
        };
        let filter = ListInstructions {
            id: transfer,
            kinds: vec![InstructionKind::Peer],
            outcomes,
            end_to_end_id: query.filter("ref_id", "_eq")?,
            from: query.time("p_created_at", "_gte")?,
            until: query.time("p_created_at", "_lt")?,
            ..ListInstructions::default()
        };
        let page = query.page()?;
        query.finish()?;
        Ok(Self { filter, sender, receiver, nothing, page })
    }

    /// What to ask the engine for: one list, or one of each wallet.
    async fn filters(
        self,
        door: &Door,
        program: ProgramId,
    ) -> Result<Vec<ListInstructions>, Failure> {
        if self.nothing {
            return Ok(Vec::new());
        }
        let sending = wallets(door, program, self.sender).await?;
        let receiving = wallets(door, program, self.receiver).await?;
        let with = |account, payee| ListInstructions { account, payee, ..self.filter.clone() };
        Ok(match (sending, receiving) {
            (None, None) => vec![self.filter],
            (Some(from), None) => from.into_values().map(|id| with(Some(id), None)).collect(),
            (None, Some(to)) => to.into_values().map(|id| with(None, Some(id))).collect(),
            (Some(from), Some(to)) => {
                let both = |(asset, id)| to.get(&asset).map(|payee| with(Some(id), Some(*payee)));
                from.into_iter().filter_map(both).collect()
            }
        })
    }
}

/// A user's wallets, where one is asked for.
async fn wallets(
    door: &Door,
    program: ProgramId,
    user: Option<CardholderId>,
) -> Result<Option<BTreeMap<Asset, AccountId>>, Failure> {
    let Some(user) = user else { return Ok(None) };
    let Some(holder) = door.engine.cardholder_by_id(program, user).await? else {
        return Ok(Some(BTreeMap::new()));
    };
    let wallets = door.engine.wallets(&holder).await?;
    Ok(Some(wallets.into_iter().map(|row| (row.asset, row.id)).collect()))
}

/// One of the lists that are merged, with the rows of it that were read ahead.
struct Stream {
    filter: ListInstructions,
    rows: VecDeque<Instruction>,
    done: bool,
}

impl Stream {
    async fn fill(&mut self, door: &Door, program: ProgramId) -> Result<(), Failure> {
        if !self.rows.is_empty() || self.done {
            return Ok(());
        }
        let filter = ListInstructions { limit: CHUNK, ..self.filter.clone() };
        let found = door.engine.bare_instructions(program, filter).await?;
        self.done = found.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
        self.filter.before = found.last().map(|row| row.place).or(self.filter.before);
        self.rows.extend(found);
        Ok(())
    }
}

async fn merged(
    door: &Door,
    program: ProgramId,
    mut streams: Vec<Stream>,
    page: Page,
) -> Result<Vec<Instruction>, Failure> {
    if let [only] = streams.as_slice() {
        let (skip, limit) = (page.offset, page.limit);
        let filter = ListInstructions { skip, limit, ..only.filter.clone() };
        return Ok(door.engine.bare_instructions(program, filter).await?);
    }
    let (mut found, mut skip) = (Vec::new(), page.offset);
    while found.len() < usize::try_from(page.limit).unwrap_or(usize::MAX) {
        for stream in &mut streams {
            stream.fill(door, program).await?;
        }
        let newest = streams.iter_mut().max_by_key(|one| one.rows.front().map(|row| row.place));
        let Some(row) = newest.and_then(|stream| stream.rows.pop_front()) else { break };
        match skip.checked_sub(1) {
            Some(left) => skip = left,
            None => found.push(row),
        }
    }
    Ok(found)
}

type Receivers = BTreeMap<AccountId, Option<CardholderId>>;

/// Whose the wallet is that was paid, looked up once.
async fn receiver(
    door: &Door,
    program: ProgramId,
    row: &Instruction,
    known: &mut Receivers,
) -> Result<Option<CardholderId>, Failure> {
    let Some(account) = row.counterparty else { return Ok(None) };
    if let Some(receiver) = known.get(&account) {
        return Ok(*receiver);
    }
    let owner = door.engine.find_account(program, account).await?.map(|account| account.owner);
    let receiver = match owner {
        Some(Owner::Cardholder(id)) => Some(id),
        _ => None,
    };
    known.insert(account, receiver);
    Ok(receiver)
}

fn facts(row: Instruction, receiver: Option<CardholderId>) -> Facts {
    Facts {
        id: row.id,
        amount: row.amount,
        sender: row.cardholder,
        receiver,
        remark: row.remark,
        ref_id: row.end_to_end_id.unwrap_or_default(),
        outcome: row.outcome,
        at: row.at,
    }
}

#[cfg(test)]
mod tests;
