//! Transfers and their entries: pairs, linked groups, conversions, versions without gaps.

use super::account::sums;
use super::harness::{Book, Harness, hold, program};
use super::schema::{P, Sampled, count, hash, id, int, time};
use super::steps::{Leg, Reserve};
use super::work::Told;
use crate::query::{Answer, Store};
use domain::account::{AccountKey, AccountKind, Side};
use domain::asset::Asset;
use domain::chain::Hash;
use domain::hold::{Completion, LIFE_DEFAULT};
use domain::id::{AccountId, HoldId, InstructionId, TransferId};
use domain::money::Money;
use domain::rate::{Conversion, Rate, Rounding};
use domain::transfer::{Cause, Entry, Place, Refusal, Transfer, TransferKind};

/// Places that no unit of a case reaches, up to the last one.
pub(super) fn place(index: usize) -> Place {
    let offset = u64::try_from(index).expect("samples are few");
    Place {
        seq: i64::MAX.unsigned_abs() - offset / 2,
        ordinal: if index.is_multiple_of(2) { u32::MAX } else { 0 },
    }
}

fn conversion(index: usize) -> Option<Conversion> {
    let roundings = [Rounding::Up, Rounding::Down, Rounding::HalfEven];
    let products = [i128::MAX, i128::MIN, 0, -1, 170_141_183_460_469_231_731];
    (!index.is_multiple_of(6)).then(|| Conversion {
        rate: Rate::new(int(index).checked_abs().unwrap_or(i64::MAX).max(1), 12).expect("a rate"),
        rounding: roundings[index % roundings.len()],
        product_numerator: products[index % products.len()],
        product_scale: [0, 1, 20, 255][index % 4],
    })
}

impl Sampled for Transfer {
    fn samples() -> Vec<Self> {
        let assets: Vec<Asset> = Asset::all().collect();
        let sample = |index: usize| Self {
            id: TransferId::from_bytes(id(0x0a, index)),
            program: P,
            place: place(index),
            kind: TransferKind::ALL[index % TransferKind::ALL.len()],
            debit: AccountId::from_bytes(id(0x0b, index)),
            credit: AccountId::from_bytes(id(0x0c, index)),
            amount: Money::new(int(index), assets[index]),
            held: int(index + 5),
            hold: index.is_multiple_of(2).then(|| HoldId::from_bytes(id(0x0d, index))),
            expires_at: index.is_multiple_of(4).then(|| time(index)),
            link: index.is_multiple_of(3).then(|| TransferId::from_bytes(id(0x0e, index))),
            cause: if index.is_multiple_of(5) {
                Cause::Expiry
            } else {
                Cause::Instruction(InstructionId::from_bytes(id(0x0f, index)))
            },
            conversion: conversion(index),
            debit_version: count(index),
            credit_version: count(index + 1),
            at: time(index + 2),
        };
        (0..30).map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        Box::pin(async move {
            let unit = store.transfers(row.program, row.place.seq).await?;
            Ok(unit.into_iter().find(|found| found.place == row.place))
        })
    }
}

impl Sampled for Entry {
    fn samples() -> Vec<Self> {
        let sample = |index: usize| Self {
            program: P,
            account: AccountId::from_bytes(id(0x10, index)),
            version: count(index),
            transfer: TransferId::from_bytes(id(0x11, index)),
            place: place(index),
            side: Side::ALL[index % Side::ALL.len()],
            posted: int(index + 2),
            held: int(index + 9),
            after: sums(index + 1),
            hash: Hash::from_bytes(hash(index)),
        };
        (0..20).map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        Box::pin(async move {
            let entries = store.entries(row.program, row.account, None, 10).await?;
            Ok(entries.into_iter().find(|found| found.version == row.version))
        })
    }
}

pub(super) async fn transfer_has_its_two_entries(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let work = h.work(P).post(book.reserve, book.alice, 10);
    h.done(work).await;
    let counter = h.store().counter(P).await.expect("a read");
    let seq = counter.expect("units were applied").seq;
    let unit = h.store().transfers(P, seq).await.expect("a read");
    let [transfer] = unit[..] else {
        panic!("one transfer and not {}", unit.len());
    };
    for (account, side, version) in [
        (book.reserve, Side::Debit, transfer.debit_version),
        (book.alice, Side::Credit, transfer.credit_version),
    ] {
        let entries = h.store().entries(P, account, None, 1).await;
        let entry = entries.expect("a read")[0];
        assert_eq!((entry.transfer, entry.version), (transfer.id, version));
        assert_eq!((entry.side, entry.posted, entry.held), (side, 10, 0));
        let row = h.store().account(P, account).await.expect("a read");
        let row = row.expect("it was opened");
        assert_eq!((row.sums, row.head), (entry.after, entry.hash));
    }
}

fn leg(debit: AccountId, credit: AccountId, minor: i64) -> Leg {
    Leg { debit, credit, minor, conversion: None }
}

pub(super) async fn linked_legs_stand_or_fall_together(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let fee = leg(book.alice, book.settlement, 3);
    let batch = vec![
        h.work(P).legs(&[leg(book.reserve, book.alice, 100), fee]),
        // The last leg of three is the one that cannot be.
        h.work(P).legs(&[
            leg(book.reserve, book.alice, 100),
            fee,
            leg(book.bob, book.settlement, 1),
        ]),
        h.work(P).legs(&[leg(book.alice, book.bob, 97), leg(book.bob, book.reserve, 97)]),
    ];
    let poor = Told::Refused(Refusal::InsufficientFunds.into());
    assert_eq!(h.commit(batch).await, [Told::Done, poor, Told::Done]);
    let counter = h.store().counter(P).await.expect("a read");
    let seq = counter.expect("units were applied").seq;
    for unit in [seq - 1, seq] {
        let legs = h.store().transfers(P, unit).await.expect("a read");
        let links: Vec<_> = legs.iter().map(|leg| leg.link).collect();
        assert_eq!(links, [None, Some(legs[0].id)]);
        assert!(legs[0].place < legs[1].place);
    }
    assert_eq!(h.available(P, book.settlement).await, 3);
}

/// 10.00 USD at 151.237 leave as 1512 JPY, through the two Exchange accounts.
pub(super) async fn conversion_is_kept(h: &mut Harness) {
    let usd = h.book(P, 1_000).await;
    let yen = Book::of(P, "JPY");
    let exchange = |asset| AccountKey::own(P, AccountKind::Exchange, asset);
    let open = h
        .work(P)
        .open(yen.keys()[3], Some(0))
        .open(exchange(usd.asset), None)
        .open(exchange(yen.asset), None);
    h.done(open).await;
    let rate = Rate::parse("151.237").expect("a rate");
    let from = Money::new(1_000, usd.asset);
    let (to, conversion) = rate.convert(from, yen.asset, Rounding::HalfEven).expect("it fits");
    assert_eq!(to.minor, 1_512);
    let sold = leg(usd.reserve, exchange(usd.asset).id(), from.minor);
    let bought =
        Leg { conversion: Some(conversion), ..leg(exchange(yen.asset).id(), yen.alice, to.minor) };
    let work = h.work(P).legs(&[sold, bought]);
    h.done(work).await;
    let counter = h.store().counter(P).await.expect("a read");
    let seq = counter.expect("units were applied").seq;
    let legs = h.store().transfers(P, seq).await.expect("a read");
    assert_eq!(legs[1].conversion, Some(conversion));
    assert_eq!(legs[0].conversion, None);
    assert_eq!(h.available(P, yen.alice).await, 1_512);
}

/// All five kinds on one pair of accounts: versions without gaps, over batches and reopening.
pub(super) async fn entries_follow_each_other(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    for round in 1..=3u8 {
        let wish = |number: u8, minor| Reserve {
            id: hold(10 * round + number),
            debit: book.reserve,
            credit: book.settlement,
            minor,
            expires_at: super::harness::START.plus(LIFE_DEFAULT),
        };
        let batch = vec![
            h.work(P).post(book.reserve, book.settlement, 1),
            h.work(P).hold(wish(1, 20)).hold(wish(2, 30)),
            h.work(P).capture(&wish(1, 20), 5, Completion::Partial),
            h.work(P).capture(&wish(1, 20), 6, Completion::Final),
            h.work(P).void(&wish(2, 30)),
        ];
        assert_eq!(h.commit(batch).await, [Told::Done; 5]);
        h.reopen().await;
    }
    let entries = h.store().entries(P, book.settlement, None, 100).await;
    let versions: Vec<u64> = entries.expect("a read").iter().map(|row| row.version).collect();
    assert_eq!(versions, (1..=18).rev().collect::<Vec<u64>>());
    assert_eq!(h.available(P, book.reserve).await, 1_000 - 3 * 12);
    let none = h.store().entries(program(2), book.settlement, None, 100).await;
    assert_eq!(none.expect("a read"), []);
}
