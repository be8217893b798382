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

mod insert;
mod shape;

use crate::cache::Cache;
use crate::error::{clash, fault};
use crate::instruction;
use crate::numbers::Numbered;
use crate::runs::keeper::Appended;
use crate::runs::{Key, Kind};
use crate::statement::at_most;
use domain::account::{Account, Sums};
use domain::chain::Hash;
use domain::event::Event;
use domain::id::ProgramId;
use domain::instruction::Instruction;
use domain::reference::Reference;
use domain::transfer::{Entry, Place, Transfer};
use foldhash::fast::FixedState;
use insert::{Line, Names};
use rusqlite::{Connection, params};
use shape::{Named, Posting, UnitRows};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use store::{Logged, Logs, Noun, StoreError, Table};

pub use shape::{DELAY_US_MAX, clock_us};

/// Whether a programme has a unit written noun by noun at a place or behind it.
pub const SINGLES_FROM: &str = "select 1 from event_row \
     where program = ?1 and seq >= ?2 limit 1";
/// The same of postings.
pub const POSTINGS_FROM: &str = "select 1 from posting \
     where program = (select no from program_number where program = ?1) and seq >= ?2 limit 1";
/// A programme's postings, newest first.
pub const NEWEST: &str = "select at, id from posting \
     where program = (select no from program_number where program = ?1) order by seq desc";

/// An account in a batch: its number, and what its last entry that was posted says.
#[derive(Clone, Copy)]
struct Head {
    numbered: Numbered,
    last: Last,
}

/// Version, sums and hash.
pub type Last = (u64, Sums, Hash);

/// What became of a batch's units, as far as they were posted.
#[derive(Default)]
pub struct Posted {
    heads: HashMap<Key, Head, FixedState>,
    pub appended: Appended,
    pub written: usize,
    /// The number of the next row.
    pub next: i64,
}

impl Posted {
    /// The references that were posted, besides which the batch may have added others.
    pub fn references(&self) -> HashSet<Key, FixedState> {
        self.appended[Kind::Reference as usize].iter().map(|(key, _)| *key).collect()
    }

    fn reserve(&mut self, postings: usize) {
        self.heads.reserve(postings + 1);
        self.appended[Kind::Reference as usize].reserve(postings);
        self.appended[Kind::Entry as usize].reserve(2 * postings);
    }

    /// What the account's last posted entry says.
    pub fn last(&self, account: &Key) -> Option<&Last> {
        self.heads.get(account).map(|head| &head.last)
    }
}

/// What a batch is posted with.
pub struct Poster<'c> {
    connection: &'c Connection,
    cache: &'c mut Cache,
    postings: bool,
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

/// Which rows of a batch are in postings.
struct Done {
    instructions: Vec<bool>,
    transfers: Vec<bool>,
    entries: Vec<bool>,
    events: Vec<bool>,
}

impl Done {
    fn none(logs: &Logs) -> Self {
        Self {
            instructions: vec![false; logs.instructions.len()],
            transfers: vec![false; logs.transfers.len()],
            entries: vec![false; logs.entries.len()],
            events: vec![false; logs.events.len()],
        }
    }

    /// What is still to be written.
    fn rest(&self, logs: Logs) -> Logs {
        let all = [&self.instructions, &self.transfers, &self.entries, &self.events];
        if all.into_iter().flatten().all(|done| *done) {
            return Logs::default();
        }
        fn left<N>(rows: Vec<N>, done: &[bool]) -> Vec<N> {
            rows.into_iter().zip(done).filter(|(_, done)| !**done).map(|(row, _)| row).collect()
        }
        Logs {
            instructions: left(logs.instructions, &self.instructions),
            transfers: left(logs.transfers, &self.transfers),
            entries: left(logs.entries, &self.entries),
            events: left(logs.events, &self.events),
        }
    }
}

impl<'c> Poster<'c> {
    /// `next` is the number of the next row. Without `postings` nothing is posted.
    pub fn new(
        connection: &'c Connection,
        cache: &'c mut Cache,
        postings: bool,
        next: i64,
    ) -> Self {
        let posted = Posted { next, ..Posted::default() };
        Self { connection, cache, postings, posted }
    }

    /// Writes what can be posted of what a batch appended, and hands back the rest.
    pub fn post(
        mut self,
        logs: Logs,
        named: &Table<Reference>,
    ) -> Result<(Posted, Logs), StoreError> {
        self.check_places(&logs)?;
        if !self.postings || logs.instructions.is_empty() {
            return Ok((self.posted, logs));
        }
        self.posted.reserve(logs.instructions.len());
        let mut done = Done::none(&logs);
        let mut lines = Vec::with_capacity(logs.instructions.len());
        let (mut i, mut t, mut e, mut v) = (0, 0, 0, 0);
        // Every unit writes an event, so these name them all, in the order of all logs.
        while let Some(first) = logs.events.get(v) {
            let unit = (first.program, first.place.seq);
            let told = of_unit(&logs.events, v, unit, |row| row.place.seq);
            let instructions = of_unit(&logs.instructions, i, unit, |row| row.place.seq);
            let transfers = of_unit(&logs.transfers, t, unit, |row| row.place.seq);
            let sides = of_unit(&logs.entries, e, unit, |row| row.place.seq);
            (i, t, e, v) = (instructions.end, transfers.end, sides.end, told.end);
            let ([event], [instruction], [transfer], [debit, credit]) = (
                &logs.events[told.clone()],
                &logs.instructions[instructions.clone()],
                &logs.transfers[transfers.clone()],
                &logs.entries[sides.clone()],
            ) else {
                continue;
            };
            let key = instruction.reference;
            let key = key.map(|key| (instruction.program, *key.bytes()));
            let reference = key.and_then(|key| named.added(&key));
            let unit = UnitRows { instruction, transfer, debit, credit, event, reference };
            let Some(posting) = Posting::of(&unit) else { continue };
            if let Some(names) = self.number(&posting)? {
                lines.push(Line { posting, names });
                done.instructions[instructions].fill(true);
                done.transfers[transfers].fill(true);
                done.entries[sides].fill(true);
                done.events[told].fill(true);
            }
        }
        insert::write(self.connection, &lines)?;
        self.posted.written += lines.len();
        drop(lines);
        Ok((self.posted, done.rest(logs)))
    }

    /// Gives one its numbers; `None` where it has to be written noun by noun.
    fn number(&mut self, posting: &Posting<'_>) -> Result<Option<Names>, StoreError> {
        let asked = posting.instruction;
        let sides = [posting.debit, posting.credit];
        let keys = sides.map(key_of);
        let program = self.cache.numbers.program(self.connection, asked.program)?;
        let mut found = [None; 2];
        for ((found, entry), key) in found.iter_mut().zip(sides).zip(&keys) {
            *found = match self.posted.heads.get(key) {
                Some(head) => Some(head.numbered),
                None => self.account(program, entry, key)?,
            };
        }
        let [Some(debit), Some(credit)] = found else { return Ok(None) };
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
            return Ok(None);
        }
        let scope = match &posting.reference {
            Some(named) => self.cache.numbers.scope(self.connection, &named.row.scope)?,
            None => 0,
        };
        let row = self.posted.next;
        self.posted.next += 1;
        for ((account, entry), key) in [debit, credit].into_iter().zip(sides).zip(keys) {
            let numbered = Numbered { version: entry.version, ..account };
            let last = (entry.version, entry.after, entry.hash);
            self.posted.heads.insert(key, Head { numbered, last });
            let key = key.with_version(at_most(entry.version));
            self.posted.appended[Kind::Entry as usize].push((key, row));
        }
        if let Some(Named { row: reference, .. }) = posting.reference {
            let key = Key::of(reference.program.bytes(), reference.key.bytes());
            self.posted.appended[Kind::Reference as usize].push((key, row));
        }
        Ok(Some(Names { row, program, account: account.no, counterparty: counterparty.no, scope }))
    }

    /// An account as it was before the batch. `None` where the cache has it not, or not any more.
    fn account(
        &mut self,
        program: i64,
        entry: &Entry,
        key: &Key,
    ) -> Result<Option<Numbered>, StoreError> {
        let row_key = (entry.program, *entry.account.bytes());
        let Some(before) = self.cache.peek::<Account>(&row_key).copied() else { return Ok(None) };
        let version = before.version;
        let known = match self.cache.numbers.known(key) {
            Some(known) => known,
            None => self.cache.numbers.account(self.connection, program, &before)?,
        };
        Ok(Some(Numbered { version, ..known }))
    }

    /// That no place of a batch is taken, in either layout: two units never stand at one place. A
    /// counter that somebody set back would lead there.
    fn check_places(&self, logs: &Logs) -> Result<(), StoreError> {
        let mut first = HashMap::with_hasher(FixedState::default());
        let mut note = |table, program, place: Place| {
            let known = first.entry(program).or_insert((place.seq, table));
            if place.seq < known.0 {
                *known = (place.seq, table);
            }
        };
        logs.events.iter().for_each(|row| note(Event::TABLE, row.program, row.place));
        logs.transfers.iter().for_each(|row| note(Transfer::TABLE, row.program, row.place));
        logs.instructions.iter().for_each(|row| note(Instruction::TABLE, row.program, row.place));
        for (program, (seq, table)) in first {
            let place = params![program.bytes(), at_most(seq)];
            if exists(self.connection, POSTINGS_FROM, place)?
                || exists(self.connection, SINGLES_FROM, place)?
            {
                return Err(clash(table));
            }
        }
        Ok(())
    }
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
