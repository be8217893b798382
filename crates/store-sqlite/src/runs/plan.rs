//! What there is of tails and runs, and what is to be written next.
//!
//! A plan says what the file says, as of the last commit. A batch works on a copy of it, inside its
//! transaction ([`Plans::work`]), and the copy takes its place once the commit returned.

use super::block;
use super::filter::{Filter, Question};
use super::job::{Job, Place, Scratch};
use super::tail::Tail;
use super::{Item, Key, Kind, RUN, RunOptions, bulk, heads, last_row};
use crate::error::fault;
use domain::account::Account;
use rusqlite::{Connection, params};
use std::sync::Arc;
use store::StoreError;

pub const ALL: &str = "select number, kind, level, state, first_row, last_row, items, blocks \
     from run order by number";
pub const WHOLE: &str = "select number, level, first_row, last_row, items, blocks from run \
     where kind = ?1 and state = 1 order by first_row";
const NEWEST: &str = "select coalesce(max(number), 0) from run";
const DELETE: &str = "delete from run where number = ?1";

/// States of a run in the file.
pub const UNFINISHED: i64 = 0;
pub const WHOLE_STATE: i64 = 1;
pub const DEAD: i64 = 2;

/// Keys that a commit may write for each that it appends. A key is written once as a part of a tail
/// and once in each merge, of which there are few, so this keeps up.
const WORK_OF_KEY: i64 = 6;
/// What deleting costs, in keys for the bytes of a block: about a third of writing it.
const DELETED_BYTES_OF_KEY: usize = 64;

/// A run, or what there is of one.
#[derive(Clone)]
pub struct Run {
    pub number: i64,
    pub level: i64,
    /// It has the keys of the rows from the first to the last.
    pub first: i64,
    pub last: i64,
    pub items: i64,
    pub blocks: i64,
    /// Known to the writer, of references.
    pub filter: Option<Arc<Filter>>,
}

/// What is left of a run that does not count: it is deleted from its end.
#[derive(Clone)]
struct Dead {
    number: i64,
    blocks: i64,
    parts: i64,
}

/// One kind's tails and runs.
#[derive(Clone)]
pub struct Plan {
    pub kind: Kind,
    /// Whole ones, oldest rows first.
    pub runs: Vec<Run>,
    /// Oldest rows first. All but the last are frozen.
    pub tails: Vec<Arc<Tail>>,
    jobs: Vec<Job>,
    dead: Vec<Dead>,
    /// Keys that may be written.
    credit: i64,
}

/// All of it.
#[derive(Clone)]
pub struct Plans {
    pub kinds: [Plan; 2],
    /// The number of the newest run.
    pub newest: i64,
}

impl Dead {
    fn of(connection: &Connection, number: i64) -> Result<Self, StoreError> {
        let blocks = block::count(connection, number)?;
        Ok(Self { number, blocks, parts: Filter::count(connection, number)? })
    }

    /// Deletes one thing of it; false once all is gone.
    fn delete(&mut self, connection: &Connection) -> Result<bool, StoreError> {
        if self.blocks > 0 {
            self.blocks -= 1;
            block::delete(connection, block::id(self.number, self.blocks))?;
            return Ok(true);
        }
        if self.parts > 0 {
            self.parts -= 1;
            Filter::delete(connection, block::id(self.number, self.parts))?;
            return Ok(true);
        }
        let fault = |error| fault(RUN, error);
        let mut statement = connection.prepare_cached(DELETE).map_err(fault)?;
        statement.execute(params![self.number]).map_err(fault)?;
        Ok(false)
    }
}

/// The last row whose key is in one of these runs.
pub fn covered(runs: &[Run]) -> i64 {
    runs.iter().map(|run| run.last).max().unwrap_or(0)
}

/// The whole runs of a kind, oldest rows first, without their filters.
pub fn whole(connection: &Connection, kind: Kind) -> Result<Vec<Run>, StoreError> {
    let fault = |error| fault(RUN, error);
    let mut statement = connection.prepare_cached(WHOLE).map_err(fault)?;
    let run = |row: &rusqlite::Row<'_>| {
        Ok(Run {
            number: row.get(0)?,
            level: row.get(1)?,
            first: row.get(2)?,
            last: row.get(3)?,
            items: row.get(4)?,
            blocks: row.get(5)?,
            filter: None,
        })
    };
    let runs = statement.query_map(params![kind.code()], run).map_err(fault)?;
    runs.collect::<Result<_, _>>().map_err(fault)
}

impl Plan {
    /// What the file says, with no tail yet.
    fn load(connection: &Connection, kind: Kind) -> Result<Self, StoreError> {
        let fault = |error| fault(RUN, error);
        let mut runs = whole(connection, kind)?;
        if kind == Kind::Reference {
            for run in &mut runs {
                let keys = usize::try_from(run.items).unwrap_or(0);
                run.filter = Some(Arc::new(Filter::load(connection, run.number, keys)?));
            }
        }
        let mut statement = connection.prepare_cached(ALL).map_err(fault)?;
        let numbers = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(3)?));
        let all = statement.query_map([], numbers).map_err(fault)?;
        let mut dead = Vec::new();
        for row in all {
            let (number, of, state): (i64, i64, i64) = row.map_err(fault)?;
            if of == kind.code() && state != WHOLE_STATE {
                dead.push(Dead::of(connection, number)?);
            }
        }
        Ok(Self { kind, runs, tails: Vec::new(), jobs: Vec::new(), dead, credit: 0 })
    }

    /// The last row whose key is in a run.
    pub fn covered(&self) -> i64 {
        covered(&self.runs)
    }

    /// The row with this key, in memory or in a run.
    pub fn find(&self, connection: &Connection, key: &Key) -> Result<Option<i64>, StoreError> {
        Ok(self.find_all(connection, &[*key])?[0])
    }

    /// The rows with these keys. Run after run, since a filter that is asked of all keys in a row
    /// is nearer than one that takes turns with all others.
    pub fn find_all(
        &self,
        connection: &Connection,
        keys: &[Key],
    ) -> Result<Vec<Option<i64>>, StoreError> {
        let mut found = vec![None; keys.len()];
        for tail in self.tails.iter().rev() {
            tail.find_all(keys, &mut found);
        }
        let questions: Vec<_> = keys.iter().map(Question::of).collect();
        for run in self.runs.iter().rev() {
            for ((key, question), found) in keys.iter().zip(&questions).zip(&mut found) {
                let may_have = |filter: &Arc<Filter>| filter.may_have(question);
                if found.is_none() && run.filter.as_ref().is_none_or(may_have) {
                    *found = block::find(connection, self.kind, run, key)?;
                }
            }
        }
        Ok(found)
    }

    /// An account's newest entry, if it is in memory.
    pub fn head(&self, account: &Account) -> Option<Item> {
        let (low, high) = heads::bounds(account);
        let newest = |tail: &Arc<Tail>| tail.newest(&low, &high, i64::MAX, 1).pop();
        self.tails.iter().rev().find_map(newest)
    }

    /// What was committed: the keys of all rows up to `last`.
    fn grow(&mut self, items: Vec<Item>, last: i64, options: &RunOptions) {
        let Some(tail) = self.tails.last() else { return };
        tail.add(items, last);
        if tail.len() >= options.rows {
            Tail::freeze(tail);
            self.tails.push(Arc::new(Tail::new(last, options.room())));
        }
    }

    /// The next thing to write, if there is any: a frozen tail is first, as it takes memory, then
    /// the lowest merge, since it makes most look-ups cheaper.
    fn job(
        &mut self,
        connection: &Connection,
        newest: &mut i64,
        options: &RunOptions,
    ) -> Result<Option<usize>, StoreError> {
        let place = Place { connection, kind: self.kind, options };
        if let [tail, _, ..] = &self.tails[..]
            && tail.is_ready()
        {
            if let Some(at) = self.jobs.iter().position(Job::is_of_tail) {
                return Ok(Some(at));
            }
            let tail = Arc::clone(tail);
            *newest += 1;
            self.jobs.push(Job::of_tail(place, *newest, 0, tail)?);
            return Ok(Some(self.jobs.len() - 1));
        }
        let highest = self.runs.iter().map(|run| run.level).max().unwrap_or(0);
        for level in 0..=highest {
            if let Some(at) = self.jobs.iter().position(|job| job.run.level == level + 1) {
                return Ok(Some(at));
            }
            let of_level = self.runs.iter().filter(|run| run.level == level);
            let inputs: Vec<Run> = of_level.take(options.fanout).cloned().collect();
            if inputs.len() >= options.fanout {
                *newest += 1;
                self.jobs.push(Job::of_runs(place, *newest, inputs)?);
                return Ok(Some(self.jobs.len() - 1));
            }
        }
        Ok(None)
    }

    /// Writes one block or part, or deletes one; what it cost.
    fn step(
        &mut self,
        connection: &Connection,
        newest: &mut i64,
        options: &RunOptions,
        scratch: &mut Scratch,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(at) = self.job(connection, newest, options)? {
            let cost = self.jobs[at].step(connection, self.kind, scratch)?;
            if let Some(cost) = cost {
                return Ok(Some(cost));
            }
            let job = self.jobs.remove(at);
            self.finish(connection, job)?;
            return Ok(Some(1));
        }
        let Some(dead) = self.dead.last_mut() else { return Ok(None) };
        if !dead.delete(connection)? {
            self.dead.pop();
        }
        let cost = (options.block_bytes / DELETED_BYTES_OF_KEY).max(1);
        Ok(Some(i64::try_from(cost).unwrap_or(i64::MAX)))
    }

    /// From now on the run counts, and what it was made of does not.
    fn finish(&mut self, connection: &Connection, job: Job) -> Result<(), StoreError> {
        job.finish(connection)?;
        if job.is_of_tail() {
            self.tails.remove(0);
        }
        for number in job.inputs() {
            self.runs.retain(|run| run.number != number);
            self.dead.push(Dead::of(connection, number)?);
        }
        let at = self.runs.partition_point(|run| run.first < job.run.first);
        self.runs.insert(at, job.run);
        Ok(())
    }
}

impl Plans {
    /// What the file says, with the tails that follow from it. Keys that are too many for a tail
    /// are written as runs at once, so this is inside of a write transaction.
    pub fn load(connection: &Connection, options: &RunOptions) -> Result<Self, StoreError> {
        let newest = connection.query_row(NEWEST, [], |row| row.get(0));
        let newest = newest.map_err(|error| fault(RUN, error))?;
        let [references, entries] = Kind::ALL;
        let kinds = [Plan::load(connection, references)?, Plan::load(connection, entries)?];
        let mut plans = Self { kinds, newest };
        for kind in Kind::ALL {
            plans.fill(connection, kind, options)?;
        }
        Ok(plans)
    }

    fn fill(
        &mut self,
        connection: &Connection,
        kind: Kind,
        options: &RunOptions,
    ) -> Result<(), StoreError> {
        let plan = &mut self.kinds[kind as usize];
        let most = options.rows.saturating_mul(options.fanout);
        loop {
            let (tail, all) = bulk::read(connection, kind, plan.covered(), (options.room(), most))?;
            let (last, keys) = (tail.last_row(), tail.len());
            let tail = Arc::new(tail);
            if all && keys <= options.rows.saturating_mul(2) {
                plan.tails.push(Arc::clone(&tail));
                if keys >= options.rows {
                    Tail::freeze(&tail);
                    plan.tails.push(Arc::new(Tail::new(last, options.room())));
                }
                return Ok(());
            }
            self.newest += 1;
            let level = i64::from(keys >= most);
            let place = Place { connection, kind, options };
            let job = Job::of_tail(place, self.newest, level, tail)?;
            plan.runs.push(job.whole(connection, kind)?.run);
        }
    }

    pub const fn of(&self, kind: Kind) -> &Plan {
        &self.kinds[kind as usize]
    }

    /// The part of runs and merges that this commit writes, which appends so many keys.
    pub fn work(
        &mut self,
        connection: &Connection,
        appended: &[Vec<Item>; 2],
        options: &RunOptions,
        scratch: &mut [Scratch; 2],
    ) -> Result<(), StoreError> {
        for ((plan, appended), scratch) in self.kinds.iter_mut().zip(appended).zip(scratch) {
            let keys = i64::try_from(appended.len()).unwrap_or(0);
            plan.credit += keys * WORK_OF_KEY + i64::from(options.commit_keys);
            while plan.credit > 0 {
                let cost = plan.step(connection, &mut self.newest, options, scratch)?;
                match cost {
                    Some(cost) => plan.credit -= cost,
                    None => plan.credit = 0,
                }
            }
        }
        Ok(())
    }

    /// Whether nobody appended rows that the tails don't know.
    pub fn are_current(&self, connection: &Connection) -> Result<bool, StoreError> {
        let last = last_row(connection)?;
        for plan in &self.kinds {
            let known = plan.tails.last().map(|tail| tail.last_row());
            if known != Some(last) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// After the commit: the keys of what it appended.
    pub fn grow(&mut self, appended: [Vec<Item>; 2], options: &RunOptions) {
        let rows = appended.iter().flatten().map(|(_, row)| *row);
        let Some(last) = rows.max() else { return };
        for (plan, items) in self.kinds.iter_mut().zip(appended) {
            plan.grow(items, last, options);
        }
    }

    /// The number of the newest row.
    pub fn last(&self) -> i64 {
        let last = |plan: &Plan| plan.tails.last().map_or(0, |tail| tail.last_row());
        self.kinds.iter().map(last).max().unwrap_or(0)
    }
}
