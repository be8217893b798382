//! Instructions.
//!
//! Inside a programme recorded time never goes back as `seq` grows, so a range of time is a range
//! of `seq`, found by halving; no index on time is needed. A reference names a range too: it is
//! written by the unit that it belongs to, so what names it stands under the same `seq`.
//!
//! An account's history has no index of its own either, since such an index is written at a random
//! place by each of a programme's instructions. A cardholder's account is moved by the unit that
//! writes its instruction, so its entries, which have their index anyway, lead there. What they
//! don't lead to (what moved nothing, what belongs to no cardholder) stands in a small index, and
//! the two are merged as they are read.

use crate::account::account as account_row;
use crate::error::fault;
use crate::reference::reference;
use crate::statement::{at_most, list, noun, one};
use domain::account::Owner;
use domain::id::{AccountId, InstructionId, ProgramId};
use domain::instruction::Instruction;
use domain::time::Time;
use domain::transfer::Place;
use rusqlite::{Connection, OptionalExtension, Row, Rows, ToSql, params};
use store::seq::{END, FirstSince, kinds, outcomes, place};
use store::{InstructionFilter, StoreError};

pub const BY_ID: &str = "select * from instruction where program = ?1 and id = ?2";

pub const PAGE: &str = "select * from instruction \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     and (?9 < 0 or (1 << outcome) & ?9 <> 0) \
     order by seq desc, ordinal desc limit ?7 offset ?8";

/// By the caller's own name for it.
pub const NAMED: &str = "select * from instruction indexed by instruction_end_to_end \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     and (?9 < 0 or (1 << outcome) & ?9 <> 0) and (?10 is null or account = ?10) \
     and (?11 is null or counterparty = ?11) and end_to_end_id = ?12 \
     order by seq desc, ordinal desc limit ?7 offset ?8";

/// By the counterparty, of those that have such a name.
pub const OF_PAYEE: &str = "select * from instruction indexed by instruction_payee \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     and (?9 < 0 or (1 << outcome) & ?9 <> 0) and (?10 is null or account = ?10) \
     and counterparty = ?11 and end_to_end_id is not null \
     order by seq desc, ordinal desc limit ?7 offset ?8";

/// What an account's entries lead to. Several entries of one unit lead to one instruction: the last
/// of them counts.
pub const OF_ENTRIES: &str = "select instruction.* from entry \
     join instruction on instruction.program = entry.program and instruction.seq = entry.seq \
     where entry.program = ?1 and entry.account = ?7 and entry.version between ?8 and ?9 \
     and not exists (select 1 from entry later where later.program = ?1 and later.account = ?7 \
         and later.version = entry.version + 1 and later.seq = entry.seq) \
     and instruction.account = ?7 \
     and instruction.transfers > 0 and instruction.cardholder is not null \
     and instruction.seq >= ?2 and (instruction.seq, instruction.ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     and (?10 < 0 or (1 << outcome) & ?10 <> 0) \
     order by entry.version desc, instruction.ordinal desc";

/// What they don't lead to. The condition is the index's own.
pub const ASIDE: &str = "select * from instruction indexed by instruction_aside \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) and account = ?7 \
     and (?8 < 0 or (1 << outcome) & ?8 <> 0) \
     and (transfers = 0 or cardholder is null) \
     order by seq desc, ordinal desc";

/// The `seq` of an account's newest entry, and of one of its versions.
pub const NEWEST_VERSION: &str = "select version from entry \
     where program = ?1 and account = ?2 order by version desc limit 1";
pub const SEQ_OF_VERSION: &str =
    "select seq from entry where program = ?1 and account = ?2 and version = ?3";

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
    one(connection, BY_ID, params![program.bytes(), id.bytes()])
}

/// Call it inside a read transaction: it asks more than once.
pub fn instructions(
    connection: &Connection,
    program: ProgramId,
    filter: &InstructionFilter,
) -> Result<Vec<Instruction>, StoreError> {
    if filter.id.is_some() {
        return by_id(connection, program, filter);
    }
    let Some(range) = range(connection, program, filter)? else {
        return Ok(Vec::new());
    };
    let named = filter.end_to_end_id.is_some();
    if let Some(account) = filter.account
        && !named
        && filter.payee.is_none()
    {
        return of_account(connection, program, account, filter, &range);
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
    program: ProgramId,
    account: AccountId,
    filter: &InstructionFilter,
    range: &Range,
) -> Result<Vec<Instruction>, StoreError> {
    let fault = |error| fault("instruction", error);
    let reference = filter.reference.as_ref().map(|key| key.bytes());
    let (low, (high, ordinal)) = (range.low, range.before);
    let (kinds, id) = (kinds(&filter.kinds), account.bytes());
    let outcomes = outcomes(&filter.outcomes);
    // No version is below 1.
    let (oldest, newest) = match account_row(connection, program, account)?.map(|row| row.owner) {
        Some(Owner::Cardholder(_)) => versions(connection, program, account, range)?,
        _ => (1, 0),
    };
    let mut aside = connection.prepare_cached(ASIDE).map_err(fault)?;
    let aside =
        aside.query(params![program.bytes(), low, high, ordinal, kinds, reference, id, outcomes]);
    let mut moved = connection.prepare_cached(OF_ENTRIES).map_err(fault)?;
    let moved = moved.query(params![
        program.bytes(),
        low,
        high,
        ordinal,
        kinds,
        reference,
        id,
        oldest,
        newest,
        outcomes
    ]);
    let mut aside = Stream::start(aside.map_err(fault)?)?;
    let mut moved = Stream::start(moved.map_err(fault)?)?;
    let (mut found, mut skip) = (Vec::new(), filter.skip);
    while found.len() < usize::try_from(filter.limit).unwrap_or(usize::MAX) {
        let newer = if moved.place() > aside.place() { &mut moved } else { &mut aside };
        let Some(row) = newer.take()? else { break };
        match skip.checked_sub(1) {
            Some(left) => skip = left,
            None => found.push(row),
        }
    }
    Ok(found)
}

/// Rows as they are read, with one row of foresight.
struct Stream<'s> {
    rows: Rows<'s>,
    ahead: Option<Instruction>,
}

impl<'s> Stream<'s> {
    fn start(rows: Rows<'s>) -> Result<Self, StoreError> {
        let mut stream = Self { rows, ahead: None };
        stream.take()?;
        Ok(stream)
    }

    /// Where the next row stands. Nothing is before everything.
    fn place(&self) -> Option<Place> {
        self.ahead.as_ref().map(|row| row.place)
    }

    fn take(&mut self) -> Result<Option<Instruction>, StoreError> {
        let row = self.rows.next().map_err(|error| fault("instruction", error))?;
        let next = row.map(noun).transpose()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }
}

/// The first and the last version of an account whose `seq` is in a range. Versions have no gaps,
/// and `seq` grows with them.
fn versions(
    connection: &Connection,
    program: ProgramId,
    account: AccountId,
    range: &Range,
) -> Result<(i64, i64), StoreError> {
    let fault = |error| fault("entry", error);
    let (program, account) = (program.bytes(), account.bytes());
    let mut newest = connection.prepare_cached(NEWEST_VERSION).map_err(fault)?;
    let newest = newest.query_row(params![program, account], |row| row.get(0)).optional();
    let newest: i64 = newest.map_err(fault)?.unwrap_or(0);
    let mut probe = connection.prepare_cached(SEQ_OF_VERSION).map_err(fault)?;
    let mut first_at = |seq: i64| -> Result<i64, StoreError> {
        let (mut low, mut high) = (1, newest + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = probe.query_row(params![program, account, middle], |row| row.get(0));
            let found: i64 = found.map_err(fault)?;
            if found < seq { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    };
    let (high, _) = range.before;
    Ok((first_at(range.low)?, first_at(high.saturating_add(1))? - 1))
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
struct Range {
    low: i64,
    before: (i64, i64),
}

/// `None` where no row can be meant.
fn range(
    connection: &Connection,
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
        let Some(row) = reference(connection, program, key)? else {
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
