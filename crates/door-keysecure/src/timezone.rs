//! The header `Timezone`: where the days of a list's bounds begin.
//!
//! Grammar: `UTC` or `GMT`, a sign, one or two digits of hours, and `:mm` or nothing; at most 18
//! hours either way, which is what the vendor's platform knows. Absent is `UTC+8`, not UTC.
//!
//! It is looked at only where days have bounds, so that a transfer is never refused for it.

use crate::error::Failure;
use domain::time::Time;
use gateway::header::{Given, given};
use http::{HeaderMap, HeaderName};
use jiff::civil::DateTime;
use jiff::tz::Offset;

const TIMEZONE: HeaderName = HeaderName::from_static("timezone");
const DEFAULT: Timezone = Timezone { minutes: 8 * 60 };
const MINUTES_MAX: i32 = 18 * 60;

/// A fixed distance from UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Timezone {
    /// East of UTC.
    minutes: i32,
}

impl Timezone {
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let read = match given(headers, &TIMEZONE) {
            Given::Absent => Some(DEFAULT),
            Given::Once(text) => Self::read(text),
            Given::Twice => None,
        };
        read.ok_or_else(|| Failure::parameter("Timezone"))
    }

    fn read(text: &[u8]) -> Option<Self> {
        let rest = text.strip_prefix(b"UTC").or_else(|| text.strip_prefix(b"GMT"))?;
        let (sign, rest) = match rest.split_first()? {
            (b'+', rest) => (1, rest),
            (b'-', rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = match rest.iter().position(|c| *c == b':') {
            None => (rest, None),
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        };
        if !(1..=2).contains(&hours.len()) {
            return None;
        }
        let minutes = match minutes {
            None => 0,
            Some(two) if two.len() == 2 => number(two).filter(|minutes| *minutes < 60)?,
            Some(_) => return None,
        };
        let minutes = number(hours)? * 60 + minutes;
        (minutes <= MINUTES_MAX).then_some(Self { minutes: sign * minutes })
    }

    /// The moment that a clock on the wall shows here.
    pub(crate) fn moment(self, wall: DateTime) -> Option<Time> {
        let offset = Offset::from_seconds(self.minutes * 60).ok()?;
        let timestamp = offset.to_timestamp(wall).ok()?;
        Some(Time::from_unix_us(timestamp.as_microsecond()))
    }
}

/// One or two ASCII digits.
fn number(digits: &[u8]) -> Option<i32> {
    let digit = |c: &u8| c.is_ascii_digit().then(|| i32::from(c - b'0'));
    digits.iter().try_fold(0, |sum, c| Some(sum * 10 + digit(c)?))
}

#[cfg(test)]
mod tests;
