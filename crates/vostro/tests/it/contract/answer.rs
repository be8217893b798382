//! An answer beside what was expected of it.

use super::variables::{Part, Variables, parts};
use crate::http::Answer;

/// Header fields that differ from one time to the next, or follow from the body.
const LEFT_OUT: [&str; 3] = ["date", "content-length", "x-request-id"];

/// The answer as a transcript has it, line by line.
pub fn shown(answer: &Answer) -> Vec<String> {
    let field = |line: &str| line.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let head = answer.head.trim_end().lines();
    let head = head.filter(|line| !LEFT_OUT.contains(&&*field(line))).map(str::to_owned);
    let mut lines: Vec<_> = head.collect();
    let body = String::from_utf8_lossy(&answer.body);
    if !body.is_empty() {
        lines.push(String::new());
        lines.extend(body.split('\n').map(str::to_owned));
    }
    lines
}

/// What a placeholder of an answer stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Id,
    Uuid,
    Ms,
    Rfc3339,
    Token,
    Short,
}

impl Kind {
    fn find(word: &str) -> Option<Self> {
        Some(match word {
            "id" => Self::Id,
            "uuid" => Self::Uuid,
            "ms" => Self::Ms,
            "rfc3339" => Self::Rfc3339,
            "token" => Self::Token,
            "short" => Self::Short,
            _ => return None,
        })
    }

    /// What of the text's beginning it is, if it is that.
    fn take(self, text: &str) -> Option<&str> {
        let bytes = text.as_bytes();
        let run = |member: fn(&u8) -> bool| bytes.iter().take_while(|c| member(c)).count();
        let hex = |c: &u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        let len = match self {
            Self::Id => Some(run(hex)).filter(|len| *len == 32),
            Self::Uuid => Some(run(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f' | b'-')))
                .filter(|len| like(&bytes[..*len], b"00000000-0000-0000-0000-000000000000", hex)),
            Self::Ms => Some(run(u8::is_ascii_digit)).filter(|len| *len == 13),
            Self::Rfc3339 => moment(bytes),
            Self::Token => Some(run(|c| c.is_ascii_alphanumeric() || b"-_.~+/=".contains(c)))
                .filter(|len| *len >= 16),
            Self::Short => {
                Some(run(|c| matches!(c, b'A'..=b'Z' | b'0'..=b'9' | b'-'))).filter(|len| *len >= 8)
            }
        };
        len.map(|len| &text[..len])
    }
}

/// Whether each `0` of the shape is such a character here, and all others are the same.
fn like(text: &[u8], shape: &[u8], member: impl Fn(&u8) -> bool) -> bool {
    let fits = |(c, like): (&u8, &u8)| if *like == b'0' { member(c) } else { c == like };
    text.len() == shape.len() && text.iter().zip(shape).all(fits)
}

/// The length of a time with its zone, and a fraction of a second or none.
fn moment(text: &[u8]) -> Option<usize> {
    const SECOND: &[u8] = b"0000-00-00T00:00:00";
    let second = text.get(..SECOND.len())?;
    if !like(second, SECOND, u8::is_ascii_digit) {
        return None;
    }
    let digits = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_digit()).count();
    let rest = &text[SECOND.len()..];
    let fraction = match rest.strip_prefix(b".") {
        Some(fraction) if digits(fraction) > 0 => 1 + digits(fraction),
        Some(_) => return None,
        None => 0,
    };
    let zone = match &rest[fraction..] {
        [b'Z', ..] => 1,
        [b'+' | b'-', zone @ ..] if like(zone.get(..5)?, b"00:00", u8::is_ascii_digit) => 6,
        _ => return None,
    };
    Some(SECOND.len() + fraction + zone)
}

/// Matches one line, and notes what it captures. An error is how far it went on the actual line.
fn match_line(expected: &str, actual: &str, variables: &mut Variables) -> Result<(), usize> {
    let mut rest = actual;
    for part in parts(expected) {
        let failed = actual.len() - rest.len();
        rest = match part {
            Part::Text(text) => rest.strip_prefix(text).ok_or(failed + common(text, rest))?,
            Part::Name(name) => {
                let (word, capture) =
                    name.split_once(':').map_or((name, None), |(w, c)| (w, Some(c)));
                let taken = match Kind::find(word) {
                    Some(kind) => kind.take(rest).ok_or(failed)?.to_owned(),
                    None => variables.find(name).map_err(|_| failed)?,
                };
                if let Some(capture) = capture {
                    variables.set(capture, &taken);
                }
                rest.strip_prefix(&*taken).ok_or(failed)?
            }
        };
    }
    if rest.is_empty() { Ok(()) } else { Err(actual.len() - rest.len()) }
}

/// Bytes that both begin with.
fn common(one: &str, other: &str) -> usize {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other);
    same.map(|(c, _)| c.len_utf8()).sum()
}

/// Fails with what differs, and captures nothing then.
pub fn compare(
    expected: &[String],
    actual: &[String],
    variables: &mut Variables,
) -> Result<(), String> {
    let mut found = variables.clone();
    let mut matches = |expected: &String, actual: &String| match_line(expected, actual, &mut found);
    let pairs = || expected.iter().zip(actual);
    let top = pairs().take_while(|(expected, actual)| matches(expected, actual).is_ok()).count();
    if top == expected.len() && top == actual.len() {
        *variables = found;
        return Ok(());
    }
    let below = expected[top..].iter().rev().zip(actual[top..].iter().rev());
    let bottom = below.take_while(|(expected, actual)| matches(expected, actual).is_ok()).count();
    let mut text = String::new();
    let mut tell = |mark: &str, lines: &[String]| {
        lines.iter().for_each(|line| text.push_str(&format!("  {mark} {line}\n")));
    };
    let (missing, extra) =
        (&expected[top..expected.len() - bottom], &actual[top..actual.len() - bottom]);
    tell(" ", &actual[..top]);
    tell("-", missing);
    tell("+", extra);
    if let ([expected], [actual]) = (missing, extra)
        && let Err(at) = matches(expected, actual)
    {
        tell(" ", &[format!("{}^", " ".repeat(actual[..at].chars().count()))]);
    }
    tell(" ", &actual[actual.len() - bottom..]);
    Err(text)
}

#[cfg(test)]
mod tests;
