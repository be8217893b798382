//! The statements that write postings: several rows at once, since a statement's start and end cost
//! as much as a third of a row, and one for what is left over.
//!
//! Where the number of the first is the one that SQLite would give it, no number is bound, and
//! SQLite appends without a look whether it is taken. What it gave is compared. Whatever fails, the
//! batch is rolled back (`or fail`), so no statement keeps copies of pages to undo itself by.

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

const NAMES: &str = "program, seq, kind, account, counterparty, credited, owned, amount_minor, \
     debit_version, debit_posted_debits, debit_posted_credits, debit_held_debits, \
     debit_held_credits, credit_version, credit_posted_debits, credit_posted_credits, \
     credit_held_debits, credit_held_credits, debit_hash, credit_hash, id, at, remark, key, scope, \
     text, fingerprint, answer, tail";
const LAST: &str = "select coalesce(max(row), 0) from posting";

/// How the numbers of rows come about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    /// Each is one more than the last.
    Appended,
    Bound,
}

struct Statements {
    one: String,
    several: String,
}

static APPENDED: LazyLock<Statements> = LazyLock::new(|| Statements::new(Numbering::Appended));
static BOUND: LazyLock<Statements> = LazyLock::new(|| Statements::new(Numbering::Bound));

impl Statements {
    fn new(numbering: Numbering) -> Self {
        let number = if numbering == Numbering::Bound { "row, " } else { "" };
        let row = format!("({})", vec!["?"; numbering.columns()].join(", "));
        let of = |rows| {
            format!(
                "insert or fail into posting ({number}{NAMES}) values {}",
                vec![&row[..]; rows].join(", ")
            )
        };
        Self { one: of(1), several: of(SEVERAL) }
    }
}

impl Numbering {
    const fn columns(self) -> usize {
        match self {
            Self::Appended => COLUMNS - 1,
            Self::Bound => COLUMNS,
        }
    }

    fn statements(self) -> &'static Statements {
        match self {
            Self::Appended => &APPENDED,
            Self::Bound => &BOUND,
        }
    }
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
    numbering: Numbering,
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
        if self.insert.numbering == Numbering::Bound {
            self.all(&[names.row])?;
        }
        self.all(&[
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
    fn prepare(
        connection: &'c Connection,
        numbering: Numbering,
        rows: usize,
    ) -> rusqlite::Result<Self> {
        let Statements { one, several } = numbering.statements();
        let statement = connection.prepare_cached(if rows == 1 { one } else { several })?;
        Ok(Self { numbering, statement, bound: vec![None; rows * numbering.columns()] })
    }

    fn write(&mut self, lines: &[Line<'_>]) -> rusqlite::Result<()> {
        let mut binder = Binder { insert: self, at: 0 };
        lines.iter().try_for_each(|line| binder.line(line))?;
        self.statement.raw_execute().map(drop)
    }
}

/// Writes them all. Their numbers follow each other.
pub fn write(connection: &Connection, lines: &[Line<'_>]) -> Result<(), StoreError> {
    let ([first, ..], [.., last]) = (lines, lines) else { return Ok(()) };
    let written = write_all(connection, lines, first.names.row);
    let numbering = written.map_err(|error| match error.sqlite_error_code() {
        // Of a number.
        Some(ErrorCode::ConstraintViolation) => clash(Instruction::TABLE),
        _ => fault(Instruction::TABLE.name, error),
    })?;
    if numbering == Numbering::Appended && connection.last_insert_rowid() != last.names.row {
        return Err(clash(Instruction::TABLE));
    }
    Ok(())
}

fn write_all(
    connection: &Connection,
    lines: &[Line<'_>],
    first: i64,
) -> rusqlite::Result<Numbering> {
    let greatest: i64 = connection.prepare_cached(LAST)?.query_row([], |row| row.get(0))?;
    let follows = greatest.checked_add(1) == Some(first);
    let numbering = if follows { Numbering::Appended } else { Numbering::Bound };
    let (several, rest) = lines.as_chunks::<SEVERAL>();
    if !several.is_empty() {
        let mut insert = Insert::prepare(connection, numbering, SEVERAL)?;
        several.iter().try_for_each(|lines| insert.write(lines))?;
    }
    if !rest.is_empty() {
        let mut insert = Insert::prepare(connection, numbering, 1)?;
        rest.iter().try_for_each(|line| insert.write(std::slice::from_ref(line)))?;
    }
    Ok(numbering)
}
