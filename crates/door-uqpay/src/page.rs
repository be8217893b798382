//! `page_size` and `page_number`, and the envelope of lists.

use crate::error::Failure;
use domain::time::Time;
use gateway::paging::{PageFault, PageLimits, PageNumber};
use serde::Serialize;

/// Rows are counted to the page that is asked for, so lists end somewhere.
const PAGES: PageLimits = PageLimits { size_default: 10, size_max: 100, depth_max: 10_000 };

#[derive(Serialize)]
pub(crate) struct List<T> {
    total_pages: u64,
    total_items: u64,
    data: Vec<T>,
}

impl<T> List<T> {
    /// One page of a list of so many.
    pub(crate) fn new(page: PageNumber, total_items: u64, data: Vec<T>) -> Self {
        Self { total_pages: page.pages_of(total_items), total_items, data }
    }
}

/// The parameters of a list. What a list does not know is passed over, as the vendor does.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Result<Self, Failure> {
        Ok(Self(gateway::query::pairs(query)?))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(crate) fn time(&self, name: &str) -> Result<Option<Time>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        // A plus may have come as a blank.
        let read = gateway::time::parse_nanoseconds(&text.replace(' ', "+"));
        read.map(Some).ok_or_else(|| Failure::field(name, "must be a time of RFC 3339"))
    }

    pub(crate) fn page(&self) -> Result<PageNumber, Failure> {
        let number = |name| match self.text(name) {
            None => Ok(None),
            Some(text) => {
                let digits = text.len() <= 7 && text.bytes().all(|c| c.is_ascii_digit());
                let read = text.parse::<u64>().ok().filter(|_| digits);
                read.map(Some).ok_or_else(|| Failure::field(name, "must be a number"))
            }
        };
        let (page, size) = (number("page_number")?, number("page_size")?);
        PageNumber::new(page, size, &PAGES).map_err(|fault| match fault {
            PageFault::Page => Failure::field("page_number", "must be 1 or greater"),
            PageFault::Size => Failure::field("page_size", "must be between 1 and 100"),
            PageFault::TooDeep => Failure::field("page_number", "is deeper than lists go"),
        })
    }
}

#[cfg(test)]
mod tests;
