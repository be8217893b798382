//! Instructions.
//!
//! Inside a programme recorded time never goes back as `seq` grows, so a range of time is a range
//! of `seq`, found by halving; no index on time is needed. A reference names a range too: it is
//! written by the unit that it belongs to, so what names it stands under the same `seq`.
//!
//! Rows are only ever added after the newest `seq`, so the questions of one list need no common
//! view: what comes between them is newer than every bound that was found, and a list may show it.

use crate::cell::{Cell, after, id, int};
use crate::pool::Readers;
use crate::statement::statements;
use domain::id::{InstructionId, ProgramId};
use domain::instruction::Instruction;
use domain::reference::Reference;
use domain::time::Time;
use store::schema::Value;
use store::seq::{END, FirstSince, kinds, outcomes, place};
use store::{InstructionFilter, Noun, StoreError};
use tokio_postgres::types::ToSql;

pub const BY_ID: &str = "select * from instruction where program = $1::uuid and id = $2::uuid";

pub const PAGE: &str = "select * from instruction \
     where program = $1::uuid and seq >= $2 and (seq, ordinal) < ($3::bigint, $4::bigint) \
     and ($5::bigint < 0 or (1::bigint << kind) & $5 <> 0) \
     and ($6::bigint < 0 or (1::bigint << outcome) & $6 <> 0) \
     and ($7::uuid is null or reference = $7) \
     order by seq desc, ordinal desc limit $8 offset $9";

pub const PAGE_OF_ACCOUNT: &str = "select * from instruction \
     where program = $1::uuid and seq >= $2 and (seq, ordinal) < ($3::bigint, $4::bigint) \
     and ($5::bigint < 0 or (1::bigint << kind) & $5 <> 0) \
     and ($6::bigint < 0 or (1::bigint << outcome) & $6 <> 0) \
     and ($7::uuid is null or reference = $7) and account = $10::uuid \
     order by seq desc, ordinal desc limit $8 offset $9";

/// By the caller's own name for it.
pub const PAGE_NAMED: &str = "select * from instruction \
     where program = $1::uuid and seq >= $2 and (seq, ordinal) < ($3::bigint, $4::bigint) \
     and ($5::bigint < 0 or (1::bigint << kind) & $5 <> 0) \
     and ($6::bigint < 0 or (1::bigint << outcome) & $6 <> 0) \
     and ($7::uuid is null or reference = $7) and ($10::uuid is null or account = $10) \
     and ($11::uuid is null or counterparty = $11) and end_to_end_id = $12::text \
     order by seq desc, ordinal desc limit $8 offset $9";

/// By the counterparty, of those that have such a name.
pub const PAGE_OF_PAYEE: &str = "select * from instruction \
     where program = $1::uuid and seq >= $2 and (seq, ordinal) < ($3::bigint, $4::bigint) \
     and ($5::bigint < 0 or (1::bigint << kind) & $5 <> 0) \
     and ($6::bigint < 0 or (1::bigint << outcome) & $6 <> 0) \
     and ($7::uuid is null or reference = $7) and ($10::uuid is null or account = $10) \
     and counterparty = $11::uuid and end_to_end_id is not null \
     order by seq desc, ordinal desc limit $8 offset $9";

/// The first instruction at or after a `seq`.
pub const AT_SEQ: &str = "select seq, at from instruction \
     where program = $1::uuid and seq >= $2 order by seq, ordinal limit 1";

pub const LAST_SEQ: &str = "select seq from instruction \
     where program = $1::uuid order by seq desc, ordinal desc limit 1";

pub async fn instruction(
    readers: &Readers,
    program: ProgramId,
    wanted: InstructionId,
) -> Result<Option<Instruction>, StoreError> {
    readers.one(BY_ID, &[&id(program.bytes()), &id(wanted.bytes())]).await
}

pub async fn instructions(
    readers: &Readers,
    program: ProgramId,
    filter: &InstructionFilter,
) -> Result<Vec<Instruction>, StoreError> {
    if filter.id.is_some() {
        return by_id(readers, program, filter).await;
    }
    let Some(range) = range(readers, program, filter).await? else {
        return Ok(Vec::new());
    };
    let name = filter.end_to_end_id.as_deref();
    let cells = [
        id(program.bytes()),
        int(range.low),
        int(range.before.0),
        int(range.before.1),
        int(kinds(&filter.kinds)),
        int(outcomes(&filter.outcomes)),
        after(filter.reference.as_ref().map(|key| key.bytes())),
        int(i64::from(filter.limit)),
        crate::cell::at_most(filter.skip),
        after(filter.account.as_ref().map(|key| key.bytes())),
        after(filter.payee.as_ref().map(|key| key.bytes())),
        Cell(name.map_or(Value::Null, |name| Value::Text(name.into()))),
    ];
    let (statement, count) = match (name, filter.payee, filter.account) {
        (Some(_), ..) => (PAGE_NAMED, 12),
        (None, Some(_), _) => (PAGE_OF_PAYEE, 11),
        (None, None, Some(_)) => (PAGE_OF_ACCOUNT, 10),
        (None, None, None) => (PAGE, 9),
    };
    let params = cells[..count].iter().map(|cell| cell as &(dyn ToSql + Sync));
    readers.list(statement, &params.collect::<Vec<_>>()).await
}

/// One row at most, so the other conditions are asked here.
async fn by_id(
    readers: &Readers,
    program: ProgramId,
    filter: &InstructionFilter,
) -> Result<Vec<Instruction>, StoreError> {
    let mut found = Vec::new();
    if let Some(id) = filter.id
        && filter.skip == 0
        && filter.limit > 0
    {
        found.extend(instruction(readers, program, id).await?);
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
async fn range(
    readers: &Readers,
    program: ProgramId,
    filter: &InstructionFilter,
) -> Result<Option<Range>, StoreError> {
    let mut range = Range { low: 0, before: filter.before.map_or(END, place) };
    if let Some(until) = filter.until
        && let Some(seq) = first_since(readers, program, until).await?
    {
        range.before = range.before.min((seq, 0));
    }
    if let Some(from) = filter.from {
        let Some(seq) = first_since(readers, program, from).await? else {
            return Ok(None);
        };
        range.low = seq;
    }
    if let Some(key) = filter.reference {
        let find = &statements(Reference::TABLE).find;
        let row = readers.one::<Reference>(find, &[&id(program.bytes()), &id(key.bytes())]).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let (seq, _) = place(row.place);
        range.low = range.low.max(seq);
        range.before = range.before.min((seq, i64::MAX));
    }
    Ok(Some(range))
}

/// The `seq` of the oldest instruction recorded at `time` or later.
async fn first_since(
    readers: &Readers,
    program: ProgramId,
    time: Time,
) -> Result<Option<i64>, StoreError> {
    let fault = |error| crate::error::fault("instruction", error);
    let program = id(program.bytes());
    let last = readers.rows("instruction", LAST_SEQ, &[&program]).await?;
    let last = last.first().map(|row| row.try_get::<_, i64>(0)).transpose().map_err(fault)?;
    let mut search = FirstSince::new(time, last.unwrap_or(0));
    while let Some(seq) = search.next() {
        search.found(seq, probe(readers, &program, seq).await?);
    }
    Ok(search.answer(probe(readers, &program, search.place()).await?))
}

async fn probe(
    readers: &Readers,
    program: &Cell<'_>,
    from: i64,
) -> Result<Option<(i64, i64)>, StoreError> {
    let fault = |error| crate::error::fault("instruction", error);
    let rows = readers.rows("instruction", AT_SEQ, &[program, &int(from)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((row.try_get(0).map_err(fault)?, row.try_get(1).map_err(fault)?)))
}
