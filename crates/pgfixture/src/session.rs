//! A connection that stays open from one statement to the next, as whoever holds a lock needs it.

use crate::binaries;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// What is printed once a statement is done.
const DONE: &str = "-- done";

/// What it holds is let go when it is dropped, or when the test process ends in any way.
pub struct Session {
    psql: Child,
    statements: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Session {
    pub fn open(url: &str) -> Self {
        let mut psql = binaries::command("psql");
        psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1"]).arg(url);
        psql.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut psql = psql.spawn().expect("psql can be run");
        let statements = psql.stdin.take().expect("it is piped");
        let answers = BufReader::new(psql.stdout.take().expect("it is piped"));
        Self { psql, statements, answers }
    }

    /// Runs a statement to its end and returns its rows as lines. psql has said on standard error
    /// why one fails.
    pub fn run(&mut self, sql: &str) -> String {
        let sent = writeln!(self.statements, "{sql};\n\\echo {DONE}");
        sent.and_then(|()| self.statements.flush()).expect("psql takes statements");
        let mut rows = String::new();
        loop {
            let begin = rows.len();
            let read = self.answers.read_line(&mut rows).expect("it prints text");
            assert!(read > 0, "psql has ended at: {sql}");
            if rows[begin..].trim_end() == DONE {
                rows.truncate(begin);
                return rows.trim_end().to_owned();
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Where it has ended by itself, both find nothing to do.
        let _ = self.psql.kill();
        let _ = self.psql.wait();
    }
}

#[cfg(test)]
mod tests;
