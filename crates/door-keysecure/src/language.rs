//! The language of `msg`, from the header `Language`.

use gateway::header::{Given, given};
use http::{HeaderMap, HeaderName};

const LANGUAGE: HeaderName = HeaderName::from_static("language");

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    #[default]
    English,
    Chinese,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// `zh_CN` or `en_US`; absent or anything else is English.
    pub fn of(headers: &HeaderMap) -> Self {
        match given(headers, &LANGUAGE) {
            Given::Once(b"zh_CN") => Self::Chinese,
            Given::Once(_) | Given::Absent | Given::Twice => Self::English,
        }
    }
}

#[cfg(test)]
mod tests;
