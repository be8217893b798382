//! Just enough of HTTP/1.1 to read the server's answers: a head, and a body of announced length.

use serde::Deserialize;
use std::ops::Range;

/// How the body of a success begins, as the door writes it.
const SUCCESS: &[u8] = b"{\"code\":0,";
const HEAD_END: &[u8] = b"\r\n\r\n";

/// What is not an answer of the server that is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadAnswer {
    #[error("the answer is not HTTP/1.1")]
    Version,
    #[error("the answer has no status")]
    Status,
    #[error("the answer does not say how long it is")]
    Length,
}

/// One whole answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub status: u16,
    /// Where the body stands in the bytes that were read.
    pub body: Range<usize>,
}

/// The answer that the bytes begin with; `None` while it is not there in full.
pub fn read(bytes: &[u8]) -> Result<Option<Answer>, BadAnswer> {
    let Some(head_end) = bytes.windows(HEAD_END.len()).position(|four| four == HEAD_END) else {
        return Ok(None);
    };
    let head = &bytes[..head_end];
    let rest = head.strip_prefix(b"HTTP/1.1 ").ok_or(BadAnswer::Version)?;
    let status = rest.get(..3).and_then(number).ok_or(BadAnswer::Status)?;
    let status = u16::try_from(status).map_err(|_| BadAnswer::Status)?;
    let lines = head.split(|byte| *byte == b'\n');
    let length = lines.skip(1).find_map(content_length).ok_or(BadAnswer::Length)?;
    let begins = head_end + HEAD_END.len();
    let ends = begins.checked_add(length.ok_or(BadAnswer::Length)?).ok_or(BadAnswer::Length)?;
    Ok((bytes.len() >= ends).then_some(Answer { status, body: begins..ends }))
}

/// `Some(None)` where the header is there and its value is no number.
fn content_length(line: &[u8]) -> Option<Option<usize>> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    name.eq_ignore_ascii_case(NAME).then(|| number(value.trim_ascii()))
}

fn number(digits: &[u8]) -> Option<usize> {
    let digit = |c: &u8| c.is_ascii_digit().then(|| usize::from(c - b'0'));
    let add = |sum: usize, c| sum.checked_mul(10)?.checked_add(digit(c)?);
    (!digits.is_empty()).then(|| digits.iter().try_fold(0, add))?
}

/// What the door's envelope says.
#[derive(Deserialize)]
struct Envelope {
    code: u64,
    #[serde(default)]
    msg: String,
}

/// `Ok` where the call did what it was asked for, else what it answered.
pub fn outcome(status: u16, body: &[u8]) -> Result<(), String> {
    if status == 200 && body.starts_with(SUCCESS) {
        return Ok(());
    }
    match serde_json::from_slice::<Envelope>(body) {
        Ok(Envelope { code: 0, .. }) if status == 200 => Ok(()),
        Ok(Envelope { code, msg }) => Err(format!("status {status}, code {code}: {msg}")),
        Err(_) => Err(format!("status {status} without an envelope")),
    }
}

#[cfg(test)]
mod tests;
