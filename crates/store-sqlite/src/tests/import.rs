//! Imports and the one writer: whoever is first keeps the other out.

use super::{Place, note, wait, writer};
use crate::SqliteStore;
use store::schema::{TABLES, Value};
use store::suite::dump;
use store::{Import, NoImport, Store, StoreError};

fn begin(store: &SqliteStore) -> Result<Box<dyn Import>, NoImport> {
    wait(store.import())
}

fn rows(store: &SqliteStore) -> usize {
    let mut snapshot = wait(store.snapshot()).unwrap();
    wait(dump::dump(snapshot.as_mut())).unwrap().lines().count()
}

#[test]
fn one_writer_or_one_import() {
    let place = Place::new();
    let store = place.open();
    let first = writer(&store);
    let beside = begin(&store).err();
    assert!(matches!(beside, Some(NoImport::Store(StoreError::Unavailable(_)))), "{beside:?}");
    drop(first);
    let import = begin(&store).unwrap();
    assert!(matches!(wait(store.writer()).err(), Some(StoreError::Unavailable(_))));
    assert!(begin(&store).is_err());
    drop(import);
    note(&store, 1);
}

#[test]
fn what_is_only_read_is_not_filled() {
    let place = Place::new();
    drop(place.open());
    let store = SqliteStore::open_read_only(&place.database()).unwrap();
    let refused = begin(&store).err();
    assert!(matches!(refused, Some(NoImport::Store(StoreError::Unavailable(_)))), "{refused:?}");
}

/// More than the cache holds, so that it is in the log before the commit.
#[test]
fn much_that_was_not_finished_is_gone() {
    let place = Place::new();
    let store = place.open();
    let mut import = begin(&store).unwrap();
    let name = "x".repeat(4_000);
    for page in 0..20u8 {
        let row = |number: u8| {
            let id = [[page; 8], [number; 8]].concat();
            vec![Value::Bytes(id.into()), Value::Text(name.clone().into())]
        };
        wait(import.rows(TABLES[0], (0..200).map(row).collect())).unwrap();
    }
    let log = std::fs::metadata(place.beside("-wal")).unwrap().len();
    assert!(log > 4 << 20, "{log} bytes in the log");
    drop(import);
    assert_eq!(rows(&store), 0);
    // What is written next goes over it.
    note(&store, 1);
    drop(store);
    assert_eq!(rows(&place.open()), 2);
}
