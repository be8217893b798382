use super::*;
use crate::query::{Answer, AnyRow};
use crate::schema::{ColumnKind, TABLES, TableSpec, Value};
use crate::suite::Memory;
use crate::suite::dump;
use crate::suite::harness::{Harness, START, hold, program};
use crate::suite::steps::{Leg, Reserve};
use crate::suite::tests::at_once;
use domain::event::EventKind;
use domain::hold::{Completion, LIFE_DEFAULT};
use domain::rate::{Rate, Rounding};
use std::borrow::Cow;

/// Tables as they were, to be spoilt.
#[derive(Clone, Default)]
struct Spoilt(BTreeMap<&'static str, Vec<AnyRow>>);

impl Snapshot for Spoilt {
    fn scan(
        &mut self,
        table: &'static TableSpec,
        after: Option<Vec<Value<'static>>>,
        limit: u32,
    ) -> Answer<'_, Vec<AnyRow>> {
        let mut rows = self.0[table.name].clone();
        rows.sort_by(|one, next| one[..table.key].cmp(&next[..table.key]));
        rows.retain(|row| after.as_ref().is_none_or(|after| row[..table.key] > after[..]));
        rows.truncate(usize::try_from(limit).unwrap());
        Box::pin(core::future::ready(Ok(rows)))
    }

    fn find(
        &mut self,
        _: &'static TableSpec,
        _: Vec<Value<'static>>,
    ) -> Answer<'_, Option<AnyRow>> {
        unreachable!("the auditor scans")
    }

    fn count(&mut self, _: &'static TableSpec) -> Answer<'_, u64> {
        unreachable!("the auditor scans")
    }
}

/// Books with every kind of transfer, each instruction with a reference.
async fn books() -> Spoilt {
    let mut h = Harness::open(Box::new(Memory::default())).await;
    let p = program(1);
    let book = h.book(p, 1_000).await;
    let wish = |number, debit| Reserve {
        id: hold(number),
        debit,
        credit: book.settlement,
        minor: 50,
        expires_at: START.plus(LIFE_DEFAULT),
    };
    let (_, conversion) = Rate::parse("1.005")
        .unwrap()
        .convert(domain::money::Money::new(7, book.asset), book.asset, Rounding::Up)
        .unwrap();
    let leg = |conversion| Leg { debit: book.reserve, credit: book.alice, minor: 60, conversion };
    let one = wish(1, book.alice);
    let works = [
        h.work(p).legs(&[leg(None), leg(Some(conversion))]).post(book.reserve, book.bob, 90),
        h.work(p).hold(one).hold(wish(2, book.bob)).hold(wish(3, book.reserve)),
        h.work(p).capture(&one, 20, Completion::Partial),
        h.work(p).capture(&one, 20, Completion::Final).void(&wish(2, book.bob)),
    ];
    for (number, work) in works.into_iter().enumerate() {
        h.done(work.once(&format!("reference {number}"), 1)).await;
    }
    let late = domain::stamp::Stamp::new(START.plus(LIFE_DEFAULT), 9);
    h.done(crate::suite::work::Work::new(p, late).expire(&wish(3, book.reserve))).await;
    h.audit().await;
    let (mut snapshot, mut tables) = (h.snapshot().await, Spoilt::default());
    for table in TABLES {
        let rows = dump::rows(snapshot.as_mut(), table).await.unwrap();
        tables.0.insert(table.name, rows);
    }
    tables
}

/// Whether the auditor minds; a row that can't be read is minded as well.
fn minded(mut tables: Spoilt) -> bool {
    at_once(faults(&mut tables)).map_or(true, |faults| !faults.is_empty())
}

fn other(kind: ColumnKind, name: &str, value: &Value<'static>) -> Value<'static> {
    let bytes = |bytes: Vec<u8>| Value::Bytes(Cow::Owned(bytes));
    match (kind, value) {
        (ColumnKind::Id, Value::Null) => bytes(vec![1; 16]),
        (_, Value::Null) => Value::Int(1),
        (_, Value::Int(value)) => Value::Int(value + 1),
        (_, Value::Text(_)) if name.ends_with("asset") => Value::Text(Cow::Borrowed("EUR")),
        (_, Value::Text(text)) => Value::Text(Cow::Owned(format!("{text}1"))),
        (_, Value::Bytes(old)) => {
            let mut new = old.to_vec();
            match new.last_mut() {
                Some(last) => *last ^= 1,
                None => new.push(0),
            }
            bytes(new)
        }
    }
}

/// What can't be recomputed: it is in no hash and follows from nothing.
const UNCOVERED: &[(&str, &[&str])] = &[
    ("account", &["kind", "owner_kind", "owner", "floor_minor", "opened_at"]),
    ("hold", &["expires_at"]),
    ("event", &["id"]),
];

/// What an event says of an opened account follows from no other row; its place does.
fn free(table: &TableSpec, row: &AnyRow, column: &str) -> bool {
    let opened = Value::Int(i64::from(EventKind::AccountOpened.code()));
    table.name == "event" && row[4] == opened && ["kind", "subject"].contains(&column)
}

/// The tables that the auditor looks at.
const AUDITED: [&str; 8] =
    ["account", "hold", "counter", "reference", "instruction", "transfer", "entry", "event"];

#[test]
fn every_changed_column_is_found() {
    let books = at_once(books());
    assert!(!minded(books.clone()));
    for table in TABLES.iter().filter(|table| AUDITED.contains(&table.name)) {
        let uncovered = UNCOVERED.iter().find(|(name, _)| *name == table.name);
        let uncovered = uncovered.map_or(&[][..], |(_, columns)| columns);
        assert!(!books.0[table.name].is_empty(), "{}", table.name);
        for row in 0..books.0[table.name].len() {
            for (at, column) in table.columns.iter().enumerate() {
                let mut spoilt = books.clone();
                let value = &mut spoilt.0.get_mut(table.name).unwrap()[row][at];
                *value = other(column.kind, column.name, value);
                let found = minded(spoilt);
                let expected = !uncovered.contains(&column.name)
                    && !free(table, &books.0[table.name][row], column.name);
                assert_eq!(found, expected, "{}.{} of row {row}", table.name, column.name);
            }
        }
    }
}

#[test]
fn every_deleted_row_is_found() {
    let books = at_once(books());
    for name in AUDITED {
        for row in 0..books.0[name].len() {
            let mut spoilt = books.clone();
            let gone = spoilt.0.get_mut(name).unwrap().remove(row);
            // The last of the events that only tell of opened accounts.
            let last = name == "event" && gone[1..3] == [Value::Int(1), Value::Int(4)];
            assert_eq!(minded(spoilt), !last, "{name} {gone:?}");
        }
    }
}

/// The last entry of an account goes together with what its row says of it.
#[test]
fn truncated_account_is_found() {
    let books = at_once(books());
    let last = books.0["entry"].last().unwrap().clone();
    let mut spoilt = books.clone();
    let entries = spoilt.0.get_mut("entry").unwrap();
    entries.pop();
    let before = entries.last().unwrap().clone();
    let accounts = spoilt.0.get_mut("account").unwrap();
    let account = accounts.iter_mut().find(|row| row[1] == last[1]).unwrap();
    account[7] = before[2].clone();
    account[8..12].clone_from_slice(&before[9..13]);
    account[12] = before[13].clone();
    assert!(minded(spoilt));
}
