//! The domain's closed enums, as the words that operators read and write.

use domain::account::AccountKind;
use domain::cardholder::CardholderStatus;
use domain::credential::CredentialStatus;
use domain::delivery::DeliveryStatus;
use domain::endpoint::EndpointStatus;
use domain::hold::Completion;
use domain::instruction::InstructionKind;
use domain::program::{DuplicatePolicy, Environment, Mode, ProgramStatus};
use domain::signature_key::SignatureUse;
use domain::sub_account::{SubAccountKind, SubAccountStatus};
use engine::transfer::OnInsufficient;

/// A closed set of words.
pub(crate) trait Word: Copy + 'static {
    const ALL: &'static [Self];

    fn word(self) -> &'static str;

    fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.word() == word)
    }

    /// For the fault of a caller who wrote another one.
    fn expected() -> String {
        let words: Vec<_> = Self::ALL.iter().map(|one| one.word()).collect();
        format!("must be one of {}", words.join(", "))
    }
}

macro_rules! words {
    ($($name:ty,)*) => {$(
        impl Word for $name {
            const ALL: &'static [Self] = <$name>::ALL;

            fn word(self) -> &'static str {
                <$name>::word(self)
            }
        }
    )*};
}

words! {
    AccountKind,
    CardholderStatus,
    Completion,
    CredentialStatus,
    DeliveryStatus,
    DuplicatePolicy,
    EndpointStatus,
    Environment,
    InstructionKind,
    Mode,
    ProgramStatus,
    SignatureUse,
    SubAccountKind,
    SubAccountStatus,
}

impl Word for OnInsufficient {
    const ALL: &'static [Self] = &[Self::Refuse, Self::Decline];

    fn word(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Decline => "decline",
        }
    }
}
