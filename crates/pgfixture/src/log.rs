//! What a server says on its standard error, line by line, until its last process has ended.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// For whatever a server does, on a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(120);

pub struct Log(Arc<Shared>);

#[derive(Default)]
struct Shared {
    said: Mutex<Said>,
    more: Condvar,
}

#[derive(Default)]
struct Said {
    lines: Vec<String>,
    /// All that had the other end of the pipe are gone: the server and each of its backends.
    ended: bool,
}

impl Log {
    pub fn follow(pipe: impl Read + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || ours.read(pipe));
        Self(shared)
    }

    /// How much was said so far; words that come later are waited for from here.
    pub fn mark(&self) -> usize {
        self.0.said().lines.len()
    }

    /// Waits until a line after the mark holds the words; fails with the log if none will.
    pub fn wait_for(&self, words: &str, mark: usize) {
        let has = |said: &Said| said.lines[mark..].iter().any(|line| line.contains(words));
        let said = self.0.wait_until(|said| said.ended || has(said));
        assert!(has(&said), "the server did not say {words:?}:\n{}", said.lines.join("\n"));
    }

    /// Waits until all processes are gone; whether they are.
    pub fn wait_for_end(&self) -> bool {
        self.0.wait_until(|said| said.ended).ended
    }
}

impl Shared {
    fn read(&self, pipe: impl Read) {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            self.said().lines.push(String::from_utf8_lossy(&line).into_owned());
            self.more.notify_all();
        }
        self.said().ended = true;
        self.more.notify_all();
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until(&self, condition: impl Fn(&Said) -> bool) -> MutexGuard<'_, Said> {
        let waited = self.more.wait_timeout_while(self.said(), LIMIT, |said| !condition(said));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
