//! References: one effect for a name, and nothing burnt where nothing happened.

use super::harness::{Harness, program};
use super::schema::{P, Sampled, blobs, hash, id, texts, time};
use super::transfer::place;
use super::work::{Told, key_of};
use crate::query::{Answer, InstructionFilter, Store};
use domain::id::{InstructionId, ReferenceKey};
use domain::reference::{Reference, TEXT_LEN_MAX};
use domain::transfer::Refusal;

impl Sampled for Reference {
    fn samples() -> Vec<Self> {
        let blobs = blobs();
        let sample = |(index, text): (usize, String)| Self {
            key: ReferenceKey::from_bytes(id(0x15, index)),
            program: P,
            place: place(index),
            scope: text.chars().rev().collect(),
            text,
            fingerprint: hash(index),
            instruction: index
                .is_multiple_of(2)
                .then(|| InstructionId::from_bytes(id(0x16, index))),
            answer: blobs[index % blobs.len()].clone(),
            at: time(index),
        };
        texts(TEXT_LEN_MAX).into_iter().enumerate().map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.reference(row.program, row.key)
    }
}

fn poor() -> Told {
    Told::Refused(Refusal::InsufficientFunds.into())
}

pub(super) async fn twice_in_one_batch_and_again_later(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let batch = vec![
        h.work(P).post(book.reserve, book.alice, 10).once("x", 1),
        h.work(P).post(book.reserve, book.alice, 10).once("x", 1),
        h.work(P).post(book.reserve, book.alice, 10).once("y", 1),
    ];
    assert_eq!(h.commit(batch).await, [Told::Done, Told::Again, Told::Done]);
    let first = h.store().reference(P, key_of("x")).await.expect("a read");
    let again = h.work(P).post(book.reserve, book.alice, 10).once("x", 1);
    assert_eq!(h.one(again).await, Told::Again);
    h.reopen().await;
    let again = h.work(P).post(book.reserve, book.alice, 10).once("x", 1);
    assert_eq!(h.one(again).await, Told::Again);
    assert_eq!(h.available(P, book.alice).await, 20);
    let kept = h.store().reference(P, key_of("x")).await.expect("a read");
    assert_eq!(kept, first);
    let named = first.expect("it was written").instruction;
    let named = named.expect("the call became an instruction");
    let asked = h.store().instruction(P, named).await.expect("a read");
    let asked = asked.expect("it was written beside its reference");
    assert_eq!(asked.reference, Some(key_of("x")));
}

pub(super) async fn other_content_is_refused(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let batch = vec![
        h.work(P).post(book.reserve, book.alice, 10).once("x", 1),
        h.work(P).post(book.reserve, book.alice, 11).once("x", 2),
    ];
    let told = h.commit(batch).await;
    assert_eq!(told, [Told::Done, Told::OtherContent]);
    let later = h.work(P).post(book.reserve, book.alice, 11).once("x", 2);
    assert_eq!(h.one(later).await, Told::OtherContent);
    assert_eq!(h.available(P, book.alice).await, 10);
}

pub(super) async fn refusal_does_not_burn_it(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let batch = vec![
        h.work(P).post(book.bob, book.alice, 10).once("x", 1),
        h.work(P).post(book.reserve, book.bob, 10),
        // Other content would do as well: the name was never taken.
        h.work(P).post(book.bob, book.alice, 10).once("x", 2),
        h.work(P).post(book.bob, book.alice, 10).once("z", 1),
    ];
    let told = h.commit(batch).await;
    assert_eq!(told, [poor(), Told::Done, Told::Done, poor()]);
    assert_eq!(h.store().reference(P, key_of("z")).await.expect("a read"), None);
    let fund = h.work(P).post(book.reserve, book.bob, 10);
    h.done(fund).await;
    let later = h.work(P).post(book.bob, book.alice, 10).once("z", 1);
    h.done(later).await;
    assert_eq!(h.available(P, book.alice).await, 20);
}

pub(super) async fn decline_is_kept(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let declined = h.work(P).declined(book.bob, 10).once("x", 1);
    h.done(declined).await;
    let fund = h.work(P).post(book.reserve, book.bob, 10);
    h.done(fund).await;
    // By now it could be done, but the first answer stands.
    let again = h.work(P).post(book.bob, book.alice, 10).once("x", 1);
    assert_eq!(h.one(again).await, Told::Again);
    assert_eq!(h.available(P, book.alice).await, 0);
}

pub(super) async fn failed_commit_does_not_burn_it(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    h.fail_next_commit();
    let first = h.work(P).post(book.reserve, book.alice, 10).once("x", 1);
    let (result, _) = h.try_commit(vec![first]).await;
    assert!(result.is_err(), "a planted failure is an error");
    let row = h.store().reference(P, key_of("x")).await.expect("a read");
    assert_eq!(row, None);
    let second = h.work(P).post(book.reserve, book.alice, 10).once("x", 1);
    h.done(second).await;
    let third = h.work(P).post(book.reserve, book.alice, 10).once("x", 1);
    assert_eq!(h.one(third).await, Told::Again);
    assert_eq!(h.available(P, book.alice).await, 10);
}

pub(super) async fn texts_differ_by_every_byte(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let mut texts = texts(TEXT_LEN_MAX);
    texts.push("x".repeat(TEXT_LEN_MAX - 1) + "X");
    let key = |at: usize| ReferenceKey::from_bytes(id(0x17, at));
    let batch = texts.iter().enumerate().map(|(at, text)| {
        let work = h.work(P).post(book.reserve, book.alice, 1);
        work.once_as(key(at), text, 1)
    });
    let batch: Vec<_> = batch.collect();
    let told = h.commit(batch).await;
    assert!(told.iter().all(|told| *told == Told::Done), "{told:?}");
    h.reopen().await;
    for (at, text) in texts.iter().enumerate() {
        let row = h.store().reference(P, key(at)).await.expect("a read");
        assert_eq!(row.map(|row| row.text).as_ref(), Some(text));
        let filter = InstructionFilter {
            reference: Some(key(at)),
            limit: 10,
            ..InstructionFilter::default()
        };
        let named = h.store().instructions(P, filter).await.expect("a read");
        assert_eq!(named.len(), 1, "{text:?}");
    }
}

pub(super) async fn same_key_in_two_programmes(h: &mut Harness) {
    let other = program(2);
    let ours = h.book(P, 1_000).await;
    let theirs = h.book(other, 1_000).await;
    let batch = vec![
        h.work(P).post(ours.reserve, ours.alice, 10).once("x", 1),
        h.work(other).post(theirs.reserve, theirs.alice, 20).once("x", 2),
    ];
    assert_eq!(h.commit(batch).await, [Told::Done; 2]);
    for (of, content) in [(P, 1), (other, 2)] {
        let row = h.store().reference(of, key_of("x")).await.expect("a read");
        assert_eq!(row.map(|row| row.fingerprint), Some([content; 32]));
    }
    let nowhere = h.store().reference(program(3), key_of("x")).await;
    assert_eq!(nowhere.expect("a read"), None);
}
