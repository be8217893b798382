//! Accounts: one owner's money in one asset, as four sums and a floor.
//!
//! Posted debits and credits only grow; held sums grow by holds and shrink by their endings.
//! Balance = posted credits − posted debits; available = balance − held debits; held credits never
//! count. An entry that lowers the available amount must leave it at the floor or above; one that
//! raises it is never refused for the floor.

use crate::asset::Asset;
use crate::chain::Hash;
use crate::coded::coded;
use crate::id::{AccountId, CardId, CardholderId, ProgramId, SubAccountId};
use crate::money::Money;
use crate::time::Time;
use crate::transfer::Refusal;

coded! {
    /// What an account is for.
    pub enum AccountKind {
        /// The programme's own money.
        Reserve = 1 "reserve",
        /// Money of an owner between programme and cardholder.
        SubAccount = 2 "sub_account",
        /// Money at the bank side, before it is moved to issuing.
        Banking = 3 "banking",
        /// A cardholder's money.
        Wallet = 4 "wallet",
        /// A card's own balance.
        Card = 5 "card",
        /// What is owed to the scheme.
        Settlement = 6 "settlement",
        /// Fees earned.
        Fees = 7 "fees",
        /// Where one asset becomes another.
        Exchange = 8 "exchange",
        /// The world outside: money enters and leaves through it.
        External = 9 "external",
        /// What imposed clearings took that nobody could cover.
        Shortfall = 10 "shortfall",
    }
}

impl AccountKind {
    /// The floor of a new account of this kind: none for those that mirror the outside.
    pub const fn default_floor(self) -> Option<i64> {
        match self {
            Self::External | Self::Settlement | Self::Exchange | Self::Shortfall => None,
            Self::Reserve
            | Self::SubAccount
            | Self::Banking
            | Self::Wallet
            | Self::Card
            | Self::Fees => Some(0),
        }
    }

    /// The accounts that a programme has in each of its assets.
    pub const PROGRAM_OWN: [Self; 6] = [
        Self::Reserve,
        Self::Settlement,
        Self::Fees,
        Self::Exchange,
        Self::External,
        Self::Shortfall,
    ];
}

/// Who an account belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Owner {
    Program,
    SubAccount(SubAccountId),
    Cardholder(CardholderId),
    /// A card with a balance of its own.
    Card(CardId),
}

impl Owner {
    /// The number that stores keep.
    pub const fn code(self) -> u8 {
        match self {
            Self::Program => 1,
            Self::SubAccount(_) => 2,
            Self::Cardholder(_) => 3,
            Self::Card(_) => 4,
        }
    }

    /// The owner's id; all zero for the programme.
    pub const fn id_bytes(&self) -> [u8; 16] {
        match self {
            Self::Program => [0; 16],
            Self::SubAccount(id) => *id.bytes(),
            Self::Cardholder(id) => *id.bytes(),
            Self::Card(id) => *id.bytes(),
        }
    }

    pub const fn from_parts(code: u8, id: [u8; 16]) -> Option<Self> {
        match code {
            1 => Some(Self::Program),
            2 => Some(Self::SubAccount(SubAccountId::from_bytes(id))),
            3 => Some(Self::Cardholder(CardholderId::from_bytes(id))),
            4 => Some(Self::Card(CardId::from_bytes(id))),
            _ => None,
        }
    }
}

/// What makes an account the one it is. An owner has at most one account of a kind in an asset, so
/// the id is derived from these and needs no look-up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AccountKey {
    pub program: ProgramId,
    pub kind: AccountKind,
    pub owner: Owner,
    pub asset: Asset,
}

impl AccountKey {
    pub const fn own(program: ProgramId, kind: AccountKind, asset: Asset) -> Self {
        Self { program, kind, owner: Owner::Program, asset }
    }

    pub const fn wallet(program: ProgramId, cardholder: CardholderId, asset: Asset) -> Self {
        Self { program, kind: AccountKind::Wallet, owner: Owner::Cardholder(cardholder), asset }
    }

    /// The first 16 bytes of BLAKE3 over a label and the fields.
    pub fn id(&self) -> AccountId {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"vostro account v1");
        hasher.update(self.program.bytes());
        hasher.update(&[self.kind.code(), self.owner.code()]);
        hasher.update(&self.owner.id_bytes());
        hasher.update(self.asset.code().as_bytes());
        let mut id = [0u8; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        AccountId::from_bytes(id)
    }
}

/// The four sums, in minor units; none is ever negative.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Hash)]
pub struct Sums {
    pub posted_debits: i64,
    pub posted_credits: i64,
    pub held_debits: i64,
    pub held_credits: i64,
}

impl Sums {
    /// Posted credits less posted debits. Both are at least zero, so this always fits.
    pub const fn balance(&self) -> i64 {
        self.posted_credits - self.posted_debits
    }

    /// Balance less held debits; `None` where that does not fit.
    pub const fn available(&self) -> Option<i64> {
        self.balance().checked_sub(self.held_debits)
    }
}

coded! {
    /// Which side of a transfer an entry is.
    pub enum Side {
        Debit = 1 "debit",
        Credit = 2 "credit",
    }
}

/// An account and its present state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Account {
    pub id: AccountId,
    pub program: ProgramId,
    pub kind: AccountKind,
    pub owner: Owner,
    pub asset: Asset,
    /// The least available amount, in minor units: 0, a negative credit limit, or none.
    pub floor: Option<i64>,
    /// Entries so far.
    pub version: u64,
    pub sums: Sums,
    /// Hash of the newest entry; all zero before the first.
    pub head: Hash,
    pub opened_at: Time,
}

impl Account {
    /// A new account without entries.
    pub fn open(key: AccountKey, floor: Option<i64>, opened_at: Time) -> Self {
        Self {
            id: key.id(),
            program: key.program,
            kind: key.kind,
            owner: key.owner,
            asset: key.asset,
            floor,
            version: 0,
            sums: Sums::default(),
            head: Hash::ZERO,
            opened_at,
        }
    }

    pub const fn key(&self) -> AccountKey {
        AccountKey { program: self.program, kind: self.kind, owner: self.owner, asset: self.asset }
    }

    pub fn balance(&self) -> Money {
        Money::new(self.sums.balance(), self.asset)
    }

    /// What the doors call balance, and the limit of what can be moved out down to the floor.
    ///
    /// # Panics
    /// Never on an account that only [`Account::apply`] changed: it refuses what does not fit.
    pub fn available(&self) -> Money {
        let minor = self.sums.available().expect("apply refuses sums whose available overflows");
        Money::new(minor, self.asset)
    }

    /// The account after one entry: `posted` at least zero, `held` of either sign.
    ///
    /// Refuses an overflow, and an entry that lowers the available amount to below the floor.
    pub fn apply(&self, side: Side, posted: i64, held: i64) -> Result<Self, Refusal> {
        assert!(posted >= 0, "posted sums only grow");
        let mut sums = self.sums;
        let (posted_sum, held_sum) = match side {
            Side::Debit => (&mut sums.posted_debits, &mut sums.held_debits),
            Side::Credit => (&mut sums.posted_credits, &mut sums.held_credits),
        };
        *posted_sum = posted_sum.checked_add(posted).ok_or(Refusal::Overflow)?;
        *held_sum = held_sum.checked_add(held).ok_or(Refusal::Overflow)?;
        assert!(*held_sum >= 0, "a hold was ended for more than it held");
        let after = sums.available().ok_or(Refusal::Overflow)?;
        let lowered = self.sums.available().is_none_or(|before| after < before);
        if lowered && self.floor.is_some_and(|floor| after < floor) {
            return Err(Refusal::InsufficientFunds);
        }
        let version = self.version.checked_add(1).ok_or(Refusal::Overflow)?;
        Ok(Self { version, sums, ..*self })
    }
}

#[cfg(test)]
mod tests;
