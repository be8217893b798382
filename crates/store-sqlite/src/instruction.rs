//! Instructions.
//!
//! Inside a programme recorded time never goes back as `seq` grows, so a range of time is a range
//! of `seq`, found by halving; no index on time is needed. A reference names a range too: it is
//! written by the unit that it belongs to, so what names it stands under the same `seq`.

use crate::error::fault;
use crate::reference::reference;
use crate::statement::{END, at_most, list, one, place};
use domain::id::{InstructionId, ProgramId};
use domain::instruction::{Instruction, InstructionKind};
use domain::time::Time;
use rusqlite::{Connection, OptionalExtension, Row, params};
use store::{InstructionFilter, StoreError};

pub const BY_ID: &str = "select * from instruction where program = ?1 and id = ?2";

pub const PAGE: &str = "select * from instruction \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) \
     order by seq desc, ordinal desc limit ?7 offset ?8";

pub const PAGE_OF_ACCOUNT: &str = "select * from instruction indexed by instruction_account \
     where program = ?1 and seq >= ?2 and (seq, ordinal) < (?3, ?4) \
     and (?5 < 0 or (1 << kind) & ?5 <> 0) and (?6 is null or reference = ?6) and account = ?9 \
     order by seq desc, ordinal desc limit ?7 offset ?8";

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
    let program = program.bytes();
    let reference = filter.reference.as_ref().map(|key| key.bytes());
    let (low, (high, ordinal)) = (range.low, range.before);
    let (kinds, limit, skip) = (kinds(&filter.kinds), filter.limit, at_most(filter.skip));
    match &filter.account {
        None => {
            let page = params![program, low, high, ordinal, kinds, reference, limit, skip];
            list(connection, PAGE, page)
        }
        Some(account) => {
            let account = account.bytes();
            let page = params![program, low, high, ordinal, kinds, reference, limit, skip, account];
            list(connection, PAGE_OF_ACCOUNT, page)
        }
    }
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
        found.retain(|row: &Instruction| {
            filter.account.is_none_or(|account| row.account == account)
                && (filter.reference.is_none() || row.reference == filter.reference)
                && (filter.kinds.is_empty() || filter.kinds.contains(&row.kind))
                && filter.from.is_none_or(|from| row.at >= from)
                && filter.until.is_none_or(|until| row.at < until)
                && filter.before.is_none_or(|before| row.place < before)
        });
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
    let (mut low, mut high) = (0, last.map_err(fault)?.unwrap_or(0));
    // Rows before `low` are older than `time`; the answer, if there is one, is not after `high`.
    while low < high {
        let middle = low + (high - low) / 2;
        match probe(middle)? {
            Some((seq, at)) if at < time.unix_us() && seq < high => low = seq + 1,
            // Nothing from the middle to before `high` is older, or nothing is there at all.
            Some((seq, at)) if at < time.unix_us() => low = seq,
            _ => high = middle,
        }
    }
    Ok(probe(low)?.filter(|(_, at)| *at >= time.unix_us()).map(|(seq, _)| seq))
}

/// One bit for each kind's code; all bits where all kinds are meant.
fn kinds(kinds: &[InstructionKind]) -> i64 {
    if kinds.is_empty() {
        return -1;
    }
    kinds.iter().fold(0, |bits, kind| bits | (1 << kind.code()))
}

// A kind whose code has no bit would silently never be listed.
const _: () = {
    let mut index = 0;
    while index < InstructionKind::ALL.len() {
        assert!(InstructionKind::ALL[index].code() < 63);
        index += 1;
    }
};
