//! Imports: all the rows of another store, or none.

use super::harness::{Book, Harness};
use super::schema::{P, samples};
use super::snapshot::filled;
use super::{Memory, dump};
use crate::error::StoreError;
use crate::import::{Import, NoImport};
use crate::query::{AnyRow, Store};
use crate::schema::{Column, TABLES, TableSpec, Value};

/// A store in memory with books, and one without.
async fn books() -> Harness {
    let mut other = Harness::open(Box::new(Memory::default())).await;
    filled(&mut other).await;
    other
}

async fn begin(store: &dyn Store) -> Box<dyn Import> {
    store.import().await.expect("the store is empty")
}

/// Every row of every table, in pages that are smaller than most tables.
async fn copy(from: &Harness, into: &mut dyn Import) {
    let mut snapshot = from.snapshot().await;
    for table in TABLES {
        let rows = dump::rows(snapshot.as_mut(), table).await.expect("a scan");
        for page in rows.chunks(10) {
            into.rows(table, page.to_vec()).await.expect("rows of this table");
        }
    }
}

pub(super) async fn rows_are_those_of_the_source(h: &mut Harness) {
    let other = books().await;
    let expected = other.dump().await;
    let mut import = begin(h.store()).await;
    copy(&other, import.as_mut()).await;
    import.finish().await.expect("the commit succeeds");
    assert_eq!(h.dump().await, expected);
    h.reopen().await;
    assert_eq!(h.dump().await, expected);
    // And back.
    let back = Harness::open(Box::new(Memory::default())).await;
    let mut import = begin(back.store()).await;
    copy(h, import.as_mut()).await;
    import.finish().await.expect("the commit succeeds");
    assert_eq!(back.dump().await, expected);
}

pub(super) async fn units_go_on_where_the_source_was(h: &mut Harness) {
    let mut other = books().await;
    let mut import = begin(h.store()).await;
    copy(&other, import.as_mut()).await;
    import.finish().await.expect("the commit succeeds");
    // The same reference as in the source, which is known, and a new one.
    let book = Book::of(P, "USD");
    h.continue_after(&other);
    for text in ["round 0", "round 9"] {
        let mut told = Vec::new();
        for store in [&mut *h, &mut other] {
            let work = store.work(P).post(book.reserve, book.alice, 1).once(text, 1);
            told.push((store.one(work).await, store.available(P, book.alice).await));
        }
        assert_eq!(told[0], told[1], "{text}");
    }
}

pub(super) async fn dropped_import_leaves_nothing(h: &mut Harness) {
    let other = books().await;
    let mut import = begin(h.store()).await;
    copy(&other, import.as_mut()).await;
    assert_eq!(h.dump().await, "", "it is not seen before its commit");
    drop(import);
    assert_eq!(h.dump().await, "");
    h.reopen().await;
    assert_eq!(h.dump().await, "");
    // The store is as good as new: for another import, and for units.
    drop(begin(h.store()).await);
    filled(h).await;
}

pub(super) async fn store_with_any_row_is_refused(h: &mut Harness) {
    let work = h.work(P).event();
    h.done(work).await;
    h.drop_writer();
    let before = h.dump().await;
    let refused = h.store().import().await;
    assert!(matches!(refused.err(), Some(NoImport::NotEmpty { table: "counter" })));
    assert_eq!(h.dump().await, before);
    let work = h.work(P).event();
    h.done(work).await;
}

/// Every value that a column may hold, whatever unit would write it.
pub(super) async fn samples_come_back_as_imported(h: &mut Harness) {
    h.rows_only();
    let mut import = begin(h.store()).await;
    for (table, rows) in samples() {
        import.rows(table, rows).await.expect("rows of this table");
    }
    import.rows(TABLES[0], Vec::new()).await.expect("no rows are rows too");
    import.finish().await.expect("the commit succeeds");
    let mut snapshot = h.snapshot().await;
    for (table, mut rows) in samples() {
        rows.sort_by(|a, b| a[..table.key].cmp(&b[..table.key]));
        let kept = dump::rows(snapshot.as_mut(), table).await.expect("a scan");
        assert_eq!(kept, rows, "{}", table.name);
    }
}

/// A value that no column of this kind may hold.
fn misfit(column: &Column) -> Value<'static> {
    let odd = [Value::Int(256), Value::Bytes(vec![1; 17].into()), Value::Text("x".into())];
    let odd = odd.into_iter().find(|value| !column.admits(value));
    odd.expect("no column takes all of these")
}

fn spoilt(table: &TableSpec, row: &AnyRow) -> Vec<AnyRow> {
    let mut rows = vec![row[1..].to_vec(), [&row[..], &[Value::Null]].concat()];
    for (at, column) in table.columns.iter().enumerate() {
        let mut odd = row.clone();
        odd[at] = misfit(column);
        rows.push(odd);
        if !column.nullable {
            let mut null = row.clone();
            null[at] = Value::Null;
            rows.push(null);
        }
    }
    rows
}

pub(super) async fn row_that_does_not_fit_spoils_all(h: &mut Harness) {
    for (table, rows) in samples() {
        for odd in spoilt(table, &rows[0]) {
            let mut import = begin(h.store()).await;
            import.rows(table, vec![rows[0].clone()]).await.expect("a row of this table");
            let refused = import.rows(table, vec![odd]).await;
            assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
            assert!(import.rows(table, vec![rows[1].clone()]).await.is_err(), "it goes on");
            assert!(import.finish().await.is_err(), "{} is kept in part", table.name);
        }
        let mut import = begin(h.store()).await;
        let refused = import.rows(table, vec![rows[0].clone(), rows[0].clone()]).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        assert!(import.finish().await.is_err(), "{} has a row twice", table.name);
    }
    assert_eq!(h.dump().await, "");
}
