//! Identifiers: 16 bytes, `Copy`, one newtype per noun, no way from one to another.

use core::fmt;
use core::str::FromStr;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: 32 hexadecimal digits, with or without the dashes of a UUID")]
pub struct BadId;

/// 16 bytes written as a UUID; the newtypes below differ only in what they name.
fn write_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

/// Reads 32 hexadecimal digits, plain or dashed as a UUID. Case does not matter.
fn read_uuid(text: &str) -> Result<[u8; 16], BadId> {
    let dashed = text.len() == 36;
    if !dashed && text.len() != 32 {
        return Err(BadId);
    }
    let mut out = [0u8; 16];
    let mut digits = 0usize;
    for (i, c) in text.bytes().enumerate() {
        if dashed && matches!(i, 8 | 13 | 18 | 23) {
            if c != b'-' {
                return Err(BadId);
            }
            continue;
        }
        let value = match c {
            b'0'..=b'9' => c - b'0',
            b'a'..=b'f' => c - b'a' + 10,
            b'A'..=b'F' => c - b'A' + 10,
            _ => return Err(BadId),
        };
        if digits >= 32 {
            return Err(BadId);
        }
        out[digits / 2] = (out[digits / 2] << 4) | value;
        digits += 1;
    }
    if digits == 32 { Ok(out) } else { Err(BadId) }
}

/// Letters that follow from an identifier, at most 32, for numbers that people read to each other:
/// none that is taken for a digit.
pub fn letters(id: &[u8; 16], len: usize) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let hash = blake3::hash(id);
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
    hash.as_bytes().iter().take(len).map(letter).collect()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From the bytes that a store kept or that [`crate::stamp::Stamp`] made.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes, as stores keep them.
            pub const fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                read_uuid(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )*};
}

ids! {
    /// A programme: the tenant that every row belongs to.
    ProgramId;
    /// An account. Derived from what the account is, see [`crate::account::AccountKey`].
    AccountId;
    /// A transfer.
    TransferId;
    /// A hold: the id of the transfer that placed it.
    HoldId;
    /// An instruction.
    InstructionId;
    /// A cardholder: the keyed hash of its number inside its programme.
    CardholderId;
    /// A sub-account: an owner beside the programme and its cardholders.
    SubAccountId;
    /// A card.
    CardId;
    /// A credential.
    CredentialId;
    /// A wrapped key of the vault.
    KeyId;
    /// A reference: the keyed hash of programme, door, scope and text.
    ReferenceKey;
    /// An entry of the directory: the keyed hash of a public id or API key.
    DirectoryKey;
    /// An event of the outbox.
    EventId;
    /// A rate between two assets of one programme.
    RateId;
    /// A lease. Derived from the name of the work, see [`crate::lease::Lease`].
    LeaseId;
    /// A server: one run of the process, drawn when it starts.
    ServerId;
    /// A value that is not stored in clear: its keyed hash inside its programme.
    BlindKey;
    /// A signature key: the keyed hash of its credential, use and public half.
    SignatureKeyId;
    /// An endpoint: where a programme's events are delivered to.
    EndpointId;
    /// A delivery. Derived from its endpoint and event, see [`crate::delivery::Delivery`].
    DeliveryId;
}

impl ProgramId {
    /// The installation itself: owner of what belongs to no tenant, such as its own keys.
    pub const INSTALLATION: Self = Self([0; 16]);
}

impl HoldId {
    /// The hold that a transfer placed; a hold has no identity of its own.
    pub const fn of(transfer: TransferId) -> Self {
        Self(transfer.0)
    }

    /// The transfer that placed this hold.
    pub const fn transfer(self) -> TransferId {
        TransferId(self.0)
    }
}

#[cfg(test)]
mod tests;
