//! The two ways to an account's instructions: what its entries lead to, and the rest.

use super::{OF_ENTRY, Range, SEQ_OF_ENTRY};
use crate::error::fault;
use crate::runs::view::View;
use crate::runs::{Item, Key, Kind};
use crate::statement::noun;
use domain::id::{AccountId, ProgramId};
use domain::instruction::Instruction;
use domain::transfer::{Entry, Place};
use rusqlite::{Connection, OptionalExtension, Rows, Statement, params};
use std::collections::VecDeque;
use store::schema::BadColumn;
use store::seq::{kinds, outcomes};
use store::{InstructionFilter, Noun, StoreError};

/// Entries that are looked up together.
const ENTRIES: usize = 128;

/// Whose instructions, and which.
pub struct Asked<'a> {
    pub program: ProgramId,
    pub account: AccountId,
    pub filter: &'a InstructionFilter,
    pub range: &'a Range,
}

impl Asked<'_> {
    /// Runs a query that takes these conditions, with the `seq` that it begins or stands at.
    pub fn query<'s>(
        &self,
        statement: &'s mut Statement<'_>,
        seq: i64,
    ) -> Result<Rows<'s>, StoreError> {
        let reference = self.filter.reference.as_ref().map(|key| key.bytes());
        let (high, ordinal) = self.range.before;
        let (kinds, outcomes) = (kinds(&self.filter.kinds), outcomes(&self.filter.outcomes));
        let (program, account) = (self.program.bytes(), self.account.bytes());
        statement
            .query(params![program, seq, high, ordinal, kinds, reference, account, outcomes])
            .map_err(|error| fault("instruction", error))
    }
}

/// Rows as they are read, with one row of foresight.
pub struct Stream<'s> {
    rows: Rows<'s>,
    ahead: Option<Instruction>,
}

impl<'s> Stream<'s> {
    pub fn start(rows: Rows<'s>) -> Result<Self, StoreError> {
        let mut stream = Self { rows, ahead: None };
        stream.take()?;
        Ok(stream)
    }

    /// Where the next row stands. Nothing is before everything.
    pub fn place(&self) -> Option<Place> {
        self.ahead.as_ref().map(|row| row.place)
    }

    pub fn take(&mut self) -> Result<Option<Instruction>, StoreError> {
        let row = self.rows.next().map_err(|error| fault("instruction", error))?;
        let next = row.map(noun).transpose()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }
}

/// What the account's entries lead to, newest first. Several entries of one unit lead to one
/// instruction, and stand beside each other.
pub struct Moved<'a> {
    asked: &'a Asked<'a>,
    low: Key,
    /// Where the next entries are; `None` behind the oldest.
    high: Option<Key>,
    entries: VecDeque<Item>,
    seq: Option<i64>,
    ready: VecDeque<Instruction>,
}

impl<'a> Moved<'a> {
    pub fn nothing(asked: &'a Asked<'a>) -> Self {
        let (entries, ready) = (VecDeque::new(), VecDeque::new());
        Self { asked, low: Key::FIRST, high: None, entries, seq: None, ready }
    }

    /// Versions have no gaps, and `seq` grows with them, so the range's are found by halving.
    pub fn start(
        connection: &Connection,
        view: &View,
        asked: &'a Asked<'a>,
    ) -> Result<Self, StoreError> {
        let key = Key::of(asked.program.bytes(), asked.account.bytes());
        let all = (key.with_version(i64::MIN), key.with_version(i64::MAX));
        let newest = view.newest(connection, Kind::Entry, (&all.0, &all.1), 1)?;
        let newest = newest.first().map_or(0, |(key, _)| key.version());
        let first_at = |seq: i64| -> Result<i64, StoreError> {
            let (mut low, mut high) = (1, newest + 1);
            while low < high {
                let middle = low + (high - low) / 2;
                let version = key.with_version(middle);
                let row = view.find(connection, Kind::Entry, &version)?;
                let found = row.map_or(Ok(None), |row| seq_of(connection, row))?;
                let missing = || StoreError::corrupt(Entry::TABLE, &[], BadColumn("version"));
                if found.ok_or_else(missing)? < seq { low = middle + 1 } else { high = middle }
            }
            Ok(low)
        };
        let (before, _) = asked.range.before;
        let oldest = if asked.range.low > 0 { first_at(asked.range.low)? } else { 1 };
        let newest =
            if before < i64::MAX { first_at(before.saturating_add(1))? - 1 } else { newest };
        let high = (newest >= oldest).then(|| key.with_version(newest));
        Ok(Self { low: key.with_version(oldest), high, ..Self::nothing(asked) })
    }

    /// Where the next row stands, once it was filled.
    pub fn place(&self) -> Option<Place> {
        self.ready.front().map(|row| row.place)
    }

    pub fn take(
        &mut self,
        connection: &Connection,
        view: &View,
    ) -> Result<Option<Instruction>, StoreError> {
        let taken = self.ready.pop_front();
        self.fill(connection, view)?;
        Ok(taken)
    }

    /// Reads on until there is a next row, or nothing is left.
    pub fn fill(&mut self, connection: &Connection, view: &View) -> Result<(), StoreError> {
        while self.ready.is_empty() {
            let Some((_, row)) = self.entry(connection, view)? else { break };
            let seq = seq_of(connection, row)?;
            let Some(seq) = seq.filter(|seq| self.seq != Some(*seq)) else { continue };
            self.seq = Some(seq);
            if seq < self.asked.range.low {
                continue;
            }
            let fault = |error| fault("instruction", error);
            let mut statement = connection.prepare_cached(OF_ENTRY).map_err(fault)?;
            let mut rows = self.asked.query(&mut statement, seq)?;
            while let Some(row) = rows.next().map_err(fault)? {
                self.ready.push_back(noun(row)?);
            }
        }
        Ok(())
    }

    fn entry(&mut self, connection: &Connection, view: &View) -> Result<Option<Item>, StoreError> {
        if self.entries.is_empty()
            && let Some(high) = self.high
        {
            let between = (&self.low, &high);
            self.entries = view.newest(connection, Kind::Entry, between, ENTRIES)?.into();
            let oldest = self.entries.back().and_then(|(key, _)| key.version().checked_sub(1));
            let next = oldest.map(|version| high.with_version(version));
            self.high = next.filter(|next| *next >= self.low);
        }
        Ok(self.entries.pop_front())
    }
}

fn seq_of(connection: &Connection, row: i64) -> Result<Option<i64>, StoreError> {
    let fault = |error| fault(Entry::TABLE.name, error);
    let mut statement = connection.prepare_cached(SEQ_OF_ENTRY).map_err(fault)?;
    statement.query_row(params![row], |row| row.get(0)).optional().map_err(fault)
}
