//! Times on the wire: RFC 3339 in whole seconds at the vendor's own offset.

use domain::time::Time;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// Such as `2024-03-21T17:17:32+08:00`.
pub(crate) fn text(at: Time) -> String {
    let edge = if at < Time::ZERO { Timestamp::MIN } else { Timestamp::MAX };
    let stamp = Timestamp::from_microsecond(at.unix_us()).unwrap_or(edge);
    let zone = TimeZone::fixed(Offset::constant(8));
    stamp.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The day as six digits, in the same offset, for references that people read.
pub(crate) fn day(at: Time) -> String {
    let stamp = Timestamp::from_microsecond(at.unix_us()).unwrap_or(Timestamp::MAX);
    stamp.to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%y%m%d").to_string()
}

#[cfg(test)]
mod tests;
