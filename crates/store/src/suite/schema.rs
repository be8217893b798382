//! Rows as they are written and read back: every noun, every column, every extreme.

use super::CaseFuture;
use super::dump::values;
use super::harness::{Harness, program, stamp};
use super::work::{Told, Work};
use crate::query::{Answer, AnyRow, Store};
use crate::rows::{Keyed, Logged, Noun};
use crate::schema::{Class, ColumnKind, TABLES, TableSpec, Value};
use core::fmt::Debug;
use domain::account::Account;
use domain::blind_index::BlindIndex;
use domain::cardholder::Cardholder;
use domain::credential::{Credential, DirectoryEntry};
use domain::delivery::Delivery;
use domain::endpoint::Endpoint;
use domain::event::Event;
use domain::hold::Hold;
use domain::id::ProgramId;
use domain::instruction::Instruction;
use domain::key::WrappedKey;
use domain::lease::Lease;
use domain::program::{Counter, Program, Settings};
use domain::rate::ProgramRate;
use domain::reference::Reference;
use domain::signature_key::SignatureKey;
use domain::stamp::Stamp;
use domain::sub_account::SubAccount;
use domain::time::Time;
use domain::transfer::{Entry, Transfer};
use std::collections::BTreeSet;

/// The programme of all samples but the control rows.
pub(super) const P: ProgramId = program(1);

/// A noun with rows that hold everything which its columns can hold.
pub(super) trait Sampled: Noun + PartialEq + Debug {
    fn samples() -> Vec<Self>;
    /// The row as the store's own query finds it.
    fn ask<'a>(store: &'a dyn Store, row: &'a Self) -> Answer<'a, Option<Self>>;
}

/// A sampled noun whose rows change.
pub(super) trait Changed: Sampled + Keyed<Id: Send> {
    /// The row under the key of another.
    fn keyed_as(self, other: &Self) -> Self;
}

/// Texts that differ in case, accents, blanks and length, or look like something else.
pub(super) fn texts(len_max: usize) -> Vec<String> {
    let long = ["x", "é", "漢", "🂡"].map(|letter| letter.repeat(len_max / letter.len()));
    let odd = [
        "",
        " ",
        "a",
        "A",
        "a ",
        " a",
        "à",
        "a\u{300}",
        "ı",
        "İ",
        "ß",
        "null",
        "NULL",
        "0",
        "00",
        "1e3",
        "0x1",
        "true",
        "'",
        "\"",
        "''; --",
        "\\",
        "\\0",
        "%",
        "_",
        "{}",
        "[1]",
        "$1",
        "?1",
        "a\tb",
        "a\nb",
        "a\r\nb",
        "שלום",
        "👩‍👩‍👧",
        "\u{feff}a",
        "\u{fffd}",
        "\u{10ffff}",
    ];
    let all = odd.into_iter().map(str::to_owned).chain(long);
    all.filter(|text| text.len() <= len_max).collect()
}

/// The extremes of 64 bits, and the neighbours of every narrower limit.
pub(super) const INTS: [i64; 14] = [
    0,
    1,
    -1,
    127,
    -129,
    256,
    65_536,
    2_147_483_648,
    -2_147_483_649,
    4_294_967_296,
    9_007_199_254_740_993,
    -9_007_199_254_740_993,
    i64::MAX,
    i64::MIN,
];

/// The n-th of the extremes, over and over.
pub(super) fn int(index: usize) -> i64 {
    INTS[index % INTS.len()]
}

/// As [`int`], from zero up.
pub(super) fn count(index: usize) -> u64 {
    let counts: Vec<u64> = INTS.iter().filter_map(|int| u64::try_from(*int).ok()).collect();
    counts[index % counts.len()]
}

pub(super) fn time(index: usize) -> Time {
    Time::from_unix_us(int(index))
}

/// 16 bytes that are different for each pair; high and low ones, so that signs would show.
pub(super) fn id(kind: u8, index: usize) -> [u8; 16] {
    let index = u8::try_from(index).expect("samples are few");
    let mut bytes = [0u8; 16];
    bytes[0] = index.wrapping_mul(37);
    bytes[1] = kind;
    bytes[7] = 0xff;
    bytes[15] = index;
    bytes
}

pub(super) fn hash(index: usize) -> [u8; 32] {
    let mut bytes = [0xf0; 32];
    bytes[..16].copy_from_slice(&id(0x80, index));
    bytes
}

/// Bytes of any length and any value.
pub(super) fn blobs() -> Vec<Vec<u8>> {
    vec![Vec::new(), vec![0], vec![0xff; 3], (0..=255).collect(), vec![0x5a; 100_000]]
}

/// What the cases of this file do with one noun.
struct Probe {
    table: &'static TableSpec,
    samples: fn() -> Vec<AnyRow>,
    /// Writes the samples, and reads them back before and after reopening.
    write: for<'h> fn(&'h mut Harness) -> CaseFuture<'h>,
    /// Writes each sample twice, first in a unit that is refused.
    undo: for<'h> fn(&'h mut Harness) -> CaseFuture<'h>,
    /// Changes each sample into the next one, and reads them back.
    change: Option<for<'h> fn(&'h mut Harness) -> CaseFuture<'h>>,
}

/// The samples of every table that has some.
pub(super) fn samples() -> impl Iterator<Item = (&'static TableSpec, Vec<AnyRow>)> {
    PROBES.iter().map(|probe| (probe.table, (probe.samples)()))
}

fn sampled<N: Sampled>() -> Vec<AnyRow> {
    N::samples().iter().map(values).collect()
}

const fn record<N: Changed>() -> Probe {
    Probe {
        table: N::TABLE,
        samples: sampled::<N>,
        write: |h| Box::pin(write(h, add::<N>)),
        undo: |h| Box::pin(undo(h, add::<N>)),
        change: Some(|h| Box::pin(change::<N>(h))),
    }
}

const fn fact<N: Sampled + Logged>() -> Probe {
    Probe {
        table: N::TABLE,
        samples: sampled::<N>,
        write: |h| Box::pin(write(h, append::<N>)),
        undo: |h| Box::pin(undo(h, append::<N>)),
        change: None,
    }
}

/// References are facts that are read by key.
const fn keyed_fact<N: Sampled + Keyed<Id: Send>>() -> Probe {
    Probe {
        table: N::TABLE,
        samples: sampled::<N>,
        write: |h| Box::pin(write(h, add::<N>)),
        undo: |h| Box::pin(undo(h, add::<N>)),
        change: None,
    }
}

static PROBES: &[Probe] = &[
    record::<Program>(),
    record::<DirectoryEntry>(),
    record::<WrappedKey>(),
    record::<Settings>(),
    record::<Credential>(),
    record::<SignatureKey>(),
    record::<ProgramRate>(),
    record::<Cardholder>(),
    record::<BlindIndex>(),
    record::<SubAccount>(),
    record::<Account>(),
    record::<Hold>(),
    record::<Endpoint>(),
    record::<Delivery>(),
    record::<Lease>(),
    keyed_fact::<Reference>(),
    fact::<Instruction>(),
    fact::<Transfer>(),
    fact::<Entry>(),
    fact::<Event>(),
];

fn add<N: Keyed<Id: Send>>(h: &mut Harness, row: N) -> Work {
    h.work(row.program()).insert(row)
}

fn append<N: Logged>(h: &mut Harness, row: N) -> Work {
    h.work(row.program()).append(row)
}

async fn write<N: Sampled>(h: &mut Harness, work: fn(&mut Harness, N) -> Work) {
    let before = h.dump().await;
    let refused = batch(h, N::samples(), |h, row| work(h, row).refuse()).await;
    assert!(refused.iter().all(|told| matches!(told, Told::Refused(_))), "{refused:?}");
    assert_eq!(h.dump().await, before, "a refused row of {} is there", N::TABLE.name);
    let done = batch(h, N::samples(), work).await;
    assert!(done.iter().all(|told| *told == Told::Done), "{done:?}");
    read_back(h, &N::samples()).await;
    h.reopen().await;
    read_back(h, &N::samples()).await;
}

async fn undo<N: Sampled>(h: &mut Harness, work: fn(&mut Harness, N) -> Work) {
    let mut works = Vec::new();
    for row in N::samples() {
        works.push(work(h, row.clone()).refuse());
        works.push(work(h, row));
    }
    for pair in h.commit(works).await.chunks(2) {
        assert!(matches!(pair, [Told::Refused(_), Told::Done]), "{}: {pair:?}", N::TABLE.name);
    }
    read_back(h, &N::samples()).await;
}

async fn change<N: Changed>(h: &mut Harness) {
    let samples = N::samples();
    let next = samples.iter().cycle().skip(1).cloned();
    let changed: Vec<N> = next.zip(&samples).map(|(new, old)| new.keyed_as(old)).collect();
    let put = |h: &mut Harness, row: N| h.work(row.program()).put(row);
    let refused = batch(h, changed.clone(), |h, row| put(h, row).refuse()).await;
    assert!(refused.iter().all(|told| matches!(told, Told::Refused(_))), "{refused:?}");
    read_back(h, &samples).await;
    let done = batch(h, changed.clone(), put).await;
    assert!(done.iter().all(|told| *told == Told::Done), "{done:?}");
    read_back(h, &changed).await;
    h.reopen().await;
    read_back(h, &changed).await;
}

/// Commits a unit for each row, all in one batch.
async fn batch<N>(
    h: &mut Harness,
    rows: Vec<N>,
    work: impl Fn(&mut Harness, N) -> Work,
) -> Vec<Told> {
    let works = rows.into_iter().map(|row| work(h, row)).collect();
    h.commit(works).await
}

/// Compares rows and not their values, so that a column which is never written shows.
async fn read_back<N: Sampled>(h: &Harness, rows: &[N]) {
    for row in rows {
        assert_eq!(h.kept(row).await.as_ref(), Some(row));
        let asked = N::ask(h.store(), row).await.expect("a read");
        assert_eq!(asked.as_ref(), Some(row));
    }
}

pub(super) async fn every_table_has_samples(_: &mut Harness) {
    // Each unit moves its counter, so no sample of it would stay; it has a case of its own.
    let own = [Counter::TABLE.name];
    let sampled = PROBES.iter().map(|probe| probe.table.name).chain(own);
    let tables = TABLES.iter().map(|table| table.name);
    assert_eq!(sampled.collect::<BTreeSet<_>>(), tables.collect());
}

/// A column that no sample fills, or a null that none has, would be a column that is not tried.
pub(super) async fn samples_fill_every_column(_: &mut Harness) {
    for probe in PROBES {
        let rows = (probe.samples)();
        for (at, column) in probe.table.columns.iter().enumerate() {
            let name = format!("{}.{}", probe.table.name, column.name);
            let held: BTreeSet<&Value<'_>> = rows.iter().map(|row| &row[at]).collect();
            assert!(held.iter().all(|value| column.admits(value)), "{name} has odd samples");
            assert_eq!(held.contains(&Value::Null), column.nullable, "{name} and null");
            let least = if column.kind == ColumnKind::Bytes { 5 } else { 2 };
            let programme = probe.table.key > 1 && at == 0;
            assert!(programme || held.len() >= least, "{name} has too few samples");
        }
        let keys: BTreeSet<&[Value<'_>]> = rows.iter().map(|row| &row[..probe.table.key]).collect();
        assert_eq!(keys.len(), rows.len(), "samples of {} share a key", probe.table.name);
        let changes = matches!(probe.table.class, Class::Fact) != probe.change.is_some();
        assert!(changes, "{} is changed or is a fact", probe.table.name);
    }
}

/// In one batch, so that the row which is left must be the one of the unit that was applied.
pub(super) async fn refused_rows_make_room(h: &mut Harness) {
    h.rows_only();
    for probe in PROBES {
        (probe.undo)(h).await;
    }
}

pub(super) async fn rows_come_back_as_written(h: &mut Harness) {
    h.rows_only();
    for probe in PROBES {
        (probe.write)(h).await;
    }
}

pub(super) async fn changed_rows_come_back_as_written(h: &mut Harness) {
    h.rows_only();
    for probe in PROBES {
        if let Some(change) = probe.change {
            (probe.write)(h).await;
            change(h).await;
        }
    }
}

pub(super) async fn counter_reaches_the_end_of_time(h: &mut Harness) {
    for (at, seq) in [(Time::ZERO, 1), (stamp(1).clock(), 2), (Time::MAX, 3)] {
        h.done(Work::new(P, Stamp::new(at, seq)).event()).await;
        let program = P;
        let last = at;
        let expected = Counter { program, seq, last };
        assert_eq!(h.kept(&expected).await, Some(expected));
        assert_eq!(h.store().counter(P).await.expect("a read"), Some(expected));
        h.reopen().await;
        assert_eq!(h.store().counter(P).await.expect("a read"), Some(expected));
    }
}
