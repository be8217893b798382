//! A copy of every row, to be compared with another, or tampered with and verified.

use std::collections::BTreeMap;
use store::query::{Answer, AnyRow};
use store::schema::{RowReader, RowWriter, TABLES, TableSpec, Value};
use store::{Noun, Snapshot, Store};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Copied {
    tables: BTreeMap<&'static str, Vec<AnyRow>>,
}

fn read<N: Noun>(row: &AnyRow) -> N {
    N::read(&mut RowReader::new(N::TABLE, row)).expect("a row of the model is readable")
}

fn written<N: Noun>(row: &N) -> AnyRow {
    let mut out = RowWriter::default();
    row.write(&mut out);
    out.into_values().into_iter().map(Value::into_owned).collect()
}

impl Copied {
    pub(crate) async fn of(store: &dyn Store) -> Self {
        let mut snapshot = store.snapshot().await.unwrap();
        let mut tables = BTreeMap::new();
        for table in TABLES {
            let rows = snapshot.scan(table, None, u32::MAX).await.unwrap();
            tables.insert(table.name, rows);
        }
        Self { tables }
    }

    fn rows_mut<N: Noun>(&mut self) -> &mut Vec<AnyRow> {
        self.tables.get_mut(N::TABLE.name).expect("every table was copied")
    }

    /// All rows in key order.
    pub(crate) fn all<N: Noun>(&self) -> Vec<N> {
        self.tables[N::TABLE.name].iter().map(read).collect()
    }

    /// The first row that is picked.
    pub(crate) fn one<N: Noun>(&self, pick: impl Fn(&N) -> bool) -> N {
        self.all::<N>().into_iter().find(pick).expect("a row to pick")
    }

    /// Changes every row that is picked, and there must be one.
    pub(crate) fn edit<N: Noun>(&mut self, pick: impl Fn(&N) -> bool, edit: impl Fn(&mut N)) {
        let mut edited = 0;
        for row in self.rows_mut::<N>() {
            let mut noun = read::<N>(row);
            if pick(&noun) {
                edit(&mut noun);
                *row = written(&noun);
                edited += 1;
            }
        }
        assert!(edited > 0, "nothing to edit in {}", N::TABLE.name);
        self.rows_mut::<N>().sort_by(|a, b| a[..N::TABLE.key].cmp(&b[..N::TABLE.key]));
    }

    /// Deletes every row that is picked, and there must be one.
    pub(crate) fn delete<N: Noun>(&mut self, pick: impl Fn(&N) -> bool) {
        let rows = self.rows_mut::<N>();
        let before = rows.len();
        rows.retain(|row| !pick(&read::<N>(row)));
        assert!(rows.len() < before, "nothing to delete in {}", N::TABLE.name);
    }

    /// Puts nothing where a column must hold something.
    pub(crate) fn break_row<N: Noun>(&mut self, pick: impl Fn(&N) -> bool, column: &str) {
        let at = N::TABLE.columns.iter().position(|known| known.name == column).unwrap();
        let row = self.rows_mut::<N>().iter_mut().find(|row| pick(&read::<N>(row)));
        row.expect("a row to break")[at] = Value::Null;
    }

    pub(crate) fn add<N: Noun>(&mut self, noun: &N) {
        let rows = self.rows_mut::<N>();
        rows.push(written(noun));
        rows.sort_by(|a, b| a[..N::TABLE.key].cmp(&b[..N::TABLE.key]));
    }
}

impl Snapshot for Copied {
    fn scan(
        &mut self,
        table: &'static TableSpec,
        after: Option<Vec<Value<'static>>>,
        limit: u32,
    ) -> Answer<'_, Vec<AnyRow>> {
        Box::pin(async move {
            let rows = &self.tables[table.name];
            let start =
                after.map_or(0, |after| rows.partition_point(|row| row[..table.key] <= after[..]));
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            Ok(rows[start..].iter().take(limit).cloned().collect())
        })
    }

    fn find(
        &mut self,
        table: &'static TableSpec,
        key: Vec<Value<'static>>,
    ) -> Answer<'_, Option<AnyRow>> {
        Box::pin(async move {
            let rows = &self.tables[table.name];
            let at = rows.binary_search_by(|row| row[..table.key].cmp(&key[..]));
            Ok(at.ok().map(|at| rows[at].clone()))
        })
    }

    fn count(&mut self, table: &'static TableSpec) -> Answer<'_, u64> {
        Box::pin(async move { Ok(u64::try_from(self.tables[table.name].len()).unwrap()) })
    }
}
