//! Pages by cursor, so that rows which arrive meanwhile never shift one.
//!
//! `next` of one page is the cursor of the following one, and `null` at the end. Callers pass it
//! back as it is: as `after` in lists by key, as `before` in lists with the newest first.

use crate::error::Problem;
use crate::query::Query;
use domain::transfer::Place;
use serde::Serialize;

const LIMIT_DEFAULT: u32 = 50;
pub(crate) const LIMIT_MAX: u32 = 500;

/// Rows of one page: 1 to 500.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(u32);

impl Limit {
    pub(crate) fn read(query: &Query) -> Result<Self, Problem> {
        let Some(text) = query.text("limit")? else {
            return Ok(Self(LIMIT_DEFAULT));
        };
        let digits = text.len() <= 3 && text.bytes().all(|c| c.is_ascii_digit());
        match text.parse() {
            Ok(limit) if digits && (1..=LIMIT_MAX).contains(&limit) => Ok(Self(limit)),
            _ => Err(Problem::bad_field("limit", "must be a number from 1 to 500")),
        }
    }

    /// One row more than the page, which tells whether there is a next one.
    pub(crate) const fn probe(self) -> u32 {
        self.0 + 1
    }

    pub(crate) const fn rows(self) -> usize {
        self.0 as usize
    }
}

/// One page of views.
#[derive(Serialize)]
pub(crate) struct Page<T> {
    pub data: Vec<T>,
    pub next: Option<String>,
}

/// The page's rows and its `next`, of rows read with [`Limit::probe`].
pub(crate) fn cut<R>(
    mut rows: Vec<R>,
    limit: Limit,
    cursor: impl Fn(&R) -> String,
) -> (Vec<R>, Option<String>) {
    let more = rows.len() > limit.rows();
    rows.truncate(limit.rows());
    let next = rows.last().filter(|_| more).map(cursor);
    (rows, next)
}

/// The cursor of a list in the order of a programme's commits.
pub(crate) fn place_text(place: Place) -> String {
    format!("{}-{}", place.seq, place.ordinal)
}

/// Reads what [`place_text`] wrote.
pub(crate) fn place(query: &Query, name: &str) -> Result<Option<Place>, Problem> {
    let Some(text) = query.text(name)? else {
        return Ok(None);
    };
    read_place(text).map(Some).ok_or_else(|| bad_cursor(name))
}

/// The place that [`place_text`] would write so.
pub(crate) fn read_place(text: &str) -> Option<Place> {
    let (seq, ordinal) = text.split_once('-')?;
    let place = Place { seq: seq.parse().ok()?, ordinal: ordinal.parse().ok()? };
    (place_text(place) == text).then_some(place)
}

pub(crate) fn bad_cursor(name: &str) -> Problem {
    Problem::bad_field(name, "must be the `next` of a page")
}

#[cfg(test)]
mod tests;
