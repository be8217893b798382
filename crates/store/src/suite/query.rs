//! Questions by noun: what was acknowledged is seen at once, lists are in pages by key.

use super::harness::{Book, Harness, START, cardholder, program};
use super::schema::{P, Sampled, id};
use super::work::Told;
use crate::query::{DeliveryFilter, InstructionFilter, Store};
use domain::account::{Account, AccountKey, AccountKind, Owner};
use domain::cardholder::Cardholder;
use domain::credential::Credential;
use domain::id::{
    AccountId, CardholderId, CredentialId, DeliveryId, DirectoryKey, EndpointId, HoldId,
    InstructionId, ProgramId, RateId, ReferenceKey,
};
use domain::program::Program;
use domain::rate::ProgramRate;
use domain::time::Time;
use domain::transfer::Place;

pub(super) async fn nothing_is_there_at_first(h: &mut Harness) {
    let store = h.store();
    let id = [7; 16];
    let usd = Book::of(P, "USD").asset;
    assert!(store.workers() >= 1);
    assert_eq!(store.program(P).await.expect("a read"), None);
    assert_eq!(store.programs(None, 10).await.expect("a read"), []);
    assert_eq!(store.directory(DirectoryKey::from_bytes(id)).await.expect("a read"), None);
    assert_eq!(store.settings(P).await.expect("a read"), None);
    assert_eq!(store.counter(P).await.expect("a read"), None);
    assert_eq!(store.keys(P).await.expect("a read"), []);
    assert_eq!(store.credential(P, CredentialId::from_bytes(id)).await.expect("a read"), None);
    assert_eq!(store.credentials(P, None, 10).await.expect("a read"), []);
    assert_eq!(store.rate(P, RateId::of(usd, usd)).await.expect("a read"), None);
    assert_eq!(store.rates(P).await.expect("a read"), []);
    assert_eq!(store.cardholder(P, cardholder(1)).await.expect("a read"), None);
    assert_eq!(store.cardholders(P, None, 10).await.expect("a read"), []);
    assert_eq!(store.account(P, AccountId::from_bytes(id)).await.expect("a read"), None);
    assert_eq!(store.accounts(P, None, None, 10).await.expect("a read"), []);
    assert_eq!(store.hold(P, HoldId::from_bytes(id)).await.expect("a read"), None);
    assert_eq!(store.due_holds(Time::MAX, 10).await.expect("a read"), []);
    assert_eq!(store.endpoint(P, EndpointId::from_bytes(id)).await.expect("a read"), None);
    assert_eq!(store.endpoints(P).await.expect("a read"), []);
    assert_eq!(store.endpoints_at_work(Time::MAX, None, 10).await.expect("a read"), []);
    assert_eq!(store.delivery(P, DeliveryId::from_bytes(id)).await.expect("a read"), None);
    let due = store.due_deliveries(P, EndpointId::from_bytes(id), Time::MAX, 10).await;
    assert_eq!(due.expect("a read"), []);
    let filter = DeliveryFilter { limit: 10, ..DeliveryFilter::default() };
    assert_eq!(store.deliveries(P, filter).await.expect("a read"), []);
    assert_eq!(store.reference(P, ReferenceKey::from_bytes(id)).await.expect("a read"), None);
    let asked = store.instruction(P, InstructionId::from_bytes(id)).await;
    assert_eq!(asked.expect("a read"), None);
    let filter = InstructionFilter { limit: 10, ..InstructionFilter::default() };
    assert_eq!(store.instructions(P, filter).await.expect("a read"), []);
    assert_eq!(store.transfers(P, 1).await.expect("a read"), []);
    let entries = store.entries(P, AccountId::from_bytes(id), None, 10).await;
    assert_eq!(entries.expect("a read"), []);
    assert_eq!(store.events(P, None, 10).await.expect("a read"), []);
    assert_eq!(h.dump().await, "");
}

pub(super) async fn reads_see_what_was_acknowledged(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    for round in 1..=50 {
        let work = h.work(P).post(book.reserve, book.alice, 1);
        h.done(work).await;
        assert_eq!(h.available(P, book.alice).await, round);
        let latest = h.store().entries(P, book.alice, None, 1).await;
        assert_eq!(latest.expect("a read")[0].after.posted_credits, round);
        let filter = InstructionFilter { limit: 1, ..InstructionFilter::default() };
        let newest = h.store().instructions(P, filter).await.expect("a read");
        assert_eq!(newest[0].after_minor, 1_000 - round);
    }
}

/// Reads a list to its end by pages of three, and compares it with all of it at once.
macro_rules! pages {
    ($h:ident, $rows:expr, $key:expr, |$after:ident, $limit:ident| $ask:expr) => {{
        let mut expected = $rows;
        expected.sort_by_key($key);
        let (mut seen, mut $after) = (Vec::new(), None);
        loop {
            let $limit = 3;
            let page = $ask.await.expect("a read");
            let Some(last) = page.last() else {
                break;
            };
            $after = Some($key(last));
            seen.extend(page);
        }
        assert_eq!(seen, expected);
        let ($after, $limit) = (None, u32::MAX);
        assert_eq!($ask.await.expect("a read"), expected);
        let ($after, $limit) = (None, 0);
        assert_eq!($ask.await.expect("a read"), []);
    }};
}

pub(super) async fn lists_page_by_key(h: &mut Harness) {
    h.rows_only();
    let mut batch = Vec::new();
    batch.extend(Program::samples().into_iter().map(|row| h.work(row.id).insert(row)));
    batch.extend(Credential::samples().into_iter().map(|row| h.work(P).insert(row)));
    batch.extend(Cardholder::samples().into_iter().map(|row| h.work(P).insert(row)));
    batch.extend(Account::samples().into_iter().map(|row| h.work(P).insert(row)));
    batch.extend(ProgramRate::samples().into_iter().map(|row| h.work(P).insert(row)));
    assert!(h.commit(batch).await.iter().all(|told| *told == Told::Done));
    let store = h.store();
    pages!(h, Program::samples(), |row: &Program| row.id, |after, limit| {
        store.programs(after, limit)
    });
    pages!(h, Credential::samples(), |row: &Credential| row.id, |after, limit| {
        store.credentials(P, after, limit)
    });
    pages!(h, Cardholder::samples(), |row: &Cardholder| row.id, |after, limit| {
        store.cardholders(P, after, limit)
    });
    pages!(h, Account::samples(), |row: &Account| row.id, |after, limit| {
        store.accounts(P, None, after, limit)
    });
    let mut rates = ProgramRate::samples();
    rates.sort_by_key(|rate| RateId::of(rate.from, rate.to));
    assert_eq!(store.rates(P).await.expect("a read"), rates);
    assert_eq!(store.rates(program(2)).await.expect("a read"), []);
    let foreign = store.cardholders(program(2), None, 100).await;
    assert_eq!(foreign.expect("a read"), []);
}

/// What was there when the first page was read is listed once, whatever comes before or after it.
pub(super) async fn lists_while_rows_arrive(h: &mut Harness) {
    let row = |first: u8, number: u8| Cardholder {
        id: CardholderId::from_bytes([first; 16]),
        program: P,
        number: number.to_string(),
        ..Cardholder::samples().remove(0)
    };
    let old: Vec<Cardholder> = (0..10).map(|n| row(20 * n + 5, n)).collect();
    let batch = old.iter().map(|row| h.work(P).insert(row.clone())).collect();
    h.commit(batch).await;
    let (mut seen, mut after) = (Vec::new(), None);
    for round in 0..20u8 {
        let page = h.store().cardholders(P, after, 2).await.expect("a read");
        after = page.last().map(|row| row.id).or(after);
        seen.extend(page);
        if round < 8 {
            let low = h.work(P).insert(row(round, 100 + round));
            let high = h.work(P).insert(row(250 - round, 120 + round));
            h.commit(vec![low, high]).await;
        }
    }
    assert!(seen.is_sorted_by(|one, next| one.id < next.id));
    for row in &old {
        assert_eq!(seen.iter().filter(|found| *found == row).count(), 1);
    }
}

pub(super) async fn entries_page_newest_first(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    for _ in 0..10 {
        let work = h.work(P).post(book.reserve, book.alice, 1);
        h.done(work).await;
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = h.store().entries(P, book.alice, before, 3).await.expect("a read");
        let Some(last) = page.last() else {
            break;
        };
        before = Some(last.version);
        seen.extend(page.iter().map(|entry| entry.version));
        let arriving = h.work(P).post(book.reserve, book.alice, 1);
        h.done(arriving).await;
    }
    assert_eq!(seen, (1..=10).rev().collect::<Vec<u64>>());
}

pub(super) async fn accounts_of_an_owner(h: &mut Harness) {
    h.book(P, 0).await;
    h.book(program(2), 0).await;
    let yen = Book::of(P, "JPY");
    let open = h.work(P).open(yen.keys()[3], Some(0)).open(yen.keys()[1], Some(0));
    h.done(open).await;
    // A card with the same bytes as a cardholder's id is another owner.
    let card = domain::id::CardId::from_bytes(*cardholder(1).bytes());
    let asset = yen.asset;
    let (kind, owner) = (AccountKind::Card, Owner::Card(card));
    let own = AccountKey { program: P, kind, owner, asset };
    let open = h.work(P).open(own, Some(0));
    h.done(open).await;
    for (owner, expected) in [
        (None, 8),
        (Some(Owner::Program), 4),
        (Some(Owner::Cardholder(cardholder(1))), 2),
        (Some(Owner::Cardholder(cardholder(2))), 1),
        (Some(Owner::Cardholder(cardholder(3))), 0),
        (Some(Owner::Card(card)), 1),
    ] {
        let rows = h.store().accounts(P, owner, None, 100).await.expect("a read");
        assert_eq!(rows.len(), expected, "{owner:?}");
        assert!(rows.is_sorted_by(|one, next| one.id < next.id));
        assert!(rows.iter().all(|row| owner.is_none_or(|owner| row.owner == owner)));
        let Some(first) = rows.first() else {
            continue;
        };
        let rest = h.store().accounts(P, owner, Some(first.id), 100).await;
        assert_eq!(rest.expect("a read"), rows[1..]);
    }
}

/// A cursor comes from a caller, so it may be anything.
pub(super) async fn cursors_beyond_everything(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let store: &dyn Store = h.store();
    let seq = u64::MAX;
    let end = Place { seq, ordinal: u32::MAX };
    let start = Place { seq: 0, ordinal: 0 };
    let events = store.events(P, Some(end), 10).await;
    assert_eq!(events.expect("a read"), []);
    let events = store.events(P, Some(start), 100).await.expect("a read");
    assert_eq!(events, store.events(P, None, 100).await.expect("a read"));
    assert_eq!(store.transfers(P, seq).await.expect("a read"), []);
    let entries = store.entries(P, book.reserve, Some(seq), 10).await;
    assert_eq!(entries.expect("a read").len(), 1);
    let entries = store.entries(P, book.reserve, Some(1), 10).await;
    assert_eq!(entries.expect("a read"), []);
    for (before, count) in [(end, 1), (start, 0)] {
        let filter =
            InstructionFilter { before: Some(before), limit: 10, ..InstructionFilter::default() };
        let rows = store.instructions(P, filter).await.expect("a read");
        assert_eq!(rows.len(), count);
    }
    let last = ProgramId::from_bytes([0xff; 16]);
    assert_eq!(store.programs(Some(last), 10).await.expect("a read"), []);
    let last = Some(AccountId::from_bytes([0xff; 16]));
    let rows = store.accounts(P, None, last, 10).await;
    assert_eq!(rows.expect("a read"), []);
    let first = Some(AccountId::from_bytes(id(0, 0)));
    let rows = store.accounts(P, None, first, 10).await.expect("a read");
    assert!(rows.len() <= 5 && rows.iter().all(|row| row.opened_at > START));
}
