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
use std::sync::OnceLock;
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

/// Words that are made together, when the first of them is wanted: a commit never makes a whole
/// filter, which may be large, but so much for a key at most.
const WORDS_OF_STRETCH: usize = 512;

type Words = Box<[AtomicU64]>;

/// Words are atomic so that a run under way and the plan before it can share them: a bit that was
/// set by a commit which then failed is set again by the next one.
pub struct Filter {
    stretches: Box<[OnceLock<Words>]>,
    words: usize,
}

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
    /// The key's bits in a line.
    bits: [u64; WORDS_OF_LINE],
}

impl Question {
    pub fn of(key: &Key) -> Self {
        let [high, low, place, rest, _] = key.0;
        let probes = mix(mix(rest ^ high) ^ place ^ low);
        let mut bits = [0; WORDS_OF_LINE];
        for probe in 0..PROBES {
            let [low, high, ..] = (probes >> (9 * probe)).to_le_bytes();
            bits[usize::from(low >> 6) | usize::from(high & 1) << 2] |= 1 << (low & 63);
        }
        Self { place, bits }
    }
}

impl Filter {
    /// For so many keys.
    pub fn new(keys: usize) -> Self {
        let words = keys.div_ceil(KEYS_OF_LINE).max(1) * WORDS_OF_LINE;
        let stretches = words.div_ceil(WORDS_OF_STRETCH);
        Self { stretches: (0..stretches).map(|_| OnceLock::new()).collect(), words }
    }

    /// The word that a line begins with.
    fn line(&self, question: &Question) -> usize {
        let lines = self.words / WORDS_OF_LINE;
        let line = (u128::from(question.place) * u128::try_from(lines).unwrap_or(1)) >> 64;
        usize::try_from(line).unwrap_or(0) * WORDS_OF_LINE
    }

    /// The words from one on, to the end of its stretch, which is made where it is not there.
    fn made(&self, word: usize) -> &[AtomicU64] {
        let (stretch, at) = (word / WORDS_OF_STRETCH, word % WORDS_OF_STRETCH);
        let words = WORDS_OF_STRETCH.min(self.words - stretch * WORDS_OF_STRETCH);
        let zero = || (0..words).map(|_| AtomicU64::new(0)).collect();
        &self.stretches[stretch].get_or_init(zero)[at..]
    }

    /// The same, where it is there: else all of them are 0.
    fn known(&self, word: usize) -> Option<&[AtomicU64]> {
        let words = self.stretches[word / WORDS_OF_STRETCH].get()?;
        Some(&words[word % WORDS_OF_STRETCH..])
    }

    pub fn add(&self, key: &Key) {
        let question = &Question::of(key);
        let line = &self.made(self.line(question))[..WORDS_OF_LINE];
        for (word, bits) in line.iter().zip(question.bits) {
            // There is one writer, so nothing comes between the two.
            word.store(word.load(Ordering::Relaxed) | bits, Ordering::Relaxed);
        }
    }

    /// Looks at all of a line: a way out at the first bit that is missing would be guessed wrong so
    /// often that the lines of the next keys, which are far away, would not be fetched meanwhile.
    pub fn may_have(&self, question: &Question) -> bool {
        let line = self.known(self.line(question)).and_then(<[_]>::first_chunk);
        let Some(line): Option<&[_; WORDS_OF_LINE]> = line else { return false };
        let missing = |(word, bits): (&AtomicU64, u64)| !word.load(Ordering::Relaxed) & bits;
        line.iter().zip(question.bits).map(missing).fold(0, |all, some| all | some) == 0
    }

    /// Writes a part; whether there was one.
    pub fn write(&self, connection: &Connection, run: i64, part: i64) -> Result<bool, StoreError> {
        let first = usize::try_from(part).unwrap_or(usize::MAX).saturating_mul(WORDS_OF_PART);
        if first >= self.words {
            return Ok(false);
        }
        let words = first..self.words.min(first + WORDS_OF_PART);
        let word = |at| self.known(at).map_or(0, |words| words[0].load(Ordering::Relaxed));
        let bits: Vec<u8> = words.flat_map(|at| word(at).to_le_bytes()).collect();
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
                if at >= filter.words {
                    return Err(corrupt(TABLE, "bits", run));
                }
                filter.made(at)[0].store(u64::from_le_bytes(*word), Ordering::Relaxed);
                at += 1;
            }
        }
        if at == filter.words { Ok(filter) } else { Err(corrupt(TABLE, "bits", run)) }
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
