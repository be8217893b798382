//! Postings: what most units write, as one row.
//!
//! A unit that moves one amount between two accounts because somebody asked writes an instruction,
//! a transfer, two entries, an event and mostly a reference. They repeat each other: ids of one
//! stamp, one time, one place, the same accounts and amounts. Where one row says all of it, and
//! `posting/shape.rs` asks for every field, that row is written in their place; a unit of any other
//! shape is written noun by noun. Whoever reads asks the views, which put both together
//! (`migrations/0021_posting.sql`).
//!
//! A row has one number among postings, single entries and single references, so that a run that
//! leads to an entry or a reference says which row it is in. Both entries of a posting are found
//! under its number, each by its account.
//!
//! Phase 5 of a batch begins with this (`persist.rs`); nothing else of the batch has reached SQL
//! then.

mod shape;

use crate::cache::Cache;
use crate::error::{clash, fault};
use crate::instruction;
use crate::numbers::Numbered;
use crate::runs::keeper::Appended;
use crate::runs::{Key, Kind};
use crate::statement::at_most;
use domain::account::Account;
use domain::event::Event;
use domain::id::ProgramId;
use domain::instruction::Instruction;
use domain::reference::Reference;
use domain::transfer::{Entry, Place, Transfer};
use foldhash::fast::FixedState;
use rusqlite::types::{Null, ToSql};
use rusqlite::{CachedStatement, Connection, ErrorCode, Statement, params};
use shape::{Named, Posting, UnitRows};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use store::schema::TableSpec;
use store::{Logged, Noun, Rows, StoreError, Table};

pub use shape::{DELAY_US_MAX, clock_us};

pub const INSERT: &str = "insert into posting (row, program, seq, kind, account, counterparty, \
     credited, owned, amount_minor, debit_version, debit_posted_debits, debit_posted_credits, \
     debit_held_debits, debit_held_credits, credit_version, credit_posted_debits, \
     credit_posted_credits, credit_held_debits, credit_held_credits, debit_hash, credit_hash, id, \
     at, remark, key, scope, text, fingerprint, answer, tail) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
     ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)";

/// Whether a programme has a unit written noun by noun at a place or behind it.
pub const SINGLES_FROM: &str = "select 1 from event_row \
     where program = ?1 and seq >= ?2 limit 1";
/// The same of postings.
pub const POSTINGS_FROM: &str = "select 1 from posting \
     where program = (select no from program_number where program = ?1) and seq >= ?2 limit 1";
/// A programme's postings, newest first.
pub const NEWEST: &str = "select at, id from posting \
     where program = (select no from program_number where program = ?1) order by seq desc";

/// Which rows of a batch are in postings.
#[derive(Default)]
pub struct Posted {
    instructions: Vec<bool>,
    transfers: Vec<bool>,
    entries: Vec<bool>,
    events: Vec<bool>,
    references: HashSet<Key, FixedState>,
    pub appended: Appended,
    pub written: usize,
}

impl Posted {
    pub fn none(rows: &Rows) -> Self {
        Self {
            instructions: vec![false; rows.instructions.rows().len()],
            transfers: vec![false; rows.transfers.rows().len()],
            entries: vec![false; rows.entries.rows().len()],
            events: vec![false; rows.events.rows().len()],
            ..Self::default()
        }
    }

    /// The rows of a log that are still to be written.
    pub fn rest<'r, N: Noun>(&self, rows: &'r [N]) -> Vec<&'r N> {
        let done = self.of(N::TABLE);
        rows.iter().zip(done).filter(|(_, done)| !**done).map(|(row, _)| row).collect()
    }

    pub fn has(&self, reference: &Reference) -> bool {
        self.references.contains(&Key::of(reference.program.bytes(), reference.key.bytes()))
    }

    fn of(&self, table: &'static TableSpec) -> &[bool] {
        let all = [
            (Instruction::TABLE, &self.instructions),
            (Transfer::TABLE, &self.transfers),
            (Entry::TABLE, &self.entries),
            (Event::TABLE, &self.events),
        ];
        let found = all.into_iter().find(|(known, _)| std::ptr::eq(*known, table));
        found.expect("these are all logs").1
    }
}

/// The columns of a posting.
const COLUMNS: usize = 30;

/// Binds values one after the other.
struct Binder<'s, 'c> {
    statement: &'s mut Statement<'c>,
    /// Numbers that are bound, of this posting and of the one before: many stay the same.
    bound: &'s mut [Option<i64>; COLUMNS],
    at: usize,
}

impl Binder<'_, '_> {
    fn put(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.bound[self.at] = None;
        self.at += 1;
        self.statement.raw_bind_parameter(self.at, value)
    }

    fn all(&mut self, values: &[i64]) -> rusqlite::Result<()> {
        for value in values {
            let bound = self.bound[self.at].replace(*value);
            self.at += 1;
            if bound != Some(*value) {
                self.statement.raw_bind_parameter(self.at, value)?;
            }
        }
        Ok(())
    }

    fn sums(&mut self, entry: &Entry) -> rusqlite::Result<()> {
        let sums = &entry.after;
        self.all(&[
            at_most(entry.version),
            sums.posted_debits,
            sums.posted_credits,
            sums.held_debits,
            sums.held_credits,
        ])
    }
}

/// Its own number, and those of what it names.
struct Names {
    row: i64,
    program: i64,
    account: Numbered,
    counterparty: Numbered,
    scope: i64,
}

impl Posting<'_> {
    fn write(&self, insert: &mut Insert<'_>, names: &Names) -> rusqlite::Result<()> {
        let asked = self.instruction;
        let Insert { statement, bound } = insert;
        let mut out = Binder { statement, bound, at: 0 };
        out.all(&[
            names.row,
            names.program,
            at_most(asked.place.seq),
            i64::from(asked.kind.code()),
            names.account.no,
            names.counterparty.no,
            i64::from(self.credited),
            i64::from(asked.cardholder.is_some()),
            asked.amount.minor(),
        ])?;
        out.sums(self.debit)?;
        out.sums(self.credit)?;
        out.put(&self.debit.hash.bytes()[..])?;
        out.put(&self.credit.hash.bytes()[..])?;
        out.put(&asked.id.bytes()[..])?;
        out.all(&[asked.at.unix_us()])?;
        out.put(&asked.remark)?;
        match &self.reference {
            None => (0..6).try_for_each(|_| out.put(Null))?,
            Some(named) => {
                out.put(&named.row.key.bytes()[..])?;
                out.all(&[names.scope])?;
                out.put(&named.row.text)?;
                out.put(&named.row.fingerprint[..])?;
                out.put(named.answer)?;
                out.all(&[i64::from(named.tail)])?;
            }
        }
        statement.raw_execute().map(drop)
    }
}

/// The statement that writes postings, and the numbers that are bound to it.
struct Insert<'c> {
    statement: CachedStatement<'c>,
    bound: [Option<i64>; COLUMNS],
}

/// What a batch is posted with.
pub struct Poster<'c> {
    connection: &'c Connection,
    cache: &'c mut Cache,
    /// The number of the next row.
    next: &'c mut i64,
}

/// What is known of the batch so far.
#[derive(Default)]
struct Seen {
    /// Accounts as they are after the last posting.
    accounts: HashMap<Key, Numbered, FixedState>,
    posted: Posted,
}

fn key_of(entry: &Entry) -> Key {
    Key::of(entry.program.bytes(), entry.account.bytes())
}

/// The rows from `at` on that are of one unit.
fn of_unit<N: Logged>(
    rows: &[N],
    at: usize,
    unit: (ProgramId, u64),
    seq: impl Fn(&N) -> u64,
) -> Range<usize> {
    let own = rows[at..].iter().take_while(|row| (row.program(), seq(row)) == unit).count();
    at..at + own
}

impl<'c> Poster<'c> {
    pub const fn new(connection: &'c Connection, cache: &'c mut Cache, next: &'c mut i64) -> Self {
        Self { connection, cache, next }
    }

    /// Writes what can be posted of a batch.
    pub fn post(mut self, rows: &Rows) -> Result<Posted, StoreError> {
        let (asked, moved) = (rows.instructions.rows(), rows.transfers.rows());
        let (entries, events) = (rows.entries.rows(), rows.events.rows());
        let mut seen = Seen { posted: Posted::none(rows), ..Seen::default() };
        if asked.is_empty() {
            return Ok(seen.posted);
        }
        // Sorted by key.
        let references = rows.references.inserts();
        let fault = |error| fault(Instruction::TABLE.name, error);
        let statement = self.connection.prepare_cached(INSERT).map_err(fault)?;
        let mut insert = Insert { statement, bound: [None; COLUMNS] };
        let (mut i, mut t, mut e, mut v) = (0, 0, 0, 0);
        // Every unit writes an event, so these name them all, in the order of all logs.
        while let Some(first) = events.get(v) {
            let unit = (first.program, first.place.seq);
            let told = of_unit(events, v, unit, |row| row.place.seq);
            let instructions = of_unit(asked, i, unit, |row| row.place.seq);
            let transfers = of_unit(moved, t, unit, |row| row.place.seq);
            let sides = of_unit(entries, e, unit, |row| row.place.seq);
            (i, t, e, v) = (instructions.end, transfers.end, sides.end, told.end);
            let ([event], [instruction], [transfer], [debit, credit]) = (
                &events[told.clone()],
                &asked[instructions.clone()],
                &moved[transfers.clone()],
                &entries[sides.clone()],
            ) else {
                continue;
            };
            let reference = instruction.reference.and_then(|key| {
                let sought = (instruction.program, key);
                let at = references.binary_search_by_key(&sought, |row| (row.program, row.key));
                at.ok().map(|at| references[at])
            });
            let unit = UnitRows { instruction, transfer, debit, credit, event, reference };
            let Some(posting) = Posting::of(&unit) else { continue };
            if self.write(&mut insert, &posting, rows, &mut seen)? {
                let posted = &mut seen.posted;
                posted.instructions[instructions].fill(true);
                posted.transfers[transfers].fill(true);
                posted.entries[sides].fill(true);
                posted.events[told].fill(true);
            }
        }
        Ok(seen.posted)
    }

    /// Writes one posting; false where it has to be written noun by noun.
    fn write(
        &mut self,
        insert: &mut Insert<'_>,
        posting: &Posting<'_>,
        rows: &Rows,
        seen: &mut Seen,
    ) -> Result<bool, StoreError> {
        let asked = posting.instruction;
        let sides = [posting.debit, posting.credit];
        let keys = sides.map(key_of);
        let program = self.cache.numbers.program(self.connection, asked.program)?;
        let mut found = [None; 2];
        for ((found, entry), key) in found.iter_mut().zip(sides).zip(&keys) {
            *found = match seen.accounts.get(key) {
                Some(known) => Some(*known),
                None => self.account(program, entry, key, rows)?,
            };
        }
        let [Some(debit), Some(credit)] = found else { return Ok(false) };
        // They follow on what the accounts were: as they were loaded, or after their last posting.
        let next = |account: Numbered, entry: &Entry| {
            account.version.checked_add(1) == Some(entry.version)
        };
        let (account, counterparty) =
            if posting.credited { (credit, debit) } else { (debit, credit) };
        let asset = Some(asked.amount.asset());
        let owner = asked.cardholder.is_none_or(|owner| account.cardholder == Some(owner));
        if !next(debit, posting.debit)
            || !next(credit, posting.credit)
            || (account.asset, counterparty.asset) != (asset, asset)
            || !owner
        {
            return Ok(false);
        }
        let scope = match &posting.reference {
            Some(named) => self.cache.numbers.scope(self.connection, &named.row.scope)?,
            None => 0,
        };
        let row = *self.next;
        *self.next += 1;
        let names = Names { row, program, account, counterparty, scope };
        let written = posting.write(insert, &names);
        written.map_err(|error| match error.sqlite_error_code() {
            // Of its number.
            Some(ErrorCode::ConstraintViolation) => clash(Instruction::TABLE),
            _ => fault(Instruction::TABLE.name, error),
        })?;
        let posted = &mut seen.posted;
        for ((account, entry), key) in [debit, credit].into_iter().zip(sides).zip(keys) {
            seen.accounts.insert(key, Numbered { version: entry.version, ..account });
            let key = key.with_version(at_most(entry.version));
            posted.appended[Kind::Entry as usize].push((key, row));
        }
        if let Some(Named { row: reference, .. }) = posting.reference {
            let key = Key::of(reference.program.bytes(), reference.key.bytes());
            posted.references.insert(key);
            posted.appended[Kind::Reference as usize].push((key, row));
        }
        posted.written += 1;
        Ok(true)
    }

    /// An account as it was before the batch. `None` where the cache has it no longer.
    fn account(
        &mut self,
        program: i64,
        entry: &Entry,
        key: &Key,
        rows: &Rows,
    ) -> Result<Option<Numbered>, StoreError> {
        let row_key = (entry.program, *entry.account.bytes());
        let Some(before) = self.cache.peek::<Account>(&row_key) else { return Ok(None) };
        let version = before.version;
        if let Some(known) = self.cache.numbers.known(key) {
            return Ok(Some(Numbered { version, ..known }));
        }
        let moved = rows.accounts.updates();
        match moved.binary_search_by_key(&row_key, |row| Table::key_of(*row)) {
            Ok(at) => {
                let known = self.cache.numbers.account(self.connection, program, moved[at])?;
                Ok(Some(Numbered { version, ..known }))
            }
            Err(_) => Ok(None),
        }
    }
}

/// That no place of a batch is taken, in either layout: two units never stand at one place. A
/// counter that somebody set back would lead there.
pub fn check_places(connection: &Connection, rows: &Rows) -> Result<(), StoreError> {
    let mut first = HashMap::with_hasher(FixedState::default());
    let mut note = |table, program, place: Place| {
        let known = first.entry(program).or_insert((place.seq, table));
        if place.seq < known.0 {
            *known = (place.seq, table);
        }
    };
    rows.events.rows().iter().for_each(|row| note(Event::TABLE, row.program, row.place));
    rows.transfers.rows().iter().for_each(|row| note(Transfer::TABLE, row.program, row.place));
    let instructions = rows.instructions.rows().iter();
    instructions.for_each(|row| note(Instruction::TABLE, row.program, row.place));
    for (program, (seq, table)) in first {
        let place = params![program.bytes(), at_most(seq)];
        if exists(connection, POSTINGS_FROM, place)? || exists(connection, SINGLES_FROM, place)? {
            return Err(clash(table));
        }
    }
    Ok(())
}

/// Whether a posting has this instruction's id already, which is made once. It looks back through
/// its programme's postings for as long as they are no older than the id; where that may be long,
/// since a clock was set back, it is found as by anybody.
pub fn has_id(connection: &Connection, asked: &Instruction) -> Result<bool, StoreError> {
    let fault = |error| fault("posting", error);
    let clock = clock_us(asked.id.bytes());
    if asked.at.unix_us().saturating_sub(clock) >= DELAY_US_MAX {
        return Ok(instruction::posted(connection, asked.program, asked.id)?.is_some());
    }
    let mut statement = connection.prepare_cached(NEWEST).map_err(fault)?;
    let mut rows = statement.query(params![asked.program.bytes()]).map_err(fault)?;
    while let Some(row) = rows.next().map_err(fault)? {
        let (at, known): (i64, [u8; 16]) = (row.get(0).map_err(fault)?, row.get(1).map_err(fault)?);
        if at < clock {
            return Ok(false);
        }
        if known == *asked.id.bytes() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn exists(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<bool, StoreError> {
    let fault = |error| fault("posting", error);
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    statement.exists(params).map_err(fault)
}
