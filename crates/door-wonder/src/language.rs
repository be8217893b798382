//! The language of `message`, from the header `x-i18n-lang`.

use gateway::header::{Given, given};
use http::{HeaderMap, HeaderName};

const LANGUAGE: HeaderName = HeaderName::from_static("x-i18n-lang");

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    #[default]
    English,
    /// `zh-CN`.
    Simplified,
    /// `zh-HK`.
    Traditional,
}

impl Language {
    /// Absent or anything else is English.
    pub fn of(headers: &HeaderMap) -> Self {
        match given(headers, &LANGUAGE) {
            Given::Once(b"zh-CN") => Self::Simplified,
            Given::Once(b"zh-HK") => Self::Traditional,
            Given::Once(_) | Given::Absent | Given::Twice => Self::English,
        }
    }
}

#[cfg(test)]
mod tests;
