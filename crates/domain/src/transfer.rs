//! Transfers: one immutable movement of one amount between two accounts, and its two entries.
//!
//! Five kinds: `Post` moves; `Hold` reserves and moves nothing; `Capture` draws on a hold; `Void`
//! and `Expire` end one. Each writes exactly two entries, one a debit and one a credit of the same
//! amounts, so that every asset sums to zero inside every programme.
//!
//! The functions here take the loaded accounts and return them changed together with the entries;
//! they touch nothing else, so a refusal has nothing to undo.

use crate::account::{Account, Side, Sums};
use crate::chain::Hash;
use crate::coded::coded;
use crate::hold::{Draw, Hold};
use crate::id::{AccountId, HoldId, InstructionId, ProgramId, TransferId};
use crate::money::{Amount, Money};
use crate::rate::Conversion;
use crate::time::Time;

coded! {
    /// The five kinds, without their data.
    pub enum TransferKind {
        Post = 1 "post",
        Hold = 2 "hold",
        Capture = 3 "capture",
        Void = 4 "void",
        Expire = 5 "expire",
    }
}

coded! {
    /// Why a movement was refused, in order of precedence. A refusal leaves nothing behind.
    pub enum Refusal {
        /// Debit and credit are one account.
        SameAccount = 1 "same_account",
        DebitAccountMissing = 2 "debit_account_missing",
        CreditAccountMissing = 3 "credit_account_missing",
        /// The amount's asset is not the asset of both accounts.
        AssetMismatch = 4 "asset_mismatch",
        /// No rate between the two assets.
        RateMissing = 5 "rate_missing",
        /// The converted amount rounds to nothing.
        TooSmallToConvert = 6 "too_small_to_convert",
        /// A sum would leave the range of 64 bits.
        Overflow = 7 "overflow",
        /// The available amount would pass the floor.
        InsufficientFunds = 8 "insufficient_funds",
    }
}

impl Refusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        match self {
            Self::SameAccount | Self::AssetMismatch | Self::Overflow => false,
            Self::DebitAccountMissing
            | Self::CreditAccountMissing
            | Self::RateMissing
            | Self::TooSmallToConvert
            | Self::InsufficientFunds => true,
        }
    }
}

/// What caused a transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    Instruction(InstructionId),
    /// The end of a hold's time; nobody asked.
    Expiry,
}

/// Where a row stands: one `seq` per applied unit of its programme, `ordinal` inside the unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    pub seq: u64,
    pub ordinal: u32,
}

/// One movement. Append-only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    pub id: TransferId,
    pub program: ProgramId,
    pub place: Place,
    pub kind: TransferKind,
    pub debit: AccountId,
    pub credit: AccountId,
    /// What was posted (`Post`, `Capture`), reserved (`Hold`) or let go (`Void`, `Expire`).
    pub amount: Money,
    /// By how much the hold's remaining amount changed; zero for `Post`.
    pub held: i64,
    /// The hold that a `Capture`, `Void` or `Expire` names; its own for `Hold`.
    pub hold: Option<HoldId>,
    /// When the hold ends by itself; only on the `Hold` that placed it.
    pub expires_at: Option<Time>,
    /// The first transfer of the group that stands or falls together; none for the first.
    pub link: Option<TransferId>,
    pub cause: Cause,
    /// How the amount came about, where it was converted.
    pub conversion: Option<Conversion>,
    /// The versions of the two entries, so that each is found by its key.
    pub debit_version: u64,
    pub credit_version: u64,
    pub at: Time,
}

/// One side of a transfer on one account. Append-only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    pub program: ProgramId,
    pub account: AccountId,
    /// 1 for the account's first entry, without gaps.
    pub version: u64,
    pub transfer: TransferId,
    /// The place of its transfer.
    pub place: Place,
    pub side: Side,
    /// Change of the side's posted sum, at least zero.
    pub posted: i64,
    /// Change of the side's held sum.
    pub held: i64,
    /// The account's four sums after this entry.
    pub after: Sums,
    /// See [`crate::chain`].
    pub hash: Hash,
}

/// What a new transfer is made of, apart from the amounts.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    pub id: TransferId,
    pub place: Place,
    pub link: Option<TransferId>,
    pub cause: Cause,
    pub conversion: Option<Conversion>,
    /// When a hold that is placed ends by itself.
    pub expires_at: Option<Time>,
    pub at: Time,
}

/// A transfer, its entries without their hashes, and both accounts after it.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    pub transfer: Transfer,
    pub debit: Account,
    pub credit: Account,
    pub entries: [Entry; 2],
}

/// Moves `amount` from `debit` to `credit`.
pub fn post(
    draft: Draft,
    debit: &Account,
    credit: &Account,
    amount: Amount,
) -> Result<Moved, Refusal> {
    check_pair(debit, credit, amount.money())?;
    let change = Change { posted: amount.minor(), held: 0 };
    movement(draft, TransferKind::Post, None, debit, credit, amount.money(), change)
}

/// Reserves `amount` of `debit` for `credit`. The hold's row is [`Hold::place`].
pub fn hold(
    draft: Draft,
    debit: &Account,
    credit: &Account,
    amount: Amount,
) -> Result<Moved, Refusal> {
    check_pair(debit, credit, amount.money())?;
    let change = Change { posted: 0, held: amount.minor() };
    let own = Some(HoldId::of(draft.id));
    movement(draft, TransferKind::Hold, own, debit, credit, amount.money(), change)
}

/// Writes what [`Hold::capture`], [`Hold::void`] or [`Hold::expire`] decided.
///
/// # Panics
/// When the accounts are not the hold's: they are fixed with the hold, so that is a bug.
pub fn draw(
    draft: Draft,
    kind: TransferKind,
    hold: &Hold,
    debit: &Account,
    credit: &Account,
    drawn: Draw,
) -> Result<Moved, Refusal> {
    assert!(hold.debit == debit.id && hold.credit == credit.id, "not this hold's accounts");
    let moved = if drawn.posted > 0 { drawn.posted } else { drawn.released };
    let amount = Money::new(moved, hold.amount.asset());
    let change = Change { posted: drawn.posted, held: -drawn.released };
    movement(draft, kind, Some(hold.id), debit, credit, amount, change)
}

struct Change {
    posted: i64,
    held: i64,
}

fn check_pair(debit: &Account, credit: &Account, amount: Money) -> Result<(), Refusal> {
    if debit.id == credit.id {
        return Err(Refusal::SameAccount);
    }
    if debit.asset != amount.asset || credit.asset != amount.asset {
        return Err(Refusal::AssetMismatch);
    }
    assert!(debit.program == credit.program, "a transfer never joins two programmes");
    Ok(())
}

fn movement(
    draft: Draft,
    kind: TransferKind,
    hold: Option<HoldId>,
    debit: &Account,
    credit: &Account,
    amount: Money,
    change: Change,
) -> Result<Moved, Refusal> {
    let debit = debit.apply(Side::Debit, change.posted, change.held);
    let credit = credit.apply(Side::Credit, change.posted, change.held);
    let (debit, credit) = match (debit, credit) {
        (Ok(debit), Ok(credit)) => (debit, credit),
        // Where both sides refuse, the order of precedence decides, not the order of the sides.
        (Err(one), Err(other)) => return Err(one.min(other)),
        (Err(refusal), Ok(_)) | (Ok(_), Err(refusal)) => return Err(refusal),
    };
    let transfer = Transfer {
        id: draft.id,
        program: debit.program,
        place: draft.place,
        kind,
        debit: debit.id,
        credit: credit.id,
        amount,
        held: change.held,
        hold,
        link: draft.link,
        cause: draft.cause,
        expires_at: draft.expires_at,
        conversion: draft.conversion,
        debit_version: debit.version,
        credit_version: credit.version,
        at: draft.at,
    };
    let entries = [
        entry(&transfer, &debit, Side::Debit, &change),
        entry(&transfer, &credit, Side::Credit, &change),
    ];
    Ok(Moved { transfer, debit, credit, entries })
}

fn entry(transfer: &Transfer, after: &Account, side: Side, change: &Change) -> Entry {
    Entry {
        program: after.program,
        account: after.id,
        version: after.version,
        transfer: transfer.id,
        place: transfer.place,
        side,
        posted: change.posted,
        held: change.held,
        after: after.sums,
        hash: Hash::ZERO,
    }
}

#[cfg(test)]
mod tests;
