//! Endpoints: where a programme's events are delivered to.
//!
//! An endpoint has a cursor, the `seq` up to which it was decided for each event whether the
//! endpoint takes it. A disabled endpoint is sent nothing and loses nothing: its cursor stands
//! still, and once it is enabled again it goes on from there.
//!
//! A sandbox's endpoint may be the built-in inbox instead of an address: what is told there is
//! called by nobody, and is read by the operator.

use crate::coded::coded;
use crate::event::EventKind;
use crate::id::{EndpointId, ProgramId};
use crate::program::Environment;
use crate::time::Time;
use std::collections::BTreeSet;

/// The most endpoints of one programme.
pub const ENDPOINTS_MAX: usize = 32;
/// The longest address, in bytes.
pub const URL_LEN_MAX: usize = 2_000;
/// What stands for the built-in inbox.
pub const INBOX_URL: &str = "inbox:";

coded! {
    pub enum EndpointStatus {
        Enabled = 1 "enabled",
        /// Nothing is sent, and its cursor stands still.
        Disabled = 2 "disabled",
    }
}

coded! {
    /// Why something about an endpoint was refused, in order of precedence.
    pub enum EndpointRefusal {
        /// Not `http://` or `https://` and a host, or too long, or with a name and password.
        BadUrl = 1 "bad_endpoint_url",
        /// None at all, or one that is never delivered.
        BadKinds = 2 "bad_event_kinds",
        TooMany = 3 "too_many_endpoints",
        Missing = 4 "endpoint_missing",
        /// The inbox, for a programme that is no sandbox: nobody would be told.
        InboxOutsideSandbox = 5 "inbox_outside_sandbox",
    }
}

impl EndpointRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// Which events an endpoint is told of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kinds {
    /// Those that are added later, too.
    All,
    Only(BTreeSet<EventKind>),
}

impl Kinds {
    const ALL: &'static str = "all";

    /// Refuses an empty list, and bookkeeping, which nobody is told of.
    pub fn only(kinds: BTreeSet<EventKind>) -> Result<Self, EndpointRefusal> {
        if kinds.is_empty() || kinds.iter().any(|kind| kind.is_bookkeeping()) {
            return Err(EndpointRefusal::BadKinds);
        }
        Ok(Self::Only(kinds))
    }

    pub fn takes(&self, kind: EventKind) -> bool {
        match self {
            Self::All => !kind.is_bookkeeping(),
            Self::Only(kinds) => kinds.contains(&kind),
        }
    }

    /// As stores keep it: `all`, or the words with commas between them.
    pub fn text(&self) -> String {
        match self {
            Self::All => Self::ALL.to_owned(),
            Self::Only(kinds) => {
                let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
                words.join(",")
            }
        }
    }

    /// Reads what [`Self::text`] wrote.
    pub fn from_text(text: &str) -> Option<Self> {
        if text == Self::ALL {
            return Some(Self::All);
        }
        let kinds: Option<BTreeSet<_>> = text.split(',').map(EventKind::from_word).collect();
        Self::only(kinds?).ok()
    }
}

/// One receiver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    pub id: EndpointId,
    pub program: ProgramId,
    pub url: String,
    /// What bodies are signed with, sealed under the programme's data key.
    pub sealed_secret: Vec<u8>,
    /// Whose shape and signature: the short name of a door, or `operator`.
    pub renderer: String,
    pub kinds: Kinds,
    pub status: EndpointStatus,
    /// Every event up to this `seq` is either not taken or has its delivery.
    pub cursor: u64,
    /// 1 when made, one more with each change but that of the cursor.
    pub version: u64,
    pub created_at: Time,
}

impl Endpoint {
    pub fn is_inbox(&self) -> bool {
        self.url == INBOX_URL
    }

    /// Whether a programme of this kind may have it.
    pub fn check_environment(&self, environment: Environment) -> Result<(), EndpointRefusal> {
        if self.is_inbox() && environment != Environment::Sandbox {
            return Err(EndpointRefusal::InboxOutsideSandbox);
        }
        Ok(())
    }
}

/// Whether events may be sent there, as far as the text tells: the address is vetted when it is
/// resolved.
pub fn check_url(url: &str) -> Result<(), EndpointRefusal> {
    if url == INBOX_URL {
        return Ok(());
    }
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let rest = rest.ok_or(EndpointRefusal::BadUrl)?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let printable = url.bytes().all(|byte| byte.is_ascii_graphic());
    let host = authority.split(':').next().unwrap_or_default();
    let plain = !authority.contains('@') && !rest.contains('#');
    if printable && plain && !host.is_empty() && url.len() <= URL_LEN_MAX {
        Ok(())
    } else {
        Err(EndpointRefusal::BadUrl)
    }
}

#[cfg(test)]
mod tests;
