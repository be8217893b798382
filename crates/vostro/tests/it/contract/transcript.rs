//! The file: from its lines to exchanges.

use super::variables::Variables;
use crate::harm::Harm;

/// A whole file.
#[derive(Debug)]
pub struct Transcript {
    pub exchanges: Vec<Exchange>,
}

/// One request with its answer, and what comes before it.
#[derive(PartialEq, Eq, Debug)]
pub struct Exchange {
    /// The line of the title, from 1.
    pub line: usize,
    pub title: String,
    pub steps: Vec<Step>,
    pub request: Request,
    /// Status line, header fields, an empty line and the body, where there is one.
    pub answer: Vec<String>,
}

/// What prepares an exchange.
#[derive(PartialEq, Eq, Debug)]
pub enum Step {
    /// Unix milliseconds.
    Clock(i64),
    /// Names and values of the environment.
    Server(Vec<(String, String)>),
    Operator(Call),
    Store(Harm),
}

/// A call of the operator.
#[derive(PartialEq, Eq, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    /// JSON, or nothing.
    pub body: String,
    /// What the fields of the answer are called by.
    pub name: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub fields: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn filled(&self, variables: &Variables) -> Result<Self, String> {
        let fields = self.fields.iter();
        let fields = fields.map(|(name, value)| Ok((name.clone(), variables.fill(value)?)));
        Ok(Self {
            method: self.method.clone(),
            path: variables.fill(&self.path)?,
            fields: fields.collect::<Result<_, String>>()?,
            body: variables.fill(&self.body)?,
        })
    }
}

impl Exchange {
    /// Whether the status line says this.
    pub fn has_status(&self, status: u16) -> bool {
        self.answer[0].split(' ').nth(1) == Some(&status.to_string())
    }

    /// Behind the first empty line.
    pub fn answered_body(&self) -> String {
        let body = self.answer.iter().skip_while(|line| !line.is_empty()).skip(1);
        body.map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

const TITLE: &str = "### ";
const ANSWER: &str = "HTTP/1.1 ";

/// The lines of a file with their numbers, read one by one.
struct Lines<'a> {
    all: Vec<&'a str>,
    at: usize,
}

impl<'a> Lines<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.all.get(self.at).copied()
    }

    fn next_if(&mut self, wanted: impl Fn(&str) -> bool) -> Option<&'a str> {
        let line = self.peek().filter(|line| wanted(line))?;
        self.at += 1;
        Some(line)
    }

    fn take_while(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<&'a str> {
        std::iter::from_fn(|| self.next_if(&wanted)).collect()
    }

    fn fault(&self, why: &str) -> String {
        format!("{}: {why}", self.at + 1)
    }
}

impl Transcript {
    /// An error begins with the number of its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = Lines { all: text.lines().collect(), at: 0 };
        let mut steps = preparation(&mut lines)?;
        let mut exchanges = Vec::new();
        while lines.peek().is_some() {
            let mut exchange = exchange(&mut lines)?;
            exchange.steps.splice(..0, std::mem::take(&mut steps));
            exchanges.push(exchange);
        }
        if exchanges.is_empty() {
            return Err(lines.fault("no exchange"));
        }
        Ok(Self { exchanges })
    }
}

fn exchange(lines: &mut Lines<'_>) -> Result<Exchange, String> {
    let line = lines.at + 1;
    let title =
        lines.next_if(|line| line.starts_with(TITLE)).and_then(|line| line.strip_prefix(TITLE));
    let title = title.ok_or_else(|| lines.fault("a title is wanted"))?.to_owned();
    let steps = preparation(lines)?;
    let request = request(lines)?;
    let mut answer = lines.take_while(|line| !line.starts_with(TITLE));
    trim(&mut answer);
    let well = answer.first().is_some_and(|status| status.starts_with(ANSWER));
    // A second one would be taken for a part of the first.
    if !well || answer.iter().skip(1).any(|line| line.starts_with(ANSWER)) {
        return Err(format!("{line}: one answer is wanted"));
    }
    let answer = answer.into_iter().map(str::to_owned).collect();
    Ok(Exchange { line, title, steps, request, answer })
}

/// Remarks and steps, up to the next title or request.
fn preparation(lines: &mut Lines<'_>) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let remark =
        |line: &str| line.is_empty() || (line.starts_with('#') && !line.starts_with(TITLE));
    while let Some(line) = lines.next_if(remark) {
        let text = line.trim_start_matches('#').trim();
        // No remark begins with a small word and a colon, so a misspelled step is told.
        if let Some((word, text)) = text.split_once(':')
            && word.bytes().all(|c| c.is_ascii_lowercase())
        {
            let step = step(word, text.trim());
            steps.push(step.ok_or_else(|| format!("{}: no step: {line}", lines.at))?);
        }
    }
    Ok(steps)
}

fn step(word: &str, text: &str) -> Option<Step> {
    Some(match word {
        "clock" => Step::Clock(text.parse().ok()?),
        "server" => {
            let pair = |word: &str| {
                word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
            };
            Step::Server(words(text).into_iter().map(pair).collect::<Option<_>>()?)
        }
        "operator" => {
            let (text, name) = match text.rsplit_once(" -> ") {
                Some((text, name)) => (text, Some(name.to_owned())),
                None => (text, None),
            };
            let (method, rest) = text.split_once(' ')?;
            let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
            let (method, path, body) = (method.to_owned(), path.to_owned(), body.to_owned());
            Step::Operator(Call { method, path, body, name })
        }
        "store" => Step::Store(Harm::parse(text)?),
        _ => return None,
    })
}

/// A line in words; a blank between quotes parts none.
fn words(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = |c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    };
    text.split(parts).filter(|word| !word.is_empty()).collect()
}

fn request(lines: &mut Lines<'_>) -> Result<Request, String> {
    let line = lines.next_if(|line| !line.starts_with(TITLE));
    let line = line.and_then(|line| line.split_once(' ')).filter(|(_, path)| !path.contains(' '));
    let (method, path) = line.ok_or_else(|| lines.fault("a method and a path are wanted"))?;
    let mut fields = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").ok_or_else(|| lines.fault("no header field"))?;
        fields.push((name.to_owned(), value.to_owned()));
    }
    let mut body = lines.take_while(|line| !line.starts_with(ANSWER) && !line.starts_with(TITLE));
    trim(&mut body);
    let body = body.strip_prefix(&[""]).unwrap_or(&body).join("\n");
    Ok(Request { method: method.to_owned(), path: path.to_owned(), fields, body })
}

/// Without the empty lines at the end, which part exchanges.
fn trim(lines: &mut Vec<&str>) {
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
}

#[cfg(test)]
mod tests;
