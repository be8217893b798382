//! Moments as RFC 3339: written in UTC with microseconds, read with any offset.

use domain::time::Time;
use jiff::Timestamp;

/// Completes a sentence that begins with the name of what was to be one.
pub const EXPECTED: &str = "must be a time such as 2026-05-22T08:30:00.000000Z";

/// Such as `2026-05-22T08:30:00.000000Z`. Beyond the years of the calendar it is their edge.
pub fn text(at: Time) -> String {
    format!("{:.6}", stamp(at))
}

/// As [`text`], without the zeros at the end of the fraction, nor a point that nothing follows.
pub fn short_text(at: Time) -> String {
    stamp(at).to_string()
}

fn stamp(at: Time) -> Timestamp {
    let edge = if at < Time::ZERO { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(at.unix_us()).unwrap_or(edge)
}

/// Reads `date T time [. 1 to 6 digits] (Z | ±hh:mm)`, and no other form.
pub fn parse(text: &str) -> Option<Time> {
    read(text, 6)
}

/// As [`parse`], with up to 9 digits; what is finer than a microsecond is cut off.
pub fn parse_nanoseconds(text: &str) -> Option<Time> {
    read(text, 9)
}

fn read(text: &str, digits_max: usize) -> Option<Time> {
    // The calendar library reads more forms than this one; the shape is checked first.
    let (head, tail) = text.split_at_checked(19)?;
    let tail = match tail.strip_prefix('.') {
        None => tail,
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=digits_max).contains(&digits) {
                return None;
            }
            &rest[digits..]
        }
    };
    let zone = tail == "Z" || is_shaped(tail, "+00:00") || is_shaped(tail, "-00:00");
    if !zone || !is_shaped(head, "0000-00-00T00:00:00") {
        return None;
    }
    let stamp: Timestamp = text.parse().ok()?;
    Some(Time::from_unix_us(stamp.as_microsecond()))
}

/// `0` stands for any digit, everything else for itself.
fn is_shaped(text: &str, shape: &str) -> bool {
    let same = |(c, s): (u8, u8)| if s == b'0' { c.is_ascii_digit() } else { c == s };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(same)
}

#[cfg(test)]
mod tests;
