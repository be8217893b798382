//! Reads what `strace -f -y` has written: one call after the other, although they overlap.

use std::collections::HashMap;

/// One call. Start and end are places in the log, which has things in the order in which they
/// happened: a thread goes on only after its line was written.
#[derive(Debug)]
struct Call {
    name: String,
    /// Arguments and result, as they are written.
    text: String,
    start: usize,
    end: usize,
}

impl Call {
    fn is_on_log(&self) -> bool {
        // The first argument is the descriptor, with its file in brackets.
        let file = self.text.split('>').next();
        file.is_some_and(|file| file.ends_with("vostro.db-wal"))
    }

    fn is_on_socket(&self) -> bool {
        self.text.split('>').next().is_some_and(|file| file.contains("<socket:"))
    }

    fn succeeded(&self) -> bool {
        let result = self.text.rsplit(" = ").next();
        result.is_some_and(|result| !result.starts_with('-') && !result.starts_with('?'))
    }

    fn says(&self, word: &str) -> bool {
        self.text.contains(word)
    }
}

const READS: [&str; 4] = ["read", "readv", "recvfrom", "recvmsg"];
const WRITES: [&str; 4] = ["write", "writev", "sendto", "sendmsg"];
const LOG_WRITES: [&str; 4] = ["write", "writev", "pwrite64", "pwritev"];
const SYNCS: [&str; 2] = ["fsync", "fdatasync"];

/// All calls, in the order in which they began.
pub struct Trace(Vec<Call>);

const UNFINISHED: &str = " <unfinished ...>";

impl Trace {
    pub fn read(text: &str) -> Self {
        let mut calls = Vec::new();
        // The call that each thread is in.
        let mut open: HashMap<&str, usize> = HashMap::new();
        for (at, line) in text.lines().enumerate() {
            let Some((thread, rest)) = line.split_once(' ') else { continue };
            let rest = rest.trim_start();
            if let Some(resumed) = rest.strip_prefix("<... ") {
                let Some((_, more)) = resumed.split_once(" resumed>") else { continue };
                if let Some(index) = open.remove(thread) {
                    let call: &mut Call = &mut calls[index];
                    call.text.push_str(more);
                    call.end = at;
                }
            } else if let Some((name, text)) = rest.split_once('(')
                && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            {
                let unfinished = text.strip_suffix(UNFINISHED);
                let end = if unfinished.is_some() { usize::MAX } else { at };
                if unfinished.is_some() {
                    open.insert(thread, calls.len());
                }
                let (name, text) = (name.to_owned(), unfinished.unwrap_or(text).to_owned());
                calls.push(Call { name, text, start: at, end });
            }
            // What is left are signals and exits.
        }
        Self(calls)
    }

    fn of(&self, names: &'static [&'static str]) -> impl Iterator<Item = &Call> {
        self.0.iter().filter(move |call| names.contains(&call.name.as_str()))
    }

    /// Whether the first answer that names a transfer began to leave after a sync had returned
    /// that began after the log had it, which it had after the request was read.
    pub fn check(&self, number: &str) -> Result<(), &'static str> {
        let mut reads = self.of(&READS).filter(|call| call.is_on_socket());
        let request = reads.find(|call| call.says(number) && call.succeeded());
        let request = request.ok_or("its request was not read")?;
        let mut answers = self.of(&WRITES).filter(|call| call.is_on_socket());
        let answer = answers.find(|call| call.says(number)).ok_or("it was not answered")?;
        if answer.start < request.end {
            return Err("it was answered before it was read");
        }
        let mut written = self.of(&LOG_WRITES).filter(|call| call.is_on_log());
        let written = written.find(|call| call.start > request.end && call.says(number));
        let written = written.ok_or("it was not written")?;
        let mut syncs = self.of(&SYNCS).filter(|call| call.is_on_log() && call.succeeded());
        let synced = syncs.any(|call| call.start > written.end && call.end < answer.start);
        if synced { Ok(()) } else { Err("its answer left before its sync had returned") }
    }
}

#[cfg(test)]
mod tests;
