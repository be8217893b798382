//! The parameters of lists: `offset`, `limit`, and filters as `filter[field][operator]=value`.

use crate::error::Failure;
use domain::time::Time;
use std::str::FromStr;

/// The last row that a list reaches. Rows are counted to the page that is asked for; who has more
/// asks for shorter periods.
const DEPTH_MAX: u64 = 100_000;
const LIMIT_DEFAULT: u64 = 10;
const LIMIT_MAX: u64 = 1_000;
/// The longest value.
const VALUE_LEN_MAX: usize = 256;

/// Names and values, each taken out once it is understood.
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

/// Which rows of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Page {
    pub offset: u64,
    pub limit: u32,
}

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Result<Self, Failure> {
        Ok(Self { pairs: gateway::query::pairs(query)? })
    }

    /// A parameter that is not empty and has no control characters.
    pub(crate) fn take(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(at) = self.pairs.iter().position(|(known, _)| known == name) else {
            return Ok(None);
        };
        let (name, value) = self.pairs.swap_remove(at);
        let bounded = (1..=VALUE_LEN_MAX).contains(&value.len());
        if bounded && !value.chars().any(char::is_control) {
            Ok(Some(value))
        } else {
            Err(Failure::parameter(name))
        }
    }

    pub(crate) fn filter(
        &mut self,
        field: &str,
        operator: &str,
    ) -> Result<Option<String>, Failure> {
        self.take(&format!("filter[{field}][{operator}]"))
    }

    /// A moment, whose plus may have come as a blank.
    pub(crate) fn time(&mut self, field: &str, operator: &str) -> Result<Option<Time>, Failure> {
        let Some(text) = self.filter(field, operator)? else { return Ok(None) };
        let read = gateway::time::parse_nanoseconds(&text.replace(' ', "+"));
        let bad = || Failure::parameter(format!("filter[{field}][{operator}]"));
        read.map(Some).ok_or_else(bad)
    }

    pub(crate) fn page(&mut self) -> Result<Page, Failure> {
        let offset = self.number("offset")?.unwrap_or(0);
        let limit = self.number("limit")?.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Failure::parameter("limit"));
        }
        if offset + limit > DEPTH_MAX {
            return Err(Failure::parameter("offset"));
        }
        Ok(Page { offset, limit: u32::try_from(limit).unwrap_or(u32::MAX) })
    }

    fn number(&mut self, name: &'static str) -> Result<Option<u64>, Failure> {
        let Some(text) = self.take(name)? else { return Ok(None) };
        let digits = text.len() <= 7 && text.bytes().all(|c| c.is_ascii_digit());
        let read = u64::from_str(&text).ok().filter(|_| digits);
        read.map(Some).ok_or_else(|| Failure::parameter(name))
    }

    /// Refuses a filter that nobody has asked for: it would seem to have been obeyed.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.pairs.into_iter().find(|(name, _)| name.starts_with("filter")) {
            None => Ok(()),
            Some((name, _)) => Err(Failure::parameter(name)),
        }
    }
}

#[cfg(test)]
mod tests;
