//! Instructions.
//!
//! Inside a programme recorded time never goes back as `seq` grows, so a range of time is a range
//! of `seq`, found by halving; no index on time is needed. A reference names a range too: it is
//! written by the unit that it belongs to, so what names it stands under the same `seq`.
//!
//! An account's history has no index of its own either, since such an index is written at a random
//! place by each of a programme's instructions. A cardholder's account is moved by the unit that
//! writes its instruction, so its entries, which have their runs anyway, lead there. What they
//! don't lead to (what moved nothing, what belongs to no cardholder) stands in a small index, and
//! the two are merged as they are read.

mod history;

use crate::account::account as account_row;
use crate::error::fault;
use crate::reference::reference;
use crate::runs::view::View;
use crate::statement::{at_most, list, one};
use crate::{numbers, posting};
use domain::account::Owner;
use domain::id::{AccountId, InstructionId, ProgramId};
use domain::instruction::Instruction;
use domain::time::Time;
use history::{Asked, Moved, Stream};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use store::seq::{END, FirstSince, kinds, outcomes, place};
use store::{InstructionFilter, StoreError};

pub const BY_ID: &str = "select * from instruction_row where program = ?1 and id = ?2";

/// The place of a posting by its id, among those of some time.
pub const POSTED_BY_ID: &str = "select seq from posting \
     where program = ?1 and seq >= ?2 and seq < ?3 and id = ?4 limit 1";

pub const AT: &str = "select * from instruction where program = ?1 and seq = ?2 and ordinal = 1";

pub const PAGE: &str = "select * from instruction \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     and (?9 < 0 or (1 << outcome) & ?9 <> 0) \
     order by seq desc, ordinal desc limit ?7 offset ?8";

/// By the caller's own name for it.
pub const NAMED: &str = "select * from instruction_row indexed by instruction_end_to_end \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     and (?9 < 0 or (1 << outcome) & ?9 <> 0) and (?10 is null or account = ?10) \
     and (?11 is null or counterparty = ?11) and end_to_end_id = ?12 \
     order by seq desc, ordinal desc limit ?7 offset ?8";

/// By the counterparty, of those that have such a name.
pub const OF_PAYEE: &str = "select * from instruction_row indexed by instruction_payee \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     and (?9 < 0 or (1 << outcome) & ?9 <> 0) and (?10 is null or account = ?10) \
     and counterparty = ?11 and end_to_end_id is not null \
     order by seq desc, ordinal desc limit ?7 offset ?8";

/// What an account's entry leads to: the instructions of its unit that are this account's.
pub const OF_ENTRY: &str = "select * from instruction \
     where program = ?1 and seq = ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) and account = ?7 \
     and (?8 < 0 or (1 << outcome) & ?8 <> 0) \
     and transfers > 0 and cardholder is not null \
     order by ordinal desc";

/// What they don't lead to. The conditions are the indexes' own.
pub const ASIDE: &str = "select program, seq, ordinal, id, kind, outcome, asset, amount_minor, \
         account, counterparty, cardholder, before_minor, after_minor, reference, undoes, remark, \
         transfers, at, end_to_end_id \
     from instruction_row indexed by instruction_aside \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) and account = ?7 \
     and (?8 < 0 or (1 << outcome) & ?8 <> 0) \
     and (transfers = 0 or cardholder is null) \
     union all \
     select program, seq, ordinal, id, kind, outcome, asset, amount_minor, account, counterparty, \
         cardholder, before_minor, after_minor, reference, undoes, remark, transfers, at, \
         end_to_end_id \
     from posted_instruction \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     and account_no = (select no from account_number where id = ?7 \
         and program = (select no from program_number where program = ?1)) \
     and (?8 < 0 or (1 << outcome) & ?8 <> 0) and owned = 0 \
     order by seq desc, ordinal desc";

/// The unit of an entry.
pub const SEQ_OF_ENTRY: &str = "select seq from posting where row = ?1 \
     union all select seq from entry_row where row = ?1";

/// The first instruction at or after a `seq`.
pub const AT_SEQ: &str = "select seq, at from instruction where program = ?1 and seq >= ?2 \
     order by seq limit 1";

pub const LAST_SEQ: &str = "select seq from instruction where program = ?1 \
     order by seq desc limit 1";

pub fn instruction(
    connection: &Connection,
    program: ProgramId,
    id: InstructionId,
) -> Result<Option<Instruction>, StoreError> {
    let single = one(connection, BY_ID, params![program.bytes(), id.bytes()])?;
    match single {
        Some(single) => Ok(Some(single)),
        None => posted(connection, program, id),
    }
}

/// A posting has no index of its id: the id says when its unit was queued, and the unit was
/// recorded soon after.
pub fn posted(
    connection: &Connection,
    program: ProgramId,
    id: InstructionId,
) -> Result<Option<Instruction>, StoreError> {
    let fault = |error| fault("instruction", error);
    let Some(number) = numbers::of_program(connection, program)? else { return Ok(None) };
    let clock = posting::clock_us(id.bytes());
    let since = |time| first_since(connection, program, Time::from_unix_us(time));
    let Some(first) = since(clock)? else { return Ok(None) };
    let behind = since(clock.saturating_add(posting::DELAY_US_MAX))?.unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(POSTED_BY_ID).map_err(fault)?;
    let place = params![number, first, behind, id.bytes()];
    let seq: Option<i64> =
        statement.query_row(place, |row| row.get(0)).optional().map_err(fault)?;
    match seq {
        Some(seq) => one(connection, AT, params![program.bytes(), seq]),
        None => Ok(None),
    }
}

/// Call it inside a read transaction: it asks more than once.
pub fn instructions(
    connection: &Connection,
    view: &View,
    program: ProgramId,
    filter: &InstructionFilter,
) -> Result<Vec<Instruction>, StoreError> {
    if filter.id.is_some() {
        return by_id(connection, program, filter);
    }
    let Some(range) = range(connection, view, program, filter)? else {
        return Ok(Vec::new());
    };
    let named = filter.end_to_end_id.is_some();
    if let Some(account) = filter.account
        && !named
        && filter.payee.is_none()
    {
        return of_account(connection, view, program, account, filter, &range);
    }
    let reference = filter.reference.as_ref().map(|key| key.bytes());
    let (low, (high, ordinal)) = (range.low, range.before);
    let (kinds, outcomes) = (kinds(&filter.kinds), outcomes(&filter.outcomes));
    let (limit, skip) = (filter.limit, at_most(filter.skip));
    let program = program.bytes();
    let account = filter.account.as_ref().map(|id| id.bytes());
    let payee = filter.payee.as_ref().map(|id| id.bytes());
    let name = filter.end_to_end_id.as_deref();
    let page: [&dyn ToSql; 12] = [
        program, &low, &high, &ordinal, &kinds, &reference, &limit, &skip, &outcomes, &account,
        &payee, &name,
    ];
    if named {
        list(connection, NAMED, &page[..])
    } else if filter.payee.is_some() {
        list(connection, OF_PAYEE, &page[..11])
    } else {
        list(connection, PAGE, &page[..9])
    }
}

/// Merges the two ways to an account's instructions, newest first, and reads no further than the
/// page needs.
fn of_account(
    connection: &Connection,
    view: &View,
    program: ProgramId,
    account: AccountId,
    filter: &InstructionFilter,
    range: &Range,
) -> Result<Vec<Instruction>, StoreError> {
    let asked = Asked { program, account, filter, range };
    let owner = account_row(connection, view, program, account)?.map(|row| row.owner);
    let mut moved = match owner {
        Some(Owner::Cardholder(_)) => Moved::start(connection, view, &asked)?,
        _ => Moved::nothing(&asked),
    };
    moved.fill(connection, view)?;
    let statement = connection.prepare_cached(ASIDE);
    let mut statement = statement.map_err(|error| fault("instruction", error))?;
    let mut aside = Stream::start(asked.query(&mut statement, range.low)?)?;
    let (mut found, mut skip) = (Vec::new(), filter.skip);
    while found.len() < usize::try_from(filter.limit).unwrap_or(usize::MAX) {
        let row = if moved.place() > aside.place() {
            moved.take(connection, view)?
        } else {
            aside.take()?
        };
        let Some(row) = row else { break };
        match skip.checked_sub(1) {
            Some(left) => skip = left,
            None => found.push(row),
        }
    }
    Ok(found)
}

/// One row at most, so the other conditions are asked here.
fn by_id(
    connection: &Connection,
    program: ProgramId,
    filter: &InstructionFilter,
) -> Result<Vec<Instruction>, StoreError> {
    let mut found = Vec::new();
    if let Some(id) = filter.id
        && filter.skip == 0
        && filter.limit > 0
    {
        found.extend(instruction(connection, program, id)?);
        found.retain(|row: &Instruction| filter.admits(row));
    }
    Ok(found)
}

/// From `low` to before the place `before`.
pub struct Range {
    pub low: i64,
    pub before: (i64, i64),
}

/// `None` where no row can be meant.
fn range(
    connection: &Connection,
    view: &View,
    program: ProgramId,
    filter: &InstructionFilter,
) -> Result<Option<Range>, StoreError> {
    let mut range = Range { low: 0, before: filter.before.map_or(END, place) };
    if let Some(until) = filter.until
        && let Some(seq) = first_since(connection, program, until)?
    {
        range.before = range.before.min((seq, 0));
    }
    if let Some(from) = filter.from {
        let Some(seq) = first_since(connection, program, from)? else {
            return Ok(None);
        };
        range.low = seq;
    }
    if let Some(key) = filter.reference {
        let Some(row) = reference(connection, view, program, key)? else {
            return Ok(None);
        };
        let (seq, _) = place(row.place);
        range.low = range.low.max(seq);
        range.before = range.before.min((seq, i64::MAX));
    }
    Ok(Some(range))
}

/// The `seq` of the oldest instruction recorded at `time` or later.
fn first_since(
    connection: &Connection,
    program: ProgramId,
    time: Time,
) -> Result<Option<i64>, StoreError> {
    let fault = |error| fault("instruction", error);
    let mut statement = connection.prepare_cached(AT_SEQ).map_err(fault)?;
    let mut probe = |from: i64| {
        let asked = params![program.bytes(), from];
        let row = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        statement.query_row(asked, row).optional().map_err(fault)
    };
    let mut last = connection.prepare_cached(LAST_SEQ).map_err(fault)?;
    let last = last.query_row(params![program.bytes()], |row| row.get(0)).optional();
    let mut search = FirstSince::new(time, last.map_err(fault)?.unwrap_or(0));
    while let Some(seq) = search.next() {
        search.found(seq, probe(seq)?);
    }
    Ok(search.answer(probe(search.place())?))
}
