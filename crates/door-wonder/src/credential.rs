//! The header `Credential`: `AppID/YYYYMMDDhhmmss/Wonder-RSA-SHA256`.

use crate::error::Code;
use crate::signature::LABEL;
use domain::time::Time;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The longest AppID that is looked for.
const APP_ID_LEN_MAX: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Credential<'a> {
    pub app_id: &'a str,
    /// The 14 digits, as they are signed.
    pub time: &'a str,
    pub at: Time,
}

impl<'a> Credential<'a> {
    /// Three parts, the second of which is a time in UTC; then the algorithm.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Code> {
        let mut parts = text.split('/');
        let (Some(app_id), Some(time), Some(label), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Code::BadCredential);
        };
        let at = read_time(time).ok_or(Code::BadCredential)?;
        if app_id.is_empty() || app_id.len() > APP_ID_LEN_MAX {
            return Err(Code::BadCredential);
        }
        if label != LABEL {
            return Err(Code::UnknownAlgorithm);
        }
        Ok(Self { app_id, time, at })
    }
}

fn read_time(text: &str) -> Option<Time> {
    if text.len() != 14 || !text.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
    let small = |from: usize| text[from..from + 2].parse::<i8>().ok();
    let (month, day) = (small(4)?, small(6)?);
    let (hour, minute, second) = (small(8)?, small(10)?, small(12)?);
    let civil = DateTime::new(number(0, 4)?, month, day, hour, minute, second, 0).ok()?;
    let at = TimeZone::UTC.to_timestamp(civil).ok()?;
    Some(Time::from_unix_us(at.as_microsecond()))
}

#[cfg(test)]
mod tests;
