//! A schema that a newer program changes while this one runs.

use super::{PROGRAM, book, commit, open, wait, work};
use pgfixture::shared;
use store::{Store, StoreError};

#[test]
fn a_column_that_a_newer_program_adds_is_left_empty() {
    let name = shared().create_database();
    wait(async {
        let store = open(&shared().url(&name)).await.unwrap();
        let mut writer = store.writer().await.unwrap();
        let book = book(writer.as_mut(), PROGRAM).await;
        for table in ["account", "event", "transfer"] {
            shared().sql(&name, &format!("alter table {table} add column later text"));
        }
        // What is prepared is for the rows as they were. A failed commit costs the writer.
        let unit = || work(10).post(book.reserve, book.alice, 10);
        let failed = commit(writer.as_mut(), vec![unit()]).await;
        assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
        let mut writer = store.writer().await.unwrap();
        commit(writer.as_mut(), vec![unit()]).await.unwrap();
        let alice = store.account(PROGRAM, book.alice).await.unwrap().unwrap();
        assert_eq!(alice.available().minor, 10);
        let later = "select count(*) from transfer where later is not null";
        assert_eq!(shared().sql(&name, later), "0");
    });
}

#[test]
fn columns_that_are_not_known_are_never_written_to() {
    let name = shared().create_database();
    wait(async {
        let store = open(&shared().url(&name)).await.unwrap();
        let mut writer = store.writer().await.unwrap();
        let book = book(writer.as_mut(), PROGRAM).await;
        shared().sql(&name, "alter table transfer rename column debit to payer");
        for _ in 0..2 {
            let mut writer = store.writer().await.unwrap();
            let unit = work(10).post(book.reserve, book.alice, 10);
            let failed = commit(writer.as_mut(), vec![unit]).await;
            assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
        }
        let alice = store.account(PROGRAM, book.alice).await.unwrap().unwrap();
        assert_eq!(alice.available().minor, 0);
    });
}
