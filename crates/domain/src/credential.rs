//! Credentials: what a caller proves itself with, and the one rule that admits a call.
//!
//! The rule is asked twice: on a possibly stale copy when a request arrives, and again on the
//! locked rows inside the unit of work, so that a revocation takes effect at one point in the
//! programme's order and a replay meets it too.

use crate::address::AllowList;
use crate::coded::coded;
use crate::id::{CredentialId, DirectoryKey, ProgramId, SignatureKeyId};
use crate::program::{Mode, ProgramStatus, Settings};
use crate::signature_key::{SignatureKey, SignatureKeyStatus};
use crate::time::Time;
use std::net::IpAddr;

/// The longest label of a credential, in bytes.
pub const LABEL_LEN_MAX: usize = 64;
/// The most ranges of an allow-list.
pub const ALLOW_LEN_MAX: usize = 64;

coded! {
    /// Whether a credential works.
    pub enum CredentialStatus {
        Enabled = 1 "enabled",
        Disabled = 2 "disabled",
        /// For ever.
        Revoked = 3 "revoked",
    }
}

coded! {
    /// Why a caller is not served, in order of precedence.
    pub enum Denied {
        CredentialMissing = 1 "credential_missing",
        CredentialDisabled = 2 "credential_disabled",
        CredentialExpired = 3 "credential_expired",
        ProgramMissing = 4 "program_missing",
        ProgramSuspended = 5 "program_suspended",
        AddressNotAllowed = 6 "address_not_allowed",
        /// The token was issued before the credential last changed status.
        TokenStale = 7 "token_stale",
        ModeNotSupported = 8 "mode_not_supported",
        /// No key of the credential verifies the signature, or the one that did is retired.
        BadSignature = 9 "bad_signature",
        /// What was shown as the secret is not it.
        BadSecret = 10 "bad_secret",
    }
}

coded! {
    /// Why something about a credential was refused, in order of precedence.
    pub enum CredentialRefusal {
        BadLabel = 1 "bad_label",
        TooManyRanges = 2 "too_many_ranges",
        Missing = 3 "credential_missing",
        /// A revoked credential stays revoked.
        Revoked = 4 "credential_revoked",
    }
}

impl CredentialRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// A credential of one programme at one door.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    pub id: CredentialId,
    pub program: ProgramId,
    /// The door that takes it, by the door's own short name.
    pub door: String,
    pub label: String,
    /// The keyed hash of the API key, which the directory points here by.
    pub key: DirectoryKey,
    /// The API secret, sealed under the programme's data key; empty at a door that has none.
    pub sealed_secret: Vec<u8>,
    pub status: CredentialStatus,
    pub allow: AllowList,
    pub expires_at: Option<Time>,
    /// 1 when made, one more with each change of status; tokens carry it. An edit of the
    /// allow-list leaves it, since it must not end the tokens.
    pub version: u64,
    pub created_at: Time,
}

/// Where the directory points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DirectoryEntry {
    pub key: DirectoryKey,
    pub kind: DirectoryKind,
    pub program: ProgramId,
    /// The row inside the programme, by kind; all zero where the programme is meant.
    pub target: [u8; 16],
}

coded! {
    /// What a directory entry is the hash of.
    pub enum DirectoryKind {
        ApiKey = 1 "api_key",
        ProgramName = 2 "program_name",
    }
}

/// What a request has shown of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caller {
    pub program: ProgramId,
    pub credential: CredentialId,
    pub address: IpAddr,
    /// The credential's version in the token, where the call needs a token.
    pub token_version: Option<u64>,
    /// The key that verified the request, where the call is signed.
    pub key: Option<SignatureKeyId>,
    /// The mode that the call belongs to, where it belongs to one.
    pub mode: Option<Mode>,
}

/// Whether the caller is served, by rows as they are.
pub fn admit(
    caller: &Caller,
    settings: Option<&Settings>,
    credential: Option<&Credential>,
    key: Option<&SignatureKey>,
    now: Time,
) -> Result<(), Denied> {
    let credential = credential.ok_or(Denied::CredentialMissing)?;
    match credential.status {
        CredentialStatus::Enabled => {}
        CredentialStatus::Disabled | CredentialStatus::Revoked => {
            return Err(Denied::CredentialDisabled);
        }
    }
    if credential.expires_at.is_some_and(|end| end <= now) {
        return Err(Denied::CredentialExpired);
    }
    let settings = settings.ok_or(Denied::ProgramMissing)?;
    match settings.status {
        ProgramStatus::Active => {}
        ProgramStatus::Suspended => return Err(Denied::ProgramSuspended),
    }
    if !credential.allow.contains(caller.address) {
        return Err(Denied::AddressNotAllowed);
    }
    if caller.token_version.is_some_and(|version| version != credential.version) {
        return Err(Denied::TokenStale);
    }
    if caller.mode.is_some_and(|mode| mode != settings.mode) {
        return Err(Denied::ModeNotSupported);
    }
    let verified = |id| {
        let known = |key: &SignatureKey| {
            let its = key.id == id && key.credential == credential.id;
            its && key.status == SignatureKeyStatus::Active
        };
        key.is_some_and(known)
    };
    if caller.key.is_some_and(|id| !verified(id)) {
        return Err(Denied::BadSignature);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
