//! References whose calls a worker of this server has taken up and not answered yet. Who asks for
//! one of them again and does not get a worker in time is told that it is under way: nothing of the
//! second call was done, and what becomes of the first is not known yet.

use domain::id::ReferenceKey;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

/// How many calls of each reference.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<Keys>);

type Keys = HashMap<ReferenceKey, u32, foldhash::fast::RandomState>;

impl UnderWay {
    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().expect("nothing panics while it holds the references")
    }

    pub(crate) fn has(&self, key: ReferenceKey) -> bool {
        self.keys().contains_key(&key)
    }

    /// A batch was taken up.
    pub(crate) fn begin(&self, batch: &[ReferenceKey]) {
        let mut keys = self.keys();
        for key in batch {
            *keys.entry(*key).or_default() += 1;
        }
    }

    /// All of a batch was answered.
    pub(crate) fn end(&self, batch: &[ReferenceKey]) {
        let mut keys = self.keys();
        for key in batch {
            if let Some(count) = keys.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    keys.remove(key);
                }
            }
        }
    }
}
