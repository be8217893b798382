//! `x-idempotency-key`: the name of a call that writes, unique per client, acting member, method
//! and path.

use crate::DOOR;
use crate::authenticate::{Acting, header_text};
use crate::error::Code;
use domain::id::SubAccountId;
use engine::{ReferenceName, Repeats};
use http::HeaderName;
use http::request::Parts;

const KEY: HeaderName = HeaderName::from_static("x-idempotency-key");
const KEY_LEN_MAX: usize = 64;

/// The key of a call that must have one.
pub(crate) fn key(parts: &Parts) -> Result<&str, Code> {
    let key = header_text(parts, &KEY);
    let fits = |key: &&str| {
        key.len() <= KEY_LEN_MAX && key.bytes().all(|c| c.is_ascii_graphic() || c == b' ')
    };
    key.filter(fits).ok_or(Code::KeyMissing)
}

/// The reference of a call.
pub(crate) fn reference(acting: &Acting, parts: &Parts) -> Result<(ReferenceName, Repeats), Code> {
    let text = key(parts)?.to_owned();
    let (client, member) = (&acting.client_id, acting.member.id);
    let scope = format!("{DOOR}/{client}/{member}/{} {}", parts.method, parts.uri.path());
    Ok((ReferenceName { scope: scope.into(), text }, Repeats::Replay))
}

/// The member that acted, by the scope of the reference of its call.
pub(crate) fn acted(scope: &str) -> Option<SubAccountId> {
    let (_client_id, rest) = scope.strip_prefix(DOOR)?.strip_prefix('/')?.split_once('/')?;
    let (member, _call) = rest.split_once('/')?;
    member.parse().ok()
}

#[cfg(test)]
mod tests;
