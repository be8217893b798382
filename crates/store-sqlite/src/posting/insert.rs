//! The statements that write postings: several rows at once, since a statement's start and end cost
//! as much as a third of a row, and one for what is left over.

use super::shape::Posting;
use crate::error::{clash, fault};
use crate::statement::at_most;
use domain::instruction::Instruction;
use domain::transfer::Entry;
use rusqlite::types::{Null, ToSql};
use rusqlite::{CachedStatement, Connection, ErrorCode};
use std::sync::LazyLock;
use store::{Noun, StoreError};

/// The columns of a posting.
const COLUMNS: usize = 30;
/// Rows of the statement that writes several. More of them save little more.
const SEVERAL: usize = 8;

const INTO: &str = "insert into posting (row, program, seq, kind, account, counterparty, \
     credited, owned, amount_minor, debit_version, debit_posted_debits, debit_posted_credits, \
     debit_held_debits, debit_held_credits, credit_version, credit_posted_debits, \
     credit_posted_credits, credit_held_debits, credit_held_credits, debit_hash, credit_hash, id, \
     at, remark, key, scope, text, fingerprint, answer, tail) values ";

static ONE: LazyLock<String> = LazyLock::new(|| statement(1));
static MANY: LazyLock<String> = LazyLock::new(|| statement(SEVERAL));

fn statement(rows: usize) -> String {
    let row = format!("({})", vec!["?"; COLUMNS].join(", "));
    format!("{INTO}{}", vec![row; rows].join(", "))
}

/// A posting that is to be written.
pub struct Line<'r> {
    pub posting: Posting<'r>,
    pub names: Names,
}

/// Its own number, and those of what it names.
pub struct Names {
    pub row: i64,
    pub program: i64,
    pub account: i64,
    pub counterparty: i64,
    pub scope: i64,
}

/// A statement, and the numbers that are bound to it: many stay the same.
struct Insert<'c> {
    statement: CachedStatement<'c>,
    bound: Vec<Option<i64>>,
}

/// Binds values one after the other.
struct Binder<'s, 'c> {
    insert: &'s mut Insert<'c>,
    at: usize,
}

impl Binder<'_, '_> {
    fn put(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.insert.bound[self.at] = None;
        self.at += 1;
        self.insert.statement.raw_bind_parameter(self.at, value)
    }

    fn all(&mut self, values: &[i64]) -> rusqlite::Result<()> {
        for value in values {
            let bound = self.insert.bound[self.at].replace(*value);
            self.at += 1;
            if bound != Some(*value) {
                self.insert.statement.raw_bind_parameter(self.at, value)?;
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

    fn line(&mut self, line: &Line<'_>) -> rusqlite::Result<()> {
        let Line { posting, names } = line;
        let asked = posting.instruction;
        self.all(&[
            names.row,
            names.program,
            at_most(asked.place.seq),
            i64::from(asked.kind.code()),
            names.account,
            names.counterparty,
            i64::from(posting.credited),
            i64::from(asked.cardholder.is_some()),
            asked.amount.minor(),
        ])?;
        self.sums(posting.debit)?;
        self.sums(posting.credit)?;
        self.put(&posting.debit.hash.bytes()[..])?;
        self.put(&posting.credit.hash.bytes()[..])?;
        self.put(&asked.id.bytes()[..])?;
        self.all(&[asked.at.unix_us()])?;
        self.put(&asked.remark)?;
        let Some(named) = &posting.reference else {
            return (0..6).try_for_each(|_| self.put(Null));
        };
        self.put(&named.row.key.bytes()[..])?;
        self.all(&[names.scope])?;
        self.put(&named.row.text)?;
        self.put(&named.row.fingerprint[..])?;
        self.put(named.answer)?;
        self.all(&[i64::from(named.tail)])
    }
}

impl<'c> Insert<'c> {
    fn prepare(connection: &'c Connection, sql: &str, rows: usize) -> rusqlite::Result<Self> {
        let statement = connection.prepare_cached(sql)?;
        Ok(Self { statement, bound: vec![None; rows * COLUMNS] })
    }

    fn write(&mut self, lines: &[Line<'_>]) -> rusqlite::Result<()> {
        let mut binder = Binder { insert: self, at: 0 };
        lines.iter().try_for_each(|line| binder.line(line))?;
        self.statement.raw_execute().map(drop)
    }
}

/// Writes them all.
pub fn write(connection: &Connection, lines: &[Line<'_>]) -> Result<(), StoreError> {
    write_all(connection, lines).map_err(|error| match error.sqlite_error_code() {
        // Of a number.
        Some(ErrorCode::ConstraintViolation) => clash(Instruction::TABLE),
        _ => fault(Instruction::TABLE.name, error),
    })
}

fn write_all(connection: &Connection, lines: &[Line<'_>]) -> rusqlite::Result<()> {
    let (several, rest) = lines.as_chunks::<SEVERAL>();
    if !several.is_empty() {
        let mut insert = Insert::prepare(connection, &MANY, SEVERAL)?;
        several.iter().try_for_each(|lines| insert.write(lines))?;
    }
    if !rest.is_empty() {
        let mut insert = Insert::prepare(connection, &ONE, 1)?;
        rest.iter().try_for_each(|line| insert.write(std::slice::from_ref(line)))?;
    }
    Ok(())
}
