//! One run on its way into the file, of a frozen tail or of the runs of one level.

use super::block::{Block, Cursor};
use super::filter::Filter;
use super::plan::{DEAD, Run, UNFINISHED, WHOLE_STATE};
use super::tail::Tail;
use super::{Item, Key, Kind, RUN, RunOptions, heads};
use crate::error::fault;
use rusqlite::{Connection, params};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;
use store::StoreError;

const INSERT: &str = "insert into run \
     (number, kind, level, state, first_row, last_row, items, blocks) \
     values (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)";
const FINISH: &str = "update run set state = ?2, items = ?3, blocks = ?4 where number = ?1";
const END: &str = "update run set state = ?2 where number = ?1";

/// What a part of a filter costs, in keys.
const WORK_OF_PART: i64 = 256;

#[derive(Clone)]
enum Source {
    Tail(Arc<Tail>),
    Runs(Vec<Run>),
}

/// How far a run is. Everything but the filter's bits is copied with the plan.
#[derive(Clone)]
pub struct Job {
    pub run: Run,
    source: Source,
    /// The last key that is written.
    after: Option<Key>,
    all_blocks: bool,
    parts: i64,
    block_bytes: usize,
}

/// Where a job belongs.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub connection: &'a Connection,
    pub kind: Kind,
    pub options: &'a RunOptions,
}

/// Where a merge has read to, so that it does not look for its place again with each commit. Only a
/// help: it counts where it says that it belongs to the same place of the same run.
#[derive(Default)]
pub struct Scratch {
    place: Option<(i64, Option<Key>)>,
    merge: Merge,
}

/// Several runs as one: where each is read, and its next item.
#[derive(Default)]
pub struct Merge {
    cursors: Vec<Cursor>,
    /// The next item of each that has one, with the place of its cursor; the least is on top.
    heads: BinaryHeap<Reverse<(Item, usize)>>,
}

impl Merge {
    pub fn start(
        connection: &Connection,
        kind: Kind,
        runs: &[Run],
        after: Option<&Key>,
    ) -> Result<Self, StoreError> {
        let start = |run| Cursor::start(connection, kind, run, after);
        let mut cursors: Vec<Cursor> = runs.iter().map(start).collect::<Result<_, _>>()?;
        let mut heads = BinaryHeap::with_capacity(cursors.len());
        for (at, cursor) in cursors.iter_mut().enumerate() {
            heads.extend(cursor.next(connection)?.map(|item| Reverse((item, at))));
        }
        Ok(Self { cursors, heads })
    }

    /// The next item in the order of keys.
    pub fn next(&mut self, connection: &Connection) -> Result<Option<Item>, StoreError> {
        let Some(mut least) = self.heads.peek_mut() else { return Ok(None) };
        let Reverse((item, at)) = *least;
        match self.cursors[at].next(connection)? {
            // It finds its place when it is let go.
            Some(next) => *least = Reverse((next, at)),
            None => drop(PeekMut::pop(least)),
        }
        Ok(Some(item))
    }
}

impl Job {
    fn start(place: Place<'_>, run: Run, source: Source) -> Result<Self, StoreError> {
        let fault = |error| fault(RUN, error);
        let mut statement = place.connection.prepare_cached(INSERT).map_err(fault)?;
        let kind = place.kind.code();
        let row = params![run.number, kind, run.level, UNFINISHED, run.first, run.last];
        statement.execute(row).map_err(fault)?;
        let block_bytes = place.options.block_bytes;
        Ok(Self { run, source, after: None, all_blocks: false, parts: 0, block_bytes })
    }

    /// Begins to write a tail that does not grow any more.
    pub fn of_tail(
        place: Place<'_>,
        number: i64,
        level: i64,
        tail: Arc<Tail>,
    ) -> Result<Self, StoreError> {
        let filter = (place.kind == Kind::Reference).then(|| Arc::new(Filter::new(tail.len())));
        let (first, last) = (tail.after_row() + 1, tail.last_row());
        let run = Run { number, level, first, last, items: 0, blocks: 0, filter };
        Self::start(place, run, Source::Tail(tail))
    }

    /// Begins to merge runs whose rows follow each other.
    pub fn of_runs(place: Place<'_>, number: i64, inputs: Vec<Run>) -> Result<Self, StoreError> {
        let keys: i64 = inputs.iter().map(|run| run.items).sum();
        let keys = usize::try_from(keys).unwrap_or(0);
        let run = Run {
            number,
            level: inputs.iter().map(|run| run.level).max().unwrap_or(0) + 1,
            first: inputs.iter().map(|run| run.first).min().unwrap_or(0),
            last: inputs.iter().map(|run| run.last).max().unwrap_or(0),
            items: 0,
            blocks: 0,
            filter: (place.kind == Kind::Reference).then(|| Arc::new(Filter::new(keys))),
        };
        Self::start(place, run, Source::Runs(inputs))
    }

    pub const fn is_of_tail(&self) -> bool {
        matches!(self.source, Source::Tail(_))
    }

    /// The runs that it replaces.
    pub fn inputs(&self) -> Vec<i64> {
        match &self.source {
            Source::Tail(_) => Vec::new(),
            Source::Runs(inputs) => inputs.iter().map(|run| run.number).collect(),
        }
    }

    /// Writes a block or a part of the filter; what that cost, or `None` where nothing is left.
    pub fn step(
        &mut self,
        connection: &Connection,
        kind: Kind,
        scratch: &mut Scratch,
    ) -> Result<Option<i64>, StoreError> {
        if !self.all_blocks {
            let written = match &self.source {
                Source::Tail(tail) => {
                    let tail = Arc::clone(tail);
                    self.block_of_tail(connection, kind, &tail)?
                }
                Source::Runs(inputs) => {
                    let inputs = inputs.clone();
                    self.block_of_runs(connection, kind, &inputs, scratch)?
                }
            };
            return Ok(Some(i64::try_from(written).unwrap_or(1).max(1)));
        }
        if let Some(filter) = &self.run.filter
            && filter.write(connection, self.run.number, self.parts)?
        {
            self.parts += 1;
            return Ok(Some(WORK_OF_PART));
        }
        Ok(None)
    }

    /// All of it at once.
    pub fn whole(mut self, connection: &Connection, kind: Kind) -> Result<Self, StoreError> {
        let mut scratch = Scratch::default();
        while self.step(connection, kind, &mut scratch)?.is_some() {}
        self.finish(connection)?;
        Ok(self)
    }

    fn take(&mut self, kind: Kind, block: &mut Option<Block>, item: Item) {
        let (run, most) = (&self.run, self.block_bytes);
        block.get_or_insert_with(|| Block::new(kind, run, item.0, most)).push(item);
        if let Some(filter) = &run.filter {
            filter.add(&item.0);
        }
        self.after = Some(item.0);
    }

    fn write(
        &mut self,
        connection: &Connection,
        block: Option<Block>,
    ) -> Result<usize, StoreError> {
        let Some(block) = block else { return Ok(0) };
        block.write(connection, self.run.number, self.run.blocks)?;
        self.run.blocks += 1;
        self.run.items += i64::try_from(block.items).unwrap_or(0);
        Ok(block.items)
    }

    fn block_of_tail(
        &mut self,
        connection: &Connection,
        kind: Kind,
        tail: &Tail,
    ) -> Result<usize, StoreError> {
        let all = tail.frozen();
        let from = self.after.map_or(0, |after| all.partition_point(|(key, _)| *key <= after));
        let items = &all[from..];
        let mut block = None;
        let mut taken = 0;
        for item in items {
            if block.as_ref().is_some_and(Block::is_full) {
                break;
            }
            self.take(kind, &mut block, *item);
            taken += 1;
            // The account's last one in this tail.
            let next = items.get(taken);
            if kind == Kind::Entry && next.is_none_or(|(next, _)| !next.is_beside(&item.0)) {
                heads::write(connection, item)?;
            }
        }
        self.all_blocks = taken == items.len();
        self.write(connection, block)
    }

    fn block_of_runs(
        &mut self,
        connection: &Connection,
        kind: Kind,
        inputs: &[Run],
        scratch: &mut Scratch,
    ) -> Result<usize, StoreError> {
        if scratch.place != Some((self.run.number, self.after)) {
            scratch.merge = Merge::start(connection, kind, inputs, self.after.as_ref())?;
        }
        scratch.place = None;
        let mut block = None;
        while !block.as_ref().is_some_and(Block::is_full) {
            let Some(item) = scratch.merge.next(connection)? else {
                self.all_blocks = true;
                break;
            };
            self.take(kind, &mut block, item);
        }
        scratch.place = Some((self.run.number, self.after));
        self.write(connection, block)
    }

    /// The last part of it: from this commit on the run counts.
    pub fn finish(&self, connection: &Connection) -> Result<(), StoreError> {
        let fault = |error| fault(RUN, error);
        let run = &self.run;
        let mut statement = connection.prepare_cached(FINISH).map_err(fault)?;
        let whole = params![run.number, WHOLE_STATE, run.items, run.blocks];
        statement.execute(whole).map_err(fault)?;
        let mut statement = connection.prepare_cached(END).map_err(fault)?;
        for number in self.inputs() {
            statement.execute(params![number, DEAD]).map_err(fault)?;
        }
        Ok(())
    }
}
