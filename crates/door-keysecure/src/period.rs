//! `start_time` and `end_time` of lists: days or seconds in the caller's time zone.
//!
//! Either is `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss`. Both are included: a list to a day has the
//! whole day, a list to a second has the whole second. So one day is asked for by naming it
//! twice, and the documented example, 1 January to 31 March, is the longest list: 90 days.

use crate::error::{Code, Failure};
use crate::timezone::Timezone;
use domain::time::Time;
use gateway::json::Object;
use jiff::civil::DateTime;
use std::time::Duration;

const START: &str = "start_time";
const END: &str = "end_time";
const SECOND: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(90 * 24 * 3600);
/// No form of a time is longer; what is longer is not looked at.
const TEXT_LEN_MAX: usize = 19;

/// From a moment to just before another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Period {
    pub from: Time,
    pub until: Time,
}

impl Period {
    /// Faults of the texts come before the end (1019) and the length (1020).
    pub(crate) fn read(body: &Object<'_>, zone: Timezone) -> Result<Self, Failure> {
        let start = Wall::read(body, START)?;
        let end = Wall::read(body, END)?;
        let from = start.begins(zone).ok_or(Failure::parameter(START))?;
        // What is compared is the second that was named, or the end of the day that was named.
        let (last, until) = match end {
            Wall::Second(_) => end.begins(zone).map(|second| (second, second.plus(SECOND))),
            Wall::Day(_) => end.day_ends(zone).map(|midnight| (midnight, midnight)),
        }
        .ok_or(Failure::parameter(END))?;
        if last <= from {
            return Err(Code::EndNotAfterStart.into());
        }
        if last.since(from) > LONGEST {
            return Err(Code::RangeTooLong.into());
        }
        Ok(Self { from, until })
    }
}

/// What a clock and a calendar on the wall show.
#[derive(Clone, Copy)]
enum Wall {
    Day(DateTime),
    Second(DateTime),
}

impl Wall {
    fn read(body: &Object<'_>, name: &'static str) -> Result<Self, Failure> {
        let text = body.text(name, TEXT_LEN_MAX)?;
        Self::parse(text.as_bytes()).ok_or_else(|| Failure::parameter(name))
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let shape: &[u8] = match text.len() {
            10 => b"0000-00-00",
            19 => b"0000-00-00 00:00:00",
            _ => return None,
        };
        let fits = text.iter().zip(shape).all(|(c, like)| match like {
            b'0' => c.is_ascii_digit(),
            mark => c == mark,
        });
        if !fits {
            return None;
        }
        let number = |from: usize, to: usize| {
            let digits = text.get(from..to).unwrap_or_default();
            digits.iter().fold(0i16, |sum, c| sum * 10 + i16::from(c - b'0'))
        };
        let two = |from: usize| i8::try_from(number(from, from + 2)).ok();
        let (month, day) = (two(5)?, two(8)?);
        let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
        // Refuses days that a month lacks, hour 24 and second 60.
        let wall = DateTime::new(number(0, 4), month, day, hour, minute, second, 0).ok()?;
        Some(if text.len() == 10 { Self::Day(wall) } else { Self::Second(wall) })
    }

    fn begins(self, zone: Timezone) -> Option<Time> {
        let (Self::Day(wall) | Self::Second(wall)) = self;
        zone.moment(wall)
    }

    fn day_ends(self, zone: Timezone) -> Option<Time> {
        let (Self::Day(wall) | Self::Second(wall)) = self;
        let next = wall.date().tomorrow().ok()?;
        zone.moment(next.to_datetime(jiff::civil::Time::midnight()))
    }
}

#[cfg(test)]
mod tests;
