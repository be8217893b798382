use super::*;
use crate::account::ACCOUNT;
use crate::error::{Constraint, Failed, StoreError};
use crate::query::Store;
use crate::suite::Memory;
use crate::suite::harness::{Book, Harness, program};
use crate::suite::tests::at_once;
use crate::suite::work::Told;
use domain::id::ProgramId;

const P: ProgramId = program(1);
const Q: ProgramId = program(2);

async fn open() -> (Model, Harness, Book) {
    let model = Model::new();
    let mut harness = Harness::open(Box::new(Memory(model.clone()))).await;
    let book = harness.book(P, 1_000).await;
    (model, harness, book)
}

#[test]
fn each_fault_says_what_it_is() {
    at_once(async {
        let (model, mut h, book) = open().await;
        let natural = Constraint::Natural(&ACCOUNT);
        for (fault, failed, written) in [
            (Fault::Unavailable, Failed::Unavailable, 0),
            (Fault::Contention, Failed::Busy, 0),
            (Fault::Conflict(natural), Failed::Internal, 0),
            (Fault::Corrupt, Failed::Internal, 0),
            (Fault::UnknownLost, Failed::Unknown, 0),
            (Fault::UnknownWritten, Failed::Unknown, 1),
        ] {
            let before = h.available(P, book.alice).await;
            model.faults().next(fault);
            let work = h.work(P).post(book.reserve, book.alice, 1);
            let (result, told) = h.try_commit(vec![work]).await;
            assert!(result.is_err(), "{fault:?}");
            assert_eq!(told, [Told::Failed(failed)], "{fault:?}");
            assert_eq!(h.available(P, book.alice).await, before + written, "{fault:?}");
            let work = h.work(P).post(book.reserve, book.alice, 1);
            h.done(work).await;
        }
        assert_eq!(model.faults().met(), 6);
        h.audit().await;
    });
}

#[test]
fn faults_are_met_in_order() {
    at_once(async {
        let (model, mut h, book) = open().await;
        model.faults().repeat(Fault::Contention, 3);
        model.faults().next(Fault::Unavailable);
        for contended in [true, true, true, false] {
            let work = h.work(P).post(book.reserve, book.alice, 1);
            let (result, _) = h.try_commit(vec![work]).await;
            let error = result.unwrap_err();
            assert_eq!(matches!(error, StoreError::Contention), contended, "{error:?}");
        }
        let work = h.work(P).post(book.reserve, book.alice, 1);
        h.done(work).await;
    });
}

#[test]
fn poison_spoils_only_the_batches_that_hold_it() {
    at_once(async {
        let (model, mut h, book) = open().await;
        model.faults().poison(Q, Fault::Corrupt);
        for _ in 0..2 {
            let good = h.work(P).post(book.reserve, book.alice, 1);
            let bad = h.work(Q).event();
            let (result, told) = h.try_commit(vec![good, bad]).await;
            assert!(matches!(result, Err(StoreError::Corrupt { .. })), "{result:?}");
            assert_eq!(told, [Told::Failed(Failed::Internal); 2]);
            let alone = h.work(P).post(book.reserve, book.alice, 1);
            h.done(alone).await;
        }
        model.faults().heal();
        let work = h.work(Q).event();
        h.done(work).await;
        assert_eq!(h.available(P, book.alice).await, 2);
    });
}

#[test]
fn clones_share_one_content() {
    at_once(async {
        let (model, mut h, book) = open().await;
        let work = h.work(P).post(book.reserve, book.alice, 5);
        h.done(work).await;
        let row = model.clone().account(P, book.alice).await.unwrap();
        assert_eq!(row.map(|row| row.available().minor), Some(5));
        assert_eq!(Model::new().account(P, book.alice).await.unwrap(), None);
    });
}
