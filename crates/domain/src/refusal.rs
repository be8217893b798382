//! Every refusal of every noun, as one closed enum for those who answer callers.

use crate::cardholder::CardholderRefusal;
use crate::credential::CredentialRefusal;
use crate::delivery::DeliveryRefusal;
use crate::endpoint::EndpointRefusal;
use crate::hold::HoldRefusal;
use crate::instruction::InstructionRefusal;
use crate::program::ProgramRefusal;
use crate::signature_key::SignatureKeyRefusal;
use crate::sub_account::SubAccountRefusal;
use crate::transfer;

/// A business "no" that leaves nothing behind. The order of the nouns is the order of precedence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Refusal {
    Program(ProgramRefusal),
    Credential(CredentialRefusal),
    SignatureKey(SignatureKeyRefusal),
    Endpoint(EndpointRefusal),
    Delivery(DeliveryRefusal),
    Cardholder(CardholderRefusal),
    SubAccount(SubAccountRefusal),
    Instruction(InstructionRefusal),
    Hold(HoldRefusal),
    Transfer(transfer::Refusal),
}

impl Refusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        match self {
            Self::Program(refusal) => refusal.may_pass_later(),
            Self::Credential(refusal) => refusal.may_pass_later(),
            Self::SignatureKey(refusal) => refusal.may_pass_later(),
            Self::Endpoint(refusal) => refusal.may_pass_later(),
            Self::Delivery(refusal) => refusal.may_pass_later(),
            Self::Cardholder(refusal) => refusal.may_pass_later(),
            Self::SubAccount(refusal) => refusal.may_pass_later(),
            Self::Instruction(refusal) => refusal.may_pass_later(),
            Self::Hold(refusal) => refusal.may_pass_later(),
            Self::Transfer(refusal) => refusal.may_pass_later(),
        }
    }

    /// The word that operators read.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Program(refusal) => refusal.word(),
            Self::Credential(refusal) => refusal.word(),
            Self::SignatureKey(refusal) => refusal.word(),
            Self::Endpoint(refusal) => refusal.word(),
            Self::Delivery(refusal) => refusal.word(),
            Self::Cardholder(refusal) => refusal.word(),
            Self::SubAccount(refusal) => refusal.word(),
            Self::Instruction(refusal) => refusal.word(),
            Self::Hold(refusal) => refusal.word(),
            Self::Transfer(refusal) => refusal.word(),
        }
    }
}

macro_rules! wraps {
    ($($variant:ident($inner:ty),)*) => {$(
        impl From<$inner> for Refusal {
            fn from(refusal: $inner) -> Self {
                Self::$variant(refusal)
            }
        }
    )*};
}

wraps! {
    Program(ProgramRefusal),
    Credential(CredentialRefusal),
    SignatureKey(SignatureKeyRefusal),
    Endpoint(EndpointRefusal),
    Delivery(DeliveryRefusal),
    Cardholder(CardholderRefusal),
    SubAccount(SubAccountRefusal),
    Instruction(InstructionRefusal),
    Hold(HoldRefusal),
    Transfer(transfer::Refusal),
}

#[cfg(test)]
mod tests;
