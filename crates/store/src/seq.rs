//! What backends with 64-bit signed numbers share in finding instructions: places, kinds as bits,
//! and the search for the oldest row since a time.

use domain::instruction::{Decline, InstructionKind, Outcome};
use domain::time::Time;
use domain::transfer::Place;

/// The place after every row's: ordinals are 32 bits in 64.
pub const END: (i64, i64) = (i64::MAX, i64::MAX);

/// A place as a backend keeps it, or the end where no row can be.
pub fn place(place: Place) -> (i64, i64) {
    i64::try_from(place.seq).map_or(END, |seq| (seq, i64::from(place.ordinal)))
}

/// One bit for each kind's code; all bits where all kinds are meant.
pub fn kinds(kinds: &[InstructionKind]) -> i64 {
    if kinds.is_empty() {
        return -1;
    }
    kinds.iter().fold(0, |bits, kind| bits | (1 << kind.code()))
}

/// As [`kinds`], of outcomes.
pub fn outcomes(outcomes: &[Outcome]) -> i64 {
    if outcomes.is_empty() {
        return -1;
    }
    outcomes.iter().fold(0, |bits, outcome| bits | (1 << outcome.code()))
}

// A kind whose code has no bit would silently never be listed.
const _: () = {
    let mut index = 0;
    while index < InstructionKind::ALL.len() {
        assert!(InstructionKind::ALL[index].code() < 63);
        index += 1;
    }
    let mut index = 0;
    while index < Decline::ALL.len() {
        assert!(Decline::ALL[index].code() < 63);
        index += 1;
    }
};

/// Halves its way to the `seq` of the oldest row of a programme that was recorded at a time or
/// later. It asks for the first row at or after a `seq`, as (`seq`, time): recorded time never goes
/// back as `seq` grows, though `seq` may have gaps.
#[derive(Clone, Copy, Debug)]
pub struct FirstSince {
    time_us: i64,
    /// Rows before `low` are older; the answer, if there is one, is not after `high`.
    low: i64,
    high: i64,
}

impl FirstSince {
    /// `last` is the newest `seq`, or 0.
    pub fn new(time: Time, last: i64) -> Self {
        Self { time_us: time.unix_us(), low: 0, high: last }
    }

    /// Where to look next, while there is something to find out.
    pub fn next(&self) -> Option<i64> {
        (self.low < self.high).then(|| self.low + (self.high - self.low) / 2)
    }

    /// What was there.
    pub fn found(&mut self, looked: i64, row: Option<(i64, i64)>) {
        match row {
            Some((seq, at)) if at < self.time_us && seq < self.high => self.low = seq + 1,
            // Nothing from there to before `high` is older, or nothing is there at all.
            Some((seq, at)) if at < self.time_us => self.low = seq,
            _ => self.high = looked,
        }
    }

    /// Where the answer is, if there is one.
    pub const fn place(&self) -> i64 {
        self.low
    }

    /// What was there, once nothing is to be looked at any more.
    pub fn answer(&self, row: Option<(i64, i64)>) -> Option<i64> {
        row.filter(|(_, at)| *at >= self.time_us).map(|(seq, _)| seq)
    }
}
