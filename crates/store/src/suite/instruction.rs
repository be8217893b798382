//! Instructions: history by account and by programme, in pages that stand still.

use super::harness::{Book, Harness, program};
use super::schema::{P, Sampled, id, int, texts, time};
use super::transfer::place;
use super::work::{Told, Work, key_of};
use crate::query::{Answer, InstructionFilter, Store};
use domain::asset::Asset;
use domain::id::{AccountId, CardholderId, InstructionId, ProgramId, ReferenceKey};
use domain::instruction::{
    Decline, END_TO_END_ID_LEN_MAX, Instruction, InstructionKind, Outcome, REMARK_LEN_MAX,
};
use domain::money::{Amount, Money};
use domain::stamp::Stamp;
use domain::time::Time;
use domain::transfer::{Place, Refusal};

fn outcomes() -> Vec<Outcome> {
    let declines = Decline::ALL.iter().copied().map(Outcome::Declined);
    declines.chain([Outcome::Completed]).collect()
}

impl Sampled for Instruction {
    fn samples() -> Vec<Self> {
        let (assets, outcomes) = (Asset::all().collect::<Vec<_>>(), outcomes());
        let names = texts(END_TO_END_ID_LEN_MAX);
        let sample = |(index, remark): (usize, String)| {
            let minor = int(index).checked_abs().unwrap_or(i64::MAX).max(1);
            Self {
                id: InstructionId::from_bytes(id(0x1a, index)),
                program: P,
                place: place(index),
                kind: InstructionKind::ALL[index % InstructionKind::ALL.len()],
                outcome: outcomes[index % outcomes.len()],
                amount: Amount::new(Money::new(minor, assets[index])).expect("an amount"),
                account: AccountId::from_bytes(id(0x1b, index)),
                counterparty: index
                    .is_multiple_of(2)
                    .then(|| AccountId::from_bytes(id(0x1c, index))),
                cardholder: index
                    .is_multiple_of(3)
                    .then(|| CardholderId::from_bytes(id(0x1d, index))),
                before_minor: int(index + 1),
                after_minor: int(index + 2),
                reference: index
                    .is_multiple_of(4)
                    .then(|| ReferenceKey::from_bytes(id(0x1e, index))),
                undoes: index.is_multiple_of(5).then(|| InstructionId::from_bytes(id(0x1f, index))),
                remark,
                transfers: [0, 1, u16::MAX][index % 3],
                at: time(index),
                // The empty text and none are two things.
                end_to_end_id: index.is_multiple_of(2).then(|| names[index].clone()),
            }
        };
        texts(REMARK_LEN_MAX).into_iter().enumerate().map(sample).collect()
    }

    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>> {
        store.instruction(row.program, row.id)
    }
}

async fn list(h: &Harness, program: ProgramId, filter: InstructionFilter) -> Vec<Instruction> {
    let rows = h.store().instructions(program, filter).await;
    rows.expect("a read")
}

fn all() -> InstructionFilter {
    InstructionFilter { limit: 1_000, ..InstructionFilter::default() }
}

pub(super) async fn decline_and_refusal_in_one_batch(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let before = list(h, P, all()).await.len();
    let batch = vec![
        h.work(P).post(book.bob, book.alice, 10),
        h.work(P).declined(book.bob, 10),
        h.work(P).post(book.bob, book.alice, 10),
    ];
    let poor = Told::Refused(Refusal::InsufficientFunds.into());
    assert_eq!(h.commit(batch).await, [poor, Told::Done, poor]);
    let rows = list(h, P, all()).await;
    assert_eq!(rows.len(), before + 1);
    let declined = Outcome::Declined(Decline::InsufficientFunds);
    assert_eq!((rows[0].outcome, rows[0].transfers), (declined, 0));
    let moved = h.store().transfers(P, rows[0].place.seq).await;
    assert_eq!(moved.expect("a read"), []);
}

fn at(us: i64) -> Time {
    Time::from_unix_us(us)
}

/// Instructions at 10, 20, 20 and 30 microseconds.
async fn four(h: &mut Harness) -> Book {
    let book = Book::of(P, "USD");
    let work = |us: i64, seed: u64| Work::new(P, Stamp::new(at(us), seed));
    let mut open = work(1, 1);
    for key in book.keys() {
        open = open.open(key, None);
    }
    let batch = vec![
        open,
        work(10, 2).post(book.reserve, book.alice, 1).once("ten", 1),
        work(20, 3).post(book.alice, book.bob, 2),
        work(20, 4).declined(book.alice, 3),
        work(30, 5).post(book.alice, book.bob, 4).once("thirty", 1),
    ];
    assert_eq!(h.commit(batch).await, [Told::Done; 5]);
    book
}

pub(super) async fn range_includes_its_start_and_not_its_end(h: &mut Harness) {
    four(h).await;
    for (from, until, expected) in [
        (None, None, vec![4, 3, 2, 1]),
        (Some(20), None, vec![4, 3, 2]),
        (Some(21), None, vec![4]),
        (None, Some(20), vec![1]),
        (None, Some(21), vec![3, 2, 1]),
        (Some(20), Some(30), vec![3, 2]),
        (Some(20), Some(21), vec![3, 2]),
        (Some(20), Some(20), vec![]),
        (Some(30), Some(10), vec![]),
        (Some(i64::MIN), Some(i64::MAX), vec![4, 3, 2, 1]),
        (Some(i64::MAX), Some(i64::MIN), vec![]),
    ] {
        let filter = InstructionFilter { from: from.map(at), until: until.map(at), ..all() };
        let rows = list(h, P, filter).await;
        let minors: Vec<i64> = rows.iter().map(|row| row.amount.minor()).collect();
        assert_eq!(minors, expected, "{from:?} to {until:?}");
    }
}

pub(super) async fn every_condition_must_hold(h: &mut Harness) {
    let book = four(h).await;
    let rows = list(h, P, all()).await;
    let (thirty, ten) = (&rows[0], &rows[3]);
    let of = |account| InstructionFilter { account: Some(account), ..all() };
    let reference = |text| InstructionFilter { reference: Some(key_of(text)), ..all() };
    let kinds = |kinds: &[InstructionKind]| InstructionFilter { kinds: kinds.to_vec(), ..all() };
    let one = |id, account| InstructionFilter { id: Some(id), account: Some(account), ..all() };
    let both = [InstructionKind::Fund, InstructionKind::Transfer];
    for (name, filter, expected) in [
        // An account lists what was asked of it, not what reached it.
        ("reserve", of(book.reserve), vec![1]),
        ("alice", of(book.alice), vec![4, 3, 2]),
        ("bob", of(book.bob), vec![]),
        ("ten", reference("ten"), vec![1]),
        ("thirty", reference("thirty"), vec![4]),
        ("forty", reference("forty"), vec![]),
        ("fund", kinds(&[InstructionKind::Fund]), vec![]),
        ("fund or transfer", kinds(&both), vec![4, 3, 2, 1]),
        ("one", one(thirty.id, book.alice), vec![4]),
        ("one of another", one(ten.id, book.alice), vec![]),
    ] {
        let rows = list(h, P, filter).await;
        let minors: Vec<i64> = rows.iter().map(|row| row.amount.minor()).collect();
        assert_eq!(minors, expected, "{name}");
    }
    let everything = InstructionFilter {
        account: Some(book.alice),
        id: Some(thirty.id),
        reference: thirty.reference,
        kinds: vec![thirty.kind],
        outcomes: vec![thirty.outcome],
        end_to_end_id: None,
        payee: None,
        from: Some(thirty.at),
        until: Some(at(31)),
        before: Some(Place { seq: 1_000, ordinal: 0 }),
        skip: 0,
        limit: 1,
    };
    assert_eq!(list(h, P, everything.clone()).await, std::slice::from_ref(thirty));
    let before = Some(thirty.place);
    assert_eq!(list(h, P, InstructionFilter { before, ..everything }).await, []);
}

/// One name twice, declined and completed; and what has none beside them.
pub(super) async fn found_by_what_their_callers_call_them(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    let theirs = h.book(program(2), 1_000).await;
    let (alice, bob) = (book.alice, book.bob);
    let batches = [
        vec![h.work(P).peer(alice, bob, 5, "x"), h.work(P).post(book.reserve, alice, 50)],
        vec![h.work(P).peer(alice, bob, 7, "x"), h.work(P).peer(bob, alice, 3, "y")],
        vec![h.work(P).post(alice, bob, 4), h.work(P).peer(alice, bob, 900, "")],
        vec![h.work(program(2)).peer(theirs.reserve, theirs.bob, 2, "x")],
    ];
    for batch in batches {
        h.commit(batch).await;
    }
    let named = |name: &str| InstructionFilter { end_to_end_id: Some(name.to_owned()), ..all() };
    let to = |payee| InstructionFilter { payee: Some(payee), ..all() };
    let of = |account| InstructionFilter { account: Some(account), ..all() };
    let declined = vec![Outcome::Declined(Decline::InsufficientFunds)];
    let completed = vec![Outcome::Completed];
    let peers = vec![InstructionKind::Peer];
    let rows = list(h, P, all()).await;
    let place = |minor: i64| rows.iter().find(|row| row.amount.minor() == minor).map(|r| r.place);
    for (name, filter, expected) in [
        ("x", named("x"), vec![7, 5]),
        ("y", named("y"), vec![3]),
        ("X", named("X"), vec![]),
        ("the empty name", named(""), vec![900]),
        ("x, completed", InstructionFilter { outcomes: completed.clone(), ..named("x") }, vec![7]),
        ("x of alice", InstructionFilter { account: Some(alice), ..named("x") }, vec![7, 5]),
        ("x of bob", InstructionFilter { account: Some(bob), ..named("x") }, vec![]),
        ("x to bob", InstructionFilter { payee: Some(bob), ..named("x") }, vec![7, 5]),
        ("x to alice", InstructionFilter { payee: Some(alice), ..named("x") }, vec![]),
        ("x, older", InstructionFilter { before: place(7), ..named("x") }, vec![5]),
        ("x, second", InstructionFilter { skip: 1, limit: 1, ..named("x") }, vec![5]),
        (
            "x, a load",
            InstructionFilter { kinds: vec![InstructionKind::Load], ..named("x") },
            vec![],
        ),
        // Alice got 50 without a name.
        ("to alice", to(alice), vec![3]),
        ("to bob", to(bob), vec![900, 7, 5]),
        (
            "to bob, declined",
            InstructionFilter { outcomes: declined.clone(), ..to(bob) },
            vec![900, 5],
        ),
        ("to bob, second", InstructionFilter { skip: 1, limit: 1, ..to(bob) }, vec![7]),
        ("alice to bob", InstructionFilter { account: Some(alice), ..to(bob) }, vec![900, 7, 5]),
        ("bob to bob", InstructionFilter { account: Some(bob), ..to(bob) }, vec![]),
        ("alice", of(alice), vec![900, 4, 7, 5]),
        (
            "alice, declined",
            InstructionFilter { outcomes: declined.clone(), ..of(alice) },
            vec![900, 5],
        ),
        ("alice, completed", InstructionFilter { outcomes: completed, ..of(alice) }, vec![4, 7]),
        ("alice, peers", InstructionFilter { kinds: peers.clone(), ..of(alice) }, vec![900, 7, 5]),
        ("all peers", InstructionFilter { kinds: peers, ..all() }, vec![900, 3, 7, 5]),
        ("all declined", InstructionFilter { outcomes: declined, ..all() }, vec![900, 5]),
    ] {
        let rows = list(h, P, filter).await;
        let minors: Vec<i64> = rows.iter().map(|row| row.amount.minor()).collect();
        assert_eq!(minors, expected, "{name}");
    }
}

pub(super) async fn pages_stand_still_while_rows_arrive(h: &mut Harness) {
    let book = h.book(P, 1_000).await;
    for round in 0..10 {
        // Several instructions of one unit, so that a page ends inside of a seq.
        let mut several = |account, other| {
            (0..=round % 3).fold(h.work(P), |work, _| work.post(account, other, 1))
        };
        let batch = vec![
            several(book.reserve, book.alice),
            several(book.alice, book.bob).declined(book.alice, 1_000),
        ];
        assert_eq!(h.commit(batch).await, [Told::Done; 2]);
    }
    let middle = list(h, P, all()).await[15].at;
    for filter in [
        all(),
        InstructionFilter { account: Some(book.alice), ..all() },
        InstructionFilter { account: Some(book.alice), until: Some(middle), ..all() },
        InstructionFilter { account: Some(book.alice), from: Some(middle), ..all() },
        InstructionFilter {
            account: Some(book.reserve),
            kinds: vec![InstructionKind::Transfer],
            ..all()
        },
    ] {
        let expected = list(h, P, filter.clone()).await;
        let (mut seen, mut before): (Vec<Instruction>, _) = (Vec::new(), None);
        loop {
            let page = InstructionFilter { before, limit: 4, ..filter.clone() };
            let page = list(h, P, page).await;
            let Some(last) = page.last() else {
                break;
            };
            before = Some(last.place);
            seen.extend(page);
            let arriving = h.work(P).post(book.reserve, book.alice, 1);
            h.done(arriving).await;
        }
        assert_eq!(seen, expected);
    }
}

pub(super) async fn skip_and_limit(h: &mut Harness) {
    let book = four(h).await;
    for (skip, limit, expected) in [
        (0, 0, vec![]),
        (0, 1, vec![4]),
        (1, 1, vec![3]),
        (1, 2, vec![3, 2]),
        (2, 100, vec![2]),
        (3, 1, vec![]),
        (u64::MAX, u32::MAX, vec![]),
        (0, u32::MAX, vec![4, 3, 2]),
    ] {
        let filter = InstructionFilter {
            account: Some(book.alice),
            skip,
            limit,
            ..InstructionFilter::default()
        };
        let rows = list(h, P, filter).await;
        let minors: Vec<i64> = rows.iter().map(|row| row.amount.minor()).collect();
        assert_eq!(minors, expected, "skip {skip}, limit {limit}");
    }
}

pub(super) async fn found_by_id(h: &mut Harness) {
    four(h).await;
    for row in list(h, P, all()).await {
        let found = h.store().instruction(P, row.id).await.expect("a read");
        assert_eq!(found.as_ref(), Some(&row));
        let elsewhere = h.store().instruction(program(2), row.id).await;
        assert_eq!(elsewhere.expect("a read"), None);
    }
}

pub(super) async fn other_programmes_are_not_listed(h: &mut Harness) {
    let other = program(2);
    let ours = h.book(P, 1_000).await;
    let theirs = h.book(other, 1_000).await;
    // One stamp for both, so that both make the same ids.
    let stamp = Stamp::new(at(i64::MAX / 2), 9);
    let batch = vec![
        Work::new(P, stamp).post(ours.reserve, ours.alice, 10),
        Work::new(other, stamp).post(theirs.reserve, theirs.alice, 20),
    ];
    assert_eq!(h.commit(batch).await, [Told::Done; 2]);
    let (mine, others) = (list(h, P, all()).await, list(h, other, all()).await);
    assert_eq!(mine[0].id, others[0].id);
    assert!(mine.iter().all(|row| row.program == P) && mine.len() == 2);
    assert!(others.iter().all(|row| row.program == other) && others.len() == 2);
    for (of, minor) in [(P, 10), (other, 20)] {
        let found = h.store().instruction(of, mine[0].id).await;
        let found = found.expect("a read").expect("it is there");
        assert_eq!((found.program, found.amount.minor()), (of, minor));
    }
    let foreign = InstructionFilter { account: Some(theirs.reserve), ..all() };
    assert_eq!(list(h, P, foreign).await, []);
}
