//! Holds: an amount reserved, drawn on by captures until its one end.
//!
//! The end is a final capture, a capture of all that remains, a void or an expiry. The row decides
//! races: the first ending wins, the loser is told how the hold ended.

use crate::account::Account;
use crate::coded::coded;
use crate::id::{AccountId, HoldId, ProgramId};
use crate::money::Amount;
use crate::time::Time;
use crate::transfer::Transfer;
use core::time::Duration;

/// How long a hold lasts unless the programme says otherwise.
pub const LIFE_DEFAULT: Duration = Duration::from_secs(7 * 24 * 3600);
/// The longest life of a hold.
pub const LIFE_MAX: Duration = Duration::from_secs(31 * 24 * 3600);

coded! {
    /// Where a hold stands.
    pub enum HoldState {
        Open = 1 "open",
        /// Ended by a capture.
        Captured = 2 "captured",
        Voided = 3 "voided",
        Expired = 4 "expired",
    }
}

coded! {
    /// Whether a capture is the hold's end.
    pub enum Completion {
        Partial = 1 "partial",
        Final = 2 "final",
    }
}

coded! {
    /// Why a hold was not made or not ended, in order of precedence.
    pub enum HoldRefusal {
        Missing = 1 "hold_missing",
        /// The wished end lies in the past or beyond [`LIFE_MAX`].
        BadExpiry = 2 "bad_expiry",
        AlreadyCaptured = 3 "hold_already_captured",
        AlreadyVoided = 4 "hold_already_voided",
        AlreadyExpired = 5 "hold_already_expired",
        NotYetExpired = 6 "hold_not_yet_expired",
        AssetMismatch = 7 "asset_mismatch",
        /// The capture is more than what remains.
        ExceedsRemaining = 8 "exceeds_remaining",
    }
}

impl HoldRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        matches!(self, Self::NotYetExpired)
    }
}

/// A hold's present state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hold {
    pub id: HoldId,
    pub program: ProgramId,
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: Amount,
    /// Posted so far, in minor units.
    pub captured: i64,
    /// Still reserved, in minor units; zero once ended.
    pub remaining: i64,
    pub state: HoldState,
    pub expires_at: Time,
    /// 1 when placed, one more with each draw.
    pub version: u64,
}

/// What one draw does to both accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draw {
    /// Moved, in minor units.
    pub posted: i64,
    /// No longer reserved, in minor units; at least `posted`.
    pub released: i64,
}

impl Hold {
    /// The row of a hold that `transfer` just placed between the two accounts; the transfer, which
    /// is the fact, says when it ends.
    pub fn place(
        transfer: &Transfer,
        debit: &Account,
        credit: &Account,
        amount: Amount,
    ) -> Result<Self, HoldRefusal> {
        let expires_at = transfer.expires_at.ok_or(HoldRefusal::BadExpiry)?;
        let latest = transfer.at.plus(LIFE_MAX);
        if expires_at <= transfer.at || expires_at > latest {
            return Err(HoldRefusal::BadExpiry);
        }
        Ok(Self {
            id: HoldId::of(transfer.id),
            program: debit.program,
            debit: debit.id,
            credit: credit.id,
            amount,
            captured: 0,
            remaining: amount.minor(),
            state: HoldState::Open,
            expires_at,
            version: 1,
        })
    }

    fn check_open(&self) -> Result<(), HoldRefusal> {
        match self.state {
            HoldState::Open => Ok(()),
            HoldState::Captured => Err(HoldRefusal::AlreadyCaptured),
            HoldState::Voided => Err(HoldRefusal::AlreadyVoided),
            HoldState::Expired => Err(HoldRefusal::AlreadyExpired),
        }
    }

    /// Posts `part`. A final capture releases the rest; a capture of all that remains is final.
    pub fn capture(
        self,
        part: Amount,
        completion: Completion,
    ) -> Result<(Self, Draw), HoldRefusal> {
        self.check_open()?;
        if part.asset() != self.amount.asset() {
            return Err(HoldRefusal::AssetMismatch);
        }
        let posted = part.minor();
        if posted > self.remaining {
            return Err(HoldRefusal::ExceedsRemaining);
        }
        let ends = completion == Completion::Final || posted == self.remaining;
        let released = if ends { self.remaining } else { posted };
        let after = Self {
            captured: self.captured + posted,
            remaining: self.remaining - released,
            state: if ends { HoldState::Captured } else { HoldState::Open },
            version: self.version + 1,
            ..self
        };
        Ok((after, Draw { posted, released }))
    }

    /// Lets all that remains go.
    pub fn void(self) -> Result<(Self, Draw), HoldRefusal> {
        self.end(HoldState::Voided)
    }

    /// Lets all that remains go, once `now` has reached the hold's end.
    pub fn expire(self, now: Time) -> Result<(Self, Draw), HoldRefusal> {
        self.check_open()?;
        if now < self.expires_at {
            return Err(HoldRefusal::NotYetExpired);
        }
        self.end(HoldState::Expired)
    }

    fn end(self, state: HoldState) -> Result<(Self, Draw), HoldRefusal> {
        self.check_open()?;
        let released = self.remaining;
        assert!(released > 0, "an open hold always has something left");
        let after = Self { remaining: 0, state, version: self.version + 1, ..self };
        Ok((after, Draw { posted: 0, released }))
    }
}

#[cfg(test)]
mod tests;
