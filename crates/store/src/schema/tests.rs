use super::*;
use crate::account::ACCOUNT;
use crate::rows::Noun;
use crate::suite::dump::values;
use domain::account::{Account, AccountKey, AccountKind};
use domain::asset::Asset;
use std::collections::BTreeSet;

fn account() -> Vec<Value<'static>> {
    let usd = Asset::find("USD").unwrap();
    let key = AccountKey::own(ProgramId::from_bytes([1; 16]), AccountKind::Reserve, usd);
    values(&Account::open(key, Some(0), Time::ZERO))
}

fn read(values: &[Value<'_>]) -> Result<Account, BadColumn> {
    Account::read(&mut RowReader::new(&ACCOUNT, values))
}

/// Whatever a row holds that its column can't hold is told by the column's name.
#[test]
fn bad_columns_are_named() {
    assert!(read(&account()).is_ok());
    for (at, column) in ACCOUNT.columns.iter().enumerate() {
        let wrong = match column.kind {
            ColumnKind::Int => vec![Value::Text(Cow::Borrowed("1")), Value::Bytes(Cow::default())],
            ColumnKind::Small => vec![Value::Int(0), Value::Int(-1), Value::Int(256), Value::Null],
            ColumnKind::Text => vec![Value::Text(Cow::Borrowed("usd")), Value::Int(1), Value::Null],
            _ => vec![Value::Bytes(Cow::Owned(vec![1; 15])), Value::Int(1), Value::Null],
        };
        for value in wrong {
            let mut row = account();
            row[at] = value.clone();
            assert_eq!(read(&row), Err(BadColumn(column.name)), "{value:?}");
        }
        let short = &account()[..at];
        assert_eq!(read(short), Err(BadColumn(column.name)));
    }
}

#[test]
fn counts_are_not_negative() {
    let mut row = account();
    row[7] = Value::Int(-1);
    assert_eq!(read(&row), Err(BadColumn("version")));
}

/// Names of tables and of columns are words for SQL, and no two are the same.
#[test]
fn names_are_plain() {
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let tables: BTreeSet<_> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!(tables.len(), TABLES.len());
    for table in TABLES {
        let names: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        assert!(names.iter().chain([&table.name]).all(|name| plain(name)), "{}", table.name);
        assert!((1..=3).contains(&table.key), "{}", table.name);
        let fixed = |column: &Column| {
            !column.nullable && matches!(column.kind, ColumnKind::Id | ColumnKind::Int)
        };
        assert!(table.key_columns().iter().all(fixed), "the key of {}", table.name);
    }
}
