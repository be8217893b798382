//! Keys that are in no run yet, in memory.

use super::{Item, Key};
use foldhash::fast::FixedState;
use indexmap::IndexMap;
use indexmap::map::Entry;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Keys that are sorted where they are wanted: that is short. More are sorted beside, on a thread.
const SHORT: usize = 4_096;
/// Commits that wait for that thread before one sorts by itself.
const PATIENCE: u32 = 1_000;

/// The keys of the rows behind one row up to another. Only the newest tail of a kind grows.
pub struct Tail {
    /// Its rows are behind this one.
    after: i64,
    last: AtomicI64,
    keys: RwLock<Keys>,
    /// In order, once it does not grow any more.
    sorted: OnceLock<Arc<[Item]>>,
    asked: AtomicU32,
}

/// Found by hash: nobody wants the order of what grows, but that of one account's entries. A map
/// of numbers beside the keys is small enough to stay near the processor.
#[derive(Default)]
struct Keys {
    chains: IndexMap<Subject, Chain, FixedState>,
    count: usize,
}

/// A key without its version.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Subject([u64; 4]);

impl Subject {
    const fn of(key: &Key) -> Self {
        let [high, low, id_high, id_low, _] = key.0;
        Self([high, low, id_high, id_low])
    }

    const fn key(self) -> Key {
        let [high, low, id_high, id_low] = self.0;
        Key([high, low, id_high, id_low, 0])
    }
}

impl Hash for Subject {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// Versions of an account, or a reference, with the rows that have them.
struct Chain {
    newest: (i64, i64),
    /// Beside, since a reference has none, and a map of small things is quick.
    before: Option<Box<Before>>,
}

/// Oldest first.
#[derive(Default)]
struct Before(Vec<(i64, i64)>);

impl Chain {
    const fn new(newest: (i64, i64)) -> Self {
        Self { newest, before: None }
    }

    fn before(&self) -> &[(i64, i64)] {
        self.before.as_ref().map_or(&[], |before| &before.0)
    }

    /// False where the version was there. They come in order, unless somebody edits the file.
    fn add(&mut self, link: (i64, i64)) -> bool {
        let (version, _) = link;
        if version == self.newest.0 {
            self.newest = link;
            return false;
        }
        let Before(before) = &mut **self.before.get_or_insert_default();
        if version > self.newest.0 {
            before.push(std::mem::replace(&mut self.newest, link));
            return true;
        }
        match before.binary_search_by_key(&version, |(version, _)| *version) {
            Ok(at) => {
                before[at] = link;
                false
            }
            Err(at) => {
                before.insert(at, link);
                true
            }
        }
    }

    fn find(&self, version: i64) -> Option<i64> {
        if version == self.newest.0 {
            return Some(self.newest.1);
        }
        let before = self.before();
        let at = before.binary_search_by_key(&version, |(version, _)| *version).ok()?;
        Some(before[at].1)
    }

    /// Newest first, from one version on.
    fn back_from(&self, high: i64) -> impl Iterator<Item = (i64, i64)> {
        let before = self.before();
        let below = before.partition_point(|(version, _)| *version <= high);
        let newest = (self.newest.0 <= high).then_some(self.newest);
        newest.into_iter().chain(before[..below].iter().rev().copied())
    }

    fn all(&self) -> impl Iterator<Item = (i64, i64)> {
        self.before().iter().copied().chain([self.newest])
    }
}

impl Keys {
    fn find(&self, key: &Key) -> Option<i64> {
        self.chains.get(&Subject::of(key))?.find(key.version())
    }

    fn add(&mut self, (key, row): Item) {
        let link = (key.version(), row);
        let added = match self.chains.entry(Subject::of(&key)) {
            Entry::Occupied(mut chain) => chain.get_mut().add(link),
            Entry::Vacant(place) => {
                place.insert(Chain::new(link));
                true
            }
        };
        self.count += usize::from(added);
    }

    fn in_order(&self) -> Arc<[Item]> {
        let mut subjects: Vec<_> = self.chains.iter().collect();
        subjects.sort_unstable_by_key(|(subject, _)| subject.0);
        let mut items = Vec::with_capacity(self.count);
        for (subject, chain) in subjects {
            let key = subject.key();
            items.extend(chain.all().map(|(version, row)| (key.with_version(version), row)));
        }
        items.into()
    }
}

impl Tail {
    /// With room for so many keys: a table that grows moves all that it has, in a commit.
    pub fn new(after: i64, room: usize) -> Self {
        let chains = IndexMap::with_capacity_and_hasher(room, FixedState::default());
        let keys = RwLock::new(Keys { chains, count: 0 });
        let (last, asked) = (AtomicI64::new(after), AtomicU32::new(0));
        Self { after, last, keys, sorted: OnceLock::new(), asked }
    }

    fn read(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Keys> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the keys of all rows up to `last`, which are committed.
    pub fn add(&self, items: impl IntoIterator<Item = Item>, last: i64) {
        let mut keys = self.write();
        items.into_iter().for_each(|item| keys.add(item));
        // Under the lock: whoever reads it afterwards finds the keys.
        self.last.store(last, Ordering::Release);
    }

    pub const fn after_row(&self) -> i64 {
        self.after
    }

    pub fn last_row(&self) -> i64 {
        self.last.load(Ordering::Acquire)
    }

    pub fn len(&self) -> usize {
        self.read().count
    }

    pub fn find(&self, key: &Key) -> Option<i64> {
        self.read().find(key)
    }

    /// As [`Self::find`], for those that are not found yet.
    pub fn find_all(&self, keys: &[Key], found: &mut [Option<i64>]) {
        let own = self.read();
        for (key, found) in keys.iter().zip(found) {
            *found = found.or_else(|| own.find(key));
        }
    }

    /// The greatest keys of one account from `low` to `high`, greatest first, of rows up to `last`.
    pub fn newest(&self, low: &Key, high: &Key, last: i64, limit: usize) -> Vec<Item> {
        assert!(low.is_beside(high), "a range is one account's");
        let keys = self.read();
        let Some(chain) = keys.chains.get(&Subject::of(low)) else { return Vec::new() };
        let links = chain.back_from(high.version());
        let range = links.take_while(|(version, _)| *version >= low.version());
        let known = range.filter(|(_, row)| *row <= last);
        known.take(limit).map(|(version, row)| (low.with_version(version), row)).collect()
    }

    /// All keys in order, as of now.
    pub fn in_order(&self) -> Arc<[Item]> {
        match self.sorted.get() {
            Some(sorted) => Arc::clone(sorted),
            None => self.read().in_order(),
        }
    }

    /// From now on it does not grow: its keys are sorted beside, for the run that is made of them.
    pub fn freeze(tail: &Arc<Self>) {
        if tail.len() > SHORT {
            let own = Arc::clone(tail);
            let thread = std::thread::Builder::new().name("sort".to_owned());
            // Where there is no thread, a commit sorts.
            if let Err(error) = thread.spawn(move || drop(own.frozen())) {
                tracing::warn!(%error, "a commit sorts the keys of a run");
                tail.asked.store(PATIENCE, Ordering::Relaxed);
            }
        }
    }

    /// Whether its keys are sorted, or so few that they are quickly.
    pub fn is_ready(&self) -> bool {
        self.sorted.get().is_some()
            || self.len() <= SHORT
            || self.asked.fetch_add(1, Ordering::Relaxed) >= PATIENCE
    }

    /// The keys of a tail that does not grow any more.
    pub fn frozen(&self) -> Arc<[Item]> {
        Arc::clone(self.sorted.get_or_init(|| self.read().in_order()))
    }
}
