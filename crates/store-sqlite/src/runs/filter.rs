//! Filters: which keys can't be in a run of references.
//!
//! A Bloom filter in lines of 64 bytes, 16 bits for each key, so that a question touches one line:
//! about one in a thousand keys that are not there looks as if it were. Lines follow the order of
//! ids, which are keyed hashes and so spread evenly: a run, which is written in order, fills its
//! filter from one end to the other. It is stored, so neither the hash nor the layout may change
//! under a run that has one.

use super::{Key, RUN, block, corrupt};
use crate::error::fault;
use rusqlite::{Connection, params};
use std::sync::atomic::{AtomicU64, Ordering};
use store::StoreError;

const WORDS_OF_LINE: usize = 8;
const KEYS_OF_LINE: usize = 32;
/// Bits set for each key, of 9 bits of the hash each.
const PROBES: u32 = 7;
/// Words of a part, which fills a page with its row's other columns.
const WORDS_OF_PART: usize = 500;

const TABLE: &str = "run_filter";

pub const INSERT: &str = "insert into run_filter (id, run, bits) values (?1, ?2, ?3)";
pub const OF_RUN: &str = "select bits from run_filter where id >= ?1 and id < ?2 order by id";
pub const LAST: &str = "select max(id) from run_filter where id >= ?1 and id < ?2";
pub const DELETE: &str = "delete from run_filter where id = ?1";

/// Words are atomic so that a run under way and the plan before it can share them: a bit that was
/// set by a commit which then failed is set again by the next one.
pub struct Filter(Box<[AtomicU64]>);

const fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 30;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 27;
    hash = hash.wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

/// What a filter is asked about a key, the same for each.
#[derive(Clone, Copy)]
pub struct Question {
    /// How far in the order of ids.
    place: u64,
    probes: u64,
}

impl Question {
    pub fn of(key: &Key) -> Self {
        let [high, low, place, rest, _] = key.0;
        Self { place, probes: mix(mix(rest ^ high) ^ place ^ low) }
    }

    /// The words of a line that hold the key's bits, and those bits.
    fn bits(self) -> impl Iterator<Item = (usize, u64)> {
        (0..PROBES).map(move |probe| {
            let [low, high, ..] = (self.probes >> (9 * probe)).to_le_bytes();
            let word = usize::from(low >> 6) | usize::from(high & 1) << 2;
            (word, 1 << (low & 63))
        })
    }
}

impl Filter {
    /// For so many keys.
    pub fn new(keys: usize) -> Self {
        let lines = keys.div_ceil(KEYS_OF_LINE).max(1);
        Self((0..lines * WORDS_OF_LINE).map(|_| AtomicU64::new(0)).collect())
    }

    fn line(&self, question: Question) -> &[AtomicU64] {
        let lines = self.0.len() / WORDS_OF_LINE;
        let line = (u128::from(question.place) * u128::try_from(lines).unwrap_or(1)) >> 64;
        let at = usize::try_from(line).unwrap_or(0) * WORDS_OF_LINE;
        &self.0[at..at + WORDS_OF_LINE]
    }

    pub fn add(&self, key: &Key) {
        let question = Question::of(key);
        let line = self.line(question);
        for (word, bit) in question.bits() {
            // There is one writer, so nothing comes between the two.
            let word = &line[word];
            word.store(word.load(Ordering::Relaxed) | bit, Ordering::Relaxed);
        }
    }

    pub fn may_have(&self, question: Question) -> bool {
        let line = self.line(question);
        question.bits().all(|(word, bit)| line[word].load(Ordering::Relaxed) & bit != 0)
    }

    /// Writes a part; whether there was one.
    pub fn write(&self, connection: &Connection, run: i64, part: i64) -> Result<bool, StoreError> {
        let at = usize::try_from(part).unwrap_or(usize::MAX);
        let Some(words) = self.0.chunks(WORDS_OF_PART).nth(at) else { return Ok(false) };
        let bytes = words.iter().flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes());
        let bits: Vec<u8> = bytes.collect();
        let fault = |error| fault(RUN, error);
        let mut statement = connection.prepare_cached(INSERT).map_err(fault)?;
        statement.execute(params![block::id(run, part), run, bits]).map_err(fault)?;
        Ok(true)
    }

    /// The filter of a run with so many keys.
    pub fn load(connection: &Connection, run: i64, keys: usize) -> Result<Self, StoreError> {
        let fault = |error| fault(RUN, error);
        let mut statement = connection.prepare_cached(OF_RUN).map_err(fault)?;
        let bounds = params![block::id(run, 0), block::id(run + 1, 0)];
        let mut rows = statement.query(bounds).map_err(fault)?;
        let filter = Self::new(keys);
        let mut at = 0;
        while let Some(row) = rows.next().map_err(fault)? {
            let bits = row.get_ref(0).map_err(fault)?.as_blob();
            let bits = bits.map_err(|_| corrupt(TABLE, "bits", run))?;
            for word in bits.as_chunks::<8>().0 {
                let own = filter.0.get(at).ok_or_else(|| corrupt(TABLE, "bits", run))?;
                own.store(u64::from_le_bytes(*word), Ordering::Relaxed);
                at += 1;
            }
        }
        if at == filter.0.len() { Ok(filter) } else { Err(corrupt(TABLE, "bits", run)) }
    }

    /// How many parts a run has in the file.
    pub fn count(connection: &Connection, run: i64) -> Result<i64, StoreError> {
        block::parts(connection, LAST, run)
    }

    /// Deletes a part; whether it was there.
    pub fn delete(connection: &Connection, id: i64) -> Result<bool, StoreError> {
        let fault = |error| fault(RUN, error);
        let mut statement = connection.prepare_cached(DELETE).map_err(fault)?;
        Ok(statement.execute(params![id]).map_err(fault)? > 0)
    }
}
