//! Identifiers: 16 bytes, `Copy`, one newtype per noun, no way from one to another.

use core::fmt;
use core::str::FromStr;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: 32 hexadecimal digits, with or without the dashes of a UUID")]
pub struct BadId;

/// Where the two digits of each byte stand in a UUID, whose dashes are between them.
const DASHED: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const DASHES: [usize; 4] = [8, 13, 18, 23];
/// The same without dashes.
const PLAIN: [usize; 16] = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30];

const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// What is no digit, among the values of digits.
const NO_DIGIT: u8 = 0xff;
/// The value of each byte as a digit, in either case.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        values[DIGITS[value as usize] as usize] = value;
        values[DIGITS[value as usize].to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    values
};

/// 16 bytes written as a UUID; the newtypes below differ only in what they name.
fn write_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [b'-'; 36];
    for (byte, at) in bytes.iter().zip(DASHED) {
        text[at] = DIGITS[usize::from(byte >> 4)];
        text[at + 1] = DIGITS[usize::from(byte & 15)];
    }
    f.write_str(core::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

/// Reads 32 hexadecimal digits, plain or dashed as a UUID. Case does not matter.
fn read_uuid(text: &str) -> Result<[u8; 16], BadId> {
    let text = text.as_bytes();
    if let Ok(text) = <&[u8; 36]>::try_from(text) {
        let dashed = DASHES.iter().all(|at| text[*at] == b'-');
        return if dashed { read_digits(text, DASHED) } else { Err(BadId) };
    }
    read_digits(<&[u8; 32]>::try_from(text).map_err(|_| BadId)?, PLAIN)
}

/// Two digits from each place. Whether all of them are digits is asked once, at the end.
fn read_digits<const LEN: usize>(text: &[u8; LEN], places: [usize; 16]) -> Result<[u8; 16], BadId> {
    let mut out = [0u8; 16];
    let mut seen = 0;
    for (byte, at) in out.iter_mut().zip(places) {
        let (high, low) = (VALUES[usize::from(text[at])], VALUES[usize::from(text[at + 1])]);
        seen |= high | low;
        *byte = (high << 4) | (low & 15);
    }
    if seen == NO_DIGIT { Err(BadId) } else { Ok(out) }
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
