//! The parameters of a query string, read as strictly as bodies: each name once, no unknown one.

use crate::error::Problem;
use crate::time;
use crate::word::Word;
use core::cell::Cell;
use core::str::FromStr;
use domain::id::BadId;
use domain::time::Time;
use gateway::query::QueryFault;

/// The parameters, and which of them were asked for.
pub(crate) struct Query {
    pairs: Vec<(String, String, Cell<bool>)>,
}

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Result<Self, Problem> {
        let pairs = gateway::query::pairs(query).map_err(|fault| match fault {
            QueryFault::BrokenEscape => Problem::bad_request("The query has a broken escape."),
            QueryFault::Duplicate(name) => Problem::bad_field(&name, "is given twice"),
        })?;
        let pairs = pairs.into_iter().map(|(name, value)| (name, value, Cell::new(false)));
        Ok(Self { pairs: pairs.collect() })
    }

    /// The value of a parameter, which is not empty, or none.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        let Some((_, value, read)) = self.pairs.iter().find(|(known, ..)| known == name) else {
            return Ok(None);
        };
        read.set(true);
        if value.is_empty() {
            return Err(Problem::bad_field(name, "must not be empty"));
        }
        if value.chars().any(char::is_control) {
            return Err(Problem::bad_field(name, "must not contain control characters"));
        }
        Ok(Some(value))
    }

    /// One word of a closed set.
    pub(crate) fn word<W: Word>(&self, name: &str) -> Result<Option<W>, Problem> {
        match self.text(name)? {
            None => Ok(None),
            Some(word) => match W::find(word) {
                Some(found) => Ok(Some(found)),
                None => Err(Problem::bad_field(name, W::expected())),
            },
        }
    }

    /// Words of a closed set with commas between; none where absent.
    pub(crate) fn words<W: Word>(&self, name: &str) -> Result<Vec<W>, Problem> {
        let list = self.text(name)?.into_iter().flat_map(|list| list.split(','));
        list.map(|word| W::find(word).ok_or_else(|| Problem::bad_field(name, W::expected())))
            .collect()
    }

    pub(crate) fn time(&self, name: &str) -> Result<Option<Time>, Problem> {
        self.text(name)?
            .map(|text| time::parse(text).ok_or_else(|| Problem::bad_field(name, time::EXPECTED)))
            .transpose()
    }

    pub(crate) fn id<T: FromStr<Err = BadId>>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.text(name)?
            .map(|text| text.parse().map_err(|why| Problem::bad_field(name, format!("is {why}"))))
            .transpose()
    }

    /// Refuses what nobody has asked for.
    pub(crate) fn finish(&self) -> Result<(), Problem> {
        match self.pairs.iter().find(|(.., read)| !read.get()) {
            None => Ok(()),
            Some((name, ..)) => Err(Problem::bad_field(name, "is not a parameter of this call")),
        }
    }
}

#[cfg(test)]
mod tests;
