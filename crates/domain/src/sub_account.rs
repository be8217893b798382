//! Sub-accounts: the members of a programme's family, by the ids that callers name them by. One of
//! them is the programme itself.
//!
//! A member's money is on accounts of its own: at issuing, where cards are paid from, and at the
//! bank, where deposits come in.

use crate::account::{AccountKey, AccountKind, Owner};
use crate::asset::Asset;
use crate::coded::coded;
use crate::id::{ProgramId, ReferenceKey, SubAccountId};
use crate::time::Time;

/// The longest name, and the longest profile as it was sent, in bytes.
pub const NAME_LEN_MAX: usize = 512;
pub const PROFILE_LEN_MAX: usize = 1 << 20;

coded! {
    /// What a member does.
    pub enum SubAccountKind {
        /// The programme itself, which has an account of each line.
        Master = 1 "master",
        /// Issues cards.
        Issuing = 2 "issuing",
        /// Holds money at the bank.
        Banking = 3 "banking",
    }
}

coded! {
    pub enum SubAccountStatus {
        Active = 1 "active",
        /// Its profile is looked at.
        Processing = 2 "processing",
        /// Nothing leaves it or reaches it.
        Inactive = 3 "inactive",
        /// For ever.
        Closed = 4 "closed",
    }
}

coded! {
    /// Why something about a sub-account was refused, in order of precedence.
    pub enum SubAccountRefusal {
        BadName = 1 "bad_sub_account_name",
        Missing = 2 "sub_account_missing",
        AlreadyExists = 3 "sub_account_already_exists",
        NotActive = 4 "sub_account_not_active",
        /// It has no account of this line, or none in this asset.
        NoBalance = 5 "no_balance",
        /// A closed one stays closed.
        Closed = 6 "sub_account_closed",
    }
}

impl SubAccountRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        matches!(self, Self::Missing | Self::NotActive | Self::NoBalance)
    }
}

/// A member of a programme's family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubAccount {
    pub id: SubAccountId,
    pub program: ProgramId,
    /// For people to read out; it follows from the id and names nothing.
    pub number: String,
    pub kind: SubAccountKind,
    pub name: String,
    pub status: SubAccountStatus,
    /// What was sent about it when it was made, sealed under the programme's data key.
    pub sealed_profile: Option<Vec<u8>>,
    /// The call that made it, where it had a reference.
    pub reference: Option<ReferenceKey>,
    /// 1 when made, one more with each change.
    pub version: u64,
    pub created_at: Time,
}

impl SubAccount {
    /// Whom the ledger knows as the owner of its money.
    pub const fn owner(&self) -> Owner {
        match self.kind {
            SubAccountKind::Master => Owner::Program,
            SubAccountKind::Issuing | SubAccountKind::Banking => Owner::SubAccount(self.id),
        }
    }

    /// Where cards are paid from.
    pub fn issuing(&self, asset: Asset) -> Option<AccountKey> {
        let kind = match self.kind {
            SubAccountKind::Master => AccountKind::Reserve,
            SubAccountKind::Issuing => AccountKind::SubAccount,
            SubAccountKind::Banking => return None,
        };
        Some(AccountKey { program: self.program, kind, owner: self.owner(), asset })
    }

    /// Where deposits come in.
    pub fn banking(&self, asset: Asset) -> Option<AccountKey> {
        let kind = match self.kind {
            SubAccountKind::Master | SubAccountKind::Banking => AccountKind::Banking,
            SubAccountKind::Issuing => return None,
        };
        Some(AccountKey { program: self.program, kind, owner: self.owner(), asset })
    }

    pub fn check_active(&self) -> Result<(), SubAccountRefusal> {
        match self.status {
            SubAccountStatus::Active => Ok(()),
            SubAccountStatus::Processing
            | SubAccountStatus::Inactive
            | SubAccountStatus::Closed => Err(SubAccountRefusal::NotActive),
        }
    }

    pub fn with_status(self, status: SubAccountStatus) -> Result<Self, SubAccountRefusal> {
        if self.status == SubAccountStatus::Closed && status != SubAccountStatus::Closed {
            return Err(SubAccountRefusal::Closed);
        }
        Ok(Self { status, version: self.version + 1, ..self })
    }
}

#[cfg(test)]
mod tests;
