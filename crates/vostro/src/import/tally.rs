//! What became of the lines: counted, and those that were refused printed as they come.

use serde::Deserialize;
use serde_json::json;
use std::io::Write;

/// An answer to one line.
#[derive(Deserialize)]
struct Answer<'a> {
    line: u64,
    reference: Option<String>,
    #[serde(default, borrow)]
    outcome: Option<&'a str>,
    #[serde(default)]
    replayed: bool,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
    detail: String,
}

/// The answer is none.
#[derive(Debug)]
pub struct NotAnAnswer;

#[derive(Default)]
pub struct Tally {
    json: bool,
    pub lines: u64,
    done: u64,
    /// By an earlier call.
    replayed: u64,
    /// Of both, those that were declined.
    declined: u64,
    pub refused: u64,
}

impl Tally {
    pub fn new(json: bool) -> Self {
        Self { json, ..Self::default() }
    }

    pub fn add(&mut self, line: &[u8]) -> Result<(), NotAnAnswer> {
        let answer: Answer<'_> = serde_json::from_slice(line).map_err(|_| NotAnAnswer)?;
        self.lines += 1;
        match (&answer.error, answer.replayed) {
            (Some(fault), _) => {
                self.refused += 1;
                self.tell(&answer, fault, line);
            }
            (None, true) => self.replayed += 1,
            (None, false) => self.done += 1,
        }
        self.declined += u64::from(answer.outcome == Some("declined"));
        Ok(())
    }

    /// On standard output, which can be kept; a bar on a terminal draws itself anew.
    fn tell(&self, answer: &Answer<'_>, fault: &Fault, line: &[u8]) {
        let mut out = std::io::stdout().lock();
        let told = if self.json {
            out.write_all(line).and_then(|()| out.write_all(b"\n"))
        } else {
            let reference = answer.reference.as_deref().unwrap_or("-");
            let Fault { code, detail } = fault;
            writeln!(out, "line {}  {reference}  {code}: {detail}", answer.line)
        };
        // Who closed it does not want to know; the count is told at the end all the same.
        let _ = told;
    }

    /// For the bar.
    pub fn short(&self) -> String {
        format!("{} done, {} before, {} refused", self.done, self.replayed, self.refused)
    }

    pub fn print(&self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        let Self { lines, done, replayed, declined, refused, json } = self;
        if *json {
            let all = json!({
                "lines": lines, "done": done, "replayed": replayed, "declined": declined,
                "refused": refused,
            });
            return writeln!(out, "{all}");
        }
        writeln!(
            out,
            "{lines} lines: {done} done, {replayed} done before, {declined} of them declined, \
             {refused} refused"
        )
    }
}
